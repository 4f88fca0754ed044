/* SPDX-License-Identifier: Apache-2.0 */
/* Going back to what is durable after the store refused a change, and what is remembered of it.
 *
 * Happy path: a change is refused -> the world has heard of nothing from it on -> the farm is built again from the
 * records -> the run it was about ends infrastructure/internal -> agents come again and resume as after a restart.
 * Ways it goes otherwise:
 *   a job that was being submitted          it never was; its submit is answered with the refusal
 *   a run whose end is refused too          it is frozen: it stays as it is stored, its agent is told to drop it, its
 *                                           board is kept back, until a person mends the store and restarts the daemon
 *   what an agent says of itself or boards  its hello is refused for FARM_BAR_US
 *   a suite, a cancel                       only its answer is the refusal
 *   those that came after it                are answered with ERR_BUSY, to be tried again */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/farm/farm_state.h"
#include "core/farm/outbox.h"
#include "core/farm/state_hold.h"
#include "core/farm/state_job.h"
#include "core/farm/state_run.h"

#define BARRED_MAX  256
#define FARM_BAR_US (INT64_C(60) * 1000000)

/* What the store refused something of. */
struct barred {
	struct list link; /* farm.barred */
	int64_t run;      /* or 0, and */
	char agent[FARM_NAME_MAX];
	unsigned times;
	int64_t until_us; /* of an agent */
	char text[FARM_TEXT_MAX];
};

static void barred_destroy(struct farm *farm, struct barred *barred)
{
	list_remove(&barred->link);
	farm->barred_count--;
	free(barred);
}

void barred_finish(struct farm *farm)
{
	while (!list_empty(&farm->barred))
		barred_destroy(farm, list_container(farm->barred.next, struct barred, link));
}

static struct barred *barred_find(const struct farm *farm, int64_t run, const char *agent)
{
	list_for_each (link, &farm->barred) {
		struct barred *barred = list_container(link, struct barred, link);

		if (barred->run == run && strcmp(barred->agent, agent) == 0)
			return barred;
	}
	return NULL;
}

static void bar(struct farm *farm, int64_t run, const char *agent, const char *text)
{
	struct barred *barred = barred_find(farm, run, agent);

	if (!barred) {
		if (farm->barred_count == BARRED_MAX)
			barred_destroy(farm, list_container(farm->barred.next, struct barred, link));
		barred = mem_alloc(sizeof(*barred));
		barred->run = run;
		mem_text_into(barred->agent, sizeof(barred->agent), agent);
		list_append(&farm->barred, &barred->link);
		farm->barred_count++;
	}
	barred->times++;
	barred->until_us = farm_now(farm) + FARM_BAR_US;
	mem_text_into(barred->text, sizeof(barred->text), text);
}

const char *agent_barred(const struct farm *farm, const char *agent)
{
	const struct barred *barred = barred_find(farm, 0, agent);

	return barred && farm_now(farm) < barred->until_us ? barred->text : NULL;
}

/* Only runs that are stored: the number of one that is not will be another run's. */
static void blame(struct farm *farm, const struct change_refusal *refusal)
{
	struct run *run = run_find(farm, refusal->run);
	struct job *job = job_find(farm, refusal->job);

	if (run) {
		bar(farm, run->record.id, "", refusal->err.text);
	} else if (job && !refusal->run) {
		list_for_each (link, &job->runs)
			bar(farm, list_container(link, struct run, job_link)->record.id, "", refusal->err.text);
	} else if (refusal->agent[0]) {
		bar(farm, 0, refusal->agent, refusal->err.text);
	}
}

static void freeze(struct farm *farm, struct run *run, const char *text)
{
	log_error("farm", "run %lld of job %lld is frozen, not even its end can be stored: %s",
		  (long long)run->record.id, (long long)run->job->record.id, text);
	if (run->record.state == RUN_IS_QUEUED)
		run_unqueue(farm, run);
	run->frozen = true;
}

static void end_barred(struct farm *farm)
{
	list_for_each (link, &farm->barred) {
		const struct barred *barred = list_container(link, const struct barred, link);
		struct run *run = barred->run ? run_find(farm, barred->run) : NULL;
		char text[FARM_TEXT_MAX];

		if (!run || run->record.state == RUN_IS_FINISHED)
			continue;
		if (barred->times > 1) {
			freeze(farm, run, barred->text);
			continue;
		}
		(void)snprintf(text, sizeof(text), "the store refuses what happened in it: %.300s", barred->text);
		run_finish(farm, run, CAUSE_INTERNAL, text, false);
	}
}

int farm_rewind(struct farm *farm, const struct farm_records *records, const struct change_refusal *refusal,
		struct err *err)
{
	struct list owed;
	struct err later;
	int rc;

	(void)err_set(&later, ERR_BUSY, "the farm had to go back to what is stored; try again");
	list_init(&owed);
	list_move_all(&farm->outbox, &owed);
	holds_cut(farm, "the farm had to go back to what is stored");
	farm_clear(farm);
	farm->uncommitted_bytes = 0;
	farm->durable_change = farm->last_change;
	farm->timer_us = NEVER_US;
	farm_enter(farm);
	rc = farm_build(farm, records, err);
	if (rc) {
		change_destroy(farm->open);
		farm->open = NULL;
		farm->depth = 0;
	} else {
		blame(farm, refusal);
		end_barred(farm);
		farm_leave(farm);
		farm_arm(farm);
	}
	outbox_finish(&owed, refusal->number, &refusal->err, &later);
	return rc;
}
