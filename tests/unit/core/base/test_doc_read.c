/* SPDX-License-Identifier: Apache-2.0 */
/* Field readers of documents: what they take, and the problems they tell. */
#include <string.h>

#include "core/base/doc.h"
#include "tests/unit/core/base/cmocka_all.h"

struct fixture {
	struct doc *doc;
	struct doc_problems problems;
};

static void open_doc(struct fixture *fixture, const char *text)
{
	doc_problems_init(&fixture->problems, "t.yaml");
	assert_int_equal(doc_parse("t.yaml", text, strlen(text), &fixture->doc, &fixture->problems), 0);
}

/* Checks that exactly one problem was told, reads it as one line, and forgets it. */
static void told(struct fixture *fixture, const char *line)
{
	struct buf out;

	buf_init(&out, 10000);
	doc_problems_format(&fixture->problems, &out);
	assert_true(out.len);
	out.data[out.len - 1] = '\0';
	assert_string_equal(out.data, line);
	assert_int_equal(fixture->problems.count, 1);
	fixture->problems.count = 0;
	buf_finish(&out);
}

static void test_text(void **state)
{
	struct fixture f;
	const char *text = "kept";

	(void)state;
	open_doc(&f, "a: hello\nb: ''\nc: [x]\nd:\ne: toolong\nf: null\ng: \"null\"\nh: 12\n");
	assert_true(doc_read_text(f.doc->root, "a", true, 10, &text, &f.problems));
	assert_string_equal(text, "hello");
	assert_true(doc_read_text(f.doc->root, "g", true, 10, &text, &f.problems));
	assert_string_equal(text, "null");
	assert_true(doc_read_text(f.doc->root, "h", true, 10, &text, &f.problems));
	text = "kept";
	assert_false(doc_read_text(f.doc->root, "absent", false, 10, &text, &f.problems));
	assert_false(doc_read_text(f.doc->root, "f", false, 10, &text, &f.problems));
	assert_int_equal(f.problems.count, 0);
	assert_false(doc_read_text(f.doc->root, "absent", true, 10, &text, &f.problems));
	told(&f, "t.yaml:1: absent: found nothing, expected text");
	assert_false(doc_read_text(f.doc->root, "b", false, 10, &text, &f.problems));
	told(&f, "t.yaml:2: b: found \"\", expected text of 1 to 10 bytes");
	assert_false(doc_read_text(f.doc->root, "c", false, 10, &text, &f.problems));
	told(&f, "t.yaml:3: c: found a list, expected text of 1 to 10 bytes");
	assert_false(doc_read_text(f.doc->root, "d", false, 10, &text, &f.problems));
	told(&f, "t.yaml:4: d: found nothing, expected text of 1 to 10 bytes");
	assert_false(doc_read_text(f.doc->root, "e", false, 3, &text, &f.problems));
	told(&f, "t.yaml:5: e: found \"toolong\", expected text of 1 to 3 bytes");
	assert_string_equal(text, "kept");
	doc_destroy(f.doc);
}

static void test_int(void **state)
{
	static const struct {
		const char *text;
		int64_t value;
	} good[] = {{"0", 0},
		    {"-3", -3},
		    {"0x20", 32},
		    {"16K", 16384},
		    {"2M", 2097152},
		    {"0x10K", 16384},
		    {"4294967295", 4294967295},
		    {"0xFFFFFFFF", 4294967295}};
	static const char *const bad[] = {"x",   "1.5", "1 K", "K",  "0x",  "1k",   "99999999999999999999",
					  "'5'", "[5]", "",    "5s", "1_0", "0x1G", "9999999999999999M"};

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		char text[100] = "v: ";
		struct fixture f;
		int64_t value = 77;

		strncat(text, good[i].text, 90);
		open_doc(&f, text);
		assert_true(doc_read_int(f.doc->root, "v", true, -10, INT64_MAX, &value, &f.problems));
		assert_true(value == good[i].value);
		doc_destroy(f.doc);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		char text[100] = "v: ";
		struct fixture f;
		int64_t value = 77;

		strncat(text, bad[i], 90);
		open_doc(&f, text);
		if (doc_read_int(f.doc->root, "v", true, INT64_MIN, INT64_MAX, &value, &f.problems))
			fail_msg("%s was taken", bad[i]);
		assert_int_equal(f.problems.count, 1);
		assert_string_equal(f.problems.item[0].expected, "a whole number");
		assert_int_equal(value, 77);
		doc_destroy(f.doc);
	}
}

static void test_int_range(void **state)
{
	struct fixture f;
	int64_t value = 5;

	(void)state;
	open_doc(&f, "runs:\n  - count: 0\n  - count: 101\n  - count: 100\n");
	const struct doc_node *runs = doc_get(f.doc->root, "runs");
	assert_false(doc_read_int(runs->child[0], "count", false, 1, 100, &value, &f.problems));
	told(&f, "t.yaml:2: runs[0].count: found \"0\", expected 1 to 100");
	assert_false(doc_read_int(runs->child[1], "count", false, 1, 100, &value, &f.problems));
	told(&f, "t.yaml:3: runs[1].count: found \"101\", expected 1 to 100");
	assert_true(doc_read_int(runs->child[2], "count", false, 1, 100, &value, &f.problems));
	doc_destroy(f.doc);
}

static void test_bool(void **state)
{
	struct fixture f;
	bool flag = false;

	(void)state;
	open_doc(&f, "a: true\nb: no\nc: 'true'\nd: 1\ne: True\n");
	assert_true(doc_read_bool(f.doc->root, "a", true, &flag, &f.problems));
	assert_true(flag);
	assert_true(doc_read_bool(f.doc->root, "b", true, &flag, &f.problems));
	assert_false(flag);
	assert_false(doc_read_bool(f.doc->root, "c", true, &flag, &f.problems));
	told(&f, "t.yaml:3: c: found \"true\", expected true or false");
	assert_false(doc_read_bool(f.doc->root, "d", true, &flag, &f.problems));
	told(&f, "t.yaml:4: d: found \"1\", expected true or false");
	assert_false(doc_read_bool(f.doc->root, "e", true, &flag, &f.problems));
	f.problems.count = 0;
	assert_false(doc_read_bool(f.doc->root, "z", true, &flag, &f.problems));
	told(&f, "t.yaml:1: z: found nothing, expected true or false");
	doc_destroy(f.doc);
}

static void test_enum(void **state)
{
	static const char *const words[] = {"flash", "ram"};
	struct fixture f;
	size_t index = 9;

	(void)state;
	open_doc(&f, "a: ram\nb: rom\nc: {}\n");
	assert_true(doc_read_enum(f.doc->root, "a", true, words, 2, &index, &f.problems));
	assert_int_equal(index, 1);
	assert_false(doc_read_enum(f.doc->root, "b", true, words, 2, &index, &f.problems));
	told(&f, "t.yaml:2: b: found \"rom\", expected one of flash, ram");
	assert_false(doc_read_enum(f.doc->root, "c", true, words, 2, &index, &f.problems));
	told(&f, "t.yaml:3: c: found a mapping, expected one of flash, ram");
	assert_false(doc_read_enum(f.doc->root, "d", true, words, 2, &index, &f.problems));
	told(&f, "t.yaml:1: d: found nothing, expected one of flash, ram");
	assert_int_equal(index, 1);
	doc_destroy(f.doc);
}

static void test_duration(void **state)
{
	static const char *const bad[] = {"5", "s", "-5s", "1.5s", "5 s", "5S", "5min", "[5s]", "9223372036854775807h"};
	struct fixture f;
	int64_t ms = 0;

	(void)state;
	open_doc(&f, "a: 500ms\nb: 5s\nc: 2m\nd: 1h\ne: 0s\n");
	assert_true(doc_read_duration_ms(f.doc->root, "a", true, 0, 3600000, &ms, &f.problems));
	assert_int_equal(ms, 500);
	assert_true(doc_read_duration_ms(f.doc->root, "b", true, 0, 3600000, &ms, &f.problems));
	assert_int_equal(ms, 5000);
	assert_true(doc_read_duration_ms(f.doc->root, "c", true, 0, 3600000, &ms, &f.problems));
	assert_int_equal(ms, 120000);
	assert_true(doc_read_duration_ms(f.doc->root, "d", true, 0, 3600000, &ms, &f.problems));
	assert_int_equal(ms, 3600000);
	assert_false(doc_read_duration_ms(f.doc->root, "e", true, 100, 3600000, &ms, &f.problems));
	told(&f, "t.yaml:5: e: found \"0s\", expected a duration of 100ms to 3600s");
	doc_destroy(f.doc);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		char text[100] = "v: ";

		strncat(text, bad[i], 90);
		open_doc(&f, text);
		if (doc_read_duration_ms(f.doc->root, "v", true, 0, INT64_MAX, &ms, &f.problems))
			fail_msg("%s was taken", bad[i]);
		assert_int_equal(f.problems.count, 1);
		doc_destroy(f.doc);
	}
}

static void test_children(void **state)
{
	struct fixture f;

	(void)state;
	open_doc(&f, "m: {a: 1}\ns: [1, 2, 3]\nx: text\n");
	assert_non_null(doc_read_mapping(f.doc->root, "m", true, &f.problems));
	assert_non_null(doc_read_sequence(f.doc->root, "s", true, 3, &f.problems));
	assert_null(doc_read_mapping(f.doc->root, "none", false, &f.problems));
	assert_int_equal(f.problems.count, 0);
	assert_null(doc_read_sequence(f.doc->root, "s", true, 2, &f.problems));
	told(&f, "t.yaml:2: s: found a longer list, expected at most 2 entries");
	assert_null(doc_read_mapping(f.doc->root, "x", true, &f.problems));
	told(&f, "t.yaml:3: x: found \"text\", expected a mapping");
	assert_null(doc_read_sequence(f.doc->root, "m", true, 2, &f.problems));
	told(&f, "t.yaml:1: m: found a mapping, expected a list");
	doc_destroy(f.doc);
}

static void test_unknown_fields(void **state)
{
	static const char *const known[] = {"priority", "retries", "runs", NULL};
	struct fixture f;

	(void)state;
	open_doc(&f, "priority: 1\nretrys: 2\n");
	assert_false(doc_refuse_unknown(f.doc->root, known, &f.problems));
	told(&f, "t.yaml:2: retrys: found an unknown field, expected retries (did you mean it?)");
	doc_destroy(f.doc);
	open_doc(&f, "a: {colour: red}\nlist: [1]\n");
	assert_false(doc_refuse_unknown(doc_get(f.doc->root, "a"), known, &f.problems));
	told(&f, "t.yaml:1: a.colour: found an unknown field, expected one of priority, retries, runs");
	assert_false(doc_refuse_unknown(doc_get(f.doc->root, "list"), known, &f.problems));
	told(&f, "t.yaml:2: list: found a list, expected a mapping");
	assert_false(doc_refuse_unknown(NULL, known, &f.problems));
	assert_int_equal(f.problems.count, 0);
	doc_destroy(f.doc);
}

static void test_nearest(void **state)
{
	static const char *const known[] = {"silence", "limit", "settle", "when", NULL};

	(void)state;
	assert_string_equal(doc_nearest("silense", known), "silence");
	assert_string_equal(doc_nearest("timit", known), "limit");
	assert_string_equal(doc_nearest("Limit", known), "limit");
	assert_string_equal(doc_nearest("wen", known), "when");
	assert_null(doc_nearest("xy", known));
	assert_null(doc_nearest("", known));
	assert_null(doc_nearest("something-else-entirely", known));
}

static void test_describe_cuts_long_values(void **state)
{
	struct fixture f;
	char text[400] = "v: ", scratch[100];

	(void)state;
	for (size_t i = 3; i + 3 < 300; i += 3)
		memcpy(text + i, "\xe2\x82\xac", 3);
	open_doc(&f, text);
	assert_non_null(strstr(doc_describe(doc_get(f.doc->root, "v"), scratch, sizeof scratch), "\xe2\x80\xa6\""));
	assert_int_equal(strlen(scratch), 1 + 78 + 3 + 1);
	doc_destroy(f.doc);
}

static void test_number(void **state)
{
	struct fixture f;
	double value = 7;

	(void)state;
	open_doc(&f, "a: 12.5\nb: -3e2\nc: nan\nd: 0x10\ne: \"5\"\nf: 1e999\ng: 5 us\nh: [1]\n");
	assert_true(doc_read_number(f.doc->root, "a", true, &value, &f.problems));
	assert_true(value == 12.5);
	assert_true(doc_read_number(f.doc->root, "b", true, &value, &f.problems));
	assert_true(value == -300);
	assert_false(doc_read_number(f.doc->root, "absent", false, &value, &f.problems));
	assert_int_equal(f.problems.count, 0);
	for (const char *key = "cdefgh"; *key; key++)
		assert_false(doc_read_number(f.doc->root, (const char[]){*key, '\0'}, true, &value, &f.problems));
	assert_int_equal(f.problems.count, 6);
	assert_true(value == -300);
	doc_destroy(f.doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),      cmocka_unit_test(test_int),
		cmocka_unit_test(test_int_range), cmocka_unit_test(test_bool),
		cmocka_unit_test(test_enum),      cmocka_unit_test(test_duration),
		cmocka_unit_test(test_children),  cmocka_unit_test(test_unknown_fields),
		cmocka_unit_test(test_nearest),   cmocka_unit_test(test_describe_cuts_long_values),
		cmocka_unit_test(test_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
