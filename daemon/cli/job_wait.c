/* SPDX-License-Identifier: Apache-2.0 */
/* Seeing a job through to its end.
 *
 * Happy path: the job exists -> subscribe to it from its first event -> each event is shown -> job.finished -> the
 * whole job is asked for once more -> its table.
 * Ways it goes otherwise:
 *   the connection is lost        said once; live comes back by itself and goes on where it was
 *   interrupt                     says how to go on watching or to cancel; the job goes on
 *   … with cancel_on_interrupt    the job is cancelled and still waited for; a second interrupt leaves
 *   the daemon refuses            said; the status that fits */
#include "daemon/cli/job_wait.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/cli/api.h"
#include "daemon/cli/event_line.h"
#include "daemon/cli/follow.h"
#include "daemon/cli/job_table.h"
#include "daemon/cli/live.h"
#include "daemon/cli/progress.h"
#include "daemon/cli/text.h"

#define TICK_MS 100

struct wait {
	struct cli *cli;
	struct live *live;
	struct follow follow;
	struct painter painter;
	struct style style; /* of out */
	FILE *out;
	bool cancel_on_interrupt;
	bool through; /* what it came to is not shown */
	bool cancel_sent;
	bool detached;
};

/* Puts one line where the reader sees it, without breaking the block. */
static void note(struct wait *wait, const char *text)
{
	if (wait->style.tty) {
		painter_paint(&wait->painter, &wait->follow, &wait->style, text_now_us(), text, wait->out);
	} else {
		fprintf(wait->out, "%s\n", text);
		fflush(wait->out);
	}
}

/* Into a log go the things to know later: steps once they ended, cases that did not pass. */
static bool is_news(const json_t *event)
{
	const char *type = api_text(event, "type");

	if (strcmp(type, "step.begun") == 0)
		return false;
	return strcmp(type, "case.ended") != 0 || strcmp(api_text(event, "verdict"), "pass") != 0;
}

static void show_line(struct wait *wait, const json_t *event)
{
	struct buf line;

	buf_init(&line, 16384);
	if (is_news(event) && event_line_append(event, &wait->style, &line) == 0) {
		fputs(buf_text(&line), wait->out);
		fflush(wait->out);
	}
	buf_finish(&line);
}

static void on_event(void *context, const json_t *event)
{
	struct wait *wait = context;

	follow_apply(&wait->follow, event, text_now_us()); /* runs beyond its room are counted by the farm alone */
	if (!wait->style.tty)
		show_line(wait, event);
	if (wait->follow.finished)
		live_stop(wait->live);
}

static void on_tick(void *context)
{
	struct wait *wait = context;

	painter_paint(&wait->painter, &wait->follow, &wait->style, text_now_us(), NULL, wait->out);
}

static void on_lost(void *context, const char *why)
{
	char text[300];

	snprintf(text, sizeof text, "assayd is gone (%s); trying again, the job goes on", why);
	note(context, text);
}

static void on_back(void *context)
{
	note(context, "assayd is back");
}

static void cancel(struct wait *wait)
{
	char path[64], text[700];
	struct err err = {0};
	json_t *answer = NULL;

	snprintf(path, sizeof path, "/jobs/%" PRId64 "/cancel", wait->follow.job);
	wait->cancel_sent = true;
	if (client_post(wait->cli->client, path, NULL, &answer, &err))
		snprintf(text, sizeof text, "cannot cancel: %s", err.text);
	else
		snprintf(text, sizeof text, "cancelling job %" PRId64 "; interrupt again to leave", wait->follow.job);
	json_decref(answer);
	note(wait, text);
}

static void on_interrupt(void *context)
{
	struct wait *wait = context;

	if (wait->cancel_on_interrupt && !wait->cancel_sent)
		return cancel(wait);
	wait->detached = true;
	live_stop(wait->live);
}

static void say_detached(const struct wait *wait)
{
	int64_t job = wait->follow.job;

	fprintf(stderr,
		"\nassay: job %" PRId64 " goes on. `assay watch job %" PRId64 "` follows it, `assay cancel %" PRId64
		"` ends it\n",
		job, job, job);
}

static int finish(struct wait *wait)
{
	struct cli *cli = wait->cli;
	json_t *answer;
	char path[64];
	int status;

	if (wait->style.tty)
		painter_paint(&wait->painter, &wait->follow, &wait->style, text_now_us(), NULL, wait->out);
	if (wait->detached) {
		say_detached(wait);
		return CLI_DETACHED;
	}
	if (wait->through)
		return CLI_PASSED;
	snprintf(path, sizeof path, "/jobs/%" PRId64, wait->follow.job);
	status = cli_get(cli, path, &answer);
	if (status)
		return status;
	status = cli_verdict_status(api_text(cli_object(answer, "job"), "verdict"));
	if (cli->json) {
		cli_print_json(cli_object(answer, "job"));
	} else {
		putchar('\n');
		job_table_print(&cli->style, cli_object(answer, "job"));
	}
	json_decref(answer);
	return status;
}

static int see_through(struct wait *wait, int64_t job)
{
	struct cli *cli = wait->cli;
	struct live_ports ports = {.context = wait,
				   .on_event = on_event,
				   .on_lost = on_lost,
				   .on_back = on_back,
				   .on_tick = on_tick,
				   .on_interrupt = on_interrupt};
	struct err err = {0};
	char topic[64];
	int status = cli_check(cli, "job", job);

	if (status)
		return status;
	style_init(&wait->style, wait->out, cli->no_colour);
	follow_init(&wait->follow, job);
	snprintf(topic, sizeof topic, "job:%" PRId64, job);
	if (!cli_client(cli, &err) || live_create(&cli->address, &ports, &wait->live, &err)) {
		status = cli_fail(cli, &err);
		follow_finish(&wait->follow);
		return status;
	}
	live_set_tick(wait->live, wait->style.tty ? TICK_MS : 0);
	if (live_subscribe(wait->live, topic, 0, LIVE_NO_CONSOLE, &err) || live_run(wait->live, &err))
		status = cli_fail(cli, &err);
	else
		status = finish(wait);
	live_destroy(wait->live);
	follow_finish(&wait->follow);
	return status;
}

int job_wait(struct cli *cli, int64_t job, bool cancel_on_interrupt)
{
	struct wait wait = {.cli = cli, .out = cli->json ? stderr : stdout, .cancel_on_interrupt = cancel_on_interrupt};

	return see_through(&wait, job);
}

int job_wait_through(struct cli *cli, int64_t job)
{
	struct wait wait = {.cli = cli, .out = stderr, .through = true};

	return see_through(&wait, job);
}
