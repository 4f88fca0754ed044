/* SPDX-License-Identifier: Apache-2.0 */
/* The examples of schema/json/wire, through both ends: a good one decodes and encodes to the same JSON, a bad one is
 * refused with the words it names. Whatever the short way of decoding takes, the full one makes the same of. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "core/wire/codec.h"
#include "tests/unit/core/base/cmocka_all.h"

#define EXAMPLES ASSAY_SOURCE_DIR "/schema/json/wire/examples/"

static json_t *load(const char *folder, const char *name)
{
	char path[600];
	json_error_t error;
	json_t *value;

	snprintf(path, sizeof path, EXAMPLES "%s/%s", folder, name);
	value = json_load_file(path, 0, &error);
	if (!value)
		fail_msg("%s:%d: %s", path, error.line, error.text);
	return value;
}

static size_t for_each(const char *folder, void (*check)(const char *name))
{
	DIR *dir = opendir(strcmp(folder, "good") == 0 ? EXAMPLES "good" : EXAMPLES "bad");
	size_t count = 0;

	assert_non_null(dir);
	for (struct dirent *entry; (entry = readdir(dir));) {
		if (!strstr(entry->d_name, ".json"))
			continue;
		check(entry->d_name);
		count++;
	}
	closedir(dir);
	return count;
}

static void assert_same_encoded(const struct wire_message *one, const struct wire_message *other)
{
	struct buf texts[2];
	struct err err = {0};

	buf_init(&texts[0], WIRE_MAX_BYTES);
	buf_init(&texts[1], WIRE_MAX_BYTES);
	assert_int_equal(wire_encode(one, &texts[0], &err), 0);
	assert_int_equal(wire_encode(other, &texts[1], &err), 0);
	assert_string_equal(texts[0].data, texts[1].data);
	buf_finish(&texts[0]);
	buf_finish(&texts[1]);
}

/* Whether the short way takes it, and then as the full one. */
static bool is_short(const json_t *value, enum wire_side side)
{
	char *text = json_dumps(value, JSON_COMPACT);
	struct wire_message brief, full;
	struct err err = {0};
	bool taken = wire_decode_short(text, strlen(text), side, &brief);

	if (taken) {
		if (wire_decode_full(text, strlen(text), side, &full, &err))
			fail_msg("%s: the short way takes it, the full one says %s", text, err.text);
		assert_same_encoded(&brief, &full);
		wire_message_finish(&brief);
		wire_message_finish(&full);
	}
	free(text);
	return taken;
}

/* What comes often is read the short way: it would be read all the same, but at several times the cost. */
static void test_often_is_short(void **state)
{
	static const char *const often[] = {"agent-step-begun.json", "agent-step-ended.json", "agent-console.json",
					    "agent-case-plain.json", "agent-ping.json",       "daemon-ack.json"};

	(void)state;
	for (size_t i = 0; i < sizeof often / sizeof often[0]; i++) {
		json_t *value = load("good", often[i]);

		if (!is_short(value, strncmp(often[i], "agent-", 6) == 0 ? WIRE_AGENT : WIRE_DAEMON))
			fail_msg("%s is read the full way", often[i]);
		json_decref(value);
	}
}

static bool type_seen[32], event_seen[8];

static void check_good(const char *name)
{
	enum wire_side side = strncmp(name, "agent-", 6) == 0 ? WIRE_AGENT : WIRE_DAEMON;
	json_t *value = load("good", name), *again = NULL;
	char *text = json_dumps(value, 0);
	struct wire_message message;
	struct err err = {0};
	struct buf out;

	buf_init(&out, WIRE_MAX_BYTES);
	if (wire_decode(text, strlen(text), side, &message, &err))
		fail_msg("%s: %s", name, err.text);
	if (wire_encode(&message, &out, &err))
		fail_msg("%s: %s", name, err.text);
	assert_int_equal(json_parse(out.data, out.len, WIRE_MAX_BYTES, &again, &err), 0);
	if (!json_equal(value, again))
		fail_msg("%s came back as %s", name, out.data);
	type_seen[message.type] = true;
	if (message.type == WIRE_EVENT)
		event_seen[message.as.event.kind] = true;
	wire_message_finish(&message);
	wire_message_finish(&message);
	json_decref(value);
	json_decref(again);
	free(text);
	buf_finish(&out);
}

static void test_good(void **state)
{
	(void)state;
	assert_true(for_each("good", check_good) >= 20);
#define X(name, side, text) assert_true(type_seen[WIRE_##name]);
	WIRE_TYPES(X)
#undef X
#define X(name, text) assert_true(event_seen[WIRE_EVENT_##name]);
	WIRE_EVENTS(X)
#undef X
}

static void check_bad(const char *name)
{
	json_t *value = load("bad", name);
	const char *from = json_string_value(json_object_get(value, "from"));
	const char *words = json_string_value(json_object_get(value, "error"));
	const char *code = json_string_value(json_object_get(value, "code"));
	char *text = json_dumps(json_object_get(value, "message"), 0);
	struct wire_message message;
	struct err err = {0};
	int rc = wire_decode(text, strlen(text), strcmp(from, "agent") == 0 ? WIRE_AGENT : WIRE_DAEMON, &message, &err);

	if (!rc)
		fail_msg("%s was taken", name);
	(void)is_short(json_object_get(value, "message"), strcmp(from, "agent") == 0 ? WIRE_AGENT : WIRE_DAEMON);
	assert_string_equal(err_name((enum err_code)rc), code);
	assert_int_equal(rc, err.code);
	if (!strstr(err.text, words))
		fail_msg("%s: \"%s\" does not say \"%s\"", name, err.text, words);
	free(text);
	json_decref(value);
}

static void test_bad(void **state)
{
	(void)state;
	assert_true(for_each("bad", check_bad) >= 40);
}

static json_t *damaged;

/* Takes one field away, or puts another kind of value in its place, at any depth: no crash, no leak, and never an
 * error without a story (run under the sanitizers). */
static void try_message(enum wire_side side)
{
	char *text = json_dumps(damaged, 0);
	struct wire_message message;
	struct err err = {0};

	if (wire_decode(text, strlen(text), side, &message, &err) == 0)
		wire_message_finish(&message);
	else
		assert_int_not_equal(err.text[0], '\0');
	/* Nobody has to want the story. */
	if (wire_decode(text, strlen(text), side, &message, NULL) == 0)
		wire_message_finish(&message);
	(void)is_short(damaged, side);
	free(text);
}

static void damage(json_t *value, enum wire_side side)
{
	const char *key;
	json_t *child;
	size_t index;

	if (json_is_object(value)) {
		json_t *copy = json_copy(value);

		json_object_foreach(copy, key, child)
		{
			json_t *kinds[] = {json_null(),   json_integer(-1), json_string("\x01"), json_array(),
					   json_object(), json_true(),      json_real(1e300)};

			damage(child, side);
			for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
				json_object_set_new(value, key, kinds[i]);
				try_message(side);
			}
			json_object_del(value, key);
			try_message(side);
			json_object_set(value, key, child);
		}
		json_decref(copy);
	}
	json_array_foreach(value, index, child)
	{
		json_incref(child);
		damage(child, side);
		json_array_set_new(value, index, json_integer(7));
		try_message(side);
		json_array_set_new(value, index, child);
	}
}

static void check_damaged(const char *name)
{
	damaged = load("good", name);
	damage(damaged, strncmp(name, "agent-", 6) == 0 ? WIRE_AGENT : WIRE_DAEMON);
	json_decref(damaged);
}

static void test_damaged(void **state)
{
	(void)state;
	for_each("good", check_damaged);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_often_is_short),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
