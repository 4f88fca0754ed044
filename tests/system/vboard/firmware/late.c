/* SPDX-License-Identifier: Apache-2.0 */
/* A suite that passes, says so, and contradicts it: LATE_RESET starts again without a word, LATE_FAILURE tells a
 * failure a while later. */
#include "board.h"

#define SEEN (*(volatile uint32_t *)0x20002000) /* behind what the image uses; a reset keeps it */

void Tick(void)
{
}

static void put_late(void)
{
#ifdef LATE_RESET
	SEEN = 0x5ee45ee4;
	REG(0xe000ed0c) = 0x05fa0004;
#endif
#ifdef LATE_FAILURE
	for (int turn = 0; turn < 4; turn++) { /* each pause is shorter than what the farm waits for quiet */
		for (volatile uint32_t i = 0; i < 30000; i++)
			;
		put_text(turn < 3 ? "about to end\r\n" : "TEST(Late, second)late.c:9::FAIL: Expected 1 Was 2\r\n");
	}
#endif
}

int main(void)
{
	if (SEEN != 0x5ee45ee4) {
		uart_init();
		put_text("TEST(Late, first) PASS\r\n\r\n-----------------------\r\n1 Tests 0 Failures 0 Ignored "
			 "\r\nOK\r\n");
		put_late();
	}
	for (;;)
		;
}
