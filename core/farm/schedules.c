/* SPDX-License-Identifier: Apache-2.0 */
/* Schedules in the farm: kept, changed, and asked when they are due. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/farm/event.h"
#include "core/farm/farm_state.h"
#include "core/farm/nights.h"
#include "core/farm/outbox.h"
#include "core/farm/state_board.h"
#include "core/farm/state_night.h"
#include "core/farm/state_standard.h"

/* The wall clock may be set: it is looked at again at least so often. */
#define LOOK_AGAIN_US (INT64_C(60) * 1000000)
#define DEGRADED_US   INT64_C(1000000) /* and so often while nothing can be stored */
/* Put back by less than this it shows some times twice, and nothing runs twice; by more it was wrong before. */
#define CLOCK_WRONG_US (INT64_C(3) * 3600 * 1000000)

static void set_next(const struct farm *farm, struct schedule_entry *entry)
{
	struct calendar_instant next;

	entry->next_us = NEVER_US;
	if (!entry->schedule || entry->record.paused ||
	    !calendar_next(&entry->schedule->when, entry->record.dealt_us, &next))
		return;
	/* Of many that were missed the last one counts, and it has come. */
	entry->next_us = next.at_us < farm_unix(farm) ? farm_unix(farm) : next.at_us;
}

static void schedule_forget(struct schedule_entry *entry)
{
	list_remove(&entry->link);
	schedule_destroy(entry->schedule);
	free(entry->record.text);
	free(entry);
}

static struct list *place_of(struct farm *farm, const struct schedule_record *record)
{
	list_for_each (link, &farm->schedules) {
		if (strcmp(list_container(link, struct schedule_entry, link)->record.name, record->name) > 0)
			return link;
	}
	return &farm->schedules;
}

static struct schedule_entry *schedule_add(struct farm *farm, const struct schedule_record *record,
					   struct schedule *schedule)
{
	struct schedule_entry *entry = mem_alloc(sizeof(*entry));

	entry->record = *record;
	entry->record.text = mem_text(record->text);
	entry->schedule = schedule;
	list_append(place_of(farm, record), &entry->link);
	set_next(farm, entry);
	return entry;
}

void schedule_load(struct farm *farm, const struct schedule_record *record)
{
	struct doc_problems *problems = mem_alloc(sizeof(*problems));
	struct schedule *schedule = NULL;

	doc_problems_init(problems, record->name);
	/* As when its time zone is no longer among this machine's. */
	if (schedule_read(record->name, record->text, strlen(record->text), farm->ports.zones, &schedule, problems))
		log_error("farm", "schedule %s is never due, it cannot be read any more: %s: found %s, expected %s",
			  record->name, problems->item[0].field, problems->item[0].found, problems->item[0].expected);
	free(problems);
	(void)schedule_add(farm, record, schedule);
}

void schedules_clear(struct farm *farm)
{
	list_for_each_safe (link, &farm->schedules)
		schedule_forget(list_container(link, struct schedule_entry, link));
}

struct schedule_entry *schedule_find(const struct farm *farm, const char *org, const char *name)
{
	list_for_each (link, &farm->schedules) {
		struct schedule_entry *entry = list_container(link, struct schedule_entry, link);

		if (strcmp(entry->record.name, name) == 0 && strcmp(entry->record.org, org) == 0)
			return entry;
	}
	return NULL;
}

/* The own organisation's, or for an admin another's. */
static struct schedule_entry *schedule_of(const struct farm *farm, const struct principal *who, const char *name)
{
	struct schedule_entry *entry = schedule_find(farm, who->org, name);

	if (entry || who->role != ROLE_ADMIN)
		return entry;
	list_for_each (link, &farm->schedules) {
		entry = list_container(link, struct schedule_entry, link);
		if (strcmp(entry->record.name, name) == 0)
			return entry;
	}
	return NULL;
}

/* Runs are in the name of who put the schedule: what became of that name is looked at each time, so that a token that
 * is removed and made anew stops nothing. "": all is well. */
static void why_stopped(const struct farm *farm, const struct schedule_record *record, char why[FARM_TEXT_MAX])
{
	struct principal who;

	why[0] = '\0';
	if (!farm->ports.token_of)
		return;
	if (!farm->ports.token_of(farm->ports.context, record->author, &who) || strcmp(who.org, record->org) != 0)
		(void)snprintf(
			why, FARM_TEXT_MAX,
			"stopped: %s, in whose name it runs, has no token of %s any more; who resumes it takes it "
			"over (assay schedule resume %s)",
			record->author, record->org, record->name);
	else if (!principal_may_submit(&who))
		(void)snprintf(
			why, FARM_TEXT_MAX,
			"stopped: %s, in whose name it runs, may not submit jobs any more; who resumes it takes it "
			"over (assay schedule resume %s)",
			record->author, record->name);
}

/* --- by time --- */

int64_t schedules_due_us(const struct farm *farm)
{
	int64_t now_us = farm_now(farm), unix_us = farm_unix(farm), soonest_us = NEVER_US;

	list_for_each (link, &farm->schedules) {
		int64_t next_us = list_container(link, struct schedule_entry, link)->next_us;

		if (next_us < soonest_us)
			soonest_us = next_us;
	}
	if (soonest_us == NEVER_US)
		return NEVER_US;
	if (farm_degraded(farm))
		return now_us + DEGRADED_US;
	if (soonest_us - unix_us > LOOK_AGAIN_US)
		return now_us + LOOK_AGAIN_US;
	return soonest_us > unix_us ? now_us + soonest_us - unix_us : now_us;
}

/* A time at which it was not done: the daemon was down, or the clock was put forward. */
static void tell_late(int64_t late_us, char *text, size_t size)
{
	(void)snprintf(text, size,
		       "%lld min late: the farm was not up, or could not store anything, when it was due; or its clock "
		       "was put "
		       "forward",
		       (long long)(late_us / 60000000));
}

static void begin_night(struct farm *farm, struct schedule_entry *entry, int64_t due_us, int64_t late_us)
{
	char text[FARM_TEXT_MAX] = "";

	if (late_us > SCHEDULE_LATE_LIMIT_US)
		tell_late(late_us, text, sizeof(text));
	(void)night_due(farm, entry, due_us, text);
}

static void schedule_tick(struct farm *farm, struct schedule_entry *entry, int64_t unix_us)
{
	char text[FARM_TEXT_MAX];
	int64_t due_us;

	if (entry->next_us > unix_us)
		return;
	if (schedule_due(entry->schedule, entry->record.dealt_us, unix_us, &due_us)) {
		why_stopped(farm, &entry->record, text);
		if (text[0])
			night_refuse(farm, entry, due_us, text);
		else
			begin_night(farm, entry, due_us, unix_us - due_us);
	} else {
		due_us = unix_us;
		(void)night_skip(farm, entry, entry->next_us, "missed: the farm was not up when it was due");
	}
	entry->record.dealt_us = due_us;
	set_next(farm, entry);
}

static void schedule_keep(struct farm *farm, const struct schedule_entry *entry)
{
	struct schedule_record *record = change_add(farm->open, RECORD_SCHEDULE);

	*record = entry->record;
	record->text = mem_text(entry->record.text);
}

void schedules_tick(struct farm *farm)
{
	int64_t unix_us = farm_unix(farm);

	if (farm_degraded(farm))
		return;
	list_for_each (link, &farm->schedules) {
		struct schedule_entry *entry = list_container(link, struct schedule_entry, link);
		int64_t before_us = entry->record.dealt_us;

		if (before_us - unix_us > CLOCK_WRONG_US) {
			entry->record.dealt_us = unix_us;
			set_next(farm, entry);
		}
		schedule_tick(farm, entry, unix_us);
		if (entry->record.dealt_us != before_us)
			schedule_keep(farm, entry);
	}
}

/* --- by people --- */

static int may_change(const struct farm *farm, const struct principal *who, struct err *err)
{
	if (!principal_may_submit(who))
		return err_set(err, ERR_DENIED, "a %s may not change schedules", role_name(who->role));
	return farm_degraded(farm) ? farm_refuse(farm, err) : 0;
}

static void tell(struct farm *farm, const struct schedule_entry *entry, const char *what)
{
	event_append(farm, EVENT_SCHEDULE_CHANGED, entry->record.org, NULL, NULL, NULL,
		     json_pack("{s:s, s:s}", "schedule", entry->record.name, "change", what));
}

/* What it names must be there already: a slip of the pen would else be found at night. Drops may come later. */
static void check_known(const struct farm *farm, const struct principal *who, const struct schedule *schedule,
			struct doc_problems *problems)
{
	for (size_t i = 0; i < schedule->suite_count; i++) {
		if (!suite_find(farm, schedule->suites[i]))
			doc_problem_add(problems, 0, "matrix.suites", schedule->suites[i],
					"a suite that the farm knows");
	}
	for (size_t i = 0; i < schedule->type_count; i++) {
		const struct pool *pool = pool_find(farm, schedule->types[i]);

		if (!pool || !pool->has_type)
			doc_problem_add(problems, 0, "matrix.types", schedule->types[i], "a board type of this farm");
	}
	if (schedule->webhook_url[0] && !secret_known(farm, who->org, schedule->webhook_secret))
		doc_problem_add(problems, 0, "notify.webhook.secret", schedule->webhook_secret,
				"the name of a secret that the farm keeps (assay secret add)");
}

static int read_put(struct farm *farm, const struct principal *who, const char *name, const char *file,
		    const char *text, size_t len, struct schedule **ret_schedule, struct doc_problems *problems,
		    struct err *err)
{
	struct schedule *schedule;
	int rc = schedule_read(file, text, len, farm->ports.zones, &schedule, problems);

	if (rc)
		return rc == ERR_INVALID ? doc_problems_err(problems, err)
					 : err_set(err, (enum err_code)rc, "%s", err_name((enum err_code)rc));
	if (strcmp(schedule->name, name) != 0)
		doc_problem_add(problems, 1, "name", schedule->name, "\"%s\", the name it is put under", name);
	check_known(farm, who, schedule, problems);
	if (problems->count) {
		schedule_destroy(schedule);
		return doc_problems_err(problems, err);
	}
	*ret_schedule = schedule;
	return 0;
}

static size_t count_of(const struct farm *farm, const char *org)
{
	size_t count = 0;

	list_for_each (link, &farm->schedules)
		count += strcmp(list_container(link, struct schedule_entry, link)->record.org, org) == 0;
	return count;
}

int farm_put_schedule(struct farm *farm, const struct principal *who, const char *name, const char *file,
		      const char *text, size_t len, on_done_fn on_done, void *context, struct doc_problems *problems,
		      struct err *err)
{
	struct schedule_record record = {.changed_at_us = farm_unix(farm), .dealt_us = farm_unix(farm)};
	struct schedule_entry *entry = schedule_find(farm, who->org, name);
	struct schedule *schedule = NULL;
	int rc = may_change(farm, who, err);

	doc_problems_init(problems, file);
	if (rc == 0 && !entry && count_of(farm, who->org) >= ORG_MAX_SCHEDULES)
		rc = err_set(err, ERR_BUSY, "%.60s keeps %d schedules, more may not be", who->org, ORG_MAX_SCHEDULES);
	if (rc == 0)
		rc = read_put(farm, who, name, file, text, len, &schedule, problems, err);
	if (rc)
		return rc;
	mem_text_into(record.org, sizeof(record.org), who->org);
	mem_text_into(record.name, sizeof(record.name), name);
	mem_text_into(record.author, sizeof(record.author), who->name);
	record.paused = entry && entry->record.paused;
	record.text = mem_alloc(len + 1);
	memcpy(record.text, text, len);
	farm_enter(farm);
	if (entry)
		schedule_forget(entry);
	entry = schedule_add(farm, &record, schedule);
	free(record.text);
	schedule_keep(farm, entry);
	tell(farm, entry, "put");
	outbox_done(farm, on_done, context);
	farm_leave(farm);
	farm_due(farm, schedules_due_us(farm));
	return 0;
}

/* One that stopped, since who it ran for is gone, runs for who resumes it. */
static int take_over(const struct farm *farm, const struct principal *who, struct schedule_entry *entry,
		     struct err *err)
{
	char why[FARM_TEXT_MAX];

	why_stopped(farm, &entry->record, why);
	if (!why[0])
		return 0;
	if (strcmp(who->org, entry->record.org) != 0)
		return err_set(err, ERR_DENIED,
			       "%s has no member of that name any more, and only one of %.63s can take "
			       "the schedule over",
			       entry->record.author, entry->record.org);
	mem_text_into(entry->record.author, sizeof(entry->record.author), who->name);
	return 0;
}

int farm_change_schedule(struct farm *farm, const struct principal *who, const char *name, enum schedule_wish wish,
			 on_done_fn on_done, void *context, struct err *err)
{
	static const char *const words[] = {"paused", "resumed", "removed"};
	struct schedule_entry *entry = schedule_of(farm, who, name);
	int rc = may_change(farm, who, err);

	if (rc)
		return rc;
	if (!entry)
		return err_set(err, ERR_NOT_FOUND, "there is no schedule \"%.60s\"", name);
	if (wish == SCHEDULE_RESUME)
		rc = take_over(farm, who, entry, err);
	if (rc)
		return rc;
	farm_enter(farm);
	entry->record.changed_at_us = farm_unix(farm);
	entry->record.removed = wish == SCHEDULE_REMOVE;
	if (wish != SCHEDULE_REMOVE) {
		/* What was due while it was paused is not made up for. */
		if (entry->record.paused)
			entry->record.dealt_us = farm_unix(farm);
		entry->record.paused = wish == SCHEDULE_PAUSE;
	}
	set_next(farm, entry);
	schedule_keep(farm, entry);
	tell(farm, entry, words[wish]);
	if (wish == SCHEDULE_REMOVE)
		schedule_forget(entry);
	outbox_done(farm, on_done, context);
	farm_leave(farm);
	farm_due(farm, schedules_due_us(farm));
	return 0;
}

int farm_run_schedule(struct farm *farm, const struct principal *who, const char *name, on_done_fn on_done,
		      void *context, int64_t *ret_night, struct err *err)
{
	struct schedule_entry *entry = schedule_of(farm, who, name);
	char text[FARM_TEXT_MAX];
	int rc = may_change(farm, who, err);

	if (rc)
		return rc;
	if (!entry || !entry->schedule)
		return err_set(err, ERR_NOT_FOUND, "there is no schedule \"%.60s\"", name);
	why_stopped(farm, &entry->record, text);
	if (text[0])
		return err_set(err, ERR_EXISTS, "%s", text);
	(void)snprintf(text, sizeof(text), "begun by %s", who->name);
	farm_enter(farm);
	*ret_night = night_due(farm, entry, farm_unix(farm), text);
	outbox_done(farm, on_done, context);
	farm_leave(farm);
	return 0;
}

/* The night under way, else 0. */
static int64_t night_of(const struct farm *farm, const struct schedule_record *record)
{
	list_for_each (link, &farm->nights) {
		const struct night_record *night = &list_container(link, struct night_entry, link)->record;

		if (night->stage == NIGHT_IS_RUNNING && strcmp(night->schedule, record->name) == 0 &&
		    strcmp(night->org, record->org) == 0)
			return night->id;
	}
	return 0;
}

static json_t *schedule_json(const struct farm *farm, const struct schedule_entry *entry)
{
	const struct schedule_record *record = &entry->record;
	int64_t night = night_of(farm, record);
	json_t *object = json_object();
	char why[FARM_TEXT_MAX];

	json_put(&object, "name", json_string(record->name));
	json_put(&object, "org", json_string(record->org));
	json_put(&object, "author", json_string(record->author));
	json_put(&object, "paused", json_boolean(record->paused));
	why_stopped(farm, record, why);
	json_put(&object, "stopped", why[0] ? json_text(why, sizeof(why)) : json_null());
	json_put(&object, "changed_at_us", json_integer(record->changed_at_us));
	json_put(&object, "next_us", entry->next_us == NEVER_US ? json_null() : json_integer(entry->next_us));
	json_put(&object, "night", night ? json_integer(night) : json_null());
	json_put(&object, "text", json_string(record->text));
	return object;
}

json_t *farm_schedules_json(const struct farm *farm, const struct principal *who, const char *name)
{
	const struct schedule_entry *named = name ? schedule_of(farm, who, name) : NULL;
	json_t *array = json_array();

	list_for_each (link, &farm->schedules) {
		const struct schedule_entry *entry = list_container(link, struct schedule_entry, link);

		if (principal_sees(who, entry->record.org) && (!name || entry == named))
			json_push(&array, schedule_json(farm, entry));
	}
	return array;
}
