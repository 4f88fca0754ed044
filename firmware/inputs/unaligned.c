/* SPDX-License-Identifier: Apache-2.0 */
/* Test input: the suite with one more case that loads several registers from an odd address, which no core does; the
 * handler loops for ever. */
#include "cpu.h"
#include "port.h"
#include "suite.h"

static const uint32_t words[3] = {1, 2, 3};

_Noreturn void cpu_fault_unexpected(const struct cpu_frame *frame)
{
	(void)frame;
	for (;;) {
	}
}

static __attribute__((noinline)) void load_unaligned(const void *from)
{
	__asm volatile("ldmia %0!, {r2, r3}" : "+r"(from) : : "r2", "r3", "memory");
}

static void case_unaligned(void)
{
	load_unaligned((const char *)words + 1);
	__asm volatile("" ::: "memory");
}

static const struct fixture_case cases[] = {{"unaligned", case_unaligned}};
static FIXTURE_GROUP(group_input, "Input", cases);

void suite_extra(void)
{
	fixture_run(&group_input);
}
