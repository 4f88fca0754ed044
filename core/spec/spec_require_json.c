/* SPDX-License-Identifier: Apache-2.0 */
/* Requirements as JSON of the shape of the files. */
#include "core/spec/spec_require.h"

static json_t *names_to_json(char *const *names, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_push(&list, json_string(names[i]));
	return list;
}

/* A case of which nothing more is asked is its name. */
static json_t *case_to_json(const struct requirements *require, size_t index)
{
	const struct case_rule *rule = requirements_rule(require, index);
	json_t *object;

	if (rule->category == CATEGORY_FUNCTIONAL && !rule->optional && rule->expect == EXPECT_STAGE &&
	    !rule->when.count && !rule->measure_count)
		return json_string(require->cases[index]);
	object = json_object();
	json_put(&object, "name", json_string(require->cases[index]));
	if (rule->category != CATEGORY_FUNCTIONAL)
		json_put(&object, "category", json_string(case_category_name(rule->category)));
	if (rule->optional)
		json_put(&object, "optional", json_true());
	if (rule->expect != EXPECT_STAGE)
		json_put(&object, "expect", json_string(rule->expect == EXPECT_FAIL ? "fail" : "pass"));
	if (rule->when.count)
		json_put(&object, "when", feature_conditions_to_json(&rule->when));
	if (rule->measure_count)
		json_put(&object, "measure", measure_rules_to_json(rule));
	return object;
}

static json_t *group_to_json(const struct required_group *group)
{
	json_t *object = json_object();

	json_put(&object, "name", json_string(group->name));
	if (group->min_cases)
		json_put(&object, "cases", json_integer(group->min_cases));
	if (group->category != CATEGORY_FUNCTIONAL)
		json_put(&object, "category", json_string(case_category_name(group->category)));
	if (group->optional)
		json_put(&object, "optional", json_true());
	if (group->when.count)
		json_put(&object, "when", feature_conditions_to_json(&group->when));
	return object;
}

static json_t *parameters_to_json(const struct requirements *require)
{
	json_t *object = json_object();

	for (size_t i = 0; i < require->parameter_count; i++)
		json_put(&object, require->parameters[i].name, json_string(require->parameters[i].value));
	return object;
}

json_t *requirements_to_json(const struct requirements *require)
{
	json_t *object = json_object(), *groups = json_array(), *cases = json_array();

	for (size_t i = 0; i < require->group_count; i++)
		json_push(&groups, group_to_json(&require->groups[i]));
	for (size_t i = 0; i < require->case_count; i++)
		json_push(&cases, case_to_json(require, i));
	json_put(&object, "cases", cases);
	json_put(&object, "groups", groups);
	json_put(&object, "tests", json_integer(require->tests));
	json_put(&object, "summaries", json_integer(require->summaries));
	json_put(&object, "banner", json_boolean(require->banner));
	json_put(&object, "ignored-ok", names_to_json(require->ignored_ok, require->ignored_ok_count));
	json_put(&object, "resets", json_integer(require->resets));
	if (require->line_count)
		json_put(&object, "lines", names_to_json(require->lines, require->line_count));
	if (require->ordered)
		json_put(&object, "order", json_string("fixed"));
	if (require->strict)
		json_put(&object, "strict", json_true());
	if (require->stage != STAGE_FULL)
		json_put(&object, "stage", json_string(spec_stage_name(require->stage)));
	if (require->features.count)
		json_put(&object, "features", feature_conditions_to_json(&require->features));
	if (require->parameter_count)
		json_put(&object, "parameters", parameters_to_json(require));
	return object;
}

static int read_requirements(const struct doc_node *root, void *target, struct doc_problems *problems)
{
	return requirements_read(root, target, problems);
}

int requirements_from_json(const json_t *object, struct requirements *ret_require, struct err *err)
{
	struct requirements require;
	int rc = doc_read_json(object, read_requirements, &require, err);

	if (!rc)
		*ret_require = require;
	return rc;
}
