/* SPDX-License-Identifier: Apache-2.0 */
/* assay console: what a board printed, byte for byte.
 *
 * With --follow of a run: subscribe from its first byte -> bytes are written as they come -> run.finished says how many
 * there are in all -> when the last has been written, done. With --follow of a board: the same for its run of now and
 * every later one, each begun when the one before has been written, until an interrupt. A run that begins while the
 * board's run of now is asked for is not missed: events are wanted from a number asked for before. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/cli/api.h"
#include "daemon/cli/cli.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/live.h"

#define NEXT_MAX      256
#define JOBS_SEARCHED 100 /* for the latest run of a board */

static const struct command_help help = {
	"console RUN|BOARD [--follow]",
	"Writes the console of a run, or of a board's present or latest run, as the board printed it: bytes, "
	"unchanged.\n"
	"With --follow goes on as they come, to the end of the run; for a board, over all runs until an interrupt.\n",
	1,
	1,
};

struct console {
	struct cli *cli;
	struct live *live;
	char board[64]; /* "" when one run is followed */
	int64_t run;    /* the one whose bytes are written; 0: none yet */
	int64_t written;
	int64_t total;          /* -1 until the run has finished */
	int64_t next[NEXT_MAX]; /* runs of the board that began since, in order */
	size_t next_count;
	int64_t assigned_seq; /* the latest event that gave the board a run, or what had happened before all this */
	int64_t asked_seq;    /* what had happened when the board's run was known */
	int code;
	struct err err;
};

static bool is_number(const char *word)
{
	size_t len = strspn(word, "0123456789");

	return len > 0 && word[len] == '\0';
}

static void follow_run(struct console *console, int64_t run)
{
	char topic[64];

	console->run = run;
	console->written = 0;
	console->total = -1;
	snprintf(topic, sizeof topic, "run:%" PRId64, run);
	console->code = live_subscribe(console->live, topic, 0, 0, &console->err);
	if (console->code)
		live_stop(console->live);
}

/* All of this run has been written: on to the next one, if a board is followed. */
static void go_on_when_complete(struct console *console)
{
	char topic[64];
	int64_t run;

	if (console->run && (console->total < 0 || console->written < console->total))
		return;
	if (!console->board[0]) {
		live_stop(console->live);
		return;
	}
	if (!console->next_count)
		return;
	snprintf(topic, sizeof topic, "run:%" PRId64, console->run);
	live_unsubscribe(console->live, topic);
	run = console->next[0];
	memmove(console->next, console->next + 1, --console->next_count * sizeof console->next[0]);
	follow_run(console, run);
}

static void on_console(void *context, int64_t run, int64_t offset, const uint8_t *data, size_t size_bytes)
{
	struct console *console = context;

	if (run != console->run || offset + (int64_t)size_bytes <= console->written)
		return;
	console->written = offset + (int64_t)size_bytes;
	if (fwrite(data, 1, size_bytes, stdout) != size_bytes || fflush(stdout) == EOF)
		live_stop(console->live);
	else
		go_on_when_complete(console);
}

/* How many bytes a finished run printed, so that the last of them can be waited for. */
static void ask_total(struct console *console)
{
	json_t *answer = NULL;
	char path[64];

	snprintf(path, sizeof path, "/runs/%" PRId64, console->run);
	console->code = client_get(console->cli->client, path, &answer, &console->err);
	if (console->code)
		live_stop(console->live);
	else
		console->total = api_int(json_object_get(cli_object(answer, "run"), "console"), "bytes");
	json_decref(answer);
	if (!console->code)
		go_on_when_complete(console);
}

/* A run may be given to its board more than once, and what gave it is told to who follows the board and to who follows
 * the run; runs beyond the room are not shown. */
static void add_next(struct console *console, int64_t run, int64_t seq)
{
	int64_t last = console->next_count ? console->next[console->next_count - 1] : console->run;

	if (seq <= console->assigned_seq)
		return;
	console->assigned_seq = seq;
	/* The run that was the answer: those that came before it, while it was asked for, are not wanted. */
	if (run == console->run && seq <= console->asked_seq) {
		console->next_count = 0;
		return;
	}
	if (run == last || console->next_count == NEXT_MAX)
		return;
	console->next[console->next_count++] = run;
	go_on_when_complete(console);
}

static void on_event(void *context, const json_t *event)
{
	struct console *console = context;
	const char *type = api_text(event, "type");
	int64_t run = api_int(event, "run");

	if (run == console->run && console->total < 0 && strcmp(type, "run.finished") == 0)
		ask_total(console);
	if (console->board[0] && strcmp(type, "run.assigned") == 0 &&
	    strcmp(api_text(event, "board"), console->board) == 0)
		add_next(console, run, api_int(event, "seq"));
}

static void on_lost(void *context, const char *why)
{
	(void)context;
	fprintf(stderr, "assay: assayd is gone (%s); trying again\n", why);
}

static int follow(struct console *console)
{
	struct live_ports ports = {
		.context = console, .on_event = on_event, .on_console = on_console, .on_lost = on_lost};
	char topic[96];
	int code;

	code = live_create(&console->cli->address, &ports, &console->live, &console->err);
	if (code)
		return cli_fail(console->cli, &console->err);
	snprintf(topic, sizeof topic, "board:%s", console->board);
	if (console->board[0])
		code = live_subscribe(console->live, topic, console->assigned_seq, LIVE_NO_CONSOLE, &console->err);
	if (!code && console->run)
		follow_run(console, console->run);
	if (!code)
		code = live_run(console->live, &console->err);
	live_destroy(console->live);
	if (code == ERR_CANCELLED)
		return console->board[0] ? CLI_PASSED : CLI_DETACHED;
	return code || console->code ? cli_fail(console->cli, &console->err) : CLI_PASSED;
}

/* The latest run of a job on that board; 0 when there is none. */
static int64_t latest_on_board(const json_t *job, const char *board)
{
	const json_t *run;
	int64_t latest = 0;
	size_t i;

	json_array_foreach(json_object_get(job, "runs"), i, run)
	{
		if (strcmp(api_text(run, "board"), board) == 0 && api_int(run, "id") > latest)
			latest = api_int(run, "id");
	}
	return latest;
}

/* Looks through the latest jobs for a run on that board. Returns an exit status. */
static int find_latest(struct cli *cli, const char *board, int64_t *ret_run)
{
	json_t *jobs, *whole;
	const json_t *job;
	char path[64];
	size_t i;
	int status;

	snprintf(path, sizeof path, "/jobs?limit=%d", JOBS_SEARCHED);
	status = cli_get(cli, path, &jobs);
	if (status)
		return status;
	json_array_foreach(cli_list(jobs, "jobs"), i, job)
	{
		snprintf(path, sizeof path, "/jobs/%" PRId64, api_int(job, "id"));
		status = cli_get(cli, path, &whole);
		if (status)
			break;
		*ret_run = latest_on_board(cli_object(whole, "job"), board);
		json_decref(whole);
		if (*ret_run)
			break;
	}
	json_decref(jobs);
	return status;
}

/* The number of the farm's latest event. Returns an exit status. */
static int latest_event(struct cli *cli, int64_t *ret_seq)
{
	json_t *answer;
	int status = cli_get(cli, "/farm", &answer);

	if (status)
		return status;
	*ret_seq = api_int(cli_object(answer, "farm"), "seq");
	json_decref(answer);
	return 0;
}

/* The run a board is on, or was on last; 0 when it was on none lately. Returns an exit status. */
static int board_run(struct cli *cli, const char *board, int64_t *ret_run)
{
	char path[512] = "/boards/";
	json_t *answer;
	int status;

	if (!client_append_escaped(path, sizeof path, board))
		return cli_usage("\"%s\" is too long for a board's name", board);
	status = cli_get(cli, path, &answer);
	if (status)
		return status;
	*ret_run = api_int(cli_object(answer, "board"), "run");
	json_decref(answer);
	return *ret_run ? 0 : find_latest(cli, board, ret_run);
}

/* Where to begin with a board. Returns an exit status. */
static int find_start(struct console *console)
{
	int status = latest_event(console->cli, &console->assigned_seq);

	if (!status)
		status = board_run(console->cli, console->board, &console->run);
	return status ? status : latest_event(console->cli, &console->asked_seq);
}

int cmd_console(struct cli *cli, int argc, char **argv)
{
	bool follow_it = false;
	const struct option_row rows[] = {
		{"follow", 'f', NULL, "go on as bytes come", OPTION_FLAG, &follow_it},
		{NULL, 0, NULL, NULL, OPTION_FLAG, NULL},
	};
	struct console console = {.cli = cli, .total = -1};
	struct err err = {0};
	struct operands operands;
	char path[96];
	int status;

	if (!cli_options(cli, &help, rows, argc, argv, &operands, &status))
		return status;
	if (is_number(operands.word[0])) {
		if (!cli_number(operands.word[0], "run", &console.run))
			return CLI_USAGE;
	} else {
		snprintf(console.board, sizeof console.board, "%s", operands.word[0]);
		status = find_start(&console);
		if (status)
			return status;
	}
	if (!cli_client(cli, &err))
		return cli_fail(cli, &err);
	if (follow_it)
		return follow(&console);
	if (!console.run)
		return cli_usage("board %s has not run anything in the last %d jobs", console.board, JOBS_SEARCHED);
	snprintf(path, sizeof path, "/runs/%" PRId64 "/console", console.run);
	return client_download(cli->client, path, stdout, &err) ? cli_fail(cli, &err) : CLI_PASSED;
}
