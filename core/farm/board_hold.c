/* SPDX-License-Identifier: Apache-2.0 */
/* Boards taken out of service and let in again: by a person, by the farm's policy, or given up by their agent. It is
 * durable and outlives every restart; only a person undoes it, and what comes back is taken up anew by its agent and
 * must pass its health check before anything else runs on it. */
#include <stdio.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/farm/event.h"
#include "core/farm/farm_state.h"
#include "core/farm/outbox.h"
#include "core/farm/state_board.h"
#include "core/farm/state_rack.h"

static void set_hold(struct farm *farm, struct board *board, enum board_hold hold, const char *by, const char *why)
{
	board->record.hold = hold;
	board->record.held_at_us = hold == BOARD_HOLD_NONE ? 0 : farm_unix(farm);
	mem_text_into(board->record.held_by, sizeof(board->record.held_by), hold == BOARD_HOLD_NONE ? "" : by);
	mem_text_into(board->record.held_why, sizeof(board->record.held_why), hold == BOARD_HOLD_NONE ? "" : why);
	board_keep(farm, board);
}

void board_put_away(struct farm *farm, struct board *board, const char *by, const char *why)
{
	log_warn(board->record.name, "quarantined by %s: %s", by, why);
	board->record.recover_wanted = false;
	set_hold(farm, board, BOARD_HOLD_QUARANTINED, by, why);
	event_board_hold(farm, EVENT_BOARD_QUARANTINED, board, by, why);
}

static void recovery_not_wanted(struct board *board)
{
	board->unkept = board->unkept || board->record.recover_wanted;
	board->record.recover_wanted = false;
}

void board_take_up(struct farm *farm, struct board *board, const char *why)
{
	if (board->agent->record.online && !board->agent->recovers) { /* an older one: it goes by its own rules */
		recovery_not_wanted(board);
		return;
	}
	board->record.recover_wanted = true;
	board_says(board, BOARD_RECOVERING, why);
	board_keep(farm, board);
	outbox_recover(farm, board, why);
}

/* An agent that was started anew has forgotten, and one that cannot be told goes by its own rules. */
void board_forgive(struct farm *farm, struct board *board, const char *why)
{
	bool was_given_up = board->record.hold == BOARD_HOLD_QUARANTINED && strcmp(board->record.held_by, "agent") == 0;

	if ((board->record.hold != BOARD_HOLD_NONE && !was_given_up) || !board->agent->recovers)
		return;
	board->record.forgiven = true;
	board->record.checks_failed = 0;
	board->unkept = true;
	if (was_given_up) {
		set_hold(farm, board, BOARD_HOLD_NONE, FARM_ITSELF, why);
		event_board_hold(farm, EVENT_BOARD_RELEASED, board, FARM_ITSELF, why);
	}
	if (!board->run && (was_given_up || board->agent_state == BOARD_RECOVERING)) {
		board_doubt(farm, board, why);
		board_take_up(farm, board, why);
	}
	board_update(farm, board);
}

bool board_forgiven(struct farm *farm, struct board *board)
{
	if (!board->record.forgiven || board->run)
		return false;
	board->record.forgiven = false;
	board->unkept = true;
	log_info(board->record.name, "given up by its agent because of an image that is held: taken up again");
	board_doubt(farm, board, "its agent gave it up because of an image that is held");
	board_take_up(farm, board, board->record.unproven);
	return true;
}

/* Until the agent has begun with what it was told, what it says is from before. */
void board_heard(struct farm *farm, struct board *board, enum board_state state, const char *reason, bool is_hello)
{
	char why[BOARD_UNPROVEN_MAX];

	if (board->record.recover_wanted && state != BOARD_RECOVERING) {
		if (is_hello)
			board_take_up(farm, board, board->record.unproven);
		if (board->record.recover_wanted)
			return;
	}
	recovery_not_wanted(board);
	board_says(board, state, reason);
	if (state != BOARD_RECOVERING)
		return;
	(void)snprintf(why, sizeof(why), "it was brought up again%s%.150s", reason[0] ? ": " : "", reason);
	board_doubt(farm, board, why);
}

/* --- by a person --- */

static const struct {
	enum board_hold before, after; /* before NONE: any but after */
	enum event_type event;
	const char *verb;
} orders[] = {
	[BOARD_ORDER_QUARANTINE] = {BOARD_HOLD_NONE, BOARD_HOLD_QUARANTINED, EVENT_BOARD_QUARANTINED, "quarantine"},
	[BOARD_ORDER_RELEASE] = {BOARD_HOLD_QUARANTINED, BOARD_HOLD_NONE, EVENT_BOARD_RELEASED, "release"},
	[BOARD_ORDER_RETIRE] = {BOARD_HOLD_NONE, BOARD_HOLD_RETIRED, EVENT_BOARD_RETIRED, "retire"},
	[BOARD_ORDER_UNRETIRE] = {BOARD_HOLD_RETIRED, BOARD_HOLD_NONE, EVENT_BOARD_UNRETIRED, "unretire"},
};

static int may_order(const struct farm *farm, const struct principal *who, const struct board *board,
		     enum board_order order, const char *why, struct err *err)
{
	enum board_hold hold = board->record.hold;

	if (!principal_may_submit(who) || (who->role != ROLE_ADMIN && strcmp(who->org, board->record.org) != 0))
		return err_set(err, ERR_DENIED, "only admins and members of organisation %s may %s board %s",
			       board->record.org, orders[order].verb, board->record.name);
	if (!why[0] || !farm_is_one_line(why) || strlen(why) >= BOARD_UNPROVEN_MAX / 2)
		return err_set(err, ERR_INVALID, "why: found %s, expected one line of at most %d bytes",
			       !why[0] ? "nothing" : "another text", BOARD_UNPROVEN_MAX / 2 - 1);
	if (orders[order].before != BOARD_HOLD_NONE && hold != orders[order].before)
		return err_set(err, ERR_STALE, "board %s is not %s", board->record.name,
			       board_hold_name(orders[order].before));
	if (order == BOARD_ORDER_QUARANTINE && hold == BOARD_HOLD_RETIRED)
		return err_set(err, ERR_STALE, "board %s is retired", board->record.name);
	return farm_degraded(farm) ? farm_refuse(farm, err) : 0;
}

static void give_back(struct farm *farm, struct board *board, enum board_order order, const char *by, const char *why)
{
	char unproven[BOARD_UNPROVEN_MAX];

	set_hold(farm, board, BOARD_HOLD_NONE, by, why);
	board->record.checks_failed = 0;
	board->record.busy = 0;
	(void)snprintf(unproven, sizeof(unproven), "%sd by %s: %s", orders[order].verb, by, why);
	board->record.unproven[0] = '\0';
	board_doubt(farm, board, unproven);
	if (!board->run)
		board_take_up(farm, board, unproven);
}

int farm_order_board(struct farm *farm, const struct principal *who, const char *name, enum board_order order,
		     const char *why, on_done_fn on_done, void *context, struct err *err)
{
	struct board *board = board_find(farm, name);
	int rc;

	if (!board || !principal_sees_shared(who, board->record.org))
		return err_set(err, ERR_NOT_FOUND, "there is no board %s", name);
	rc = may_order(farm, who, board, order, why, err);
	if (rc)
		return rc;
	farm_enter(farm);
	if (orders[order].after == BOARD_HOLD_NONE)
		give_back(farm, board, order, who->name, why);
	else
		set_hold(farm, board, orders[order].after, who->name, why);
	event_board_hold(farm, orders[order].event, board, who->name, why);
	board_update(farm, board);
	outbox_done(farm, on_done, context);
	farm_leave(farm);
	return 0;
}
