/* SPDX-License-Identifier: Apache-2.0 */
/* Golden images: what an organisation's boards of a type must pass to be known to work. One is given as a job file of
 * one run, and checked like one. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/farm/event.h"
#include "core/farm/farm_state.h"
#include "core/farm/outbox.h"
#include "core/farm/state_board.h"
#include "core/farm/state_image.h"

static struct golden_entry *entry_of(struct map_node *node)
{
	return map_container(node, struct golden_entry, node);
}

static struct golden_entry *golden_find(const struct farm *farm, const char *org, const char *board_type)
{
	struct map_node *node = map_first(&farm->goldens, map_hash_text(board_type));

	while (node && (strcmp(entry_of(node)->record.board_type, board_type) != 0 ||
			strcmp(entry_of(node)->record.org, org) != 0))
		node = map_same(node);
	return node ? entry_of(node) : NULL;
}

const struct golden_entry *golden_of(const struct farm *farm, const struct board *board)
{
	return golden_find(farm, board->record.org, board->record.type);
}

struct job_spec *golden_spec(const struct golden_entry *golden)
{
	json_t *json = json_loads(golden->record.spec, 0, NULL);
	struct job_spec *spec = NULL;

	if (!json || job_spec_from_json(json, &spec, NULL))
		spec = NULL;
	json_decref(json);
	return spec;
}

static void golden_destroy(struct golden_entry *entry)
{
	free(entry->record.spec);
	free(entry);
}

void golden_load(struct farm *farm, const struct golden_record *record)
{
	struct golden_entry *entry = golden_find(farm, record->org, record->board_type);

	if (!entry) {
		entry = mem_alloc(sizeof(*entry));
		map_add(&farm->goldens, &entry->node, map_hash_text(record->board_type));
	}
	free(entry->record.spec);
	entry->record = *record;
	entry->record.spec = mem_text(record->spec);
}

void goldens_clear(struct farm *farm)
{
	struct map_node *node;

	while ((node = map_next(&farm->goldens, NULL))) {
		map_remove(&farm->goldens, node);
		golden_destroy(entry_of(node));
	}
}

/* --- as JSON --- */

json_t *golden_json(const struct golden_record *record)
{
	json_t *object = json_object();

	json_put(&object, "board_type", json_string(record->board_type));
	json_put(&object, "org", json_string(record->org));
	json_put(&object, "image", json_text(record->image.name, sizeof(record->image.name)));
	json_put(&object, "image_sha256", json_string(record->image.sha256));
	json_put(&object, "suite", json_string(record->suite));
	json_put(&object, "set_by", json_string(record->set_by));
	json_put(&object, "set_at_us", json_integer(record->set_at_us));
	return object;
}

json_t *farm_goldens_json(const struct farm *farm, const struct principal *who)
{
	json_t *array = json_array();

	for (struct map_node *node = map_next(&farm->goldens, NULL); node; node = map_next(&farm->goldens, node)) {
		const struct golden_record *record = &entry_of(node)->record;

		if (principal_sees_shared(who, record->org))
			json_push(&array, golden_json(record));
	}
	return array;
}

/* --- set and removed --- */

static void keep(struct farm *farm, enum event_type type, const struct golden_record *record, bool removed)
{
	struct golden_record *kept = change_add(farm->open, RECORD_GOLDEN);
	json_t *body = golden_json(record);
	struct pool *pool = pool_get(farm, record->board_type);

	*kept = *record;
	kept->removed = removed;
	kept->spec = mem_text(record->spec);
	if (body)
		json_object_del(body, "org");
	event_append(farm, type, record->org, NULL, NULL, NULL, body);
	list_for_each (link, &pool->boards)
		board_update(farm, list_container(link, struct board, pool_link));
}

int farm_set_golden(struct farm *farm, const struct principal *who, const struct submission *submission,
		    on_done_fn on_done, void *context, struct doc_problems *problems, struct err *err)
{
	struct golden_record record = {.set_at_us = farm_unix(farm)};
	int rc = submission_check_golden(farm, who, submission, &record, problems, err);

	if (rc)
		return rc;
	mem_text_into(record.org, sizeof(record.org), who->org);
	mem_text_into(record.set_by, sizeof(record.set_by), who->name);
	farm_enter(farm);
	golden_load(farm, &record);
	keep(farm, EVENT_GOLDEN_SET, &record, false);
	outbox_done(farm, on_done, context);
	farm_leave(farm);
	free(record.spec);
	return 0;
}

int farm_remove_golden(struct farm *farm, const struct principal *who, const char *board_type, on_done_fn on_done,
		       void *context, struct err *err)
{
	struct golden_entry *entry = golden_find(farm, who->org, board_type);

	if (!principal_may_submit(who))
		return err_set(err, ERR_DENIED, "a %s may not change golden images", role_name(who->role));
	if (!entry)
		return err_set(err, ERR_NOT_FOUND, "organisation %s has no golden image for %s", who->org, board_type);
	if (farm_degraded(farm))
		return farm_refuse(farm, err);
	farm_enter(farm);
	map_remove(&farm->goldens, &entry->node);
	keep(farm, EVENT_GOLDEN_REMOVED, &entry->record, true);
	golden_destroy(entry);
	outbox_done(farm, on_done, context);
	farm_leave(farm);
	return 0;
}
