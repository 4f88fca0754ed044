/* SPDX-License-Identifier: Apache-2.0 */
/* assay-agent run: one run by hand, without a farm; its messages go to standard output as they would go to the farm. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agents/agent.h"
#include "agents/base/files.h"
#include "agents/bench/fetch.h"
#include "agents/commands.h"
#include "core/base/json.h"
#include "core/base/log.h"
#include "core/image/image.h"

#define JOB_MAX_BYTES (1u << 20)
#define FENCE_BYTES   512

struct by_hand {
	uv_loop_t loop;
	uv_signal_t on_int, on_term;
	struct rack rack; /* the one board */
	struct agent *agent;
	char sha256[65];
	struct wire_assign assign;
	bool assigned;
	bool stopping;
	int status;
};

static void stop(struct by_hand *hand)
{
	if (hand->stopping)
		return;
	hand->stopping = true;
	agent_stop(hand->agent);
}

static void on_board(void *context, const struct wire_board *board)
{
	struct by_hand *hand = context;
	enum wire_rejection why;

	if ((board->state == WIRE_BOARD_QUARANTINED || board->absent) && !hand->stopping) {
		fprintf(stderr, "assay-agent: %s cannot be used: %s\n", board->name, board->reason);
		stop(hand);
	}
	if (board->state != WIRE_BOARD_IDLE || hand->assigned)
		return;
	hand->assigned = true;
	if (!agent_assign(hand->agent, &hand->assign, &why)) {
		fprintf(stderr, "assay-agent: the board does not take the run: %s\n", wire_rejection_name(why));
		stop(hand);
	}
}

static int status_of(enum run_verdict verdict)
{
	switch (verdict) {
	case RUN_PASSED:
		return EXIT_DONE;
	case RUN_FAILED:
		return EXIT_FAILED;
	case RUN_CANCELLED:
		return EXIT_CANCELLED;
	default:
		return EXIT_TROUBLE;
	}
}

static void on_message(void *context, const char *text, size_t len, bool ended)
{
	struct by_hand *hand = context;
	struct wire_message message;

	fwrite(text, 1, len, stdout);
	putchar('\n');
	fflush(stdout);
	if (!ended)
		return;
	if (wire_decode(text, len, WIRE_AGENT, &message, NULL) == 0) {
		hand->status = status_of(message.as.event.as.ended.verdict);
		wire_message_finish(&message);
	}
	stop(hand);
}

static void on_stopped(void *context)
{
	struct by_hand *hand = context;

	uv_stop(&hand->loop);
}

static void on_signal(uv_signal_t *signal, int number)
{
	(void)number;
	stop(signal->data);
}

/* "require" and "end" out of the job file, for boards of the type; what is not there requires nothing and ends by
 * silence. By hand nothing is waived, and no baseline is known. */
static int read_job(struct by_hand *hand, const char *file, const struct board_type *type, struct err *err)
{
	struct end_rule end_rule = {
		.when = END_SILENCE, .silence_ms = 3000, .limit_ms = 60000, .settle_ms = END_SETTLE_BY_BOARD};
	json_t *job = NULL, *require = NULL, *end = NULL;
	struct requirements required;
	char *text;
	size_t len;
	int rc = 0;

	requirements_init(&required);
	if (file[0] && files_read(file, JOB_MAX_BYTES, &text, &len, err))
		return (int)err->code;
	if (file[0]) {
		rc = json_parse(text, len, JOB_MAX_BYTES, &job, err);
		free(text);
	}
	if (rc == 0 && job)
		rc = json_read_object(job, "require", false, &require, err);
	if (rc == 0 && job)
		rc = json_read_object(job, "end", false, &end, err);
	if (rc == 0 && require)
		rc = requirements_from_json(require, &required, err);
	if (rc == 0 && end)
		rc = end_rule_from_json(end, &end_rule, err);
	json_decref(job);
	if (rc == 0 && asked_resolve(&required, &end_rule, type, NULL, NULL, NULL, &hand->assign.asked))
		rc = err_set(err, ERR_NOMEM, "out of memory");
	requirements_finish(&required);
	return rc ? err_prefix(err, "%s", file) : 0;
}

/* The agent takes images from its cache: the file is put there. */
static int read_image(struct by_hand *hand, const struct options *options, struct err *err)
{
	char dir[OPTION_MAX + 16], *data;
	struct bench_images images = {.dir = dir};
	size_t len;
	int rc;

	snprintf(dir, sizeof dir, "%s/images", options->state_dir);
	if (files_make_dir(dir, err) || files_read(options->image, IMAGE_MAX_BYTES, &data, &len, err))
		return (int)err->code;
	rc = fetch_store(&images, data, len, hand->sha256, err);
	free(data);
	hand->assign.image_sha256 = hand->sha256;
	hand->assign.image_size_bytes = (int64_t)len;
	hand->assign.image_name = options->image;
	return rc;
}

static bool choose_board(struct by_hand *hand, const struct rack *rack, const struct options *options)
{
	hand->rack = *rack;
	hand->rack.board_count = 1;
	for (size_t i = 0; i < rack->board_count; i++) {
		hand->rack.boards = &rack->boards[i];
		if (strcmp(rack->boards[i].name, options->board) == 0 ||
		    strcmp(rack->boards[i].type, options->type) == 0) {
			hand->assign.board = rack->boards[i].name;
			return true;
		}
	}
	fprintf(stderr, "assay-agent: rack %s has no board %s%s\n", rack->name, options->board[0] ? "" : "of type ",
		options->board[0] ? options->board : options->type);
	return false;
}

/* Runs and fences only grow, also by hand: the time does. */
static void number_run(struct by_hand *hand)
{
	uv_timeval64_t now;

	uv_gettimeofday(&now);
	hand->assign.run = now.tv_sec * 1000 + now.tv_usec / 1000;
	hand->assign.fence = hand->assign.run;
	hand->assign.job = hand->assign.attempt = 1;
	hand->assign.name = "by hand";
}

static int walk(struct by_hand *hand, const struct options *options)
{
	struct agent_options agent_options = {.rack = &hand->rack,
					      .state_dir = options->state_dir,
					      .scripts_dir = options->scripts_dir[0] ? options->scripts_dir : NULL,
					      .vboard_program = options->vboard,
					      .kind = &bench_real};
	struct agent_events events = {
		.context = hand, .on_board = on_board, .on_message = on_message, .on_stopped = on_stopped};
	struct err err = {0};

	number_run(hand);
	hand->status = EXIT_TROUBLE;
	if (agent_create(&hand->loop, &agent_options, &events, &hand->agent, &err)) {
		fprintf(stderr, "assay-agent: %s\n", err.text);
		return EXIT_BAD_INPUT;
	}
	uv_signal_init(&hand->loop, &hand->on_int);
	uv_signal_init(&hand->loop, &hand->on_term);
	hand->on_int.data = hand->on_term.data = hand;
	uv_signal_start(&hand->on_int, on_signal, SIGINT);
	uv_signal_start(&hand->on_term, on_signal, SIGTERM);
	agent_start(hand->agent);
	uv_run(&hand->loop, UV_RUN_DEFAULT);
	agent_forget(hand->agent, hand->assign.run);
	agent_destroy(hand->agent);
	uv_close((uv_handle_t *)&hand->on_int, NULL);
	uv_close((uv_handle_t *)&hand->on_term, NULL);
	return hand->status;
}

int command_run(const struct options *options)
{
	struct rack *rack = command_load_rack(options->rack, options);
	struct by_hand *hand = calloc(1, sizeof *hand);
	struct err err = {0};
	int status = EXIT_BAD_INPUT;

	if (rack && hand && choose_board(hand, rack, options)) {
		if (read_job(hand, options->job, rack_type(&hand->rack, hand->rack.boards[0].type), &err) ||
		    read_image(hand, options, &err))
			fprintf(stderr, "assay-agent: %s\n", err.text);
		else if (uv_loop_init(&hand->loop) == 0) {
			status = walk(hand, options);
			uv_run(&hand->loop, UV_RUN_DEFAULT);
			uv_loop_close(&hand->loop);
		}
		asked_finish(&hand->assign.asked);
	}
	free(hand);
	rack_destroy(rack);
	return status;
}
