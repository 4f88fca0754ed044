/* SPDX-License-Identifier: Apache-2.0 */
/* A supply switched by a command. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agents/base/launcher.h"
#include "agents/driver/power.h"

struct seen {
	uv_loop_t loop;
	int done;
	char err[600];
};

static void on_done(void *context, const struct err *err, const char *text)
{
	struct seen *seen = context;

	assert_non_null(text);
	seen->done++;
	snprintf(seen->err, sizeof seen->err, "%s", err ? err->text : "");
	uv_stop(&seen->loop);
}

static void add(struct argv_config *argv, const char *word)
{
	argv->arg[argv->count++] = strdup(word);
}

static void make(struct power_config *config, const char *on)
{
	memset(config, 0, sizeof *config);
	config->kind = POWER_COMMAND;
	add(&config->on, "sh");
	add(&config->on, "-c");
	add(&config->on, on);
	add(&config->on, "a b"); /* one argument, blank and all */
	add(&config->off, "true");
}

static void switch_on(struct seen *seen, const char *script, bool kill_it)
{
	struct power_config config;
	struct power *power;

	make(&config, script);
	memset(seen, 0, sizeof *seen);
	uv_loop_init(&seen->loop);
	power = power_create(&seen->loop, "t", &config, NULL);
	assert_true(power->ops->cuts);
	assert_int_equal(power->ops->set(power, true, on_done, seen, NULL), 0);
	assert_int_equal(power->ops->set(power, false, on_done, seen, NULL), ERR_BUSY);
	if (kill_it)
		power->ops->kill(power);
	uv_run(&seen->loop, UV_RUN_DEFAULT);
	assert_int_equal(seen->done, 1);
	power->ops->destroy(power);
	uv_run(&seen->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&seen->loop), 0);
	argv_config_finish(&config.on);
	argv_config_finish(&config.off);
}

static void believes_only_status_0(void **state)
{
	struct seen seen;

	(void)state;
	switch_on(&seen, "[ \"$0\" = 'a b' ]", false);
	assert_string_equal(seen.err, "");
	switch_on(&seen, "echo no hub; exit 3", false);
	assert_non_null(strstr(seen.err, "status 3"));
	assert_non_null(strstr(seen.err, "no hub"));
	switch_on(&seen, "exec sleep 1000", true);
	assert_non_null(strstr(seen.err, "killed"));
}

static void count_process(uv_handle_t *handle, void *count)
{
	*(int *)count += handle->type == UV_PROCESS;
}

static bool has_process(uv_loop_t *loop)
{
	int count = 0;

	uv_walk(loop, count_process, &count);
	return count > 0;
}

static void is_killed_while_it_settles(void **state)
{
	struct power_config config;
	struct power *power;
	struct seen seen = {.done = 0};

	(void)state;
	make(&config, "true");
	config.settle_ms = 3600000;
	uv_loop_init(&seen.loop);
	power = power_create(&seen.loop, "t", &config, NULL);
	assert_int_equal(power->ops->set(power, true, on_done, &seen, NULL), 0);
	while (has_process(&seen.loop))
		uv_run(&seen.loop, UV_RUN_ONCE);
	assert_int_equal(seen.done, 0);
	power->ops->kill(power);
	uv_run(&seen.loop, UV_RUN_DEFAULT);
	assert_int_equal(seen.done, 1);
	assert_non_null(strstr(seen.err, "settled"));
	power->ops->destroy(power);
	uv_run(&seen.loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&seen.loop), 0);
	argv_config_finish(&config.on);
	argv_config_finish(&config.off);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(believes_only_status_0),
		cmocka_unit_test(is_killed_while_it_settles),
	};

	if (argc > 1 && strcmp(argv[1], LAUNCHER_OPTION) == 0)
		return launcher_main(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
