/* SPDX-License-Identifier: Apache-2.0 */
/* Which keys are the board's, and which are for leaving it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/cli/lease_terminal.h"

/* What was typed in pieces of piece bytes, and what of it goes to the board until a wish. */
static enum escape_wish type(const char *typed, size_t piece, char *ret_board)
{
	struct escape escape = {.begins_line = true};
	size_t len = strlen(typed), at = 0, total = 0;
	enum escape_wish wish = ESCAPE_NOTHING;

	while (at < len && wish != ESCAPE_LEAVE) {
		size_t size = len - at < piece ? len - at : piece, out_bytes, used;
		uint8_t out[64];

		wish = escape_take(&escape, (const uint8_t *)typed + at, size, out, &out_bytes, &used);
		assert_true(used > 0 && used <= size && out_bytes <= 2 * used);
		memcpy(ret_board + total, out, out_bytes);
		total += out_bytes;
		at += used;
	}
	ret_board[total] = '\0';
	return wish;
}

static void expect(const char *typed, enum escape_wish wish, const char *to_board)
{
	char board[128];

	for (size_t piece = 1; piece <= strlen(typed); piece++) {
		assert_int_equal(type(typed, piece, board), wish);
		assert_string_equal(board, to_board);
	}
}

static void test_keys(void **state)
{
	(void)state;
	expect("help\r", ESCAPE_NOTHING, "help\r");
	expect("~.", ESCAPE_LEAVE, "");
	expect("ls\r~.rest", ESCAPE_LEAVE, "ls\r");
	expect("ls~.\r", ESCAPE_NOTHING, "ls~.\r");     /* not at the beginning of a line */
	expect("~~.\r", ESCAPE_NOTHING, "~.\r");        /* one tilde, and a line that begins with it */
	expect("~a\r", ESCAPE_NOTHING, "~a\r");         /* just a tilde */
	expect("~\r~.", ESCAPE_LEAVE, "~\r");           /* an end of the line behind it counts */
	expect("\x03\x1a", ESCAPE_NOTHING, "\x03\x1a"); /* an interrupt is the board's */
	expect("~?~.", ESCAPE_LEAVE, "");               /* after the help it is the beginning still */
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_keys)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
