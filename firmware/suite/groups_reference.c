/* SPDX-License-Identifier: Apache-2.0 */
/* The reference suite's groups: all that one boot can show, in about a second. */
#include "suite.h"

const struct fixture_group *const suite_groups[] = {
	&group_hello,  &group_clock,   &group_memory,     &group_interrupt,   &group_flash, &group_fault,
	&group_crypto, &group_entropy, &group_protection, &group_performance, NULL,
};
