/* SPDX-License-Identifier: Apache-2.0 */
/* assay watch: what happens, as it happens. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "daemon/cli/api.h"
#include "daemon/cli/cli.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/event_line.h"
#include "daemon/cli/job_wait.h"
#include "daemon/cli/live.h"

static const struct command_help help = {
	"watch [farm | board NAME | job N | run N] [--after SEQ]",
	"Prints events, one a line, as they happen; with --json one JSON object a line. A job or run is told from its\n"
	"beginning and watched to its end, with its verdict's exit status; the farm and boards until an interrupt.\n"
	"A lost connection is made again, and nothing is missed or told twice.\n",
	0,
	2,
};

struct watch {
	struct cli *cli;
	struct live *live;
	const char *until; /* the type of event that ends it, or NULL */
	int status;        /* once it came */
};

static void print_event(struct watch *watch, const json_t *event)
{
	struct buf line;
	int code;

	buf_init(&line, 1 << 20);
	if (watch->cli->json) {
		code = json_write(event, &line);
		code = code ? code : buf_append(&line, "\n", 1);
	} else {
		code = event_line_append(event, &watch->cli->style, &line);
	}
	if (!code)
		fputs(buf_text(&line), stdout);
	buf_finish(&line);
}

static void on_event(void *context, const json_t *event)
{
	struct watch *watch = context;

	print_event(watch, event);
	if (fflush(stdout) == EOF) {
		live_stop(watch->live); /* nobody reads any more */
	} else if (watch->until && strcmp(api_text(event, "type"), watch->until) == 0) {
		watch->status = cli_verdict_status(api_text(event, "verdict"));
		live_stop(watch->live);
	}
}

static void on_lost(void *context, const char *why)
{
	(void)context;
	fprintf(stderr, "assay: assayd is gone (%s); trying again\n", why);
}

static void on_back(void *context)
{
	(void)context;
	fprintf(stderr, "assay: assayd is back\n");
}

static int watch_topic(struct cli *cli, const char *topic, int64_t after, const char *until)
{
	struct watch watch = {.cli = cli, .until = until};
	struct live_ports ports = {.context = &watch, .on_event = on_event, .on_lost = on_lost, .on_back = on_back};
	struct err err = {0};
	int code;

	if (!cli_client(cli, &err) || live_create(&cli->address, &ports, &watch.live, &err))
		return cli_fail(cli, &err);
	code = live_subscribe(watch.live, topic, after, LIVE_NO_CONSOLE, &err);
	if (!code)
		code = live_run(watch.live, &err);
	live_destroy(watch.live);
	if (code == ERR_CANCELLED)
		return until ? CLI_DETACHED : CLI_PASSED;
	return code ? cli_fail(cli, &err) : watch.status;
}

/* Makes "job:3" of `job 3`; false when that is no topic, which has been said. */
static bool make_topic(const struct operands *operands, char *ret_topic, size_t size, int64_t *ret_number)
{
	const char *what = operands->count ? operands->word[0] : "farm";
	bool numbered = strcmp(what, "job") == 0 || strcmp(what, "run") == 0;

	if (strcmp(what, "farm") == 0 && operands->count < 2) {
		snprintf(ret_topic, size, "farm");
		return true;
	}
	if ((!numbered && strcmp(what, "board") != 0) || operands->count < 2) {
		cli_usage("watch what? Found \"%s\", expected farm, board NAME, job N or run N", what);
		return false;
	}
	if (numbered && !cli_number(operands->word[1], what, ret_number))
		return false;
	snprintf(ret_topic, size, "%s:%s", what, operands->word[1]);
	return true;
}

int cmd_watch(struct cli *cli, int argc, char **argv)
{
	int64_t after = -1, number = 0;
	const struct option_row rows[] = {
		{"after", 0, "SEQ", "begin behind this event; 0 for the first (default: now)", OPTION_NUMBER, &after},
		{NULL, 0, NULL, NULL, OPTION_FLAG, NULL},
	};
	struct operands operands;
	char topic[96];
	int status;

	if (!cli_options(cli, &help, rows, argc, argv, &operands, &status))
		return status;
	if (!make_topic(&operands, topic, sizeof topic, &number))
		return CLI_USAGE;
	status = number ? cli_check(cli, operands.word[0], number) : 0;
	if (status)
		return status;
	if (after < 0 && number)
		after = 0;
	if (strncmp(topic, "run:", 4) == 0)
		return watch_topic(cli, topic, after, "run.finished");
	if (!number) {
		if (cli->style.tty && !cli->json)
			fprintf(stderr, "watching %s until an interrupt (Ctrl-C)\n",
				operands.count > 1 ? operands.word[1] : "the farm");
		return watch_topic(cli, topic, after, NULL);
	}
	return cli->json ? watch_topic(cli, topic, after, "job.finished") : job_wait(cli, number, false);
}
