/* SPDX-License-Identifier: Apache-2.0 */
/* Leases of people: a job of kind lease whose one run holds its board for a person, until its time is over.
 *
 * Happy path: farm_lease -> queued, planned and assigned as any run -> the agent gets the board ready and begins its
 * step "hold": lease.granted, the time counts from now -> lease.extended, lease.handed-over, lease.expiring ->
 * the agent ends the hold by its own clock -> run.ended: lease.ended, the board is brought up again.
 * A reserved one is promised its board from a time on (core/plan), and begins then.
 * Ways it goes otherwise:
 *   its board is lost before that             lease.late: it has the first that can be had
 *   its holder or somebody may give it back   the run is cancelled: an end like any other while it is held
 *   its client is gone for grace_ms           the same; also while it waits. A lease with grace 0 needs no client
 *   it cannot be got ready                    a further attempt elsewhere, as of any run; none once it was granted
 *   the agent's connection is lost            the hold goes on for the agent's grace; what was extended is said again
 *   its agent does not end it                 cancelled HOLD_SLACK_US after its time, and then fenced off
 *   the agent or the daemon restarts          as for any run: the agent's ends it; the daemon's changes nothing
 *   handed over                               the run and its fence stay; the clients of before are cut */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/farm/event.h"
#include "core/farm/farm_state.h"
#include "core/farm/state_hold.h"
#include "core/farm/state_job.h"
#include "core/farm/state_run.h"

#define HOLD_SLACK_US    INT64_C(15000000) /* how long after its end an agent may still be about it */
#define CLOCK_SLACK_US   1000000           /* two clocks read one after the other differ a little */
#define WARN_LAST_MS     60000             /* before its end its holder is told for the second time */
#define WARN_EARLIEST_MS 300000            /* for the first time: a tenth of it before, but no earlier */

void hold_keep(struct farm *farm, const struct hold *hold)
{
	struct hold_record *record = change_add(farm->open, RECORD_HOLD);

	*record = hold->record;
	record->boot[0] = '\0';
	if (!record->granted_at_us)
		return;
	mem_text_into(record->boot, sizeof(record->boot), farm->ports.boot);
	record->end_us = hold->end_us;
}

/* Of one from before a start: by the clock that went on meanwhile; where the machine started anew there is only the one
 * that people read. */
static int64_t first_end_us(const struct farm *farm, const struct hold_record *record)
{
	bool went_on = record->boot[0] && farm->ports.boot && strcmp(record->boot, farm->ports.boot) == 0;
	int64_t left_us = went_on ? record->end_us - farm_now(farm) : record->until_us - farm_unix(farm);

	if (left_us > 1000 * record->asked_ms)
		left_us = 1000 * record->asked_ms; /* that clock was put back */
	return farm_now(farm) + left_us;
}

void hold_add(struct farm *farm, struct job *job, const struct hold_record *record)
{
	struct hold *hold = mem_alloc(sizeof(*hold));

	hold->record = *record;
	hold->record.job = job->record.id;
	hold->job = job;
	hold->client = ++farm->last_client;
	hold->alone_us = farm_now(farm);
	hold->end_us = first_end_us(farm, record);
	job->hold = hold;
	list_append(&farm->holds, &hold->link);
}

void hold_destroy(struct hold *hold)
{
	if (!hold)
		return;
	list_remove(&hold->link);
	free(hold);
}

struct hold *hold_find(const struct farm *farm, int64_t id)
{
	struct job *job = job_find(farm, id);

	return job && job->record.state != JOB_FINISHED ? job->hold : NULL;
}

struct run *hold_run(const struct hold *hold)
{
	return list_empty(&hold->job->runs) ? NULL : list_container(hold->job->runs.prev, struct run, job_link);
}

int64_t hold_left_ms(const struct farm *farm, const struct hold *hold)
{
	int64_t left_ms = (hold->end_us - farm_now(farm)) / 1000;

	return left_ms > 1 ? left_ms : 1;
}

int64_t hold_until_us(const struct farm *farm, const struct hold *hold)
{
	int64_t until_us = farm_unix(farm) + (hold->end_us - farm_now(farm));
	int64_t off_us = until_us - hold->record.until_us;

	if (!hold->record.granted_at_us || (off_us > -CLOCK_SLACK_US && off_us < CLOCK_SLACK_US))
		return hold->record.until_us;
	return until_us;
}

int64_t hold_limit_us(const struct farm *farm, const struct run *run)
{
	const struct hold *hold = run->job->hold;

	if (!hold->record.granted_at_us)
		return farm_now(farm) + 1000 * farm->config.run_slack_ms;
	return farm_now(farm) + 1000 * hold_left_ms(farm, hold) + HOLD_SLACK_US;
}

void hold_late(struct farm *farm, const struct run *run)
{
	struct hold *hold = run->job->hold;

	if (!hold || hold->record.late)
		return; /* nobody's, or told before a restart */
	hold->record.late = true;
	hold_keep(farm, hold);
	event_hold(farm, EVENT_LEASE_LATE, hold,
		   "its time has come, and no board for it is there; it has the first that is");
}

void hold_granted(struct farm *farm, struct run *run)
{
	struct hold *hold = run->job->hold;
	char text[FARM_NAME_MAX + 32];

	if (hold->record.granted_at_us)
		return;
	hold->record.granted_at_us = farm_unix(farm);
	hold->record.until_us = hold->record.granted_at_us + 1000 * hold->record.asked_ms;
	hold->end_us = farm_now(farm) + 1000 * hold->record.asked_ms;
	hold_keep(farm, hold);
	(void)snprintf(text, sizeof(text), "board %s", run->record.board);
	event_hold(farm, EVENT_LEASE_GRANTED, hold, text);
	run->limit_us = hold_limit_us(farm, run);
	farm_due(farm, holds_due_us(farm));
}

void hold_over(struct farm *farm, struct hold *hold)
{
	const struct run *run = hold_run(hold);

	event_hold(farm, EVENT_LEASE_ENDED, hold, run ? run->record.text : "");
	farm->ports.lease_cut(farm->ports.context, hold->job->record.id, run ? run->record.text : "it is over");
}

void holds_cut(struct farm *farm, const char *text)
{
	list_for_each (link, &farm->holds) {
		const struct hold *hold = list_container(link, const struct hold, link);

		farm->ports.lease_cut(farm->ports.context, hold->job->record.id, text);
	}
}

/* --- what runs out --- */

static bool on_its_way_down(const struct hold *hold)
{
	return hold->job->record.state == JOB_FINISHED || hold->job->record.cancel_wanted;
}

/* Monotonic; NEVER_US: it has a client, or needs none. */
static int64_t grace_end_us(const struct farm *farm, const struct hold *hold)
{
	int64_t from_us = farm_now(farm) + (hold->record.from_us - farm_unix(farm));

	if (hold->clients || !hold->record.grace_ms || on_its_way_down(hold))
		return NEVER_US;
	if (!hold->record.from_us || from_us < hold->alone_us)
		from_us = hold->alone_us; /* nobody need be there before the time it is reserved for */
	return from_us + 1000 * hold->record.grace_ms;
}

/* How long before its end its holder is told for the n-th time, from 0. */
static int64_t warn_lead_ms(const struct hold *hold, uint32_t n)
{
	int64_t tenth_ms = hold->record.asked_ms / 10;

	if (n > 0)
		return tenth_ms < WARN_LAST_MS ? tenth_ms / 2 : WARN_LAST_MS;
	return tenth_ms < WARN_EARLIEST_MS ? tenth_ms : WARN_EARLIEST_MS;
}

/* Monotonic. */
static int64_t warn_us(const struct hold *hold)
{
	if (!hold->record.granted_at_us || hold->record.warned > 1 || on_its_way_down(hold))
		return NEVER_US;
	return hold->end_us - 1000 * warn_lead_ms(hold, hold->record.warned);
}

static void warn(struct farm *farm, struct hold *hold)
{
	char text[64];

	(void)snprintf(text, sizeof(text), "it ends in %lld s", (long long)(hold_left_ms(farm, hold) + 500) / 1000);
	hold->record.warned++;
	hold->record.until_us = hold_until_us(farm, hold);
	hold_keep(farm, hold);
	event_hold(farm, EVENT_LEASE_EXPIRING, hold, text);
}

void holds_tick(struct farm *farm)
{
	int64_t now = farm_now(farm);

	list_for_each_safe (link, &farm->holds) {
		struct hold *hold = list_container(link, struct hold, link);
		char text[80];

		if (now >= grace_end_us(farm, hold)) {
			(void)snprintf(text, sizeof(text), "its client was gone for %lld s",
				       (long long)hold->record.grace_ms / 1000);
			job_cancel(farm, hold->job, text);
		} else if (now >= warn_us(hold)) {
			warn(farm, hold);
		}
	}
}

int64_t holds_due_us(const struct farm *farm)
{
	int64_t due = NEVER_US;

	list_for_each (link, &farm->holds) {
		const struct hold *hold = list_container(link, const struct hold, link);
		int64_t grace_us = grace_end_us(farm, hold), next_us = warn_us(hold);

		due = grace_us < due ? grace_us : due;
		due = next_us < due ? next_us : due;
	}
	return due;
}

/* --- clients --- */

int farm_lease_attach(struct farm *farm, const struct principal *who, int64_t job, int64_t *ret_client, struct err *err)
{
	struct hold *hold = hold_find(farm, job);

	if (!hold || !principal_sees(who, hold->record.org))
		return err_set(err, ERR_NOT_FOUND, "there is no open lease %lld", (long long)job);
	if (strcmp(who->name, hold->record.holder) != 0 || strcmp(who->org, hold->record.org) != 0)
		return err_set(err, ERR_DENIED, "lease %lld is %s's", (long long)job, hold->record.holder);
	hold->clients++;
	*ret_client = hold->client;
	return 0;
}

void farm_lease_detach(struct farm *farm, int64_t job, int64_t client)
{
	struct hold *hold = hold_find(farm, job);

	if (!hold || hold->client != client || hold->clients == 0)
		return;
	hold->clients--;
	hold->alone_us = farm_now(farm);
	if (grace_end_us(farm, hold) != NEVER_US)
		farm_due(farm, grace_end_us(farm, hold));
}

int farm_lease_place(const struct farm *farm, int64_t job, int64_t client, struct lease_place *ret_place,
		     struct err *err)
{
	const struct hold *hold = hold_find(farm, job);
	const struct run *run = hold ? hold_run(hold) : NULL;

	if (!hold || hold->client != client)
		return err_set(err, ERR_NOT_FOUND, "lease %lld is over, or another's", (long long)job);
	if (!run || !run->board || !hold->record.granted_at_us)
		return err_set(err, ERR_BUSY, "lease %lld has no board yet", (long long)job);
	*ret_place = (struct lease_place){.run = run->record.id, .fence = run->record.fence};
	mem_text_into(ret_place->agent, sizeof(ret_place->agent), run->record.agent);
	mem_text_into(ret_place->board, sizeof(ret_place->board), run->record.board);
	return 0;
}
