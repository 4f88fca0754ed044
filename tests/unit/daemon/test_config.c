/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration: defaults, file, command line, and what is said about mistakes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/config.h"

/* Reads a command line; returns what config_read returned and leaves its story in *story (static). */
static int read_words(struct config *config, enum config_wish *wish, const char **story, int argc,
		      const char *const argv[])
{
	static struct buf out;
	static bool born;

	if (!born)
		buf_init(&out, 1u << 20);
	born = true;
	buf_reset(&out);
	int rc = config_read(config, argc, (char *const *)(uintptr_t)argv, wish, &out);
	*story = buf_text(&out);
	return rc;
}

#define READ(config, wish, story, ...)                                                                                 \
	read_words(config, wish, story, (int)(sizeof((const char *[]){"assayd", __VA_ARGS__}) / sizeof(char *)),       \
		   (const char *[]){"assayd", __VA_ARGS__, NULL})

static void test_defaults(void **state)
{
	static struct config config;
	enum config_wish wish;
	const char *story;

	(void)state;
	setenv("XDG_STATE_HOME", "/somewhere/state", 1);
	assert_int_equal(read_words(&config, &wish, &story, 1, (const char *[]){"assayd", NULL}), 0);
	assert_int_equal(wish, CONFIG_RUN);
	assert_string_equal(config.listen, "127.0.0.1:7180");
	assert_string_equal(config.state_dir, "/somewhere/state/assay");
	assert_int_equal(config.agent_grace_ms, 60000);
	assert_int_equal(config.console_max_bytes, 256 << 20);
	unsetenv("XDG_STATE_HOME");
	setenv("HOME", "/home/somebody", 1);
	assert_int_equal(read_words(&config, &wish, &story, 1, (const char *[]){"assayd", NULL}), 0);
	assert_string_equal(config.state_dir, "/home/somebody/.local/state/assay");
}

static void test_nobody_says_where(void **state)
{
	static struct config config;
	enum config_wish wish;
	const char *story;

	(void)state;
	unsetenv("XDG_STATE_HOME");
	unsetenv("HOME");
	assert_int_equal(read_words(&config, &wish, &story, 1, (const char *[]){"assayd", NULL}), ERR_INVALID);
	assert_non_null(strstr(story, "--state-dir is expected"));
	assert_int_equal(READ(&config, &wish, &story, "--state-dir", "/x"), 0);
	assert_string_equal(config.state_dir, "/x");
	setenv("HOME", "/home/somebody", 1);
}

static void test_both_forms_of_a_value(void **state)
{
	static struct config config;
	enum config_wish wish;
	const char *story;

	(void)state;
	assert_int_equal(
		READ(&config, &wish, &story, "--live-ring", "64", "--listen=[::1]:80", "--agent-grace", "1500ms"), 0);
	assert_int_equal(config.live_ring_events, 64);
	assert_string_equal(config.listen, "[::1]:80");
	assert_int_equal(config.agent_grace_ms, 1500);
}

static void test_the_command_line_wins_over_the_file(void **state)
{
	static struct config config;
	enum config_wish wish;
	const char *story;
	char path[] = "/tmp/assay-test-config-XXXXXX";
	static const char text[] = "# comment\nlive-ring: 100\nlog-level: warn\nagent-grace: 5s\n";

	(void)state;
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
	close(fd);
	int rc = READ(&config, &wish, &story, "--live-ring", "200", "--config", path);
	unlink(path);
	assert_int_equal(rc, 0);
	assert_int_equal(config.live_ring_events, 200);
	assert_int_equal(config.agent_grace_ms, 5000);
	assert_string_equal(config.log_level, "warn");
}

static void test_mistakes_are_named(void **state)
{
	static struct config config;
	enum config_wish wish;
	const char *story;

	(void)state;
	assert_int_equal(READ(&config, &wish, &story, "--live-ring", "many"), ERR_INVALID);
	assert_non_null(strstr(story, "--live-ring"));
	assert_non_null(strstr(story, "many"));
	assert_int_equal(READ(&config, &wish, &story, "--live-ring", "15"), ERR_INVALID);
	/* No rack takes more than 31 days. */
	assert_int_equal(READ(&config, &wish, &story, "--state-dir", "/x", "--lease-max", "744h"), 0);
	assert_int_equal(READ(&config, &wish, &story, "--state-dir", "/x", "--lease-max", "745h"), ERR_INVALID);
	assert_int_equal(READ(&config, &wish, &story, "--nothing", "1"), ERR_INVALID);
	assert_non_null(strstr(story, "--nothing"));
	assert_int_equal(READ(&config, &wish, &story, "--listen"), ERR_INVALID);
	assert_non_null(strstr(story, "value"));
	assert_int_equal(READ(&config, &wish, &story, "--config", "/nonexistent"), ERR_INVALID);
	assert_non_null(strstr(story, "/nonexistent"));
}

static void test_wishes(void **state)
{
	static struct config config;
	enum config_wish wish;
	const char *story;

	(void)state;
	assert_int_equal(READ(&config, &wish, &story, "--help"), 0);
	assert_int_equal(wish, CONFIG_HELP);
	assert_int_equal(READ(&config, &wish, &story, "--version"), 0);
	assert_int_equal(wish, CONFIG_VERSION);
	assert_int_equal(READ(&config, &wish, &story, "--help-man"), 0);
	assert_int_equal(wish, CONFIG_HELP_MAN);
}

/* The table is one and sorted: the help is its image. */
static void test_help_is_sorted(void **state)
{
	char line[512], name[64], last[64] = "";
	int options = 0;
	FILE *file = tmpfile();

	(void)state;
	assert_non_null(file);
	config_print_help(file);
	rewind(file);
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "  --%63[a-z-] ", name) != 1 || strcmp(name, "help") == 0)
			continue;
		assert_true(strcmp(last, name) < 0);
		memcpy(last, name, sizeof(last));
		options++;
	}
	fclose(file);
	assert_true(options > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_nobody_says_where),
		cmocka_unit_test(test_both_forms_of_a_value),
		cmocka_unit_test(test_the_command_line_wins_over_the_file),
		cmocka_unit_test(test_mistakes_are_named),
		cmocka_unit_test(test_wishes),
		cmocka_unit_test(test_help_is_sorted),
	};

	return cmocka_run_group_tests_name("daemon/config", tests, NULL, NULL);
}
