/* SPDX-License-Identifier: Apache-2.0 */
/* Nights: begun when their schedule is due, finished with the last of their jobs, kept until they are summarised. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/farm/event.h"
#include "core/farm/farm_state.h"
#include "core/farm/nights.h"
#include "core/farm/outbox.h"
#include "core/farm/state_night.h"

#define NO_SCHEDULE "its schedule is no more"

/* The farm died while it was being begun. */
static void load_beginning(struct farm *farm, struct night_entry *night, const char *text)
{
	const struct schedule_entry *schedule = schedule_find(farm, night->record.org, night->record.schedule);
	json_t *cells = json_loads(text ? text : "[]", 0, NULL);

	if (!beginning_is_over(cells)) {
		if (schedule)
			night->beginning = beginning_resume(farm, &schedule->record, night->record.id, cells);
		else
			mem_text_into(night->record.text, sizeof(night->record.text), NO_SCHEDULE);
	}
	night->open_jobs = night->beginning ? 1 : 0;
	json_decref(cells);
}

struct night_entry *night_load(struct farm *farm, const struct night_record *record)
{
	struct night_entry *entry = mem_alloc(sizeof(*entry));

	entry->record = *record;
	entry->record.cells = NULL;
	list_append(&farm->nights, &entry->link);
	if (record->stage == NIGHT_IS_RUNNING)
		load_beginning(farm, entry, record->cells);
	return entry;
}

static void night_forget(struct night_entry *entry)
{
	list_remove(&entry->link);
	beginning_destroy(entry->beginning);
	free(entry);
}

void nights_clear(struct farm *farm)
{
	list_for_each_safe (link, &farm->nights)
		night_forget(list_container(link, struct night_entry, link));
}

static struct night_entry *night_find(const struct farm *farm, int64_t id)
{
	list_for_each (link, &farm->nights) {
		struct night_entry *entry = list_container(link, struct night_entry, link);

		if (entry->record.id == id)
			return entry;
	}
	return NULL;
}

static struct night_entry *night_in(const struct farm *farm, const char *org, const char *schedule,
				    enum night_stage stage)
{
	list_for_each (link, &farm->nights) {
		struct night_entry *entry = list_container(link, struct night_entry, link);

		if (entry->record.stage == stage && strcmp(entry->record.schedule, schedule) == 0 &&
		    strcmp(entry->record.org, org) == 0)
			return entry;
	}
	return NULL;
}

/* cells is taken over; NULL: as before. */
static void night_keep(struct farm *farm, const struct night_record *record, char *cells)
{
	struct night_record *kept = change_add(farm->open, RECORD_NIGHT);
	json_t *body = json_object();

	*kept = *record;
	kept->cells = cells;
	json_put(&body, "night", json_integer(record->id));
	json_put(&body, "schedule", json_string(record->schedule));
	json_put(&body, "state", json_string(night_stage_name(record->stage)));
	json_put(&body, "text", json_text(record->text, sizeof(record->text)));
	json_put(&body, "due_us", json_integer(record->due_us));
	event_append(farm, EVENT_NIGHT_CHANGED, record->org, NULL, NULL, NULL, body);
}

static struct night_record night_new(struct farm *farm, const struct schedule_entry *entry, int64_t due_us,
				     enum night_stage stage, const char *text)
{
	struct night_record record = {.id = ++farm->last_night, .stage = stage, .due_us = due_us};

	mem_text_into(record.org, sizeof(record.org), entry->record.org);
	mem_text_into(record.schedule, sizeof(record.schedule), entry->record.name);
	mem_text_into(record.text, sizeof(record.text), text);
	return record;
}

int64_t night_skip(struct farm *farm, const struct schedule_entry *entry, int64_t due_us, const char *why)
{
	struct night_record record = night_new(farm, entry, due_us, NIGHT_IS_SKIPPED, why);

	night_keep(farm, &record, NULL);
	return record.id;
}

static void add_delivery(struct farm *farm, const struct night_record *night, uint32_t number, enum delivery_kind kind,
			 const char *target, const char *secret)
{
	struct delivery_record *record = change_add(farm->open, RECORD_DELIVERY);

	record->night = night->id;
	record->number = number;
	record->kind = kind;
	record->next_at_us = farm_unix(farm);
	mem_text_into(record->org, sizeof(record->org), night->org);
	mem_text_into(record->target, sizeof(record->target), target);
	mem_text_into(record->secret, sizeof(record->secret), secret);
}

static void add_deliveries(struct farm *farm, const struct night_record *night)
{
	const struct schedule_entry *entry = schedule_find(farm, night->org, night->schedule);
	const struct schedule *schedule = entry ? entry->schedule : NULL;
	uint32_t number = 0;

	if (!schedule)
		return;
	if (schedule->webhook_url[0])
		add_delivery(farm, night, number++, DELIVERY_WEBHOOK, schedule->webhook_url, schedule->webhook_secret);
	for (size_t i = 0; i < schedule->mail_count; i++)
		add_delivery(farm, night, number++, DELIVERY_MAIL, schedule->mails[i], "");
}

/* What came of a night, and who is to be told. */
static void keep_summary(struct farm *farm, const struct night_record *night, int64_t before, const char *json,
			 const char *text)
{
	struct summary_record *summary = change_add(farm->open, RECORD_SUMMARY);

	summary->night = night->id;
	summary->before = before;
	mem_text_into(summary->org, sizeof(summary->org), night->org);
	summary->json = mem_text(json);
	summary->text = mem_text(text);
	add_deliveries(farm, night);
	event_append(farm, EVENT_NIGHT_SUMMARISED, night->org, NULL, NULL, NULL,
		     json_pack("{s:I, s:s, s:I}", "night", (json_int_t)night->id, "schedule", night->schedule, "before",
			       (json_int_t)before));
}

void night_refuse(struct farm *farm, const struct schedule_entry *entry, int64_t due_us, const char *why)
{
	struct night_record record = night_new(farm, entry, due_us, NIGHT_IS_SKIPPED, why);
	json_t *summary = json_pack("{s:I, s:s, s:s, s:I, s:s}", "night", (json_int_t)record.id, "schedule",
				    record.schedule, "org", record.org, "due_us", (json_int_t)due_us, "error", why);
	char *json = json_compact(summary);

	record.summarised = true;
	night_keep(farm, &record, NULL);
	keep_summary(farm, &record, 0, json, why);
	free(json);
	json_decref(summary);
}

static void finish(struct farm *farm, struct night_entry *night);

/* All its jobs are handed in. */
static void begun(struct farm *farm, struct night_entry *night)
{
	beginning_destroy(night->beginning);
	night->beginning = NULL;
	if (--night->open_jobs == 0)
		finish(farm, night);
}

static void begin(struct farm *farm, struct night_entry *night)
{
	const struct night_record *record = &night->record;
	const struct schedule_entry *entry = schedule_find(farm, record->org, record->schedule);
	enum beginning_state state = BEGINNING_DONE;

	night->record.stage = NIGHT_IS_RUNNING;
	night->record.begun_at_us = farm_unix(farm);
	night->open_jobs = 1;
	night->beginning = entry ? beginning_create(farm, &entry->record, record->id) : NULL;
	if (night->beginning)
		state = beginning_turn(night->beginning);
	else
		mem_text_into(night->record.text, sizeof(record->text), NO_SCHEDULE);
	night_keep(farm, record, night->beginning ? beginning_cells(night->beginning) : NULL);
	if (state == BEGINNING_DONE)
		begun(farm, night);
	else
		farm_due(farm, beginning_due_us(night->beginning));
}

static void go_on(struct farm *farm, struct night_entry *night)
{
	enum beginning_state state = beginning_turn(night->beginning);
	struct night_record *kept;

	if (state == BEGINNING_GOES_ON)
		return;
	if (state == BEGINNING_DONE) {
		night_keep(farm, &night->record, beginning_cells(night->beginning));
		begun(farm, night);
		return;
	}
	kept = change_add(farm->open, RECORD_NIGHT);
	*kept = night->record;
	kept->cells = beginning_cells(night->beginning);
}

void nights_tick(struct farm *farm)
{
	if (farm_degraded(farm))
		return;
	list_for_each_safe (link, &farm->nights) {
		struct night_entry *night = list_container(link, struct night_entry, link);

		if (night->beginning)
			go_on(farm, night);
	}
}

int64_t nights_due_us(const struct farm *farm)
{
	int64_t soonest_us = NEVER_US;

	list_for_each (link, &farm->nights) {
		const struct night_entry *night = list_container(link, const struct night_entry, link);
		int64_t due_us = night->beginning ? beginning_due_us(night->beginning) : NEVER_US;

		soonest_us = due_us < soonest_us ? due_us : soonest_us;
	}
	return soonest_us;
}

/* What waits for a night is begun when that is finished. */
static void finish(struct farm *farm, struct night_entry *night)
{
	struct night_entry *waiting;

	night->record.stage = NIGHT_IS_FINISHED;
	night->record.finished_at_us = farm_unix(farm);
	night->finished_by = farm->last_change + 1;
	night_keep(farm, &night->record, NULL);
	waiting = night_in(farm, night->record.org, night->record.schedule, NIGHT_IS_WAITING);
	if (waiting)
		begin(farm, waiting);
}

int64_t night_due(struct farm *farm, struct schedule_entry *entry, int64_t due_us, const char *text)
{
	const char *org = entry->record.org, *name = entry->record.name;
	const struct night_entry *open = night_in(farm, org, name, NIGHT_IS_RUNNING);
	const struct night_entry *waiting = night_in(farm, org, name, NIGHT_IS_WAITING);
	struct night_record record;
	char why[FARM_TEXT_MAX];

	if (open && (waiting || entry->schedule->overlap == OVERLAP_SKIP)) {
		(void)snprintf(why, sizeof(why), waiting ? "night %lld waits already" : "night %lld is still under way",
			       (long long)(waiting ? waiting->record.id : open->record.id));
		return night_skip(farm, entry, due_us, why);
	}
	record = night_new(farm, entry, due_us, NIGHT_IS_WAITING, text);
	if (open) {
		(void)snprintf(record.text, sizeof(record.text), "%.200s%swaits for the end of night %lld", text,
			       text[0] ? "; " : "", (long long)open->record.id);
		(void)night_load(farm, &record);
		night_keep(farm, &record, NULL);
	} else {
		begin(farm, night_load(farm, &record));
	}
	return record.id;
}

void night_job_added(struct farm *farm, int64_t night)
{
	struct night_entry *entry = night ? night_find(farm, night) : NULL;

	if (entry)
		entry->open_jobs++;
}

void night_job_finished(struct farm *farm, int64_t night)
{
	struct night_entry *entry = night ? night_find(farm, night) : NULL;

	if (entry && entry->record.stage == NIGHT_IS_RUNNING && --entry->open_jobs == 0)
		finish(farm, entry);
}

void nights_resume(struct farm *farm)
{
	list_for_each_safe (link, &farm->nights) {
		struct night_entry *entry = list_container(link, struct night_entry, link);

		if (entry->record.stage == NIGHT_IS_RUNNING && entry->open_jobs == 0)
			finish(farm, entry);
	}
}

/* --- its summary --- */

size_t farm_unsummarised(const struct farm *farm, int64_t *ret_nights, size_t max)
{
	size_t count = 0;

	list_for_each (link, &farm->nights) {
		const struct night_entry *entry = list_container(link, struct night_entry, link);

		if (entry->record.stage == NIGHT_IS_FINISHED && entry->finished_by <= farm->durable_change &&
		    count < max)
			ret_nights[count++] = entry->record.id;
	}
	return count;
}

const char *farm_compare_with(const struct farm *farm, int64_t night)
{
	const struct night_entry *entry = night_find(farm, night);
	const struct schedule_entry *schedule =
		entry ? schedule_find(farm, entry->record.org, entry->record.schedule) : NULL;

	return schedule_comparison_name(schedule && schedule->schedule ? schedule->schedule->compare_with
								       : COMPARE_ACCEPTED);
}

void farm_keep_summary(struct farm *farm, int64_t night, int64_t before, const char *json, const char *text)
{
	struct night_entry *entry = night_find(farm, night);
	struct night_record *kept;

	if (!entry || entry->record.stage != NIGHT_IS_FINISHED)
		return;
	farm_enter(farm);
	entry->record.summarised = true;
	kept = change_add(farm->open, RECORD_NIGHT);
	*kept = entry->record;
	keep_summary(farm, &entry->record, before, json, text);
	night_forget(entry);
	farm_leave(farm);
}

void farm_keep_delivery(struct farm *farm, const struct delivery_record *delivery, on_done_fn on_done, void *context)
{
	farm_enter(farm);
	*(struct delivery_record *)change_add(farm->open, RECORD_DELIVERY) = *delivery;
	if (delivery->state != DELIVERY_IS_PENDING)
		event_append(farm, EVENT_NIGHT_DELIVERED, delivery->org, NULL, NULL, NULL,
			     json_pack("{s:I, s:s, s:s, s:s, s:i}", "night", (json_int_t)delivery->night, "kind",
				       delivery_kind_name(delivery->kind), "state",
				       delivery_state_name(delivery->state), "text", delivery->text, "tries",
				       (int)delivery->tries));
	outbox_done(farm, on_done, context);
	farm_leave(farm);
}

int farm_accept_night(struct farm *farm, const struct principal *who, const json_t *night, on_done_fn on_done,
		      void *context, struct err *err)
{
	const char *org = json_string_value(json_object_get(night, "org"));
	const char *state = json_string_value(json_object_get(night, "state"));
	const char *schedule = json_string_value(json_object_get(night, "schedule"));
	int64_t id = json_integer_value(json_object_get(night, "id"));
	struct acceptance_record *record;

	if (!org || !state || !schedule)
		return err_set(err, ERR_INVALID, "this is no night");
	if (!principal_may_submit(who) || (who->role != ROLE_ADMIN && strcmp(org, who->org) != 0))
		return err_set(err, ERR_DENIED, "only members of %s accept its nights", org);
	if (farm_degraded(farm))
		return farm_refuse(farm, err);
	if (strcmp(state, night_stage_name(NIGHT_IS_FINISHED)) != 0)
		return err_set(err, ERR_EXISTS, "night %lld is %s, only one that is finished can be accepted",
			       (long long)id, state);
	if (json_integer_value(json_object_get(night, "accepted_at_us")))
		return err_set(err, ERR_EXISTS, "night %lld is accepted already", (long long)id);
	farm_enter(farm);
	record = change_add(farm->open, RECORD_ACCEPTANCE);
	record->night = id;
	record->accepted_at_us = farm_unix(farm);
	mem_text_into(record->org, sizeof(record->org), org);
	mem_text_into(record->accepted_by, sizeof(record->accepted_by), who->name);
	event_append(farm, EVENT_NIGHT_ACCEPTED, org, NULL, NULL, NULL,
		     json_pack("{s:I, s:s, s:s}", "night", (json_int_t)id, "schedule", schedule, "by", who->name));
	outbox_done(farm, on_done, context);
	farm_leave(farm);
	return 0;
}
