/* SPDX-License-Identifier: Apache-2.0 */
/* Test input: starts the board properly and never prints a byte. */
#include "cpu.h"
#include "port.h"

int main(void)
{
	port_init();
	for (;;)
		cpu_wait_for_interrupt();
}
