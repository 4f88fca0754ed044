/* SPDX-License-Identifier: Apache-2.0 */
/* Test input: the suite with one more case whose recursion has no end, until the stack leaves RAM. No handler can run
 * then: the core locks up. */
#include <limits.h>

#include "cpu.h"
#include "port.h"
#include "suite.h"

static volatile int depth;

_Noreturn void cpu_fault_unexpected(const struct cpu_frame *frame)
{
	(void)frame;
	for (;;) {
	}
}

static volatile int floor = INT_MAX;

static __attribute__((noinline)) int go_deeper(int from)
{
	volatile int room[32];

	room[0] = from;
	depth = from;
	if (from == floor)
		return 0;
	return go_deeper(from + 1) + room[0];
}

static void case_overflow(void)
{
	CHECK(port_console_drain(), "the transmitter never became idle");
	depth = go_deeper(1);
}

static const struct fixture_case cases[] = {{"overflow", case_overflow}};
static FIXTURE_GROUP(group_input, "Input", cases);

void suite_extra(void)
{
	fixture_run(&group_input);
}
