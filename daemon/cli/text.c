/* SPDX-License-Identifier: Apache-2.0 */
/* Harmless text, its width, and times and sizes in words. */
#include "daemon/cli/text.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

#include "core/base/err.h"

/* The character at text: its length in bytes and its columns; invalid UTF-8 and what has no width of its own gives
 * columns -1. */
static size_t next_char(const char *text, int *ret_columns)
{
	mbstate_t state = {0};
	wchar_t wide;
	size_t len = mbrtowc(&wide, text, strlen(text), &state);

	if (len == (size_t)-1 || len == (size_t)-2 || len == 0) {
		*ret_columns = -1;
		return 1;
	}
	*ret_columns = wcwidth(wide);
	return len;
}

int text_append_clean(struct buf *out, const char *text)
{
	int code = 0;

	while (*text && !code) {
		unsigned char byte = (unsigned char)*text;
		int columns;
		size_t len = next_char(text, &columns);

		if (byte == '\n' || byte == '\t' || byte == '\r')
			code = buf_append(out, " ", 1);
		else if (columns >= 0)
			code = buf_append(out, text, len);
		else if (len == 1)
			code = buf_appendf(out, "\\x%02x", byte);
		else
			code = buf_append(out, "?", 1);
		text += len;
	}
	return code;
}

size_t text_columns(const char *text)
{
	size_t total = 0;

	while (*text) {
		int columns;

		text += next_char(text, &columns);
		total += columns > 0 ? (size_t)columns : 0;
	}
	return total;
}

int text_append_cut(struct buf *out, const char *text, size_t columns)
{
	const char *at = text;
	size_t used = 0;

	if (text_columns(text) <= columns)
		return buf_append_text(out, text);
	if (!columns)
		return 0;
	while (*at) {
		int width;
		size_t len = next_char(at, &width);

		if (used + (size_t)(width > 0 ? width : 0) > columns - 1)
			break;
		used += (size_t)(width > 0 ? width : 0);
		at += len;
	}
	if (buf_append(out, text, (size_t)(at - text)))
		return ERR_NOMEM;
	return buf_append_text(out, "…");
}

const char *text_duration(int64_t took_us, char *scratch, size_t size)
{
	int64_t seconds = took_us / 1000000;

	if (took_us < 0)
		scratch[0] = '\0';
	else if (took_us == 0)
		snprintf(scratch, size, "0 ms");
	else if (took_us < 100)
		snprintf(scratch, size, "<0.1 ms");
	else if (took_us < 1000)
		snprintf(scratch, size, "%.1f ms", (double)took_us / 1e3);
	else if (took_us < 999500)
		snprintf(scratch, size, "%.0f ms", (double)took_us / 1e3);
	else if (took_us < 59950000)
		snprintf(scratch, size, "%.1f s", (double)took_us / 1e6);
	else if (seconds < 3600)
		snprintf(scratch, size, "%" PRId64 ":%02" PRId64 " min", seconds / 60, seconds % 60);
	else
		snprintf(scratch, size, "%" PRId64 ":%02" PRId64 ":%02" PRId64 " h", seconds / 3600, seconds / 60 % 60,
			 seconds % 60);
	return scratch;
}

const char *text_time(int64_t at_us, int64_t now_us, char *scratch, size_t size)
{
	time_t at = (time_t)(at_us / 1000000), now = (time_t)(now_us / 1000000);
	struct tm then, today;

	scratch[0] = '\0';
	if (at_us <= 0 || !localtime_r(&at, &then) || !localtime_r(&now, &today))
		return scratch;
	if (then.tm_year == today.tm_year && then.tm_yday == today.tm_yday)
		strftime(scratch, size, "%H:%M:%S", &then);
	else
		strftime(scratch, size, "%Y-%m-%d %H:%M", &then);
	return scratch;
}

const char *text_ago(int64_t at_us, int64_t now_us, char *scratch, size_t size)
{
	int64_t seconds = (now_us - at_us) / 1000000;

	if (at_us <= 0)
		scratch[0] = '\0';
	else if (seconds < 1)
		snprintf(scratch, size, "now");
	else if (seconds < 60)
		snprintf(scratch, size, "%" PRId64 " s ago", seconds);
	else if (seconds < 3600)
		snprintf(scratch, size, "%" PRId64 " min ago", seconds / 60);
	else if (seconds < 2 * 86400)
		snprintf(scratch, size, "%" PRId64 " h ago", seconds / 3600);
	else
		snprintf(scratch, size, "%" PRId64 " days ago", seconds / 86400);
	return scratch;
}

const char *text_bytes(uint64_t bytes, char *scratch, size_t size)
{
	static const char *const units[] = {"KiB", "MiB", "GiB", "TiB"};
	double value = (double)bytes / 1024;
	size_t unit = 0;

	if (bytes < 1024) {
		snprintf(scratch, size, "%" PRIu64 " B", bytes);
		return scratch;
	}
	while (value >= 1024 && unit + 1 < sizeof units / sizeof units[0]) {
		value /= 1024;
		unit++;
	}
	snprintf(scratch, size, "%.1f %s", value, units[unit]);
	return scratch;
}

int64_t text_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}
