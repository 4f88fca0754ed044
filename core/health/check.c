/* SPDX-License-Identifier: Apache-2.0 */
/* The policy of health checks. */
#include "core/health/check.h"

bool check_is_due(const struct check_policy *policy, uint32_t runs_since_pass, int64_t proven_at_us, int64_t now_us)
{
	if (policy->after_runs && runs_since_pass >= policy->after_runs)
		return true;
	return policy->after_us && proven_at_us && now_us - proven_at_us >= policy->after_us;
}

enum check_next check_next(const struct check_policy *policy, enum check_end end, uint32_t failed, uint32_t spoiled)
{
	switch (end) {
	case CHECK_PASSED:
		return CHECK_PROVEN;
	case CHECK_FAILED:
		return failed >= policy->max_failures ? CHECK_GIVE_UP : CHECK_RECOVER;
	case CHECK_SPOILED:
		break;
	}
	return spoiled >= policy->max_spoiled ? CHECK_GIVE_UP : CHECK_AGAIN;
}
