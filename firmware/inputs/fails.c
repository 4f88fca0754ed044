/* SPDX-License-Identifier: Apache-2.0 */
/* Test input: the suite with one more case that fails; everything else passes. */
#include "suite.h"

static void case_fails(void)
{
	CHECK_EQUAL(4, 2U + 3U, "this case fails on purpose: FAIL: PASS");
}

static const struct fixture_case cases[] = {{"fails", case_fails}};
static FIXTURE_GROUP(group_input, "Input", cases);

void suite_extra(void)
{
	fixture_run(&group_input);
}
