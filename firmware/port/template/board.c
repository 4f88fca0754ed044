/* SPDX-License-Identifier: Apache-2.0 */
/* Template of a port: the three things without which nothing links. include/port.h documents them and all the rest. */
#include "port.h"

const struct port_board port_board = {
	.name = "template",
	.bad_address = 0x70000000U, /* an address in no memory and no peripheral */
	.clock_tolerance_percent = 5,
};

void port_init(void)
{
	/* Clocks, then the console's pins, then the console. */
}

size_t port_console_write(const char *bytes, size_t size)
{
	/* Until your console works, stop here where a debugger shows what would have been printed. */
	(void)bytes;
	(void)size;
	__asm volatile("bkpt #0");
	return 0;
}

/*
 * Next, in this order, each turning a group from "not ported" to passing:
 *   port_console_drain                                             Hello
 *   port_clock_start, port_clock_ms (with port_irq or port_systick),
 *   port_counter_start                                             Clock
 *   port_flash, port_flash_erase, port_flash_program               Flash
 * Groups Memory and Fault need nothing but the linker script and bad_address.
 */
