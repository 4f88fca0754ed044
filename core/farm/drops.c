/* SPDX-License-Identifier: Apache-2.0 */
/* Drops: named, versioned sets of images, for schedules to take the last one of. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/farm/event.h"
#include "core/farm/farm_state.h"
#include "core/farm/nights.h"
#include "core/farm/outbox.h"
#include "core/farm/state_night.h"

#define DROP_FILE_MAX 128

static struct drop_entry *find(const struct farm *farm, const char *org, const char *name)
{
	struct map_node *node = map_first(&farm->drops, map_hash_text(name));

	for (; node; node = map_same(node)) {
		struct drop_entry *entry = map_container(node, struct drop_entry, node);

		if (strcmp(entry->record.name, name) == 0 && strcmp(entry->record.org, org) == 0)
			return entry;
	}
	return NULL;
}

static void drop_destroy(struct farm *farm, struct drop_entry *entry)
{
	map_remove(&farm->drops, &entry->node);
	json_decref(entry->files);
	free(entry);
}

void drop_load(struct farm *farm, const struct drop_record *record)
{
	struct drop_entry *old = find(farm, record->org, record->name), *entry = mem_alloc(sizeof(*entry));

	if (old)
		drop_destroy(farm, old);
	entry->record = *record;
	entry->record.files = NULL;
	entry->files = json_loads(record->files, 0, NULL);
	map_add(&farm->drops, &entry->node, map_hash_text(record->name));
}

void drops_clear(struct farm *farm)
{
	struct map_node *node;

	while ((node = map_next(&farm->drops, NULL)))
		drop_destroy(farm, map_container(node, struct drop_entry, node));
}

/* The one there is, or the one that is named. */
static const char *hash_of(const struct drop_entry *entry, const char *file, char *ret_why, size_t why_size)
{
	const char *hash = json_string_value(json_object_get(entry->files, file ? file : ""));

	if (!file && json_object_size(entry->files) == 1)
		hash = json_string_value(json_object_iter_value(json_object_iter(entry->files)));
	if (hash)
		return hash;
	if (file)
		(void)snprintf(ret_why, why_size, "version %lld of drop %s has no file %.100s",
			       (long long)entry->record.version, entry->record.name, file);
	else
		(void)snprintf(ret_why, why_size, "version %lld of drop %s has %zu files: the schedule must name one",
			       (long long)entry->record.version, entry->record.name, json_object_size(entry->files));
	return NULL;
}

bool drop_resolve(const struct farm *farm, const char *org, const char *source, char ret_sha256[SHA256_HEX],
		  const struct drop_record **ret_drop, char *ret_why, size_t why_size)
{
	char name[SCHEDULE_SOURCE_MAX];
	const struct drop_entry *entry;
	const char *hash;
	char *slash;

	*ret_drop = NULL;
	if (strncmp(source, "sha256:", 7) == 0) {
		mem_text_into(ret_sha256, SHA256_HEX, source + 7);
		return true;
	}
	mem_text_into(name, sizeof(name), source + strlen("drop:"));
	slash = strchr(name, '/');
	if (slash)
		*slash++ = '\0';
	entry = find(farm, org, name);
	if (!entry) {
		(void)snprintf(ret_why, why_size, "nothing was dropped under %.100s", name);
		return false;
	}
	*ret_drop = &entry->record;
	hash = hash_of(entry, slash, ret_why, why_size);
	if (hash)
		mem_text_into(ret_sha256, SHA256_HEX, hash);
	return hash != NULL;
}

/* --- dropping --- */

static bool file_valid(const char *file)
{
	return file[0] && file[0] != '.' && strlen(file) < DROP_FILE_MAX && !strpbrk(file, "/\\{}\n\r\t");
}

static int check_file(const struct farm *farm, const struct principal *who, const char *file, const json_t *hash,
		      struct err *err)
{
	const char *sha256 = json_string_value(hash);

	if (!file_valid(file))
		return err_set(err, ERR_INVALID, "files: found \"%.60s\", expected a file's name without a folder",
			       file);
	if (!sha256 || strlen(sha256) != 64 || strspn(sha256, "0123456789abcdef") != 64)
		return err_set(err, ERR_INVALID, "files.%.60s: expected the image's SHA-256 in lower-case hex", file);
	return farm->ports.image(farm->ports.context, who, sha256, err) ? 0 : (int)err->code;
}

static size_t count_of(const struct farm *farm, const char *org)
{
	size_t count = 0;

	for (struct map_node *node = map_next(&farm->drops, NULL); node; node = map_next(&farm->drops, node))
		count += strcmp(map_container(node, struct drop_entry, node)->record.org, org) == 0;
	return count;
}

static int check(const struct farm *farm, const struct principal *who, const char *name, const json_t *files,
		 struct err *err)
{
	const char *file;
	json_t *hash;
	int rc;

	if (!principal_may_submit(who))
		return err_set(err, ERR_DENIED, "a %s may not drop images", role_name(who->role));
	if (farm_degraded(farm))
		return farm_refuse(farm, err);
	if (!schedule_name_valid(name))
		return err_set(err, ERR_INVALID, "name: found \"%.60s\", expected %s", name, SCHEDULE_NAME_RULE);
	if (json_object_size(files) == 0 || json_object_size(files) > FARM_MAX_DROP_FILES)
		return err_set(err, ERR_INVALID, "files: found %zu, expected 1 to %d", json_object_size(files),
			       FARM_MAX_DROP_FILES);
	if (!find(farm, who->org, name) && count_of(farm, who->org) >= ORG_MAX_DROPS)
		return err_set(err, ERR_BUSY, "%.60s keeps drops under %d names, more may not be", who->org,
			       ORG_MAX_DROPS);
	json_object_foreach((json_t *)(uintptr_t)files, file, hash)
	{
		rc = check_file(farm, who, file, hash, err);
		if (rc)
			return rc;
	}
	return 0;
}

static json_t *drop_json(const struct drop_entry *entry)
{
	const struct drop_record *record = &entry->record;
	json_t *object = json_object();

	json_put(&object, "name", json_string(record->name));
	json_put(&object, "org", json_string(record->org));
	json_put(&object, "version", json_integer(record->version));
	json_put(&object, "author", json_string(record->author));
	json_put(&object, "created_at_us", json_integer(record->created_at_us));
	json_put(&object, "files", json_incref(entry->files));
	return object;
}

int farm_add_drop(struct farm *farm, const struct principal *who, const char *name, const json_t *files,
		  on_done_fn on_done, void *context, int64_t *ret_version, struct err *err)
{
	struct drop_record record = {.version = 1, .created_at_us = farm_unix(farm)};
	const struct drop_entry *entry = find(farm, who->org, name);
	json_t *body;
	int rc = check(farm, who, name, files, err);

	if (rc)
		return rc;
	record.files = json_dumps(files, JSON_COMPACT | JSON_SORT_KEYS);
	if (!record.files)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (entry)
		record.version = entry->record.version + 1;
	mem_text_into(record.org, sizeof(record.org), who->org);
	mem_text_into(record.name, sizeof(record.name), name);
	mem_text_into(record.author, sizeof(record.author), who->name);
	farm_enter(farm);
	drop_load(farm, &record);
	*(struct drop_record *)change_add(farm->open, RECORD_DROP) = record;
	body = drop_json(find(farm, who->org, name));
	if (body)
		json_object_del(body, "org"); /* every event says its own */
	event_append(farm, EVENT_DROP_ADDED, record.org, NULL, NULL, NULL, body);
	outbox_done(farm, on_done, context);
	farm_leave(farm);
	*ret_version = record.version;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct drop_entry *first = *(struct drop_entry *const *)a, *second = *(struct drop_entry *const *)b;
	int order = strcmp(first->record.name, second->record.name);

	return order ? order : strcmp(first->record.org, second->record.org);
}

json_t *farm_drops_json(const struct farm *farm, const struct principal *who, const char *name)
{
	struct drop_entry **sorted = mem_alloc_array(farm->drops.count + 1, sizeof(struct drop_entry *));
	struct drop_entry *own = name ? find(farm, who->org, name) : NULL;
	json_t *array = json_array();
	size_t count = 0;

	if (own)
		sorted[count++] = own;
	for (struct map_node *node = own ? NULL : map_next(&farm->drops, NULL); node;
	     node = map_next(&farm->drops, node)) {
		struct drop_entry *entry = map_container(node, struct drop_entry, node);

		if (principal_sees(who, entry->record.org) && (!name || strcmp(entry->record.name, name) == 0))
			sorted[count++] = entry;
	}
	qsort(sorted, count, sizeof(struct drop_entry *), by_name);
	for (size_t i = 0; i < count; i++)
		json_push(&array, drop_json(sorted[i]));
	free(sorted);
	return array;
}
