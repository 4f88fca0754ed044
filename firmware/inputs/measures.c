/* SPDX-License-Identifier: Apache-2.0 */
/* Test input: the suite with one more case, which prints a measurement. A test may write another value of the same
 * length over the one in the image. */
#include "suite.h"

static void case_measures(void)
{
	fixture_print("ASSAY measure latency 0000012.50 us");
	fixture_print_eol();
}

static const struct fixture_case cases[] = {{"measures", case_measures}};
static FIXTURE_GROUP(group_input, "Input", cases);

void suite_extra(void)
{
	fixture_run(&group_input);
}
