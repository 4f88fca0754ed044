/* SPDX-License-Identifier: Apache-2.0 */
/* Test input: the suite with one more case that faults, and a handler that faults again: the core locks up. */
#include "cpu.h"
#include "port.h"
#include "suite.h"

_Noreturn void cpu_fault_unexpected(const struct cpu_frame *frame)
{
	(void)frame;
	__asm volatile(".inst.n 0xDE00");
	for (;;) {
	}
}

static void case_lockup(void)
{
	CHECK(port_console_drain(), "the transmitter never became idle");
	(void)REG32(port_board.bad_address);
}

static const struct fixture_case cases[] = {{"lockup", case_lockup}};
static FIXTURE_GROUP(group_input, "Input", cases);

void suite_extra(void)
{
	fixture_run(&group_input);
}
