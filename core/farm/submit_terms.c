/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a job can be had as a whole: its hours, the jobs it waits for, all its boards at once. */
#include <stdio.h>
#include <string.h>

#include "core/farm/planning.h"
#include "core/farm/state_board.h"
#include "core/farm/state_job.h"
#include "core/farm/state_org.h"
#include "core/farm/submit_private.h"

static void check_hours(struct submit *s)
{
	struct job_when *when = &s->spec->when;
	int64_t now_us = farm_unix(s->farm);
	struct job_terms terms;
	char found[SPEC_INSTANT_MAX + 8];

	if (!spec_when_resolve(when, now_us, s->farm->ports.zones, &terms, s->problems))
		return;
	if (terms.deadline_us <= now_us)
		doc_problem_add(s->problems, when->deadline_line, "deadline", when->deadline, "a time to come");
	else if (terms.not_before_us >= terms.deadline_us) {
		(void)snprintf(found, sizeof(found), "%s", when->not_before);
		doc_problem_add(s->problems, when->not_before_line, "not-before", found, "a time before the deadline");
	}
}

/* Whether a job may be waited for, and if it is over, ended well enough. */
static void check_after_one(struct submit *s, size_t index)
{
	const struct job_when *when = &s->spec->when;
	const struct farm_ports *ports = &s->farm->ports;
	const struct job *job = job_find(s->farm, when->after[index]);
	enum run_verdict verdict = RUN_NONE;
	struct err err = {0};
	char where[32], found[64];

	(void)snprintf(where, sizeof(where), "after[%zu]", index);
	(void)snprintf(found, sizeof(found), "%lld", (long long)when->after[index]);
	if (job && !principal_sees(s->who, job->record.org))
		err.code = ERR_NOT_FOUND;
	else if (job)
		verdict = job->record.verdict;
	else if (when->after[index] > s->farm->last_job || !ports->job_verdict)
		err.code = ERR_NOT_FOUND;
	else
		(void)ports->job_verdict(ports->context, s->who, when->after[index], &verdict, &err);
	if (err.code) {
		doc_problem_add(s->problems, when->after_line, where, found, "%s",
				err.code == ERR_NOT_FOUND ? "the number of a job of this farm" : err.text);
	} else if (verdict != RUN_NONE && verdict != RUN_PASSED && !when->after_any_end) {
		(void)snprintf(found, sizeof(found), "%lld, which ended %s", (long long)when->after[index],
			       run_verdict_name(verdict));
		doc_problem_add(s->problems, when->after_line, where, found,
				"a job that passed or is not over, or `when: finished`");
	}
}

/* --- all at once --- */

/* One of the runs, and boards that will do: as many as there are runs are enough for it to find one. */
struct part {
	const struct board *board[SPEC_MAX_TOGETHER];
	size_t count;
};

struct matching {
	struct part part[SPEC_MAX_TOGETHER];
	size_t count;
	const struct board *taken[SPEC_MAX_TOGETHER]; /* by part */
	const struct board *tried[SPEC_MAX_TOGETHER * SPEC_MAX_TOGETHER];
	size_t tried_count;
};

static void list_boards(const struct submit *s, size_t index, struct part *part)
{
	struct plan_selector selector = submit_selector(s, index);
	const struct plan_org *org = &org_get(s->farm, s->who->org)->plan;

	if (selector.board) {
		part->board[part->count++] = list_container(selector.board, const struct board, plan);
		return;
	}
	list_for_each (link, &s->checked[index].pool->boards) {
		const struct board *board = list_container(link, const struct board, pool_link);

		if (part->count < SPEC_MAX_TOGETHER && board_fits(&selector, org, board).reason == PLAN_WHY_NONE)
			part->board[part->count++] = board;
	}
}

static bool was_tried(const struct matching *m, const struct board *board)
{
	for (size_t i = 0; i < m->tried_count; i++) {
		if (m->tried[i] == board)
			return true;
	}
	return false;
}

static bool give(struct matching *m, size_t part);

/* Whether the board is free, or whoever has it takes another. */
static bool make_free(struct matching *m, const struct board *board)
{
	for (size_t i = 0; i < m->count; i++) {
		if (m->taken[i] == board)
			return give(m, i);
	}
	return true;
}

/* An augmenting path; as deep as there are parts at most. */
static bool give(struct matching *m, size_t part)
{
	for (size_t i = 0; i < m->part[part].count; i++) {
		const struct board *board = m->part[part].board[i];

		if (was_tried(m, board))
			continue;
		m->tried[m->tried_count++] = board;
		if (make_free(m, board)) {
			m->taken[part] = board;
			return true;
		}
	}
	return false;
}

static void check_together(struct submit *s)
{
	const struct plan_org *org = &org_get(s->farm, s->who->org)->plan;
	struct matching m = {.count = 0};
	size_t total = 0;

	for (size_t i = 0; i < s->spec->run_count; i++)
		total += s->spec->runs[i].count;
	if (total > SPEC_MAX_TOGETHER || (org->cap && total > org->cap)) {
		char found[48], expected[80];

		(void)snprintf(found, sizeof(found), "%zu runs at once", total);
		(void)snprintf(expected, sizeof(expected), "at most %u, %s",
			       total > SPEC_MAX_TOGETHER ? SPEC_MAX_TOGETHER : org->cap,
			       total > SPEC_MAX_TOGETHER ? "as any job" : "as many as the organisation may have");
		doc_problem_add(s->problems, 0, "together", found, "%s", expected);
		return;
	}
	for (size_t i = 0; i < s->spec->run_count; i++) {
		for (uint32_t n = 0; n < s->spec->runs[i].count; n++, m.count++) {
			list_boards(s, i, &m.part[m.count]);
			m.tried_count = 0;
			if (give(&m, m.count))
				continue;
			submit_problem(s, i, s->spec->runs[i].board[0] ? "board" : "type",
				       s->spec->runs[i].board[0] ? s->spec->runs[i].board : s->spec->runs[i].board_type,
				       "a board of its own for each run, as all are to run at once");
			return;
		}
	}
}

void submit_check_terms(struct submit *s)
{
	check_hours(s);
	for (size_t i = 0; i < s->spec->when.after_count; i++)
		check_after_one(s, i);
	if (s->spec->together)
		check_together(s);
}
