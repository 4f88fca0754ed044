/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as what a debugger says, in pieces: every monitor command that a reader like OpenOCD finds in what goes on
 * is one that is allowed, also where it gave a packet up and takes any '$' for the beginning of one. */
#include <stdlib.h>
#include <string.h>

#include "agents/tunnel/gdb_filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require_that(int good)
{
	if (!good)
		abort();
}

static int digit(char c)
{
	const char *found = c ? strchr("0123456789abcdef", c | 0x20) : NULL;

	return c >= '0' && c <= '9' ? c - '0' : found ? (int)(found - "0123456789abcdef") : -1;
}

static void check_body(const char *body, size_t len)
{
	char command[4096];
	size_t count = 0;

	if (len < 6 || memcmp(body, "qRcmd,", 6) != 0)
		return;
	for (size_t i = 6; i + 1 < len && count < sizeof command - 1; i += 2) {
		require_that(digit(body[i]) >= 0 && digit(body[i + 1]) >= 0);
		command[count++] = (char)(digit(body[i]) * 16 + digit(body[i + 1]));
	}
	command[count] = '\0';
	require_that(gdb_filter_allows(command));
}

/* As OpenOCD reads: '$', then to '#' but for what '}' escapes. Longer ones than this are no monitor commands. */
static void read_like_openocd(const char *text, size_t len)
{
	char body[4096];
	size_t count = 0, at = 0;

	for (; at < len && text[at] != '#' && count < sizeof body; at++) {
		if (text[at] == '}' && ++at < len)
			body[count++] = (char)(text[at] ^ 0x20);
		else if (at < len)
			body[count++] = text[at];
	}
	if (at < len && text[at] == '#')
		check_body(body, count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gdb_filter filter = {0};
	struct buf pass, reply;
	struct err err = {0};
	size_t at = 1, part;

	if (size < 2)
		return 0;
	buf_init(&pass, 1u << 20);
	buf_init(&reply, 1u << 22);
	for (int rc = 0; at < size && rc == 0; at += part) {
		part = 1 + data[0] % 64;
		part = part < size - at ? part : size - at;
		rc = gdb_filter_feed(&filter, data + at, part, &pass, &reply, &err);
	}
	for (size_t i = 0; i < pass.len; i++) {
		if (pass.data[i] == '$')
			read_like_openocd(buf_text(&pass) + i + 1, pass.len - i - 1);
	}
	buf_finish(&pass);
	buf_finish(&reply);
	return 0;
}
