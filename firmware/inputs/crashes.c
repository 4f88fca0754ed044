/* SPDX-License-Identifier: Apache-2.0 */
/* Test input: the suite with one more case that faults; the handler loops for ever and prints nothing. */
#include "cpu.h"
#include "port.h"
#include "suite.h"

_Noreturn void cpu_fault_unexpected(const struct cpu_frame *frame)
{
	(void)frame;
	for (;;) {
	}
}

static void case_crashes(void)
{
	(void)REG32(port_board.bad_address);
}

static const struct fixture_case cases[] = {{"crashes", case_crashes}};
static FIXTURE_GROUP(group_input, "Input", cases);

void suite_extra(void)
{
	fixture_run(&group_input);
}
