/* SPDX-License-Identifier: Apache-2.0 */
/* What a run is held to, resolved for its board type: conditions on features, waivers, relative limits; and as JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/err.h"
#include "core/judge/asked.h"
#include "tests/unit/core/base/cmocka_all.h"

static const char SUITE[] = "name: x\nversion: \"1\"\nrequire:\n"
			    "  features: {flash: true}\n"
			    "  cases:\n"
			    "    - A.plain\n"
			    "    - {name: A.wired, when: {net: [wired, both]}}\n"
			    "  groups:\n"
			    "    - name: Speed\n"
			    "      category: performance\n"
			    "      cases:\n"
			    "        - {name: irq, measure: [{name: lat, unit: us, max: 20, worse: 10%}]}\n"
			    "        - {name: copy, when: {dma: true}}\n"
			    "    - {name: Wifi, when: {wifi: true}, cases: 3}\n";

static struct suite read_suite(void)
{
	struct doc_problems problems;
	struct suite suite;

	doc_problems_init(&problems, "suite");
	if (suite_read("suite", SUITE, strlen(SUITE), &suite, &problems))
		fail_msg("%d: %s: %s", problems.item[0].line, problems.item[0].field, problems.item[0].expected);
	return suite;
}

static bool look_up(void *context, const char *case_name, const char *name, const char *unit, struct baseline *ret)
{
	assert_string_equal(case_name, "Speed.irq");
	assert_string_equal(name, "lat");
	assert_string_equal(unit, "us");
	*ret = *(const struct baseline *)context;
	return ret->count > 0;
}

static void add_feature(struct board_type *type, const char *name, const char *value)
{
	struct feature *feature = &type->features[type->feature_count++];

	snprintf(feature->name, sizeof feature->name, "%s", name);
	snprintf(feature->value, sizeof feature->value, "%s", value);
}

static void resolve(const struct suite *suite, const struct board_type *type, const struct waiver_rules *waivers,
		    struct baseline *baseline, struct asked *ret_asked)
{
	assert_int_equal(asked_resolve(&suite->require, &suite->end, type, waivers, look_up, baseline, ret_asked), 0);
}

static void test_a_board_that_has_it_all(void **state)
{
	struct suite suite = read_suite();
	struct board_type type = {0};
	struct baseline baseline = {.count = 3, .median = 10, .mad = 1};
	struct asked asked;

	(void)state;
	add_feature(&type, "net", "both");
	add_feature(&type, "dma", "yes");
	add_feature(&type, "wifi", "true");
	resolve(&suite, &type, NULL, &baseline, &asked);
	for (size_t i = 0; i < asked.require.case_count; i++)
		assert_false(asked.require.rules[i].optional);
	assert_int_equal(asked.require.groups[0].min_cases, 2);
	assert_false(asked.require.groups[0].optional || asked.require.groups[1].optional);
	assert_int_equal(asked.limits.count, 1);
	assert_true(asked.limits.item[0].has_worst && asked.limits.item[0].worst == 11);
	assert_int_equal(asked.require.rules[2].measure_count, 0);
	assert_int_equal(asked.require.features.count, 0);
	asked_finish(&asked);
	suite_finish(&suite);
}

static void test_a_bare_board(void **state)
{
	struct suite suite = read_suite();
	struct board_type type = {0};
	struct baseline baseline = {0};
	struct asked asked;

	(void)state;
	add_feature(&type, "net", "wireless");
	add_feature(&type, "dma", "No");
	resolve(&suite, &type, NULL, &baseline, &asked);
	assert_false(asked.require.rules[0].optional); /* A.plain */
	assert_true(asked.require.rules[1].optional);  /* A.wired */
	assert_false(asked.require.rules[2].optional); /* Speed.irq */
	assert_true(asked.require.rules[3].optional);  /* Speed.copy */
	assert_int_equal(asked.require.rules[2].category, CATEGORY_PERFORMANCE);
	assert_int_equal(asked.require.groups[0].min_cases, 1);
	assert_false(asked.require.groups[0].optional);
	assert_true(asked.require.groups[1].optional);
	assert_false(asked.limits.item[0].has_worst);
	assert_non_null(strstr(asked.limits.item[0].basis, "no baseline yet"));
	asked_finish(&asked);
	suite_finish(&suite);
}

static void test_json_and_back(void **state)
{
	struct suite suite = read_suite();
	struct board_type type = {0};
	struct baseline baseline = {.count = 5, .median = 10, .mad = 1};
	struct waiver_rule rule = {.id = 3, .cases = (char *)"Speed.*", .intermittent = true};
	struct waiver_rules waivers = {.item = &rule, .count = 1};
	struct asked asked, copy, back;
	struct err err = {0};
	json_t *json, *again;

	(void)state;
	resolve(&suite, &type, &waivers, &baseline, &asked);
	assert_int_equal(asked_copy(&copy, &asked), 0);
	json = asked_to_json(&copy);
	if (asked_from_json(json, &back, &err))
		fail_msg("%s", err.text);
	again = asked_to_json(&back);
	assert_true(json_equal(json, again));
	assert_int_equal(back.waivers.item[0].id, 3);
	assert_non_null(waiver_rules_find(&back.waivers, "Speed.irq"));
	assert_null(waiver_rules_find(&back.waivers, "A.plain"));
	asked_finish(&asked);
	asked_finish(&copy);
	asked_finish(&back);
	json_decref(again);
	json_object_del(json, "limits");
	assert_int_equal(asked_from_json(json, &back, &err), ERR_INVALID);
	assert_non_null(strstr(err.text, "limits"));
	json_object_del(json, "require");
	assert_int_equal(asked_from_json(json, &back, &err), ERR_INVALID);
	json_decref(json);
	suite_finish(&suite);
}

static void test_waivers_that_are_none(void **state)
{
	static const char *const bad[] = {"{}",
					  "[1]",
					  "[{\"id\":0,\"case\":\"A.b\",\"intermittent\":false}]",
					  "[{\"id\":1,\"case\":\"nodot\",\"intermittent\":false}]",
					  "[{\"id\":1,\"case\":\"A.b\"}]",
					  "[{\"id\":1,\"case\":\"A.b\",\"intermittent\":false,\"x\":1}]"};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		json_t *json = json_loads(bad[i], 0, NULL);
		struct waiver_rules rules;
		struct err err = {0};

		assert_int_equal(waiver_rules_from_json(json, &rules, &err), ERR_INVALID);
		assert_true(err.text[0]);
		json_decref(json);
	}
}

static bool holds(const char *condition, const char *name, const char *value)
{
	char text[200];
	struct feature_conditions conditions = {0};
	struct doc_problems problems;
	struct feature feature = {0};
	struct doc *doc;
	bool good;

	snprintf(text, sizeof text, "when: {flash: %s}\n", condition);
	doc_problems_init(&problems, "x");
	assert_int_equal(doc_parse("x", text, strlen(text), &doc, &problems), 0);
	assert_int_equal(feature_conditions_read(doc->root, "when", &conditions, &problems), 0);
	assert_int_equal(problems.count, 0);
	snprintf(feature.name, sizeof feature.name, "%s", name);
	snprintf(feature.value, sizeof feature.value, "%s", value);
	good = feature_conditions_hold(&conditions, &feature, 1, NULL);
	feature_conditions_finish(&conditions);
	doc_destroy(doc);
	return good;
}

static void test_conditions(void **state)
{
	(void)state;
	assert_true(holds("true", "flash", "true"));
	assert_true(holds("true", "flash", "512K"));
	assert_false(holds("true", "flash", "false"));
	assert_false(holds("true", "flash", "No"));
	assert_false(holds("true", "other", "true"));
	assert_true(holds("yes", "flash", "true"));
	assert_true(holds("false", "other", "true"));
	assert_true(holds("false", "flash", "no"));
	assert_false(holds("false", "flash", "true"));
	assert_true(holds("512K", "flash", "512K"));
	assert_false(holds("512K", "flash", "512k"));
	assert_true(holds("[256K, 512K]", "flash", "512K"));
	assert_true(holds("[512K, false]", "other", "1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_board_that_has_it_all),
		cmocka_unit_test(test_a_bare_board),
		cmocka_unit_test(test_json_and_back),
		cmocka_unit_test(test_waivers_that_are_none),
		cmocka_unit_test(test_conditions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
