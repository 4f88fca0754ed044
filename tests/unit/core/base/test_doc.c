/* SPDX-License-Identifier: Apache-2.0 */
/* Documents: the tree with its lines, all that is refused, and how problems read. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/doc.h"
#include "tests/unit/core/base/cmocka_all.h"

static struct doc *parse(const char *text)
{
	struct doc_problems problems;
	struct doc *doc = NULL;

	doc_problems_init(&problems, "t.yaml");
	if (doc_parse("t.yaml", text, strlen(text), &doc, &problems))
		fail_msg("%s: line %d: found %s", text, problems.item[0].line, problems.item[0].found);
	assert_int_equal(problems.count, 0);
	return doc;
}

static void test_tree(void **state)
{
	struct doc *doc = parse("# comment\n"
				"name: nightly\n"
				"runs:\n"
				"  - type: microbit\n"
				"    count: 2\n"
				"  - {type: \"f4\", args: [a, 'b c']}\n");
	const struct doc_node *runs = doc_get(doc->root, "runs"), *args;

	(void)state;
	assert_string_equal(doc->file, "t.yaml");
	assert_int_equal(doc->root->kind, DOC_MAPPING);
	assert_string_equal(doc_get(doc->root, "name")->text, "nightly");
	assert_int_equal(doc_get(doc->root, "name")->line, 2);
	assert_true(doc_get(doc->root, "name")->plain);
	assert_int_equal(runs->kind, DOC_SEQUENCE);
	assert_int_equal(runs->count, 2);
	assert_string_equal(runs->child[1]->path, "runs[1]");
	assert_int_equal(runs->child[1]->line, 6);
	assert_string_equal(doc_get(runs->child[0], "count")->path, "runs[0].count");
	assert_false(doc_get(runs->child[1], "type")->plain);
	args = doc_get(runs->child[1], "args");
	assert_string_equal(args->child[1]->text, "b c");
	assert_null(doc_get(doc->root, "none"));
	assert_null(doc_get(runs, "name"));
	assert_null(doc_get(NULL, "name"));
	doc_destroy(doc);
	doc_destroy(NULL);
}

static void test_json_is_a_subset(void **state)
{
	struct doc *doc = parse("{\"a\":1,\"b\":[true,\"x\\u00e9\\n\"],\"c\":{\"d\":null},\"e\":\"\"}");

	(void)state;
	assert_string_equal(doc_get(doc->root, "a")->text, "1");
	assert_string_equal(doc_get(doc->root, "b")->child[1]->text, "x\xc3\xa9\n");
	assert_string_equal(doc_get(doc->root, "e")->text, "");
	doc_destroy(doc);
}

static void test_many_children(void **state)
{
	struct buf text;
	struct doc *doc;

	(void)state;
	buf_init(&text, 1 << 20);
	for (int i = 0; i < 5000; i++)
		buf_appendf(&text, "- %d\n", i);
	doc = parse(buf_text(&text));
	assert_int_equal(doc->root->count, 5000);
	for (int i = 0; i < 5000; i++) {
		assert_int_equal(strtol(doc->root->child[i]->text, NULL, 10), i);
		assert_int_equal(doc->root->child[i]->line, i + 1);
	}
	doc_destroy(doc);
	buf_finish(&text);
}

/* Parses text, which must be refused, and returns the first problem. */
static struct doc_problem refused(const char *text, size_t len)
{
	struct doc_problems problems;
	struct doc *doc = NULL;

	doc_problems_init(&problems, "t.yaml");
	assert_int_equal(doc_parse("t.yaml", text, len, &doc, &problems), ERR_INVALID);
	assert_null(doc);
	assert_int_equal(problems.count, 1);
	assert_true(problems.item[0].line >= 1);
	assert_int_not_equal(problems.item[0].found[0], '\0');
	assert_int_not_equal(problems.item[0].expected[0], '\0');
	return problems.item[0];
}

static void test_refused(void **state)
{
	static const struct {
		const char *text;
		int line;
		const char *field, *found;
	} bad[] = {
		{"", 1, "", "an empty file"},
		{"# only a comment\n", 1, "", "an empty file"},
		{"a: 1\nb: [1, 2\nc: 3\n", 3, NULL, NULL},
		{"a: 1\n\tb: 2\n", 2, NULL, NULL},
		{"a: \"open\n", 1, NULL, NULL},
		{"a: 1\na: 2\n", 2, "", "a"},
		{"x:\n  k: 1\n  k: 2\n", 3, "x", "k"},
		{"a: 1\n---\nb: 2\n", 2, "", "a second document"},
		{"a: &x 1\nb: *x\n", 2, "b", "an alias"},
		{"[a, b]: 1\n", 1, "", "a key that is no plain word"},
		{"a: b: c\n", 1, NULL, NULL},
		{"a: \"\\0\"\n", 1, "a", "a NUL character"},
		{"\"a\\0b\": 1\n", 1, "", "a NUL character"},
		{"a: \x01\n", 1, NULL, NULL},
		{"a: \xff\xfe\n", 1, NULL, NULL},
		{"ok: 1\nname: caf\xe9\n", 2, NULL, NULL},
		{"}", 1, NULL, NULL},
		{"{\"a\":1", 1, NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct doc_problem problem = refused(bad[i].text, strlen(bad[i].text));

		if (problem.line != bad[i].line)
			fail_msg("case %zu: line %d, expected %d (%s)", i, problem.line, bad[i].line, problem.found);
		if (bad[i].field)
			assert_string_equal(problem.field, bad[i].field);
		if (bad[i].found)
			assert_string_equal(problem.found, bad[i].found);
	}
}

static void test_depth(void **state)
{
	char text[200];

	(void)state;
	memset(text, '[', 100);
	memset(text + 100, ']', 100);
	assert_string_equal(refused(text, 200).found, "deeper nesting");
	memset(text, '[', DOC_MAX_DEPTH);
	memset(text + DOC_MAX_DEPTH, ']', DOC_MAX_DEPTH);
	text[2 * DOC_MAX_DEPTH] = '\0';
	doc_destroy(parse(text));
}

static void test_size_limits(void **state)
{
	char *text = malloc(DOC_MAX_BYTES + 1);
	struct buf many;

	(void)state;
	memset(text, ' ', DOC_MAX_BYTES + 1);
	assert_string_equal(refused(text, DOC_MAX_BYTES + 1).found, "a file over 4 MiB");
	free(text);

	buf_init(&many, DOC_MAX_BYTES);
	buf_append_text(&many, "[");
	for (int i = 0; i < DOC_MAX_NODES; i++)
		buf_append_text(&many, "1,");
	buf_append_text(&many, "1]");
	assert_string_equal(refused(many.data, many.len).found, "a larger document");
	buf_reset(&many);
	for (int i = 0; i <= DOC_MAX_KEYS; i++)
		buf_appendf(&many, "k%d: 1\n", i);
	assert_string_equal(refused(many.data, many.len).found, "more keys");
	buf_finish(&many);
}

static void test_problems_read_well(void **state)
{
	struct doc_problems problems;
	struct err err = {0};
	struct buf out;

	(void)state;
	buf_init(&out, 100000);
	doc_problems_init(&problems, "job.yaml");
	assert_int_equal(doc_problems_err(&problems, &err), 0);
	doc_problem_add(&problems, 3, "runs[0].count", "\"x\"", "%d to %d", 1, 9);
	doc_problem_add(&problems, 4, "", "nothing", "a mapping");
	doc_problems_format(&problems, &out);
	assert_string_equal(buf_text(&out), "job.yaml:3: runs[0].count: found \"x\", expected 1 to 9\n"
					    "job.yaml:4: found nothing, expected a mapping\n");
	assert_int_equal(doc_problems_err(&problems, &err), ERR_INVALID);
	assert_string_equal(err.text, "job.yaml:3: runs[0].count: found \"x\", expected 1 to 9 (and 1 more)");
	buf_reset(&out);
	doc_problems_init(&problems, "");
	doc_problem_add(&problems, 3, "a.b", "1", "2");
	doc_problems_format(&problems, &out);
	assert_string_equal(buf_text(&out), "a.b: found 1, expected 2\n");
	buf_finish(&out);
}

static void test_problems_are_bounded(void **state)
{
	struct doc_problems problems;
	struct buf out;

	(void)state;
	buf_init(&out, 100000);
	doc_problems_init(&problems, "f");
	for (int i = 0; i < DOC_MAX_PROBLEMS + 7; i++)
		doc_problem_add(&problems, i + 1, "x", "a", "b");
	assert_int_equal(problems.count, DOC_MAX_PROBLEMS + 7);
	doc_problems_format(&problems, &out);
	assert_non_null(strstr(buf_text(&out), "f: and 7 more problems\n"));
	buf_finish(&out);
}

/* Cutting a text to the size of a problem's field must not leave half a character: it goes out as JSON. */
static void test_cuts_keep_characters_whole(void **state)
{
	(void)state;
	for (size_t shift = 0; shift < 4; shift++) {
		struct doc_problems problems;
		char text[600] = "xxx";

		for (size_t i = shift; i + 3 < sizeof text; i += 3)
			memcpy(text + i, "\xe2\x82\xac", 3);
		text[sizeof text - 3] = '\0';
		doc_problems_init(&problems, text);
		doc_problem_add(&problems, 1, text, text, "%s", text);
		for (size_t i = 0; i < 4; i++) {
			const char *cut[] = {problems.file, problems.item[0].field, problems.item[0].found,
					     problems.item[0].expected};

			assert_true((strlen(cut[i]) - shift) % 3 == 0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tree),
		cmocka_unit_test(test_json_is_a_subset),
		cmocka_unit_test(test_many_children),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_size_limits),
		cmocka_unit_test(test_problems_read_well),
		cmocka_unit_test(test_problems_are_bounded),
		cmocka_unit_test(test_cuts_keep_characters_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
