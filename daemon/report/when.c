/* SPDX-License-Identifier: Apache-2.0 */
/* Times and durations in words. */
#include "daemon/report/when.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

static void format_time(int64_t at_us, const char *format, const char *none, char *out, size_t size)
{
	time_t seconds = (time_t)(at_us / 1000000);
	struct tm parts;

	if (at_us <= 0 || !gmtime_r(&seconds, &parts) || !strftime(out, size, format, &parts))
		snprintf(out, size, "%s", none);
}

void when_iso(int64_t at_us, char *out, size_t size)
{
	format_time(at_us, "%Y-%m-%dT%H:%M:%SZ", "", out, size);
}

void when_words(int64_t at_us, char *out, size_t size)
{
	format_time(at_us, "%Y-%m-%d %H:%M:%S UTC", "-", out, size);
}

void when_duration(int64_t took_us, char *out, size_t size)
{
	int64_t seconds = took_us / 1000000;

	if (took_us < 1000)
		snprintf(out, size, "%" PRId64 " us", took_us);
	else if (took_us < 1000000)
		snprintf(out, size, "%" PRId64 " ms", took_us / 1000);
	else if (seconds < 60)
		snprintf(out, size, "%" PRId64 ".%" PRId64 " s", seconds, took_us / 100000 % 10);
	else if (seconds < 3600)
		snprintf(out, size, "%" PRId64 " min %02" PRId64 " s", seconds / 60, seconds % 60);
	else
		snprintf(out, size, "%" PRId64 " h %02" PRId64 " min", seconds / 3600, seconds / 60 % 60);
}
