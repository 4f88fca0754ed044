/* SPDX-License-Identifier: Apache-2.0 */
/* A supply switched by a command of the rack file: a USB hub's port, a relay, a PDU, anything.
 *
 * Happy path: run argv -> it exits with 0 -> after "on", wait settle_ms -> done.
 * Ways it fails: it cannot be started, exits with another status or is killed -> done with its last words. The caller's
 * limit kills it. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agents/base/child.h"
#include "agents/driver/power.h"
#include "core/base/log.h"

struct power_command {
	struct power power;
	uv_loop_t *loop;
	uv_timer_t settle;
	const struct power_config *config;
	char name[48];
	struct child *child;
	bool on;
	power_done_fn done;
	void *done_context;
	char last_line[200];
};

static void finish(struct power_command *command, const struct err *err, const char *text)
{
	power_done_fn done = command->done;

	command->done = NULL;
	if (done)
		done(command->done_context, err, text);
}

static void on_settled(uv_timer_t *timer)
{
	struct power_command *command = timer->data;

	finish(command, NULL, command->on ? "switched on by command" : "switched off by command");
}

static void on_line(void *context, bool is_stderr, const char *line)
{
	struct power_command *command = context;

	(void)is_stderr;
	log_debug(command->name, "power command: %s", line);
	snprintf(command->last_line, sizeof command->last_line, "%s", line);
}

static void on_exit_(void *context, int status, int signal_number)
{
	struct power_command *command = context;
	const struct argv_config *argv = command->on ? &command->config->on : &command->config->off;
	struct err err = {0};

	child_destroy(command->child);
	command->child = NULL;
	if (status == 0 && signal_number == 0) {
		uv_timer_start(&command->settle, on_settled, command->on ? (uint64_t)command->config->settle_ms : 0, 0);
		return;
	}
	if (signal_number)
		err_set(&err, ERR_IO, "power command %s was killed by signal %d", argv->arg[0], signal_number);
	else
		err_set(&err, ERR_IO, "power command %s ended with status %d: %s", argv->arg[0], status,
			command->last_line[0] ? command->last_line : "it said nothing");
	finish(command, &err, "");
}

static int do_set(struct power *power, bool on, power_done_fn done, void *context, struct err *err)
{
	struct power_command *command = (struct power_command *)(void *)power;
	const struct argv_config *argv = on ? &command->config->on : &command->config->off;
	struct child_options options = {.argv = (const char *const *)argv->arg, .group = true};
	struct child_events events = {.context = command, .on_line = on_line, .on_exit = on_exit_};
	int rc;

	if (command->done)
		return err_set(err, ERR_BUSY, "power is being switched");
	command->on = on;
	command->last_line[0] = '\0';
	rc = child_start(command->loop, &options, &events, &command->child, err);
	if (rc)
		return rc;
	command->done = done;
	command->done_context = context;
	return 0;
}

static void on_settling_killed(uv_timer_t *timer)
{
	struct err err = {0};

	err_set(&err, ERR_CANCELLED, "given up while the supply settled");
	finish(timer->data, &err, "");
}

static void do_kill(struct power *power)
{
	struct power_command *command = (struct power_command *)(void *)power;

	if (command->child)
		child_kill(command->child, SIGKILL);
	else if (command->done)
		uv_timer_start(&command->settle, on_settling_killed, 0, 0);
}

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void do_destroy(struct power *power)
{
	struct power_command *command = (struct power_command *)(void *)power;

	command->done = NULL;
	child_destroy(command->child);
	command->child = NULL;
	uv_close((uv_handle_t *)&command->settle, on_closed);
}

static const struct power_ops command_ops = {.set = do_set, .kill = do_kill, .destroy = do_destroy, .cuts = true};

struct power *power_command_create(uv_loop_t *loop, const char *name, const struct power_config *config)
{
	struct power_command *command = calloc(1, sizeof *command);

	if (!command)
		return NULL;
	command->power.ops = &command_ops;
	command->loop = loop;
	command->config = config;
	snprintf(command->name, sizeof command->name, "%s", name);
	uv_timer_init(loop, &command->settle);
	command->settle.data = command;
	return &command->power;
}
