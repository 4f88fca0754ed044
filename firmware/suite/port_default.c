/* SPDX-License-Identifier: Apache-2.0 */
/* Weak defaults for what a port has not supplied yet: each fails the running case as "not ported". */
#include "fixture.h"
#include "port.h"

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

__attribute__((weak)) enum port_flash_result port_flash_erase(void)
{
	port_not_ported(__func__);
}

__attribute__((weak)) enum port_flash_result port_flash_program(uintptr_t address, const uint32_t *words, size_t count)
{
	(void)address;
	(void)words;
	(void)count;
	port_not_ported(__func__);
}
