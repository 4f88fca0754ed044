/* SPDX-License-Identifier: Apache-2.0 */
/* Sends numbered lines as fast as the UART takes them, then echoes what it receives (mps2 only). */
#include "board.h"

#ifndef LINES
#define LINES 4000
#endif

int main(void)
{
	uart_init();
	for (uint32_t i = 0; i < LINES; i++)
		put_value("line", i);
	put_text("end\r\n");
	for (;;) {
#if defined(CHIP_MPS2_AN385)
		if (REG(0x40004004) & 2)
			put_char((char)REG(0x40004000));
#endif
	}
}
