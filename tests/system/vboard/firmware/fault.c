/* SPDX-License-Identifier: Apache-2.0 */
/* Goes wrong in the way that the debugger or the build chose: HOW is a macro,
 * and so is MARK, which is in r7 then. */
#include "board.h"

#ifndef MARK
#define MARK 0xabcd0123u
#endif

void Fault(void)
{
	put_text("fault\r\n");
#if HOW == 1
	__asm volatile("udf #0"); /* a fault in the fault handler: lockup */
#elif HOW == 2
	REG(0xe000ed0c) = 0x05fa0004; /* reset */
#endif
	for (;;)
		;
}

int main(void)
{
	uart_init();
	put_text("start\r\n");
	__asm volatile("mov r7, %0\n udf #0" : : "r"(MARK) : "r7");
	return 0;
}
