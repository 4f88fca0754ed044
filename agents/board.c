/* SPDX-License-Identifier: Apache-2.0 */
/* A board's life. */
#include "agents/board.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agents/base/files.h"
#include "agents/board_private.h"
#include "core/base/log.h"

#define FENCE_MAX_BYTES 64

static void on_step_begun(void *context, size_t row, enum step_phase phase, const char *name)
{
	struct board *board = context;

	if (!board->run)
		return;
	board->is_writing = phase == STEP_FORWARD && strcmp(name, "flash") == 0;
	run_step_begun(board->run, row, phase, name);
}

/* A run whose record cannot be kept is ended: what it would say could not be proven. */
static void end_when_in_trouble(struct board *board)
{
	if (board->run && run_trouble(board->run)[0])
		board->kind->cancel(board->bench);
}

static void on_step_ended(void *context, size_t row, enum step_phase phase, const char *name,
			  const struct step_result *result, int64_t took_us)
{
	struct board *board = context;

	if (!board->run) {
		log_debug(board->config->name, "%s: %s (%.1f ms)", name, result->text, (double)took_us / 1000);
		return;
	}
	run_step_ended(board->run, row, phase, name, result, took_us);
	if (board->is_writing && board->yields)
		board->kind->cancel(board->bench);
	board->is_writing = false;
	if (phase == STEP_FORWARD && strcmp(name, "hold") == 0)
		board_hold_ended(board, result->text);
	end_when_in_trouble(board);
}

static void on_console(void *context, uint64_t offset, const uint8_t *data, size_t size_bytes, int64_t at_us)
{
	struct board *board = context;

	if (!board->run)
		return;
	run_console(board->run, offset, data, size_bytes, at_us);
	end_when_in_trouble(board);
}

static void on_case(void *context, const struct case_result *result)
{
	struct board *board = context;

	if (board->run)
		run_case(board->run, result);
}

static void on_artefact(void *context, const struct bench_artefact *artefact)
{
	struct board *board = context;

	if (board->run)
		run_artefact(board->run, artefact);
}

static void on_console_room(void *context)
{
	struct board *board = context;

	if (board->run && board->events.on_console_room)
		board->events.on_console_room(board->events.context, board);
}

static void on_tool_died(void *context, enum cause cause, const char *text)
{
	struct board *board = context;

	if (board->state == WIRE_BOARD_IDLE && board->walk == WALK_NONE && !board->stopping)
		board_recover(board, cause, text);
}

static void on_run_message(void *context, struct run *run)
{
	struct board *board = context;

	board->events.on_message(board->events.context, run);
}

static void read_fence(struct board *board)
{
	char *text;
	size_t len;

	if (files_read(board->fence_path, FENCE_MAX_BYTES, &text, &len, NULL))
		return;
	board->fence = strtoll(text, NULL, 10);
	free(text);
}

static int keep_fence(struct board *board, int64_t fence, struct err *err)
{
	char text[FENCE_MAX_BYTES];
	int len = snprintf(text, sizeof text, "%" PRId64 "\n", fence);

	board->fence = fence;
	return files_write(board->fence_path, text, (size_t)len, err);
}

int board_create(uv_loop_t *loop, struct spool *spool, const char *fence_path, const struct bench_kind *kind,
		 const struct bench_options *options, const struct board_events *events, struct board **ret_board,
		 struct err *err)
{
	struct board *board = calloc(1, sizeof *board);
	struct bench_events bench_events = {.context = board,
					    .on_step_begun = on_step_begun,
					    .on_step_ended = on_step_ended,
					    .on_console = on_console,
					    .on_case = on_case,
					    .on_artefact = on_artefact,
					    .on_console_room = on_console_room,
					    .on_ended = board_on_ended,
					    .on_tool_died = on_tool_died};
	int rc;

	if (!board)
		return err_set(err, ERR_NOMEM, "out of memory");
	board->kind = kind;
	board->spool = spool;
	board->config = options->config;
	board->events = *events;
	board->state = WIRE_BOARD_RECOVERING;
	snprintf(board->reason, sizeof board->reason, "starting");
	snprintf(board->fence_path, sizeof board->fence_path, "%s", fence_path);
	read_fence(board);
	rc = kind->create(loop, options, &bench_events, &board->bench, err);
	if (rc) {
		free(board);
		return rc;
	}
	uv_timer_init(loop, &board->timer);
	uv_timer_init(loop, &board->away);
	board->timer.data = board->away.data = board;
	board->open_handles = 2;
	*ret_board = board;
	return 0;
}

void board_start(struct board *board)
{
	struct err err = {0};

	board->walk = WALK_POWER_OFF;
	if (board->kind->power_off(board->bench, &err)) {
		board->walk = WALK_NONE;
		board_quarantine(board, err.text);
	}
}

static bool may_take(const struct board *board, const struct wire_assign *assign, enum wire_rejection *ret_why)
{
	if (assign->fence <= board->fence)
		*ret_why = WIRE_REJECT_OLD_FENCE;
	else if (board->stopping)
		*ret_why = WIRE_REJECT_SHUTTING_DOWN;
	else if (board->state == WIRE_BOARD_QUARANTINED)
		*ret_why = WIRE_REJECT_QUARANTINED;
	else if (board->state != WIRE_BOARD_IDLE || board->walk != WALK_NONE || spool_find(board->spool, assign->run) ||
		 (board->kind->refuses && board->kind->refuses(board->bench)))
		*ret_why = WIRE_REJECT_BUSY;
	else
		return true;
	return false;
}

bool board_assign(struct board *board, const struct wire_assign *assign, enum wire_rejection *ret_why)
{
	struct err err = {0};
	struct bench_job job;

	if (!may_take(board, assign, ret_why))
		return false;
	*ret_why = WIRE_REJECT_BUSY;
	board->run = run_create(board->spool, assign, on_run_message, board, &err);
	if (!board->run) {
		log_error(board->config->name, "run %" PRId64 ": %s", assign->run, err.text);
		return false;
	}
	if (keep_fence(board, assign->fence, &err))
		log_warn(board->config->name, "the lease's number is not on disk: %s", err.text);
	log_info(board->config->name, "run %" PRId64 " of job %" PRId64 " \"%s\", %s%s", assign->run, assign->job,
		 assign->name, assign->image_name[0] ? "image " : "no image", assign->image_name);
	board_set_state(board, WIRE_BOARD_RUNNING, "");
	board->walk = WALK_RUN;
	board->yields = board->is_writing = false;
	board->hold_ms = assign->hold_ms;
	board->away_ms = assign->away_ms;
	job = run_job(board->run);
	if (board->kind->run(board->bench, &job, &err)) {
		board_on_ended(board, &(struct bench_outcome){.cause = CAUSE_INTERNAL, .text = err.text, .lost = true});
		return true;
	}
	end_when_in_trouble(board);
	return true;
}

void board_cancel(struct board *board, bool drop)
{
	if (!board->run)
		return;
	board->drop = board->drop || drop;
	board->kind->cancel(board->bench);
}

void board_preempt(struct board *board)
{
	if (!board->run || board->yields)
		return;
	board->yields = true;
	if (!board->is_writing)
		board->kind->cancel(board->bench);
}

void board_stop(struct board *board)
{
	if (board->stopping)
		return;
	board->stopping = true;
	board_ladder_stop(board);
	if (board->walk == WALK_NONE)
		uv_timer_start(&board->timer, board_on_stop_timer, 0, 0);
	else
		board->kind->cancel(board->bench);
}

static void on_closed(uv_handle_t *handle)
{
	struct board *board = handle->data;

	if (--board->open_handles == 0)
		free(board);
}

void board_destroy(struct board *board)
{
	if (!board || board->destroyed)
		return;
	board->destroyed = true;
	board->kind->destroy(board->bench);
	run_destroy(board->run);
	free(board->account);
	uv_close((uv_handle_t *)&board->timer, on_closed);
	uv_close((uv_handle_t *)&board->away, on_closed);
}

struct wire_board board_describe(const struct board *board)
{
	struct wire_board said = {.name = board->config->name,
				  .type = board->config->type,
				  .state = board->state,
				  .reason = board->reason,
				  .unique_id = board->unique_id,
				  .absent = board->absent,
				  .is_virtual = board->config->is_virtual};

	said.equipment = board->config->equipment;
	return said;
}

struct run *board_run(const struct board *board)
{
	return board->run;
}

const char *board_name(const struct board *board)
{
	return board->config->name;
}

enum wire_board_state board_state(const struct board *board)
{
	return board->state;
}
