/* SPDX-License-Identifier: Apache-2.0 */
/* Test input: the suite with one more case that resets the chip, so that it starts again and again. */
#include "cpu.h"
#include "port.h"
#include "suite.h"

/* The console is drained first, else the reset would cut the case's name off in the transmitter. */
static void case_reboots(void)
{
	CHECK(port_console_drain(), "the transmitter never became idle");
	cpu_reset();
}

static const struct fixture_case cases[] = {{"reboots", case_reboots}};
static FIXTURE_GROUP(group_input, "Input", cases);

void suite_extra(void)
{
	fixture_run(&group_input);
}
