/* SPDX-License-Identifier: Apache-2.0 */
/* Documents from JSON values, and problems as JSON. */
#include <string.h>

#include "core/base/doc_json.h"
#include "tests/unit/core/base/cmocka_all.h"

static void test_every_kind_of_value(void **state)
{
	json_t *value = json_pack("{s:i, s:b, s:n, s:[s, s], s:{s:I}, s:s}", "int", 5, "bool", 1, "none", "list", "a:b",
				  "# no \"comment\" \\ \n\t\xe2\x82\xac\xf0\x9f\x98\x80", "map", "x",
				  (json_int_t)4294967295, "empty", "");
	struct doc_problems problems;
	struct doc *doc = NULL;
	const char *text = "";
	int64_t number = 0;
	bool flag = false;

	(void)state;
	doc_problems_init(&problems, "");
	assert_int_equal(doc_from_json(value, &doc, &problems), 0);
	assert_true(doc_read_int(doc->root, "int", true, 0, 9, &number, &problems));
	assert_true(doc_read_bool(doc->root, "bool", true, &flag, &problems));
	assert_true(flag);
	assert_false(doc_read_text(doc->root, "none", false, 9, &text, &problems));
	assert_string_equal(doc_get(doc->root, "list")->child[0]->text, "a:b");
	assert_string_equal(doc_get(doc->root, "list")->child[1]->text,
			    "# no \"comment\" \\ \n\t\xe2\x82\xac\xf0\x9f\x98\x80");
	assert_true(doc_read_int(doc_get(doc->root, "map"), "x", true, 0, UINT32_MAX, &number, &problems));
	assert_string_equal(doc_get(doc->root, "empty")->text, "");
	assert_int_equal(problems.count, 0);
	doc_destroy(doc);
	json_decref(value);
}

static void test_too_large(void **state)
{
	json_t *list = json_array();
	struct doc_problems problems;
	struct doc *doc = NULL;

	(void)state;
	for (int i = 0; i < 30000; i++)
		json_push(&list, json_string("0123456789012345678901234567890123456789012345678901234567890123456789"
					     "0123456789012345678901234567890123456789012345678901234567890123456789"));
	doc_problems_init(&problems, "");
	assert_int_equal(doc_from_json(list, &doc, &problems), ERR_INVALID);
	assert_int_equal(problems.count, 1);
	assert_int_equal(doc_from_json(NULL, &doc, &problems), ERR_NOMEM);
	json_decref(list);
}

static void test_problems_as_json(void **state)
{
	struct doc_problems problems;
	struct buf out;
	json_t *list;

	(void)state;
	buf_init(&out, 1000);
	doc_problems_init(&problems, "job.yaml");
	doc_problem_add(&problems, 3, "runs[0]", "\"\xff\"", "a run");
	list = doc_problems_to_json(&problems);
	assert_int_equal(json_write(list, &out), 0);
	assert_string_equal(buf_text(&out), "[{\"file\":\"job.yaml\",\"line\":3,\"field\":\"runs[0]\","
					    "\"found\":\"\\\"\xef\xbf\xbd\\\"\",\"expected\":\"a run\"}]");
	json_decref(list);
	buf_finish(&out);
}

static int read_count(const struct doc_node *root, void *target, struct doc_problems *problems)
{
	int64_t value;

	if (root->kind != DOC_MAPPING)
		return ERR_INVALID;
	if (doc_get(root, "full"))
		return ERR_NOMEM;
	if (doc_read_int(root, "count", true, 0, 9, &value, problems))
		*(int64_t *)target = value;
	return 0;
}

static void test_read_through_a_reader(void **state)
{
	static const struct {
		const char *json;
		int rc;
		const char *words;
	} table[] = {
		{"{\"count\":7}", 0, ""},
		{"{\"count\":70}", ERR_INVALID, "count"},
		{"{}", ERR_INVALID, "count"},
		{"[]", ERR_INVALID, "something else"},
		{"{\"full\":1}", ERR_NOMEM, "memory"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		json_t *value = json_loads(table[i].json, 0, NULL);
		struct err err = {0};
		int64_t count = 42;

		assert_int_equal(doc_read_json(value, read_count, &count, &err), table[i].rc);
		assert_int_equal(count, table[i].rc ? 42 : 7);
		assert_non_null(strstr(err.text, table[i].words));
		json_decref(value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_kind_of_value),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_problems_as_json),
		cmocka_unit_test(test_read_through_a_reader),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
