/* SPDX-License-Identifier: Apache-2.0 */
/* The command line and the configuration file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "agents/base/files.h"
#include "agents/options.h"

#define ARGS_MAX 12

static int read_options(struct options *options, struct err *err, ...)
{
	char *argv[ARGS_MAX + 1] = {(char *)(uintptr_t) "assay-agent"};
	int argc = 1;
	va_list args;

	va_start(args, err);
	while (argc < ARGS_MAX && (argv[argc] = va_arg(args, char *)))
		argc++;
	va_end(args);
	return options_read(argc, argv, options, err);
}

static void reads_the_command_line(void **state)
{
	struct options options;
	struct err err = {0};

	(void)state;
	assert_int_equal(
		read_options(&options, &err, "--rack", "r.yaml", "--daemon=http://f:1", "--state-dir", "st", NULL), 0);
	assert_int_equal(options.command, COMMAND_SERVE);
	assert_string_equal(options.rack, "r.yaml");
	assert_string_equal(options.daemon, "http://f:1");
	assert_int_equal(options.state_dir[0], '/');
	assert_string_equal(options.log_level, "info");
	assert_int_equal(read_options(&options, &err, "--check", "r.yaml", NULL), 0);
	assert_int_equal(options.command, COMMAND_CHECK);
	assert_int_equal(read_options(&options, &err, "run", "--rack", "r", "--type", "t", "--image", "i", NULL), 0);
	assert_int_equal(options.command, COMMAND_RUN);
}

static void reads_a_simulation(void **state)
{
	struct options options;
	struct err err = {0};

	(void)state;
	assert_int_equal(read_options(&options, &err, "--simulate", "20", "--script", "s.yaml", NULL), 0);
	assert_int_equal(options.command, COMMAND_SIMULATE);
	assert_string_equal(options.script, "s.yaml");
	assert_int_equal(read_options(&options, &err, "--simulate", "20", "--rack", "r", NULL), ERR_INVALID);
	assert_int_equal(read_options(&options, &err, "--rack", "r", "--script", "s.yaml", NULL), ERR_INVALID);
	assert_int_equal(read_options(&options, &err, "run", "--simulate", "1", "--image", "i", "--type", "t", NULL),
			 ERR_INVALID);
}

static void refuses_bad_command_lines(void **state)
{
	struct options options;
	struct err err;

	(void)state;
	assert_int_equal(read_options(&options, &err, "--rak", "r", NULL), ERR_INVALID);
	assert_non_null(strstr(err.text, "--rak"));
	assert_int_equal(read_options(&options, &err, "--rack", NULL), ERR_INVALID);
	assert_int_equal(read_options(&options, &err, NULL), ERR_INVALID);
	assert_int_equal(read_options(&options, &err, "stray", NULL), ERR_INVALID);
	assert_int_equal(read_options(&options, &err, "run", "--rack", "r", "--image", "i", NULL), ERR_INVALID);
	assert_int_equal(read_options(&options, &err, "run", "--rack", "r", "--type", "t", NULL), ERR_INVALID);
}

static void reads_the_configuration_file(void **state)
{
	static const char good[] = "rack: /etc/r.yaml\nlog-level: warn\n", bad[] = "rack: r\nlog_level: warn\n",
			  not_there[] = "image: x\n";
	char path[] = "/tmp/assay-options-XXXXXX";
	struct options options;
	struct err err;

	(void)state;
	close(mkstemp(path));
	files_write(path, good, sizeof good - 1, NULL);
	assert_int_equal(read_options(&options, &err, "--config", path, "--log-level", "debug", NULL), 0);
	assert_string_equal(options.rack, "/etc/r.yaml");
	assert_string_equal(options.log_level, "debug");
	files_write(path, bad, sizeof bad - 1, NULL);
	assert_int_equal(read_options(&options, &err, "--config", path, NULL), ERR_INVALID);
	assert_non_null(strstr(err.text, ":2"));
	files_write(path, not_there, sizeof not_there - 1, NULL);
	assert_int_equal(read_options(&options, &err, "--config", path, NULL), ERR_INVALID);
	unlink(path);
	assert_int_not_equal(read_options(&options, &err, "--config", path, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_command_line),
		cmocka_unit_test(reads_a_simulation),
		cmocka_unit_test(refuses_bad_command_lines),
		cmocka_unit_test(reads_the_configuration_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
