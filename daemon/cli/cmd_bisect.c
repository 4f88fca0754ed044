/* SPDX-License-Identifier: Apache-2.0 */
/* assay bisect: the first bad image between a good one and a bad one, on many boards at once.
 *
 * Happy path: the images are brought to the farm -> a round of points is chosen (core/night/bisect.h) and run as one
 * job
 * -> its results are added -> the next round, until the first bad image is found. After each step what was done stands
 * in a file: the same command goes on there, after an interrupt too, and waits for the job that is under way. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "core/night/bisect.h"
#include "daemon/cli/api.h"
#include "daemon/cli/bisect_file.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/files.h"
#include "daemon/cli/job_images.h"
#include "daemon/cli/job_wait.h"

#define MOST_AT_ONCE    64
#define DEFAULT_CONFIRM 2

static const struct command_help help = {
	"bisect GOOD [IMAGE...] BAD --suite SUITE --type TYPE",
	"Finds the first bad one of a row of images, the oldest first, of which the first is known to be good and the "
	"last\n"
	"to be bad. With n boards of the type, n images are tried at once. Results that contradict each other are "
	"tried\n"
	"again, and what is found is confirmed. Interrupted, the same command goes on where it was (--state). The "
	"exit\n"
	"status is 0 when the image was found, 3 when there is no answer.\n",
	0,
	OPERANDS_MAX,
};

struct wanted {
	const char *suite, *type, *case_name, *list, *state;
	int64_t confirm, parallel, priority;
};

struct bisecting {
	struct cli *cli;
	struct wanted wanted;
	struct bisect_file file;
	struct bisect search;
	size_t rounds;
};

/* --- the images --- */

static int add_image(struct bisecting *b, const char *path)
{
	struct err err = {0};
	struct client *client = cli_client(b->cli, &err);
	char sha256[65];

	if (!client || job_image_bring(path, client, sha256, &err))
		return cli_fail(b->cli, &err);
	return bisect_file_add_image(&b->file, path, sha256) ? cli_usage("at most %d images", BISECT_MAX_POINTS)
							     : CLI_PASSED;
}

/* A path a line; empty lines and comments are passed over. */
static int add_list(struct bisecting *b, const char *path)
{
	struct err err = {0};
	struct buf text;
	char *line, *rest, *save = NULL;
	int status = CLI_PASSED;

	buf_init(&text, 4u << 20);
	if (files_read(path, &text, &err)) {
		buf_finish(&text);
		return cli_usage("%s", err.text);
	}
	rest = buf_take(&text);
	for (line = strtok_r(rest, "\r\n", &save); line && !status; line = strtok_r(NULL, "\r\n", &save)) {
		if (line[0] && line[0] != '#')
			status = add_image(b, line);
	}
	free(rest);
	return status;
}

/* --- one round --- */

static json_t *runs_of(const struct bisecting *b, const size_t *points, size_t count)
{
	json_t *runs = json_array();

	for (size_t i = 0; i < count; i++)
		json_push(&runs, json_pack("{s:s, s:s}", "type", b->wanted.type, "image",
					   bisect_file_image(&b->file, points[i])));
	return runs;
}

/* Submits the round's job; 0: it was said why not. */
static int64_t submit_round(struct bisecting *b, const size_t *points, size_t count)
{
	struct err err = {0};
	struct client *client = cli_client(b->cli, &err);
	json_t *job = json_pack("{s:s, s:s, s:I, s:i, s:o?}", "name", "bisect", "suite", b->wanted.suite, "priority",
				(json_int_t)b->wanted.priority, "retries", 1, "runs", runs_of(b, points, count));
	char *text = job ? json_dumps(job, JSON_COMPACT) : NULL;
	json_t *images = bisect_file_images(&b->file, points, count);
	json_t *body = text ? json_pack("{s:s, s:s, s:O}", "file", "bisect", "text", text, "images", images) : NULL;
	json_t *answer = NULL;
	int64_t number = 0;

	if (!body)
		cli_usage("names of files must be UTF-8");
	else if (!client || client_post(client, "/jobs", body, &answer, &err))
		cli_fail(b->cli, &err);
	else
		number = api_int(cli_object(answer, "job"), "id");
	free(text);
	json_decref(job);
	json_decref(images);
	json_decref(body);
	json_decref(answer);
	return number;
}

/* What the named case did in a run; of none: what the run did. */
static enum bisect_result result_of(struct bisecting *b, const json_t *run)
{
	const char *verdict = api_text(run, "verdict");
	enum bisect_result result = strcmp(verdict, "passed") == 0   ? BISECT_PASSED
				    : strcmp(verdict, "failed") == 0 ? BISECT_FAILED
								     : BISECT_LOST;
	char path[64], name[402];
	json_t *answer, *one;
	size_t i;

	if (!b->wanted.case_name || result == BISECT_LOST)
		return result;
	snprintf(path, sizeof path, "/runs/%" PRId64, api_int(run, "id"));
	if (cli_get(b->cli, path, &answer))
		return BISECT_LOST;
	result = BISECT_LOST;
	json_array_foreach(json_object_get(cli_object(answer, "run"), "cases"), i, one)
	{
		snprintf(name, sizeof name, "%s%s%s", api_text(one, "group"), *api_text(one, "group") ? "." : "",
			 api_text(one, "name"));
		if (strcmp(name, b->wanted.case_name) == 0 && strcmp(api_text(one, "verdict"), "ignored") != 0)
			result = strcmp(api_text(one, "verdict"), "pass") == 0 ? BISECT_PASSED : BISECT_FAILED;
	}
	json_decref(answer);
	return result;
}

/* The last attempt of each of the job's runs, in the order of the points. */
static int add_results(struct bisecting *b, int64_t job, const size_t *points, size_t count)
{
	const json_t *last[MOST_AT_ONCE] = {NULL};
	json_t *answer, *run;
	char path[64];
	size_t i;
	int status;

	snprintf(path, sizeof path, "/jobs/%" PRId64, job);
	status = cli_get(b->cli, path, &answer);
	if (status)
		return status;
	json_array_foreach(json_object_get(cli_object(answer, "job"), "runs"), i, run)
	{
		int64_t index = api_int(run, "index");

		if (index >= 0 && index < (int64_t)count && index < MOST_AT_ONCE)
			last[index] = run;
	}
	for (i = 0; i < count && i < MOST_AT_ONCE; i++) {
		enum bisect_result result = last[i] ? result_of(b, last[i]) : BISECT_LOST;

		bisect_add(&b->search, points[i], result);
		bisect_file_note(&b->file, points[i], result, last[i] ? api_int(last[i], "id") : 0);
	}
	json_decref(answer);
	return CLI_PASSED;
}

/* A job of this search, from a run before or just submitted: waited for, then its results. */
static int finish_round(struct bisecting *b, int64_t job, const size_t *points, size_t count)
{
	int status = job_wait_through(b->cli, job);

	return status ? status : add_results(b, job, points, count);
}

static int replay(struct bisecting *b)
{
	size_t points[MOST_AT_ONCE], count;
	int64_t job;
	int status = CLI_PASSED;

	for (size_t i = 0; !status && bisect_file_round(&b->file, i, &job, points, MOST_AT_ONCE, &count); i++) {
		status = finish_round(b, job, points, count);
		b->rounds++;
	}
	return status;
}

/* --- the whole --- */

/* Boards of the type that are in service. */
static int count_boards(struct bisecting *b, size_t *ret_count)
{
	static const char *const away[] = {"offline", "quarantined", "retired"};
	json_t *answer, *board;
	size_t i, count = 0;
	int status = cli_get(b->cli, "/boards", &answer);

	if (status)
		return status;
	json_array_foreach(cli_list(answer, "boards"), i, board)
	{
		bool here = strcmp(api_text(board, "type"), b->wanted.type) == 0;

		for (size_t k = 0; k < sizeof away / sizeof away[0]; k++)
			here = here && strcmp(api_text(board, "state"), away[k]) != 0;
		count += here;
	}
	json_decref(answer);
	*ret_count = count < 1 ? 1 : count > MOST_AT_ONCE ? MOST_AT_ONCE : count;
	return CLI_PASSED;
}

static int tell(struct bisecting *b, enum bisect_state state, size_t at)
{
	static const char *const words[] = {
		[BISECT_FOUND] = "found",           [BISECT_GOOD_FAILS] = "good-fails",
		[BISECT_BAD_PASSES] = "bad-passes", [BISECT_CONTRADICTS] = "contradicts",
		[BISECT_NO_RESULT] = "no-result",
	};
	const char *image = bisect_file_image(&b->file, at);

	if (b->cli->json) {
		json_t *answer = bisect_file_evidence(&b->file, words[state], state == BISECT_FOUND, at, b->rounds);

		cli_print_json(answer);
		json_decref(answer);
	} else if (state == BISECT_FOUND) {
		printf("first bad: %s\n", image);
		bisect_file_print(&b->file, at);
		printf("last good: %s\n", bisect_file_image(&b->file, at - 1));
		bisect_file_print(&b->file, at - 1);
		printf("%zu images, %zu rounds\n", b->search.count, b->rounds);
	} else if (state == BISECT_GOOD_FAILS) {
		printf("the first image is not good: it failed\n");
	} else if (state == BISECT_BAD_PASSES) {
		printf("the last image is not bad: it passed\n");
	} else if (state == BISECT_CONTRADICTS) {
		printf("no single change explains it: %s fails, and one after it passes\n", image);
		bisect_file_print(&b->file, at);
	} else {
		printf("the runs of %s come to nothing again and again\n", image);
		bisect_file_print(&b->file, at);
	}
	return state == BISECT_FOUND ? CLI_PASSED : CLI_INFRASTRUCTURE;
}

static int run_search(struct bisecting *b)
{
	size_t boards = (size_t)b->wanted.parallel, points[MOST_AT_ONCE], count, at = 0;
	enum bisect_state state;
	int status = boards ? CLI_PASSED : count_boards(b, &boards);

	if (!status)
		status = replay(b);
	while (!status && (state = bisect_next(&b->search, boards, points, &count, &at)) == BISECT_GOES_ON) {
		int64_t job = submit_round(b, points, count);

		if (!job)
			return CLI_INFRASTRUCTURE;
		fprintf(stderr, "round %zu: job %" PRId64 ", %zu of %zu images\n", ++b->rounds, job, count,
			b->search.count);
		if (bisect_file_add_round(&b->file, job, points, count))
			return cli_usage("cannot write %s", b->wanted.state);
		status = finish_round(b, job, points, count);
	}
	return status ? status : tell(b, state, at);
}

static int bisect_images(struct bisecting *b, const struct operands *operands)
{
	struct err err = {0};
	int status = b->wanted.list ? add_list(b, b->wanted.list) : CLI_PASSED;

	for (size_t i = 0; i < operands->count && !status; i++)
		status = add_image(b, operands->word[i]);
	if (status)
		return status;
	if (bisect_init(&b->search, bisect_file_count(&b->file), (uint32_t)b->wanted.confirm))
		return cli_usage("expected 2 to %d images, the first good and the last bad", BISECT_MAX_POINTS);
	status = bisect_file_open(&b->file, b->wanted.state, b->wanted.suite, b->wanted.type, b->wanted.case_name, &err)
			 ? cli_usage("%s", err.text)
			 : run_search(b);
	bisect_finish(&b->search);
	return status;
}

int cmd_bisect(struct cli *cli, int argc, char **argv)
{
	struct bisecting b = {.cli = cli,
			      .wanted = {.confirm = DEFAULT_CONFIRM, .priority = 50, .state = "assay-bisect.json"}};
	const struct option_row rows[] = {
		{"suite", 0, "SUITE", "what each image is run with", OPTION_TEXT, &b.wanted.suite},
		{"type", 0, "TYPE", "on boards of which type", OPTION_TEXT, &b.wanted.type},
		{"case", 0, "CASE", "only what Group.Case does counts", OPTION_TEXT, &b.wanted.case_name},
		{"list", 0, "FILE", "more images, a path a line, before those named here", OPTION_TEXT, &b.wanted.list},
		{"confirm", 0, "N", "results of the last good and the first bad image (default 2)", OPTION_NUMBER,
		 &b.wanted.confirm},
		{"parallel", 0, "N", "images at once (default: as many as there are boards, at most 64)", OPTION_NUMBER,
		 &b.wanted.parallel},
		{"priority", 0, "N", "of the jobs, 0 to 100 (default 50)", OPTION_NUMBER, &b.wanted.priority},
		{"state", 0, "FILE", "what was done so far (default assay-bisect.json)", OPTION_TEXT, &b.wanted.state},
		{NULL, 0, NULL, NULL, OPTION_FLAG, NULL},
	};
	struct operands operands;
	int status;

	if (!cli_options(cli, &help, rows, argc, argv, &operands, &status))
		return status;
	if (!b.wanted.suite || !b.wanted.type)
		return cli_usage("--suite and --type are expected");
	if (b.wanted.confirm < 1 || b.wanted.confirm > BISECT_MAX_CONFIRM)
		return cli_usage("--confirm: expected 1 to %d", BISECT_MAX_CONFIRM);
	if (b.wanted.parallel < 0 || b.wanted.parallel > MOST_AT_ONCE)
		return cli_usage("--parallel: expected 1 to %d", MOST_AT_ONCE);
	status = bisect_images(&b, &operands);
	bisect_file_finish(&b.file);
	return status;
}
