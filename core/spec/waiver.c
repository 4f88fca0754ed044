/* SPDX-License-Identifier: Apache-2.0 */
/* The waivers in force for one run. */
#include "core/spec/waiver.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/err.h"
#include "core/spec/spec.h"

void waiver_rules_finish(struct waiver_rules *rules)
{
	for (size_t i = 0; i < rules->count; i++)
		free(rules->item[i].cases);
	free(rules->item);
	*rules = (struct waiver_rules){0};
}

int waiver_rules_copy(struct waiver_rules *target, const struct waiver_rules *source)
{
	struct waiver_rules copy = {0};

	if (source->count == 0) {
		*target = copy;
		return 0;
	}
	copy.item = calloc(source->count, sizeof *copy.item);
	if (!copy.item)
		return ERR_NOMEM;
	for (size_t i = 0; i < source->count; i++) {
		copy.item[i] = source->item[i];
		copy.item[i].cases = strdup(source->item[i].cases);
		copy.count = i + 1;
		if (!copy.item[i].cases) {
			waiver_rules_finish(&copy);
			return ERR_NOMEM;
		}
	}
	*target = copy;
	return 0;
}

const struct waiver_rule *waiver_rules_find(const struct waiver_rules *rules, const char *case_name)
{
	for (size_t i = 0; i < rules->count; i++) {
		if (case_pattern_matches(rules->item[i].cases, case_name))
			return &rules->item[i];
	}
	return NULL;
}

json_t *waiver_rules_to_json(const struct waiver_rules *rules)
{
	json_t *array = json_array();

	for (size_t i = 0; i < rules->count; i++) {
		json_t *object = json_object();

		json_put(&object, "id", json_integer(rules->item[i].id));
		json_put(&object, "case", json_string(rules->item[i].cases));
		json_put(&object, "intermittent", json_boolean(rules->item[i].intermittent));
		json_push(&array, object);
	}
	return array;
}

static int rule_from_json(const json_t *object, struct waiver_rule *rule, struct err *err)
{
	const char *cases = "";
	int rc;

	if (json_object_size(object) != 3)
		return err_set(err, ERR_INVALID, "found other fields, expected id, case and intermittent");
	rc = json_read_int(object, "id", true, 1, INT64_C(1) << 53, &rule->id, err);
	if (!rc)
		rc = json_read_text(object, "case", true, &cases, err);
	if (!rc)
		rc = json_read_bool(object, "intermittent", true, &rule->intermittent, err);
	if (!rc && !case_pattern_valid(cases))
		rc = err_set(err, ERR_INVALID, "case: found %.40s, expected a case or the beginning of one and *",
			     cases);
	if (rc)
		return rc;
	rule->cases = strdup(cases);
	return rule->cases ? 0 : err_set(err, ERR_NOMEM, "out of memory");
}

int waiver_rules_from_json(const json_t *array, struct waiver_rules *ret_rules, struct err *err)
{
	struct waiver_rules rules = {0};
	size_t count = json_array_size(array);

	if (!json_is_array(array) || count > WAIVERS_MAX_IN_FORCE)
		return err_set(err, ERR_INVALID, "found something else, expected a list of at most %d waivers",
			       WAIVERS_MAX_IN_FORCE);
	rules.item = count ? calloc(count, sizeof *rules.item) : NULL;
	if (count && !rules.item)
		return err_set(err, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < count; i++) {
		int rc = rule_from_json(json_array_get(array, i), &rules.item[i], err);

		if (rc) {
			waiver_rules_finish(&rules);
			return rc;
		}
		rules.count++;
	}
	*ret_rules = rules;
	return 0;
}
