/* SPDX-License-Identifier: Apache-2.0 */
/* A board's life. */
#include "agents/board.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agents/base/files.h"
#include "core/base/log.h"

#define FENCE_MAX_BYTES 64
#define PATH_BYTES      1024
#define RETRY_FIRST_MS  300 /* between bring-ups; doubled each time */

/* What is on the bench now. */
enum walk { WALK_NONE, WALK_POWER_OFF, WALK_BRING_UP, WALK_RUN, WALK_LAST };

struct board {
	struct bench *bench;
	struct spool *spool;
	const struct board_config *config;
	struct board_events events;
	uv_timer_t timer; /* to the next bring-up */
	enum wire_board_state state;
	enum walk walk;
	char reason[300];
	char unique_id[65];
	char fence_path[PATH_BYTES];
	int64_t fence;
	struct run *run;
	bool drop;    /* the run under way is of no use to the farm */
	bool started; /* on_started was called */
	bool proven;  /* the first bring-up is over */
	bool stopping;
	bool stopped;
	unsigned run_failures; /* in a row, at the board itself */
	unsigned tries;        /* bring-ups that failed in a row */
	bool destroyed;
};

/* Which states may follow which. */
#define MAY(state) (1u << WIRE_BOARD_##state)
static const unsigned may_follow[] = {
	[WIRE_BOARD_IDLE] = MAY(RUNNING) | MAY(RECOVERING) | MAY(QUARANTINED),
	[WIRE_BOARD_RUNNING] = MAY(IDLE) | MAY(RECOVERING) | MAY(QUARANTINED),
	[WIRE_BOARD_RECOVERING] = MAY(IDLE) | MAY(RECOVERING) | MAY(QUARANTINED),
	[WIRE_BOARD_QUARANTINED] = 0,
};

static void set_state(struct board *board, enum wire_board_state state, const char *reason)
{
	assert(may_follow[board->state] & 1u << state);
	if (board->state != state)
		log_info(board->config->name, "%s -> %s%s%s", wire_board_state_name(board->state),
			 wire_board_state_name(state), reason[0] ? ": " : "", reason);
	board->state = state;
	snprintf(board->reason, sizeof board->reason, "%s", reason);
	board->events.on_changed(board->events.context, board);
}

static void quarantine(struct board *board, const char *reason)
{
	log_error(board->config->name, "quarantined: %s", reason);
	set_state(board, WIRE_BOARD_QUARANTINED, reason);
}

static void begin_bring_up(struct board *board)
{
	struct err err = {0};

	board->walk = WALK_BRING_UP;
	if (bench_bring_up(board->bench, &err) == 0)
		return;
	board->walk = WALK_NONE;
	quarantine(board, err.text);
}

static void on_timer(uv_timer_t *timer)
{
	struct board *board = timer->data;

	if (board->walk == WALK_NONE && !board->stopping)
		begin_bring_up(board);
}

/* The next bring-up comes from the loop: the walk before it is still on the stack. */
static void recover(struct board *board, const char *reason, int64_t wait_ms)
{
	set_state(board, WIRE_BOARD_RECOVERING, reason);
	uv_timer_start(&board->timer, on_timer, (uint64_t)wait_ms, 0);
}

static void tell_stopped(struct board *board)
{
	if (board->stopped)
		return;
	board->stopped = true;
	board->events.on_stopped(board->events.context, board);
}

static void begin_last(struct board *board)
{
	board->walk = WALK_LAST;
	if (bench_power_off(board->bench, NULL) == 0)
		return;
	board->walk = WALK_NONE;
	tell_stopped(board);
}

static void on_stop_timer(uv_timer_t *timer)
{
	begin_last(timer->data);
}

/* Failures that say something about the board or its cables, not about the farm, the image or a killed process. */
static bool counts_against_board(enum cause cause)
{
	switch (cause) {
	case CAUSE_POWER:
	case CAUSE_ATTACH:
	case CAUSE_IDENTITY:
	case CAUSE_FLASH:
	case CAUSE_VERIFY:
	case CAUSE_RESET:
	case CAUSE_STEP_LIMIT:
	case CAUSE_CONSOLE_LOST:
		return true;
	default:
		return false;
	}
}

static bool needs_recovery(enum cause cause)
{
	return cause_verdict(cause) == RUN_INFRASTRUCTURE && cause != CAUSE_IMAGE_UNAVAILABLE &&
	       cause != CAUSE_INTERNAL && cause != CAUSE_WRONG_IMAGE;
}

static void after_bring_up(struct board *board, const struct bench_outcome *outcome)
{
	char reason[sizeof board->reason];

	if (outcome->lost) {
		quarantine(board, outcome->text);
	} else if (outcome->cause == CAUSE_NONE && !outcome->teardown_failed) {
		board->tries = 0;
		board->proven = true;
		snprintf(board->unique_id, sizeof board->unique_id, "%s", bench_unique_id(board->bench));
		set_state(board, WIRE_BOARD_IDLE, "");
	} else if (!board->proven) {
		/* It was never seen to work here: a run will say what is wrong with it, to whoever wants to know. */
		board->proven = true;
		board->tries++;
		log_warn(board->config->name, "the first bring-up failed: %s: %s", cause_name(outcome->cause),
			 outcome->text);
		set_state(board, WIRE_BOARD_IDLE, "");
	} else if (++board->tries >= BOARD_MAX_FAILURES) {
		snprintf(reason, sizeof reason, "%u bring-ups failed, the last: %s: %.230s", board->tries,
			 cause_name(outcome->cause), outcome->text);
		quarantine(board, reason);
	} else {
		log_warn(board->config->name, "bring-up failed: %s: %s", cause_name(outcome->cause), outcome->text);
		snprintf(reason, sizeof reason, "%s: %.250s", cause_name(outcome->cause), outcome->text);
		recover(board, reason, RETRY_FIRST_MS << (board->tries - 1));
	}
}

/* What the run's end means for the board. Told to the farm before the run's end, so that it plans nothing on a board
 * that is not ready. */
static void settle_after_run(struct board *board, const struct bench_outcome *outcome)
{
	char reason[sizeof board->reason];

	if (counts_against_board(outcome->cause))
		board->run_failures++;
	else if (cause_verdict(outcome->cause) != RUN_INFRASTRUCTURE && outcome->cause != CAUSE_CANCELLED)
		board->run_failures = board->tries = 0;
	snprintf(reason, sizeof reason, "%s: %.250s", cause_name(outcome->cause), outcome->text);
	if (outcome->lost)
		quarantine(board, outcome->text);
	else if (board->run_failures >= BOARD_MAX_FAILURES)
		quarantine(board, reason);
	else if (needs_recovery(outcome->cause))
		recover(board, reason, 0);
	else if (outcome->teardown_failed)
		recover(board, "the last run could not be undone in full", 0);
	else
		set_state(board, WIRE_BOARD_IDLE, "");
}

static void after_run(struct board *board, struct bench_outcome *outcome)
{
	struct run *run = board->run;
	struct spool_run *spooled = run_spool(run);

	if (board->stopping && outcome->cause == CAUSE_CANCELLED) {
		outcome->cause = CAUSE_AGENT_RESTARTED;
		outcome->text = "the agent was stopped while the run was under way";
	}
	settle_after_run(board, outcome);
	run_ended(run, outcome);
	board->run = NULL;
	run_destroy(run);
	if (board->drop) {
		spool_delete(spooled);
		spooled = NULL;
	}
	board->drop = false;
	board->events.on_run_over(board->events.context, board, spooled);
}

static void after_power_off(struct board *board, const struct bench_outcome *outcome)
{
	if (outcome->cause != CAUSE_NONE)
		log_warn(board->config->name, "cannot be switched off: %s", outcome->text);
	board->started = true;
	board->events.on_started(board->events.context, board);
	if (!board->stopping)
		recover(board, "starting", 0);
}

static void on_ended(void *context, const struct bench_outcome *ended)
{
	struct board *board = context;
	struct bench_outcome outcome = *ended;
	enum walk walk = board->walk;

	board->walk = WALK_NONE;
	switch (walk) {
	case WALK_POWER_OFF:
		after_power_off(board, &outcome);
		break;
	case WALK_BRING_UP:
		if (!board->stopping)
			after_bring_up(board, &outcome);
		break;
	case WALK_RUN:
		after_run(board, &outcome);
		break;
	case WALK_LAST:
		tell_stopped(board);
		return;
	case WALK_NONE:
		break;
	}
	if (board->stopping)
		uv_timer_start(&board->timer, on_stop_timer, 0, 0);
}

static void on_step_begun(void *context, size_t row, enum step_phase phase, const char *name)
{
	struct board *board = context;

	if (board->run)
		run_step_begun(board->run, row, phase, name);
}

/* A run whose record cannot be kept is ended: what it would say could not be proven. */
static void end_when_in_trouble(struct board *board)
{
	if (board->run && run_trouble(board->run)[0])
		bench_cancel(board->bench);
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

static void on_tool_died(void *context, const char *text)
{
	struct board *board = context;

	if (board->state == WIRE_BOARD_IDLE && board->walk == WALK_NONE && !board->stopping)
		recover(board, text, 0);
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

int board_create(uv_loop_t *loop, struct spool *spool, const char *fence_path, const struct bench_options *options,
		 const struct board_events *events, struct board **ret_board, struct err *err)
{
	struct board *board = calloc(1, sizeof *board);
	struct bench_events bench_events = {.context = board,
					    .on_step_begun = on_step_begun,
					    .on_step_ended = on_step_ended,
					    .on_console = on_console,
					    .on_case = on_case,
					    .on_ended = on_ended,
					    .on_tool_died = on_tool_died};
	int rc;

	if (!board)
		return err_set(err, ERR_NOMEM, "out of memory");
	board->spool = spool;
	board->config = options->config;
	board->events = *events;
	board->state = WIRE_BOARD_RECOVERING;
	snprintf(board->reason, sizeof board->reason, "starting");
	snprintf(board->fence_path, sizeof board->fence_path, "%s", fence_path);
	read_fence(board);
	rc = bench_create(loop, options, &bench_events, &board->bench, err);
	if (rc) {
		free(board);
		return rc;
	}
	uv_timer_init(loop, &board->timer);
	board->timer.data = board;
	*ret_board = board;
	return 0;
}

void board_start(struct board *board)
{
	struct err err = {0};

	board->walk = WALK_POWER_OFF;
	if (bench_power_off(board->bench, &err)) {
		board->walk = WALK_NONE;
		quarantine(board, err.text);
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
	else if (board->state != WIRE_BOARD_IDLE || board->walk != WALK_NONE || spool_find(board->spool, assign->run))
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
	log_info(board->config->name, "run %" PRId64 " of job %" PRId64 " \"%s\", image %s", assign->run, assign->job,
		 assign->name, assign->image_name);
	set_state(board, WIRE_BOARD_RUNNING, "");
	board->walk = WALK_RUN;
	job = run_job(board->run);
	if (bench_run(board->bench, &job, &err)) {
		on_ended(board, &(struct bench_outcome){.cause = CAUSE_INTERNAL, .text = err.text, .lost = true});
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
	bench_cancel(board->bench);
}

void board_stop(struct board *board)
{
	if (board->stopping)
		return;
	board->stopping = true;
	if (board->walk == WALK_NONE)
		uv_timer_start(&board->timer, on_stop_timer, 0, 0);
	else
		bench_cancel(board->bench);
}

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void board_destroy(struct board *board)
{
	if (!board || board->destroyed)
		return;
	board->destroyed = true;
	bench_destroy(board->bench);
	run_destroy(board->run);
	uv_close((uv_handle_t *)&board->timer, on_closed);
}

struct wire_board board_describe(const struct board *board)
{
	return (struct wire_board){.name = board->config->name,
				   .type = board->config->type,
				   .state = board->state,
				   .reason = board->reason,
				   .unique_id = board->unique_id,
				   .is_virtual = board->config->is_virtual};
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
