/* SPDX-License-Identifier: Apache-2.0 */
/* The long suite's groups: those of the reference suite, and those that go on over restarts. */
#include "journal.h"
#include "suite.h"

const struct fixture_group *const suite_groups[] = {
	&group_hello,  &group_clock,   &group_memory,     &group_interrupt,   &group_flash, &group_fault,
	&group_crypto, &group_entropy, &group_protection, &group_performance, &group_reset, &group_retention,
	&group_update, NULL,
};

void suite_begin(void)
{
	journal_begin();
}

void suite_end(void)
{
	journal_end();
}
