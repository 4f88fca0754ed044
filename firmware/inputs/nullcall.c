/* SPDX-License-Identifier: Apache-2.0 */
/* Test input: the suite with one more case that calls a null function pointer; the handler loops for ever. */
#include "cpu.h"
#include "port.h"
#include "suite.h"

static void (*volatile nothing)(void);
static volatile int returned;

_Noreturn void cpu_fault_unexpected(const struct cpu_frame *frame)
{
	(void)frame;
	for (;;) {
	}
}

static __attribute__((noinline)) void call_nothing(void)
{
	nothing();
	returned = 1; /* so that the call is no jump */
}

static void case_nullcall(void)
{
	call_nothing();
	returned = 2;
}

static const struct fixture_case cases[] = {{"nullcall", case_nullcall}};
static FIXTURE_GROUP(group_input, "Input", cases);

void suite_extra(void)
{
	fixture_run(&group_input);
}
