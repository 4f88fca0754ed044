/* SPDX-License-Identifier: Apache-2.0 */
/* Log lines: the threshold, the sink, and what reaches it. */
#include <stdio.h>
#include <string.h>

#include "core/base/err.h"
#include "core/base/log.h"
#include "tests/unit/core/base/cmocka_all.h"

struct sink {
	int lines;
	enum log_level level;
	char object[64];
	char text[2048];
};

static void on_line(void *context, enum log_level level, const char *object, const char *text)
{
	struct sink *sink = context;

	sink->lines++;
	sink->level = level;
	snprintf(sink->object, sizeof sink->object, "%s", object);
	snprintf(sink->text, sizeof sink->text, "%s", text);
}

static void test_threshold_and_sink(void **state)
{
	struct sink sink = {0};

	(void)state;
	log_set_sink(on_line, &sink);
	log_set_level(LOG_LEVEL_WARN);
	log_debug("a", "no");
	log_info("a", "no");
	assert_int_equal(sink.lines, 0);
	log_warn("board mb1", "lost %d bytes", 3);
	assert_int_equal(sink.lines, 1);
	assert_int_equal(sink.level, LOG_LEVEL_WARN);
	assert_string_equal(sink.object, "board mb1");
	assert_string_equal(sink.text, "lost 3 bytes");
	log_error(NULL, "x");
	assert_string_equal(sink.object, "");
	log_set_level(LOG_LEVEL_DEBUG);
	log_debug("a", "yes");
	assert_int_equal(sink.lines, 3);
}

static void test_long_line_is_cut(void **state)
{
	struct sink sink = {0};
	char text[5000];

	(void)state;
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	log_set_sink(on_line, &sink);
	log_set_level(LOG_LEVEL_INFO);
	log_info("", "%s", text);
	assert_int_equal(strlen(sink.text), 1023);
}

static void test_level_words(void **state)
{
	static const char *const good[] = {"debug", "info", "warn", "error"};
	static const char *const bad[] = {"", "Info", "warning", "errors", "debug "};
	enum log_level level = LOG_LEVEL_ERROR;

	(void)state;
	for (int i = LOG_LEVEL_DEBUG; i <= LOG_LEVEL_ERROR; i++) {
		assert_int_equal(log_level_parse(good[i], &level), 0);
		assert_int_equal(level, i);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		level = LOG_LEVEL_WARN;
		assert_int_equal(log_level_parse(bad[i], &level), ERR_INVALID);
		assert_int_equal(level, LOG_LEVEL_WARN);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_threshold_and_sink),
		cmocka_unit_test(test_long_line_is_cut),
		cmocka_unit_test(test_level_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
