/* SPDX-License-Identifier: Apache-2.0 */
/* Test input: the suite with one more case that never ends, nor prints anything. */
#include "suite.h"

static void case_hangs(void)
{
	for (;;) {
	}
}

static const struct fixture_case cases[] = {{"hangs", case_hangs}};
static FIXTURE_GROUP(group_input, "Input", cases);

void suite_extra(void)
{
	fixture_run(&group_input);
}
