/* SPDX-License-Identifier: Apache-2.0 */
/* Which lines were told lately. */
#include "daemon/loop/repeats.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

bool repeats_tell(struct repeats *repeats, const char *text, int64_t now_us, uint64_t *ret_left_out)
{
	size_t at = 0;

	for (size_t i = 0; i < REPEATS_LINES; i++) {
		if (repeats->line[i].told_us && strncmp(repeats->line[i].text, text, REPEATS_TEXT_MAX - 1) == 0) {
			at = i;
			break;
		}
		if (repeats->line[i].told_us < repeats->line[at].told_us)
			at = i;
	}
	bool known = repeats->line[at].told_us && strncmp(repeats->line[at].text, text, REPEATS_TEXT_MAX - 1) == 0;
	if (known && now_us - repeats->line[at].told_us < (int64_t)REPEATS_QUIET_S * 1000000) {
		repeats->line[at].left_out++;
		return false;
	}
	*ret_left_out = known ? repeats->line[at].left_out : 0;
	snprintf(repeats->line[at].text, REPEATS_TEXT_MAX, "%s", text);
	repeats->line[at].told_us = now_us;
	repeats->line[at].left_out = 0;
	return true;
}
