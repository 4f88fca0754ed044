/* SPDX-License-Identifier: Apache-2.0 */
/* What people ask of leases, and leases as JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/farm/event.h"
#include "core/farm/farm_state.h"
#include "core/farm/outbox.h"
#include "core/farm/planning.h"
#include "core/farm/state_hold.h"
#include "core/farm/state_job.h"
#include "core/farm/state_run.h"

#define RESERVE_MAX_US (INT64_C(366) * 86400 * 1000000)

#define SPEC_LIMIT_MS 86400000 /* nothing of it is judged, so nothing hangs on it */

/* "10 h", "90 min" or "45 s". */
static void time_words(int64_t ms, char *ret_text, size_t size)
{
	if (ms % 3600000 == 0)
		(void)snprintf(ret_text, size, "%lld h", (long long)ms / 3600000);
	else if (ms % 60000 == 0)
		(void)snprintf(ret_text, size, "%lld min", (long long)ms / 60000);
	else
		(void)snprintf(ret_text, size, "%lld s", (long long)ms / 1000);
}

/* --- asking for one --- */

static int check_wish(const struct farm *farm, const struct lease_wish *wish, struct doc_problems *problems,
		      struct err *err)
{
	char found[32], longest[32];

	time_words(wish->for_ms, found, sizeof(found));
	time_words(farm->config.lease_max_ms, longest, sizeof(longest));
	if (!wish->board_type == !wish->board)
		doc_problem_add(problems, 0, "type", wish->board ? "a type and a board" : "neither type nor board",
				"either a type (any board of it) or one board");
	if (wish->for_ms < LEASE_MIN_MS || wish->for_ms > farm->config.lease_max_ms)
		doc_problem_add(problems, 0, "for_ms", found, "1 min to %s", longest);
	if (wish->grace_ms > 0 && (wish->grace_ms < LEASE_GRACE_MIN_MS || wish->grace_ms > farm->config.lease_max_ms))
		doc_problem_add(problems, 0, "grace_ms", "another time", "0 (none), or 1 s to %s", longest);
	if (wish->from_us && (wish->from_us < farm_unix(farm) || wish->from_us > farm_unix(farm) + RESERVE_MAX_US))
		doc_problem_add(problems, 0, "from_us",
				wish->from_us < farm_unix(farm) ? "a time that is past" : "a later time",
				"a time within a year");
	if (wish->priority > PLAN_PRIORITY_MAX)
		doc_problem_add(problems, 0, "priority", "a larger number", "0 to %d", PLAN_PRIORITY_MAX);
	if (wish->why && !farm_is_one_line(wish->why))
		doc_problem_add(problems, 0, "why", "a control character", "one line of text");
	return problems->count ? doc_problems_err(problems, err) : 0;
}

/* In the form of a job file's, so that it is checked, planned, stored and shown as one. */
static struct job_spec *spec_of(const struct lease_wish *wish)
{
	struct job_spec *spec = mem_alloc(sizeof(*spec));
	struct run_spec *run = mem_alloc(sizeof(*run));
	const char *what = wish->why && wish->why[0] ? wish->why : "lease";

	spec->runs = run;
	spec->run_count = 1;
	spec->retries = 1;
	spec->priority = wish->priority < 0 ? LEASE_PRIORITY : wish->priority;
	mem_text_into(spec->name, sizeof(spec->name), what);
	requirements_init(&run->require);
	run->count = 1;
	run->end = END_RULE_DEFAULT;
	run->end.when = END_SILENCE;
	run->end.limit_ms = SPEC_LIMIT_MS;
	mem_text_into(run->board_type, sizeof(run->board_type), wish->board_type);
	mem_text_into(run->board, sizeof(run->board), wish->board);
	mem_text_into(run->tags, sizeof(run->tags), wish->tags);
	if (wish->image_sha256)
		mem_text_into(run->image, sizeof(run->image), wish->image_name ? wish->image_name : "image");
	return spec;
}

/* The plan must have room for it. */
int hold_check(struct farm *farm, const struct run_spec *spec, const struct hold_record *hold, struct err *err)
{
	int64_t earliest_us = 0;

	if (!hold->from_us || planning_try(farm, spec, hold, &earliest_us) == 0)
		return 0;
	if (!earliest_us)
		return err_set(err, ERR_EXISTS, "no board can be promised for then: none that fits is in service");
	return err_set(err, ERR_EXISTS, "no board can be promised for then; the earliest from_us is %lld, in %lld min",
		       (long long)earliest_us, (long long)((earliest_us - farm_unix(farm)) / 60000000 + 1));
}

int farm_lease(struct farm *farm, const struct principal *who, const struct lease_wish *wish,
	       on_submitted_fn on_submitted, void *context, struct doc_problems *problems, struct err *err)
{
	struct submission_image image = {.sha256 = wish->image_sha256};
	struct submission submission = {.file = "lease", .images = &image, .image_count = wish->image_sha256 ? 1 : 0};
	struct hold_record hold = {.from_us = wish->from_us, .asked_ms = wish->for_ms, .grace_ms = wish->grace_ms};
	struct job_spec *spec;
	int rc;

	doc_problems_init(problems, submission.file);
	if (hold.grace_ms < 0)
		hold.grace_ms = farm->config.lease_grace_ms;
	mem_text_into(hold.org, sizeof(hold.org), who->org);
	mem_text_into(hold.holder, sizeof(hold.holder), who->name);
	mem_text_into(hold.why, sizeof(hold.why), wish->why);
	rc = check_wish(farm, wish, problems, err);
	if (rc)
		return rc;
	spec = spec_of(wish);
	image.path = spec->runs[0].image;
	rc = submit_spec(farm, who, &submission, spec, JOB_IS_LEASE, &hold, on_submitted, context, problems, err);
	if (rc)
		job_spec_destroy(spec);
	return rc;
}

/* --- about one that is there --- */

/* The open lease, when who may do as he likes with it. */
static int own(struct farm *farm, const struct principal *who, int64_t job, struct hold **ret_hold, struct err *err)
{
	struct hold *hold = hold_find(farm, job);

	if (!hold || !principal_sees(who, hold->record.org))
		return err_set(err, ERR_NOT_FOUND, "there is no open lease %lld", (long long)job);
	if (who->role != ROLE_ADMIN && (!principal_may_submit(who) || strcmp(who->name, hold->record.holder) != 0))
		return err_set(err, ERR_DENIED, "lease %lld is %s's", (long long)job, hold->record.holder);
	if (farm_degraded(farm))
		return farm_refuse(farm, err);
	if (hold->job->record.cancel_wanted)
		return err_set(err, ERR_BUSY, "lease %lld is ending", (long long)job);
	*ret_hold = hold;
	return 0;
}

static int check_longer(const struct farm *farm, const struct hold *hold, int64_t for_ms, struct err *err)
{
	int64_t room_ms = farm->config.lease_max_ms - hold->record.asked_ms;
	char found[32], longest[32], room[32];

	if (!hold->record.granted_at_us)
		return err_set(err, ERR_BUSY, "lease %lld is not granted yet", (long long)hold->record.job);
	if (for_ms >= 1000 && for_ms <= room_ms)
		return 0;
	time_words(farm->config.lease_max_ms, longest, sizeof(longest));
	time_words(room_ms, room, sizeof(room));
	time_words(for_ms, found, sizeof(found));
	return err_set(err, ERR_INVALID,
		       "for_ms: found %s more, expected 1 s to %s: the farm's leases are %s long at most", found, room,
		       longest);
}

/* Others may have been promised the board. */
static int plan_longer(struct farm *farm, const struct hold *hold, int64_t for_ms, struct err *err)
{
	struct run *run = hold_run(hold);
	int64_t room_ms = 0;
	char found[32], room[32];

	if (!run->board || planning_extend(farm, run, for_ms, &room_ms) == 0)
		return 0;
	time_words(room_ms > 0 ? room_ms / 1000 * 1000 : 0, room, sizeof(room));
	time_words(for_ms, found, sizeof(found));
	return err_set(err, ERR_EXISTS,
		       "for_ms: found %s more, expected at most %s: the board is reserved for another then", found,
		       room);
}

int farm_lease_extend(struct farm *farm, const struct principal *who, int64_t job, int64_t for_ms, on_done_fn on_done,
		      void *context, struct err *err)
{
	struct hold *hold;
	struct run *run;
	char text[64], words[32];
	int rc = own(farm, who, job, &hold, err);

	if (rc == 0)
		rc = check_longer(farm, hold, for_ms, err);
	if (rc == 0)
		rc = plan_longer(farm, hold, for_ms, err);
	if (rc)
		return rc;
	farm_enter(farm);
	run = hold_run(hold);
	hold->record.asked_ms += for_ms;
	hold->record.until_us = hold_until_us(farm, hold) + 1000 * for_ms;
	hold->end_us += 1000 * for_ms;
	hold->record.warned = 0;
	hold_keep(farm, hold);
	time_words(for_ms, words, sizeof(words));
	(void)snprintf(text, sizeof(text), "%s longer", words);
	event_hold(farm, EVENT_LEASE_EXTENDED, hold, text);
	run->limit_us = hold_limit_us(farm, run);
	outbox_extend(farm, run);
	farm_due(farm, holds_due_us(farm));
	outbox_done(farm, on_done, context);
	farm_leave(farm);
	return 0;
}

int farm_lease_hand_over(struct farm *farm, const struct principal *who, int64_t job, const char *member,
			 on_done_fn on_done, void *context, struct err *err)
{
	struct hold *hold;
	char text[2 * PRINCIPAL_MAX + 32];
	int rc = own(farm, who, job, &hold, err);

	if (rc)
		return rc;
	if (strcmp(hold->record.holder, member) == 0)
		return err_set(err, ERR_INVALID, "to: found %s, expected somebody who does not have it", member);
	farm_enter(farm);
	(void)snprintf(text, sizeof(text), "from %s to %s", hold->record.holder, member);
	mem_text_into(hold->record.holder, sizeof(hold->record.holder), member);
	hold->client = ++farm->last_client;
	hold->clients = 0;
	hold->alone_us = farm_now(farm);
	hold_keep(farm, hold);
	event_hold(farm, EVENT_LEASE_HANDED_OVER, hold, text);
	farm->ports.lease_cut(farm->ports.context, job, text);
	farm_due(farm, holds_due_us(farm));
	outbox_done(farm, on_done, context);
	farm_leave(farm);
	return 0;
}

int farm_lease_end(struct farm *farm, const struct principal *who, int64_t job, on_done_fn on_done, void *context,
		   struct err *err)
{
	const struct hold *hold = hold_find(farm, job);
	char text[PRINCIPAL_MAX + 32];

	if (!hold || !principal_sees(who, hold->record.org))
		return err_set(err, ERR_NOT_FOUND, "there is no open lease %lld", (long long)job);
	(void)snprintf(text, sizeof(text), "given back by %s", who->name);
	return farm_cancel_job(farm, who, job, text, on_done, context, err);
}

/* --- JSON --- */

static const char *state_of(const struct farm *farm, const struct hold *hold, const struct run *run)
{
	if (hold->job->record.cancel_wanted)
		return "ending";
	if (hold->record.granted_at_us)
		return "held";
	if (run && run->board)
		return "starting";
	return hold->record.from_us > farm_unix(farm) ? "reserved" : "waiting";
}

static json_t *lease_json(const struct farm *farm, const struct principal *who, const struct hold *hold)
{
	const struct hold_record *record = &hold->record;
	const struct job_record *job = &hold->job->record;
	const struct run *run = hold_run(hold);
	json_t *object = json_object(), *waits = run ? farm_waiting_json(farm, who, run->record.id) : NULL;

	json_put(&object, "id", json_integer(record->job));
	json_put(&object, "name", json_text(job->name, sizeof(job->name)));
	json_put(&object, "org", json_string(record->org));
	json_put(&object, "owner", json_string(job->owner));
	json_put(&object, "holder", json_string(record->holder));
	json_put(&object, "why", json_text(record->why, sizeof(record->why)));
	json_put(&object, "priority", json_integer(job->priority));
	json_put(&object, "state", json_string(state_of(farm, hold, run)));
	json_put(&object, "board_type", json_string(run ? run->record.board_type : ""));
	json_put(&object, "wanted_board", json_string(run ? run->record.wanted_board : ""));
	json_put(&object, "board", json_string(run ? run->record.board : ""));
	json_put(&object, "run", json_integer(run ? run->record.id : 0));
	json_put(&object, "fence", json_integer(run ? run->record.fence : 0));
	json_put(&object, "for_ms", json_integer(record->asked_ms));
	json_put(&object, "from_us", json_integer(record->from_us));
	json_put(&object, "granted_at_us", json_integer(record->granted_at_us));
	json_put(&object, "until_us", json_integer(hold_until_us(farm, hold)));
	json_put(&object, "grace_ms", json_integer(record->grace_ms));
	json_put(&object, "clients", json_integer(hold->clients));
	json_put(&object, "submitted_at_us", json_integer(job->submitted_at_us));
	json_put(&object, "waits", waits ? waits : json_null());
	return object;
}

json_t *farm_leases_json(const struct farm *farm, const struct principal *who)
{
	json_t *array = json_array();

	list_for_each (link, &farm->holds) {
		const struct hold *hold = list_container(link, const struct hold, link);

		if (hold->job->record.state != JOB_FINISHED && principal_sees(who, hold->record.org))
			json_push(&array, lease_json(farm, who, hold));
	}
	return array;
}

json_t *farm_lease_json(const struct farm *farm, const struct principal *who, int64_t job)
{
	const struct hold *hold = hold_find(farm, job);

	return hold && principal_sees(who, hold->record.org) ? lease_json(farm, who, hold) : NULL;
}
