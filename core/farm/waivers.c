/* SPDX-License-Identifier: Apache-2.0 */
/* Waivers: known defects of board types, given by somebody, for a reason, until a day. None is ever deleted. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/farm/event.h"
#include "core/farm/farm_state.h"
#include "core/farm/outbox.h"
#include "core/farm/state_standard.h"

#define WAIVERS_MAX        20000
#define WAIVER_MAX_YEARS   5
#define WAIVER_MAX_SPAN_US ((int64_t)WAIVER_MAX_YEARS * 366 * 86400 * 1000000)

void waiver_load(struct farm *farm, const struct waiver_record *record)
{
	struct waiver_entry *entry = mem_alloc(sizeof(*entry));

	entry->record = *record;
	list_append(&farm->waivers, &entry->link);
	farm->waiver_count++;
}

void waivers_clear(struct farm *farm)
{
	list_for_each_safe (link, &farm->waivers) {
		struct waiver_entry *entry = list_container(link, struct waiver_entry, link);

		list_remove(&entry->link);
		free(entry);
	}
	farm->waiver_count = 0;
}

static bool in_force(const struct waiver_record *record, int64_t now_us)
{
	return !record->withdrawn_at_us && record->from_us <= now_us && now_us < record->until_us;
}

/* The farm's own organisation gives waivers for everyone. */
static bool concerns(const struct waiver_record *record, const char *org, const char *board_type)
{
	return strcmp(record->board_type, board_type) == 0 &&
	       (strcmp(record->org, org) == 0 || strcmp(record->org, ORG_DEFAULT) == 0);
}

void waivers_in_force(const struct farm *farm, const char *org, const char *board_type, struct waiver_rules *ret_rules)
{
	int64_t now_us = farm_unix(farm);
	struct waiver_rules rules = {.item = mem_alloc_array(WAIVERS_MAX_IN_FORCE, sizeof(*rules.item))};

	list_for_each (link, &farm->waivers) {
		const struct waiver_record *record = &list_container(link, struct waiver_entry, link)->record;

		if (rules.count == WAIVERS_MAX_IN_FORCE || !concerns(record, org, board_type) ||
		    !in_force(record, now_us))
			continue;
		rules.item[rules.count++] = (struct waiver_rule){
			.id = record->id, .cases = mem_text(record->cases), .intermittent = record->intermittent};
	}
	*ret_rules = rules;
}

/* --- JSON and events --- */

static const char *state_of(const struct waiver_record *record, int64_t now_us)
{
	if (record->withdrawn_at_us)
		return "withdrawn";
	if (now_us < record->from_us)
		return "future";
	return now_us < record->until_us ? "in-force" : "expired";
}

static json_t *waiver_json(const struct farm *farm, const struct waiver_record *record)
{
	json_t *object = json_object();

	json_put(&object, "id", json_integer(record->id));
	json_put(&object, "org", json_string(record->org));
	json_put(&object, "board_type", json_string(record->board_type));
	json_put(&object, "case", json_text(record->cases, sizeof(record->cases)));
	json_put(&object, "author", json_text(record->author, sizeof(record->author)));
	json_put(&object, "reason", json_text(record->reason, sizeof(record->reason)));
	json_put(&object, "intermittent", json_boolean(record->intermittent));
	json_put(&object, "state", json_string(state_of(record, farm_unix(farm))));
	json_put(&object, "created_at_us", json_integer(record->created_at_us));
	json_put(&object, "from_us", json_integer(record->from_us));
	json_put(&object, "until_us", json_integer(record->until_us));
	json_put(&object, "withdrawn_at_us", json_integer(record->withdrawn_at_us));
	json_put(&object, "withdrawn_by", json_text(record->withdrawn_by, sizeof(record->withdrawn_by)));
	return object;
}

json_t *farm_waivers_json(const struct farm *farm, const struct principal *who, int64_t id)
{
	json_t *array = json_array();

	for (struct list *link = farm->waivers.prev; link != &farm->waivers; link = link->prev) {
		const struct waiver_record *record = &list_container(link, struct waiver_entry, link)->record;

		if (principal_sees_shared(who, record->org) && (!id || record->id == id))
			json_push(&array, waiver_json(farm, record));
	}
	return array;
}

static void keep(struct farm *farm, enum event_type type, const struct waiver_record *record)
{
	json_t *body = waiver_json(farm, record);

	*(struct waiver_record *)change_add(farm->open, RECORD_WAIVER) = *record;
	if (body)
		json_object_del(body, "org"); /* every event says its own */
	event_append(farm, type, record->org, NULL, NULL, NULL, body);
}

/* --- giving and withdrawing --- */

static int check_text(const struct waiver_record *wanted, struct err *err)
{
	if (!board_type_name_valid(wanted->board_type))
		return err_set(err, ERR_INVALID, "board_type: found \"%s\", expected the name of a board type",
			       wanted->board_type);
	if (!case_pattern_valid(wanted->cases))
		return err_set(err, ERR_INVALID,
			       "case: found \"%.60s\", expected Group.Case, or the beginning of one and *",
			       wanted->cases);
	if (!wanted->reason[0] || !farm_is_one_line(wanted->reason))
		return err_set(err, ERR_INVALID, "reason: found %s, expected one line of text",
			       wanted->reason[0] ? "a control character" : "nothing");
	return 0;
}

static int check_time(const struct waiver_record *record, int64_t now_us, struct err *err)
{
	if (record->until_us <= record->from_us || record->until_us <= now_us)
		return err_set(err, ERR_INVALID, "until_us: found a time that is past, expected a later one");
	if (record->until_us - record->from_us > WAIVER_MAX_SPAN_US)
		return err_set(err, ERR_INVALID, "until_us: found a later time, expected at most %d years",
			       WAIVER_MAX_YEARS);
	return 0;
}

static int check_room(const struct farm *farm, const struct waiver_record *record, struct err *err)
{
	struct waiver_rules rules;
	size_t count;

	waivers_in_force(farm, record->org, record->board_type, &rules);
	count = rules.count;
	waiver_rules_finish(&rules);
	if (count >= WAIVERS_MAX_IN_FORCE || farm->waiver_count >= WAIVERS_MAX)
		return err_set(err, ERR_BUSY, "%zu waivers are in force for %s, at most %d may be", count,
			       record->board_type, WAIVERS_MAX_IN_FORCE);
	return 0;
}

static int may_change(const struct farm *farm, const struct principal *who, const char *org, struct err *err)
{
	if (!principal_may_submit(who))
		return err_set(err, ERR_DENIED, "a %s may not change waivers", role_name(who->role));
	if (who->role != ROLE_ADMIN && strcmp(org, who->org) != 0)
		return err_set(err, ERR_DENIED, "only admins change waivers of other organisations");
	if (farm_degraded(farm))
		return farm_refuse(farm, err);
	return 0;
}

int farm_add_waiver(struct farm *farm, const struct principal *who, const struct waiver_record *wanted,
		    on_done_fn on_done, void *context, int64_t *ret_id, struct err *err)
{
	struct waiver_record record = *wanted;
	int64_t now_us = farm_unix(farm);
	int rc;

	if (!record.org[0])
		mem_text_into(record.org, sizeof(record.org), who->org);
	if (!record.from_us)
		record.from_us = now_us;
	rc = may_change(farm, who, record.org, err);
	if (rc == 0)
		rc = check_text(&record, err);
	if (rc == 0)
		rc = check_time(&record, now_us, err);
	if (rc == 0)
		rc = check_room(farm, &record, err);
	if (rc)
		return rc;
	mem_text_into(record.author, sizeof(record.author), who->name);
	record.created_at_us = now_us;
	record.withdrawn_at_us = 0;
	farm_enter(farm);
	record.id = ++farm->last_waiver;
	waiver_load(farm, &record);
	keep(farm, EVENT_WAIVER_ADDED, &record);
	outbox_done(farm, on_done, context);
	farm_leave(farm);
	*ret_id = record.id;
	return 0;
}

static struct waiver_record *find(const struct farm *farm, const struct principal *who, int64_t id)
{
	list_for_each (link, &farm->waivers) {
		struct waiver_record *record = &list_container(link, struct waiver_entry, link)->record;

		if (record->id == id && principal_sees_shared(who, record->org))
			return record;
	}
	return NULL;
}

int farm_withdraw_waiver(struct farm *farm, const struct principal *who, int64_t id, on_done_fn on_done, void *context,
			 struct err *err)
{
	struct waiver_record *record = find(farm, who, id);
	int rc;

	if (!record)
		return err_set(err, ERR_NOT_FOUND, "there is no waiver %lld", (long long)id);
	rc = may_change(farm, who, record->org, err);
	if (rc)
		return rc;
	farm_enter(farm);
	if (!record->withdrawn_at_us) {
		record->withdrawn_at_us = farm_unix(farm);
		mem_text_into(record->withdrawn_by, sizeof(record->withdrawn_by), who->name);
		keep(farm, EVENT_WAIVER_WITHDRAWN, record);
	}
	outbox_done(farm, on_done, context);
	farm_leave(farm);
	return 0;
}
