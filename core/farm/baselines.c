/* SPDX-License-Identifier: Apache-2.0 */
/* Baselines: the values that people accepted for a board type, and the median and spread of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/farm/event.h"
#include "core/farm/farm_state.h"
#include "core/farm/outbox.h"
#include "core/farm/state_standard.h"

#define ACCEPT_MAX_VALUES 100000 /* at once */

static uint64_t hash_of(const char *org, const char *board_type, const char *case_name, const char *name,
			const char *unit)
{
	char key[1024];

	(void)snprintf(key, sizeof(key), "%s\n%s\n%s\n%s\n%s", org, board_type, case_name, name, unit);
	return map_hash_text(key);
}

static struct baseline_entry *find(const struct farm *farm, const char *org, const char *board_type,
				   const char *case_name, const char *name, const char *unit)
{
	struct map_node *node = map_first(&farm->baselines, hash_of(org, board_type, case_name, name, unit));

	for (; node; node = map_same(node)) {
		struct baseline_entry *entry = map_container(node, struct baseline_entry, node);
		const struct accepted_record *about = &entry->about;

		if (strcmp(about->org, org) == 0 && strcmp(about->board_type, board_type) == 0 &&
		    strcmp(about->case_name, case_name) == 0 && strcmp(about->name, name) == 0 &&
		    strcmp(about->unit, unit) == 0)
			return entry;
	}
	return NULL;
}

static bool has(const struct baseline_entry *entry, const struct accepted_record *record)
{
	for (size_t i = 0; i < entry->count; i++) {
		if (entry->taken[i].run == record->run && entry->taken[i].serial == record->serial &&
		    entry->taken[i].index == record->index)
			return true;
	}
	return false;
}

/* Returns whether it is new. */
static bool take(struct farm *farm, const struct accepted_record *record)
{
	struct baseline_entry *entry =
		find(farm, record->org, record->board_type, record->case_name, record->name, record->unit);

	if (!entry) {
		entry = mem_alloc(sizeof(*entry));
		entry->about = *record;
		map_add(&farm->baselines, &entry->node,
			hash_of(record->org, record->board_type, record->case_name, record->name, record->unit));
	} else if (has(entry, record)) {
		return false;
	}
	entry->about = *record;
	entry->taken[entry->next].value = record->value;
	entry->taken[entry->next].run = record->run;
	entry->taken[entry->next].serial = record->serial;
	entry->taken[entry->next].index = record->index;
	entry->next = (entry->next + 1) % BASELINE_MAX_VALUES;
	if (entry->count < BASELINE_MAX_VALUES)
		entry->count++;
	return true;
}

void baseline_load(struct farm *farm, const struct accepted_record *record)
{
	(void)take(farm, record);
}

void baselines_clear(struct farm *farm)
{
	struct map_node *node;

	while ((node = map_next(&farm->baselines, NULL))) {
		map_remove(&farm->baselines, node);
		free(map_container(node, struct baseline_entry, node));
	}
}

static void compute(const struct baseline_entry *entry, struct baseline *ret_baseline)
{
	double values[BASELINE_MAX_VALUES];

	for (size_t i = 0; i < entry->count; i++)
		values[i] = entry->taken[i].value;
	baseline_of(values, entry->count, ret_baseline);
}

bool baseline_lookup(void *context, const char *case_name, const char *name, const char *unit,
		     struct baseline *ret_baseline)
{
	const struct baseline_place *place = context;
	const struct baseline_entry *entry = find(place->farm, place->org, place->board_type, case_name, name, unit);

	if (!entry)
		return false;
	compute(entry, ret_baseline);
	return true;
}

static int by_name(const void *a, const void *b)
{
	const struct accepted_record *first = &(*(const struct baseline_entry *const *)a)->about;
	const struct accepted_record *second = &(*(const struct baseline_entry *const *)b)->about;
	int order = strcmp(first->board_type, second->board_type);

	if (!order)
		order = strcmp(first->case_name, second->case_name);
	if (!order)
		order = strcmp(first->name, second->name);
	return order ? order : strcmp(first->org, second->org);
}

json_t *farm_baselines_json(const struct farm *farm, const struct principal *who)
{
	const struct baseline_entry **list = mem_alloc_array(farm->baselines.count + 1, sizeof(*list));
	json_t *array = json_array();
	size_t count = 0;

	for (struct map_node *node = map_next(&farm->baselines, NULL); node; node = map_next(&farm->baselines, node)) {
		const struct baseline_entry *entry = map_container(node, const struct baseline_entry, node);

		if (principal_sees(who, entry->about.org))
			list[count++] = entry;
	}
	qsort(list, count, sizeof(*list), by_name);
	for (size_t i = 0; i < count; i++) {
		const struct accepted_record *about = &list[i]->about;
		json_t *object = json_object();
		struct baseline baseline;

		compute(list[i], &baseline);
		json_put(&object, "org", json_string(about->org));
		json_put(&object, "board_type", json_string(about->board_type));
		json_put(&object, "case", json_text(about->case_name, sizeof(about->case_name)));
		json_put(&object, "name", json_text(about->name, sizeof(about->name)));
		json_put(&object, "unit", json_text(about->unit, sizeof(about->unit)));
		json_put(&object, "count", json_integer((json_int_t)baseline.count));
		json_put(&object, "median", json_number(baseline.median));
		json_put(&object, "mad", json_number(baseline.mad));
		json_put(&object, "accepted_by", json_text(about->accepted_by, sizeof(about->accepted_by)));
		json_put(&object, "accepted_at_us", json_integer(about->accepted_at_us));
		json_push(&array, object);
	}
	free(list);
	return array;
}

/* --- accepting --- */

static int read_value(const json_t *value, struct accepted_record *record, struct err *err)
{
	const char *org = "", *type = "", *case_name = "", *name = "", *unit = "";
	int64_t index = 0;
	int rc = json_read_int(value, "run", true, 1, INT64_MAX, &record->run, err);

	if (!rc)
		rc = json_read_int(value, "job", true, 1, INT64_MAX, &record->job, err);
	if (!rc)
		rc = json_read_int(value, "serial", true, 1, INT64_MAX, &record->serial, err);
	if (!rc)
		rc = json_read_int(value, "index", true, 0, UINT32_MAX, &index, err);
	if (!rc)
		rc = json_read_number(value, "value", true, &record->value, err);
	if (!rc)
		rc = json_read_text(value, "org", true, &org, err);
	if (!rc)
		rc = json_read_text(value, "board_type", true, &type, err);
	if (!rc)
		rc = json_read_text(value, "case", true, &case_name, err);
	if (!rc)
		rc = json_read_text(value, "name", true, &name, err);
	if (!rc)
		rc = json_read_text(value, "unit", true, &unit, err);
	if (rc)
		return rc;
	record->index = (uint32_t)index;
	mem_text_into(record->org, sizeof(record->org), org);
	mem_text_into(record->board_type, sizeof(record->board_type), type);
	mem_text_into(record->case_name, sizeof(record->case_name), case_name);
	mem_text_into(record->name, sizeof(record->name), name);
	mem_text_into(record->unit, sizeof(record->unit), unit);
	return 0;
}

static int check(const struct farm *farm, const struct principal *who, const json_t *values, struct err *err)
{
	struct accepted_record record;
	const json_t *value;
	size_t i;

	if (!principal_may_submit(who))
		return err_set(err, ERR_DENIED, "a %s may not accept baselines", role_name(who->role));
	if (farm_degraded(farm))
		return farm_refuse(farm, err);
	if (json_array_size(values) > ACCEPT_MAX_VALUES)
		return err_set(err, ERR_INVALID, "%zu values, at most %d can be accepted at once",
			       json_array_size(values), ACCEPT_MAX_VALUES);
	json_array_foreach(values, i, value)
	{
		int rc = read_value(value, &record, err);

		if (rc)
			return rc;
		if (!principal_sees(who, record.org))
			return err_set(err, ERR_DENIED, "run %lld is of another organisation", (long long)record.run);
	}
	return 0;
}

static void tell(struct farm *farm, const struct accepted_record *last, size_t count)
{
	json_t *body = json_object();

	json_put(&body, "accepted_job", json_integer(last->job));
	json_put(&body, "values", json_integer((json_int_t)count));
	json_put(&body, "accepted_by", json_string(last->accepted_by));
	event_append(farm, EVENT_BASELINE_ACCEPTED, last->org, NULL, NULL, NULL, body);
}

int farm_accept_baseline(struct farm *farm, const struct principal *who, const json_t *values, on_done_fn on_done,
			 void *context, size_t *ret_count, struct err *err)
{
	struct accepted_record record = {.accepted_at_us = farm_unix(farm)};
	const json_t *value;
	size_t i, count = 0;
	int rc = check(farm, who, values, err);

	if (rc)
		return rc;
	mem_text_into(record.accepted_by, sizeof(record.accepted_by), who->name);
	farm_enter(farm);
	json_array_foreach(values, i, value)
	{
		if (json_is_true(json_object_get(value, "accepted")) || read_value(value, &record, NULL) ||
		    !take(farm, &record))
			continue;
		*(struct accepted_record *)change_add(farm->open, RECORD_ACCEPTED) = record;
		count++;
	}
	if (count)
		tell(farm, &record, count);
	*ret_count = count; /* may lie in what on_done frees */
	outbox_done(farm, on_done, context);
	farm_leave(farm);
	return 0;
}
