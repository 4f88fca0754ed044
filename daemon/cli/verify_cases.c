/* SPDX-License-Identifier: Apache-2.0 */
/* The recorded cases against those that the console gives when it is read again. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/map.h"
#include "daemon/cli/verify_private.h"

#define LINE_MAX     (4u << 20)
#define NAME_BYTES   200 /* a record keeps that much of names, and of messages; the rest never left the agent */
#define TEXT_BYTES   2000
#define TOLD_AT_MOST 20 /* of a run's differences */

/* A case by its name, "group.name". */
struct again {
	struct map_node node;
	json_t *object;
	char *key;
	bool seen;
};

struct cases {
	struct verify *verify;
	const char *path;
	struct again *items;
	size_t count, differences;
	struct map map;
};

static json_t *cut(json_t *object, const char *key, size_t max)
{
	const char *text = json_string_value(json_object_get(object, key));

	if (text && strlen(text) > max)
		json_object_set_new(object, key, json_text(text, max));
	return object;
}

static char *key_of(const json_t *object)
{
	const char *group = json_string_value(json_object_get(object, "group"));
	const char *name = json_string_value(json_object_get(object, "name"));
	char *key = NULL;

	if (asprintf(&key, "%s.%s", group ? group : "", name ? name : "") < 0)
		return NULL;
	return key;
}

static bool add_result(struct cases *cases, const struct case_result *result)
{
	struct again *item = &cases->items[cases->count];

	item->object = case_result_to_json(result);
	if (!item->object)
		return false;
	cut(cut(cut(item->object, "group", NAME_BYTES), "name", NAME_BYTES), "message", TEXT_BYTES);
	item->key = key_of(item->object);
	if (!item->key)
		return false;
	map_add(&cases->map, &item->node, map_hash_text(item->key));
	cases->count++;
	return true;
}

static struct again *find(struct cases *cases, const char *key)
{
	struct map_node *node = map_first(&cases->map, map_hash_text(key));

	while (node && strcmp(map_container(node, struct again, node)->key, key) != 0)
		node = map_same(node);
	return node ? map_container(node, struct again, node) : NULL;
}

static void differ(struct cases *cases, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void differ(struct cases *cases, const char *format, ...)
{
	char text[700];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (cases->differences++ < TOLD_AT_MOST)
		verify_tell(cases->verify, VERIFY_BROKEN, cases->path, "%s", text);
}

/* Numbers by value; null is as absent. */
static bool same(const json_t *one, const json_t *other)
{
	if (json_is_null(one))
		one = NULL;
	if (json_is_null(other))
		other = NULL;
	if (json_is_number(one) && json_is_number(other))
		return !(json_number_value(one) < json_number_value(other)) &&
		       !(json_number_value(one) > json_number_value(other));
	return one == other || json_equal(one, other);
}

static bool same_measurements(const json_t *one, const json_t *other)
{
	static const char *const keys[] = {"name", "value", "unit", "verdict", "low", "high", "basis", "offset", "end"};
	size_t count = json_array_size(one);

	if (count != json_array_size(other))
		return false;
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++) {
			if (!same(json_object_get(json_array_get(one, i), keys[k]),
				  json_object_get(json_array_get(other, i), keys[k])))
				return false;
		}
	}
	return true;
}

/* The field in which a record and the case as it is now differ, or NULL. Times are the rack's, not the console's. */
static const char *difference(const json_t *record, const json_t *now)
{
	static const char *const keys[] = {"group",    "name",          "verdict", "message", "required", "category",
					   "standing", "waived_ignore", "waiver",  "offset",  "end"};

	for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++) {
		if (!same(json_object_get(record, keys[k]), json_object_get(now, keys[k])))
			return keys[k];
	}
	return same_measurements(json_object_get(record, "measurements"), json_object_get(now, "measurements"))
		       ? NULL
		       : "measurements";
}

static void dump(const json_t *object, const char *key, char *text, size_t size)
{
	const json_t *value = json_object_get(object, key);
	char *all = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;

	snprintf(text, size, "%s", all ? all : "nothing");
	free(all);
}

static void compare(struct cases *cases, const json_t *record)
{
	char *key = key_of(record), said[160], found[160];
	struct again *item = key ? find(cases, key) : NULL;
	const char *field;

	if (!item) {
		differ(cases, "%.200s is recorded, and the console does not give it", key ? key : "a case");
	} else if (item->seen) {
		differ(cases, "%.200s is recorded twice", key);
	} else if ((field = difference(record, item->object)) != NULL) {
		dump(record, field, said, sizeof(said));
		dump(item->object, field, found, sizeof(found));
		differ(cases, "%.200s: %s is recorded as %s, the console gives %s", key, field, said, found);
	}
	if (item)
		item->seen = true;
	free(key);
}

static void compare_records(struct cases *cases)
{
	struct verify_file file;
	struct buf line;

	buf_init(&line, LINE_MAX);
	if (verify_open(cases->verify, cases->path, &file)) {
		while (verify_line(&file, &line)) {
			json_t *record = NULL;

			if (json_parse(buf_text(&line), line.len, LINE_MAX, &record, NULL) == 0)
				compare(cases, record);
			else
				differ(cases, "a line is no JSON");
			json_decref(record);
		}
	}
	verify_close(&file);
	buf_finish(&line);
	for (size_t i = 0; i < cases->count; i++) {
		if (!cases->items[i].seen)
			differ(cases, "%.200s is not recorded, and the console gives it", cases->items[i].key);
	}
}

size_t verify_cases(struct verify *verify, const struct manifest_run *run, const struct case_result *results,
		    size_t count)
{
	struct cases cases = {.verify = verify, .items = calloc(count + 1, sizeof(struct again))};
	char path[USTAR_PATH_MAX];
	bool good = cases.items != NULL;

	snprintf(path, sizeof(path), "runs/%" PRId64 "/cases.ndjson", run->run);
	cases.path = path;
	map_init(&cases.map);
	for (size_t i = 0; i < count && good; i++)
		good = add_result(&cases, &results[i]);
	if (good)
		compare_records(&cases);
	else
		err_set(&verify->err, ERR_NOMEM, "out of memory");
	if (cases.differences > TOLD_AT_MOST)
		verify_tell(verify, VERIFY_BROKEN, path, "and %zu more", cases.differences - TOLD_AT_MOST);
	map_finish(&cases.map);
	for (size_t i = 0; i < cases.count; i++) {
		json_decref(cases.items[i].object);
		free(cases.items[i].key);
	}
	free(cases.items);
	return cases.differences;
}
