/* SPDX-License-Identifier: Apache-2.0 */
/* Resolving what a run is held to, and its JSON. */
#include "core/judge/asked.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/err.h"

void asked_init(struct asked *asked)
{
	*asked = (struct asked){.end = END_RULE_DEFAULT};
	requirements_init(&asked->require);
}

void asked_finish(struct asked *asked)
{
	requirements_finish(&asked->require);
	waiver_rules_finish(&asked->waivers);
	measure_limits_finish(&asked->limits);
}

int asked_copy(struct asked *target, const struct asked *source)
{
	struct asked copy;

	asked_init(&copy);
	copy.end = source->end;
	if (requirements_copy(&copy.require, &source->require) || waiver_rules_copy(&copy.waivers, &source->waivers) ||
	    measure_limits_copy(&copy.limits, &source->limits)) {
		asked_finish(&copy);
		return ERR_NOMEM;
	}
	*target = copy;
	return 0;
}

/* --- resolving --- */

struct resolving {
	struct asked *asked;
	const struct board_type *type;
	baseline_lookup_fn lookup;
	void *lookup_context;
};

static bool holds(const struct resolving *resolving, const struct feature_conditions *conditions)
{
	return feature_conditions_hold(conditions, resolving->type->features, resolving->type->feature_count, NULL);
}

static struct required_group *find_group(struct requirements *require, const char *case_name)
{
	const char *dot = strchr(case_name, '.');
	size_t len = dot ? (size_t)(dot - case_name) : 0;

	for (size_t i = 0; i < require->group_count; i++) {
		if (strlen(require->groups[i].name) == len && strncmp(require->groups[i].name, case_name, len) == 0)
			return &require->groups[i];
	}
	return NULL;
}

/* A case that its group counted on may stay away now. */
static void make_optional(struct requirements *require, size_t index)
{
	struct required_group *group = find_group(require, require->cases[index]);

	require->rules[index].optional = true;
	if (!group || group->optional)
		return;
	if (group->min_cases > 1)
		group->min_cases--;
	else
		group->optional = true;
}

static size_t count_measures(const struct requirements *require)
{
	size_t count = 0;

	for (size_t i = 0; require->rules && i < require->case_count; i++)
		count += require->rules[i].measure_count;
	return count;
}

static int add_limit(struct resolving *resolving, const char *case_name, const struct measure_rule *rule)
{
	struct measure_limits *limits = &resolving->asked->limits;
	struct measure_limit *limit = &limits->item[limits->count];
	struct baseline baseline = {0};

	*limit = (struct measure_limit){.case_name = strdup(case_name),
					.has_min = rule->has_min,
					.min = rule->min,
					.has_max = rule->has_max,
					.max = rule->max,
					.better = rule->better};
	if (!limit->case_name)
		return ERR_NOMEM;
	limits->count++;
	snprintf(limit->name, sizeof limit->name, "%s", rule->name);
	snprintf(limit->unit, sizeof limit->unit, "%s", rule->unit);
	if (resolving->lookup && rule->worse != WORSE_NONE &&
	    !resolving->lookup(resolving->lookup_context, case_name, rule->name, rule->unit, &baseline))
		baseline = (struct baseline){0};
	baseline_apply(&baseline, rule, limit);
	return 0;
}

static int resolve_cases(struct resolving *resolving)
{
	struct requirements *require = &resolving->asked->require;
	size_t count = count_measures(require);

	resolving->asked->limits.item = count ? calloc(count, sizeof(struct measure_limit)) : NULL;
	if (count && !resolving->asked->limits.item)
		return ERR_NOMEM;
	for (size_t i = 0; require->rules && i < require->case_count; i++) {
		struct case_rule *rule = &require->rules[i];

		if (!rule->optional && !holds(resolving, &rule->when))
			make_optional(require, i);
		feature_conditions_finish(&rule->when);
		for (size_t m = 0; m < rule->measure_count; m++) {
			if (add_limit(resolving, require->cases[i], &rule->measures[m]))
				return ERR_NOMEM;
		}
		free(rule->measures);
		rule->measures = NULL;
		rule->measure_count = 0;
	}
	return 0;
}

static void resolve_groups(struct resolving *resolving)
{
	struct requirements *require = &resolving->asked->require;

	for (size_t i = 0; i < require->group_count; i++) {
		if (!holds(resolving, &require->groups[i].when))
			require->groups[i].optional = true;
		feature_conditions_finish(&require->groups[i].when);
	}
}

int asked_resolve(const struct requirements *require, const struct end_rule *end, const struct board_type *type,
		  const struct waiver_rules *waivers, baseline_lookup_fn lookup, void *lookup_context,
		  struct asked *ret_asked)
{
	struct asked asked;
	struct resolving resolving = {
		.asked = &asked, .type = type, .lookup = lookup, .lookup_context = lookup_context};

	asked_init(&asked);
	asked.end = *end;
	if (requirements_copy(&asked.require, require) || (waivers && waiver_rules_copy(&asked.waivers, waivers)) ||
	    resolve_cases(&resolving)) {
		asked_finish(&asked);
		return ERR_NOMEM;
	}
	resolve_groups(&resolving);
	feature_conditions_finish(&asked.require.features);
	*ret_asked = asked;
	return 0;
}

/* --- JSON --- */

json_t *asked_to_json(const struct asked *asked)
{
	json_t *object = json_object();

	json_put(&object, "require", requirements_to_json(&asked->require));
	json_put(&object, "end", end_rule_to_json(&asked->end));
	json_put(&object, "waivers", waiver_rules_to_json(&asked->waivers));
	json_put(&object, "limits", measure_limits_to_json(&asked->limits));
	return object;
}

int asked_from_json(const json_t *object, struct asked *ret_asked, struct err *err)
{
	struct asked asked;
	const char *part = "end";
	int rc;

	asked_init(&asked);
	if (!json_is_object(json_object_get(object, "end")) || !json_is_object(json_object_get(object, "require")))
		return err_set(err, ERR_INVALID, "found something else, expected an object with require and end");
	rc = end_rule_from_json(json_object_get(object, "end"), &asked.end, err);
	if (!rc) {
		part = "require";
		rc = requirements_from_json(json_object_get(object, "require"), &asked.require, err);
	}
	if (!rc) {
		part = "waivers";
		rc = waiver_rules_from_json(json_object_get(object, "waivers"), &asked.waivers, err);
	}
	if (!rc) {
		part = "limits";
		rc = measure_limits_from_json(json_object_get(object, "limits"), &asked.limits, err);
	}
	if (rc) {
		err_prefix(err, "%s", part);
		asked_finish(&asked);
		return rc;
	}
	*ret_asked = asked;
	return 0;
}
