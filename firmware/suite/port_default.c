/* SPDX-License-Identifier: Apache-2.0 */
/* Weak defaults for what a port has not supplied yet: each fails the running case as "not ported". */
#include "fixture.h"
#include "port.h"

/* No address is bad on a board of which nothing is known: fixture.c asks for the name first. */
__attribute__((weak)) const struct port_board port_board = {.name = PORT_UNKNOWN};

_Noreturn void port_not_ported(const char *function)
{
	fixture_fail_text(function, 0, "not ported");
}

__attribute__((weak)) bool port_console_drain(void)
{
	port_not_ported(__func__);
}

/* Called before any case runs, so it cannot fail one: the cases that use the tick do, in port_clock_ms. */
__attribute__((weak)) void port_clock_start(void)
{
}

__attribute__((weak)) uint32_t port_clock_ms(void)
{
	port_not_ported(__func__);
}

__attribute__((weak)) struct port_counter port_counter_start(void)
{
	port_not_ported(__func__);
}

__attribute__((weak)) struct port_flash port_flash(void)
{
	port_not_ported(__func__);
}

__attribute__((weak)) enum port_flash_result port_flash_erase(uintptr_t address)
{
	(void)address;
	port_not_ported(__func__);
}

__attribute__((weak)) enum port_flash_result port_flash_program(uintptr_t address, const uint32_t *words, size_t count)
{
	(void)address;
	(void)words;
	(void)count;
	port_not_ported(__func__);
}

__attribute__((weak)) enum port_flash_result port_journal_erase(uintptr_t address)
{
	(void)address;
	port_not_ported(__func__);
}

__attribute__((weak)) enum port_flash_result port_journal_program(uintptr_t address, const uint32_t *words,
								  size_t count)
{
	(void)address;
	(void)words;
	(void)count;
	port_not_ported(__func__);
}

__attribute__((weak)) struct port_interrupts port_interrupts(void)
{
	port_not_ported(__func__);
}

__attribute__((weak)) struct port_reset port_reset_cause(void)
{
	port_not_ported(__func__);
}

__attribute__((weak)) bool port_watchdog_start(uint32_t limit_ms)
{
	(void)limit_ms;
	port_not_ported(__func__);
}

__attribute__((weak)) void port_watchdog_feed(void)
{
	port_not_ported(__func__);
}

__attribute__((weak)) struct port_entropy port_entropy_start(void)
{
	port_not_ported(__func__);
}

__attribute__((weak)) size_t port_entropy_read(uint8_t *bytes, size_t size)
{
	(void)bytes;
	(void)size;
	port_not_ported(__func__);
}

__attribute__((weak)) uint32_t port_mpu_regions(void)
{
	port_not_ported(__func__);
}

__attribute__((weak)) struct port_crypto port_crypto(void)
{
	port_not_ported(__func__);
}

__attribute__((weak)) struct port_network port_network_start(void)
{
	port_not_ported(__func__);
}

__attribute__((weak)) bool port_network_link(void)
{
	port_not_ported(__func__);
}

__attribute__((weak)) bool port_network_send(const struct port_frame *frame)
{
	(void)frame;
	port_not_ported(__func__);
}

__attribute__((weak)) bool port_network_receive(struct port_frame *frame)
{
	(void)frame;
	port_not_ported(__func__);
}
