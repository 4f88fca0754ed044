/* SPDX-License-Identifier: Apache-2.0 */
/* The farm at work: entered and left by every call, driven by commits and one timer. */
#include <string.h>

#include "core/farm/farm_state.h"
#include "core/farm/outbox.h"
#include "core/farm/planning.h"
#include "core/farm/state_board.h"
#include "core/farm/state_hold.h"
#include "core/farm/state_job.h"
#include "core/farm/state_night.h"
#include "core/farm/state_org.h"
#include "core/farm/state_run.h"

const struct farm_config farm_config_default = {
	.agent_grace_ms = 60000,
	.cancel_grace_ms = 60000,
	.run_slack_ms = 600000,
	.console_max_bytes = 256u << 20,
	.lease_max_ms = 8 * 3600000,
	.lease_grace_ms = 120000,
	.max_waiting_runs = 100000,
	.diagnoses_per_hour = 60,
	.image_max_boards = 3,
	.image_trial_boards = 3,
	.check = {.after_runs = 20, .after_us = INT64_C(24) * 3600 * 1000000, .max_failures = 3, .max_spoiled = 8},
	.max_uncommitted_bytes = 24u << 20,
};

int64_t farm_now(const struct farm *farm)
{
	return farm->ports.now_us(farm->ports.context);
}

int64_t farm_unix(const struct farm *farm)
{
	return farm->ports.unix_us(farm->ports.context);
}

bool farm_degraded(const struct farm *farm)
{
	return farm->trouble.code != ERR_OK;
}

int farm_refuse(const struct farm *farm, struct err *err)
{
	return err_set(err, farm->trouble.code == ERR_NO_SPACE ? ERR_NO_SPACE : ERR_BUSY,
		       "nothing can be stored at present: %s", farm->trouble.text);
}

const char *farm_id(const struct farm *farm)
{
	return farm->id;
}

int64_t farm_durable_seq(const struct farm *farm)
{
	return farm->durable_seq;
}

void farm_due(struct farm *farm, int64_t due_us)
{
	if (due_us >= farm->timer_us)
		return;
	farm->timer_us = due_us;
	farm->ports.set_timer(farm->ports.context, due_us);
}

void farm_enter(struct farm *farm)
{
	if (farm->depth++ == 0)
		farm->open = change_create();
}

/* Whether all of a change can wait for company: only console bytes and how far they are. */
static bool is_lazy(const struct change *change)
{
	bool console = false;

	list_for_each (link, &change->records) {
		const struct record *record = list_container(link, struct record, link);

		if (record->kind == RECORD_CONSOLE)
			console = true;
		else if (record->kind != RECORD_PROGRESS)
			return false;
	}
	return console;
}

static void flow_check(struct farm *farm)
{
	bool wait = farm->flow_waits ? farm->uncommitted_bytes > farm->config.max_uncommitted_bytes / 2
				     : farm->uncommitted_bytes > farm->config.max_uncommitted_bytes;

	if (wait == farm->flow_waits)
		return;
	farm->flow_waits = wait;
	farm->ports.flow(farm->ports.context, wait);
}

void farm_leave(struct farm *farm)
{
	struct change *change;

	if (farm->depth > 1) {
		farm->depth--;
		return;
	}
	farm_plan(farm);
	board_times_write(farm);
	change = farm->open;
	farm->open = NULL;
	farm->depth = 0;
	if (change_empty(change)) {
		change_destroy(change);
	} else {
		/* what was put into the outbox meanwhile already carries this number */
		change->number = ++farm->last_change;
		change->lazy = is_lazy(change);
		farm->uncommitted_bytes += change->size_bytes;
		outbox_committed_bytes(farm, change->size_bytes);
		farm->ports.commit(farm->ports.context, change);
	}
	flow_check(farm);
	outbox_flush(farm);
}

void farm_committed(struct farm *farm, int64_t number)
{
	if (number > farm->durable_change)
		farm->durable_change = number;
	outbox_flush(farm);
	flow_check(farm);
}

void farm_trouble(struct farm *farm, const struct err *err)
{
	bool was = farm_degraded(farm);

	if (err) {
		farm->trouble = *err;
		if (!was)
			farm->ports.health(farm->ports.context, err);
		outbox_refuse(farm, err);
		return;
	}
	if (!was)
		return;
	memset(&farm->trouble, 0, sizeof(farm->trouble));
	farm->ports.health(farm->ports.context, NULL);
	farm_enter(farm); /* what waited meanwhile is planned */
	farm_leave(farm);
}

/* The earliest instant at which something runs out. */
static int64_t next_due(const struct farm *farm)
{
	int64_t due = plan_next_wake(farm->plan), of_holds = holds_due_us(farm), timed_us = timing_due_us(farm);

	due = of_holds < due ? of_holds : due;
	due = timed_us < due ? timed_us : due;
	due = farm->debts_due_us < due ? farm->debts_due_us : due;

	list_for_each (link, &farm->leased) {
		int64_t of_run = run_due_us(farm, list_container(link, struct run, lease_link));

		if (of_run < due)
			due = of_run;
	}
	for (struct map_node *node = map_next(&farm->boards, NULL); node; node = map_next(&farm->boards, node)) {
		const struct board *board = map_container(node, struct board, node);
		int64_t of_check = board_check_due_us(farm, board);

		due = board->ask_again_us < due ? board->ask_again_us : due;
		due = of_check < due ? of_check : due;
	}
	due = schedules_due_us(farm) < due ? schedules_due_us(farm) : due;
	return nights_due_us(farm) < due ? nights_due_us(farm) : due;
}

void farm_arm(struct farm *farm)
{
	int64_t due = next_due(farm);

	if (due != NEVER_US)
		farm_due(farm, due);
}

void farm_tick(struct farm *farm)
{
	int64_t now = farm_now(farm);

	farm->timer_us = NEVER_US;
	farm_enter(farm);
	holds_tick(farm);
	timing_tick(farm);
	nights_tick(farm);
	schedules_tick(farm);
	debts_tick(farm);
	list_for_each_safe (link, &farm->leased)
		run_tick(farm, list_container(link, struct run, lease_link));
	for (struct map_node *node = map_next(&farm->boards, NULL); node; node = map_next(&farm->boards, node)) {
		struct board *board = map_container(node, struct board, node);

		if (board->ask_again_us <= now) {
			board_says(board, BOARD_FREE, "");
			board_update(farm, board);
		} else if (board_check_due_us(farm, board) <= now) {
			board_check_when_due(farm, board);
			board_update(farm, board);
		}
	}
	farm_leave(farm);
	farm_arm(farm);
}

bool farm_is_one_line(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return false;
	}
	return true;
}
