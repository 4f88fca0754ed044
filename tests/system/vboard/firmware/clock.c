/* SPDX-License-Identifier: Apache-2.0 */
/* Counts milliseconds and its own loop; tells the seconds. What it sleeps and what it is busy for both take real time.
 */
#include "board.h"

volatile uint32_t ticks, loops, marker = 0x600df00d;

void Tick(void)
{
	ticks++;
}

__attribute__((noinline)) void work(void)
{
	loops++;
}

int main(void)
{
	uart_init();
	put_text("hello\r\n");
	put_value("marker", marker);
	systick_start();
	while (ticks < 1000)
		__asm volatile("wfi");
	put_text("slept\r\n");
	while (ticks < 2000)
		work();
	put_text("worked\r\n");
	for (;;)
		work();
}
