/* SPDX-License-Identifier: Apache-2.0 */
/* Why a run does not have a board. */
#include "core/plan/plan_private.h"

static const struct {
	const char *word, *text;
} reasons[] = {
#define X(name, word, text) {word, text},
	PLAN_REASONS(X)
#undef X
};

const char *plan_reason_word(enum plan_reason reason)
{
	return reasons[reason].word;
}

const char *plan_reason_text(enum plan_reason reason)
{
	return reasons[reason].text;
}

static struct plan_explanation because(enum plan_reason reason)
{
	return (struct plan_explanation){.reason = reason, .until_us = PLAN_NEVER};
}

/* What keeps the job from starting anything. */
static struct plan_explanation explain_job(const struct plan_job *job, int64_t now_us)
{
	struct plan_explanation why = because(PLAN_WHY_NOT_BEFORE);

	if (now_us >= job->closes_us)
		return because(PLAN_WHY_WINDOW_CLOSED);
	if (job->held_until_us == INT64_MIN)
		return because(PLAN_WHY_NONE);
	if (job->held_until_us == PLAN_NEVER)
		return because(PLAN_WHY_WAITS_FOR_JOB);
	why.until_us = job->held_until_us;
	return why;
}

static struct plan_explanation explain_reservation(const struct plan_reservation *reservation, int64_t now_us)
{
	struct plan_explanation why = because(PLAN_WHY_NOT_BEFORE);

	if (now_us >= reservation->from_us)
		return because(PLAN_WHY_LATE);
	why.until_us = reservation->from_us;
	return why;
}

static struct plan_explanation explain_limits(const struct plan_run *run, int64_t now_us)
{
	const struct plan_job *job = run->ask->job;
	const struct plan_org *org = job->member->org;

	if (plan_job_is_at_limit(job))
		return because(PLAN_WHY_JOB_PARALLEL);
	if (!run->claim && (org->saver ? org->saver != job : plan_org_lacks_room(org, job->is_gang ? job->waiting : 1)))
		return because(PLAN_WHY_ORG_CAP);
	if (!run->claim && plan_org_is_reserved(org, run->ask->limit_us, now_us))
		return because(PLAN_WHY_ORG_CAP);
	if (!run->claim && plan_ask_is_at_quota(run->ask))
		return because(PLAN_WHY_QUOTA);
	return because(PLAN_WHY_NONE);
}

static struct plan_explanation explain_state(const struct plan_board *board)
{
	static const enum plan_reason reason[] = {
		[PLAN_BOARD_READY] = PLAN_WHY_NONE,
		[PLAN_BOARD_OFFLINE] = PLAN_WHY_OFFLINE,
		[PLAN_BOARD_RECOVERING] = PLAN_WHY_RECOVERING,
		[PLAN_BOARD_CHECKING] = PLAN_WHY_CHECKING,
		[PLAN_BOARD_QUARANTINED] = PLAN_WHY_QUARANTINED,
		[PLAN_BOARD_RETIRED] = PLAN_WHY_RETIRED,
		[PLAN_BOARD_BUSY] = PLAN_WHY_BUSY,
	};

	if (board->state != PLAN_BOARD_READY)
		return because(reason[board->state]);
	return because(plan_place_is_draining(board->place) ? PLAN_WHY_DRAINING : PLAN_WHY_NONE);
}

/* What takes the board, or its place, from the run at the moment. */
static struct plan_explanation explain_use(const struct plan_run *run, const struct plan_board *board, int64_t now_us)
{
	const struct plan_place *place = board->place;
	struct plan_explanation why = because(PLAN_WHY_NONE);

	if (board->run) {
		why.reason = PLAN_WHY_RUNNING;
		why.run = board->run;
		why.until_us = plan_run_until_us(board->run);
	} else if (board->claim && board->claim != run->claim) {
		why.reason = PLAN_WHY_KEPT;
		why.until_us = plan_claim_until_us(board->claim);
	} else if (!board->claim && !plan_place_is_open(place)) {
		why.reason =
			place->parent && plan_place_room(place->parent) > 0 ? PLAN_WHY_HUB_FULL : PLAN_WHY_HOST_FULL;
	} else if (!board->claim && plan_is_reserved(board)) {
		int64_t until_us = plan_reserved_until_us(board);

		if (run->ask->limit_us > until_us - now_us) {
			why.reason = PLAN_WHY_RESERVED;
			why.until_us = until_us;
		}
	}
	return why;
}

static struct plan_explanation explain_turn(const struct plan_run *run)
{
	const struct plan_ask *ask = run->ask;
	struct plan_explanation why = because(PLAN_WHY_TURN);

	if (run->claim || !list_empty(&ask->job->short_link))
		return because(PLAN_WHY_GANG);
	if (ask->job->is_gang)
		ask = plan_gang_lead(ask->job);
	if (plan_rank_node_is_in(&ask->node))
		why.before = plan_rank_before(&ask->node);
	if (ask->job->is_gang)
		return why;
	for (const struct list *link = run->link.prev; link != &ask->runs; link = link->prev)
		why.before++;
	return why;
}

struct plan_explanation plan_explain(const struct plan *plan, const struct plan_run *run,
				     const struct plan_board *board, int64_t now_us)
{
	const struct plan_class *class = run->ask->class;
	struct plan_explanation why = because(PLAN_WHY_NONE);

	(void)plan;
	if (board)
		why = plan_class_refuses(&class->selector, class->visible, board);
	else if (class->board_count == 0)
		return because(PLAN_WHY_NO_BOARD);
	if (why.reason == PLAN_WHY_NONE)
		why = run->reservation ? explain_reservation(run->reservation, now_us)
				       : explain_job(run->ask->job, now_us);
	if (why.reason == PLAN_WHY_NONE && board)
		why = explain_state(board);
	if (why.reason == PLAN_WHY_NONE)
		why = explain_limits(run, now_us);
	if (why.reason == PLAN_WHY_NONE && board)
		why = explain_use(run, board, now_us);
	return why.reason == PLAN_WHY_NONE ? explain_turn(run) : why;
}
