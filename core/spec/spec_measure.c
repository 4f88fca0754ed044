/* SPDX-License-Identifier: Apache-2.0 */
/* `measure:` of a case: what it must print, and within which limits. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/spec/spec_require.h"

#define WORSE_EXPECTED "how much worse than the baseline is allowed, as \"10%\" or \"3 mad\""

static const char *const betters[] = {[BETTER_LOWER] = "lower", [BETTER_HIGHER] = "higher"};

/* A word as the board prints it: no blanks. */
static bool read_word(struct require_reading *reading, const struct doc_node *node, const char *key, char *target,
		      size_t size)
{
	const struct doc_node *child = doc_get(node, key);
	const char *text;

	if (!doc_read_text(node, key, true, size - 1, &text, reading->problems))
		return false;
	if (!spec_name_valid(text, strlen(text))) {
		doc_problem_add(reading->problems, child->line, child->path, text,
				"one word, without blanks, quotes, commas, brackets or *");
		return false;
	}
	snprintf(target, size, "%s", text);
	return true;
}

static void read_worse(struct require_reading *reading, const struct doc_node *node, struct measure_rule *rule)
{
	const struct doc_node *child = doc_get(node, "worse");
	const char *text;
	char *end;
	double by;

	if (!child || !doc_read_text(node, "worse", false, 40, &text, reading->problems))
		return;
	by = strtod(text, &end);
	if (strcmp(end, "%") == 0)
		rule->worse = WORSE_PERCENT;
	else if (strcmp(end, " mad") == 0)
		rule->worse = WORSE_MAD;
	if (end == text || strspn(text, "0123456789.") != (size_t)(end - text) || !isfinite(by) || by > 1e6 ||
	    rule->worse == WORSE_NONE)
		doc_problem_add(reading->problems, child->line, child->path, text, "%s", WORSE_EXPECTED);
	rule->worse_by = by;
}

static void refuse_contradiction(struct require_reading *reading, const struct doc_node *node,
				 const struct measure_rule *rule)
{
	if (rule->has_min && rule->has_max && rule->min > rule->max)
		doc_problem_add(reading->problems, node->line, node->path, "a min above the max", "min <= max");
	if (doc_get(node, "better") && rule->worse == WORSE_NONE)
		doc_problem_add(reading->problems, doc_get(node, "better")->line, doc_get(node, "better")->path,
				"better without worse", "worse, of which better says the direction");
}

static bool read_measure(struct require_reading *reading, const struct doc_node *node, struct measure_rule *rule)
{
	static const char *const known[] = {"name", "unit", "min", "max", "worse", "better", NULL};
	size_t better = BETTER_LOWER, before = reading->problems->count;

	if (!doc_refuse_unknown(node, known, reading->problems) || node->kind != DOC_MAPPING)
		return false;
	read_word(reading, node, "name", rule->name, sizeof rule->name);
	read_word(reading, node, "unit", rule->unit, sizeof rule->unit);
	rule->has_min = doc_read_number(node, "min", false, &rule->min, reading->problems);
	rule->has_max = doc_read_number(node, "max", false, &rule->max, reading->problems);
	read_worse(reading, node, rule);
	doc_read_enum(node, "better", false, betters, 2, &better, reading->problems);
	rule->better = (enum measure_better)better;
	if (reading->problems->count == before)
		refuse_contradiction(reading, node, rule);
	return reading->problems->count == before;
}

static bool named_before(const struct case_rule *rule, const char *name)
{
	for (size_t i = 0; i < rule->measure_count; i++) {
		if (strcmp(rule->measures[i].name, name) == 0)
			return true;
	}
	return false;
}

void require_read_measures(struct require_reading *reading, const struct doc_node *node, struct case_rule *rule)
{
	const struct doc_node *list = doc_read_sequence(node, "measure", false, SPEC_MAX_MEASURES, reading->problems);

	if (!list || !list->count)
		return;
	if (reading->measures + list->count > SPEC_MAX_MEASURES) {
		doc_problem_add(reading->problems, list->line, list->path, "more measurements",
				"at most %d in one require", SPEC_MAX_MEASURES);
		return;
	}
	reading->measures += list->count;
	rule->measures = calloc(list->count, sizeof *rule->measures);
	if (!rule->measures) {
		reading->nomem = true;
		return;
	}
	for (size_t i = 0; i < list->count; i++) {
		struct measure_rule *measure = &rule->measures[rule->measure_count];

		if (!read_measure(reading, list->child[i], measure))
			continue;
		if (named_before(rule, measure->name))
			doc_problem_add(reading->problems, list->child[i]->line, list->child[i]->path, measure->name,
					"each measurement of a case once");
		else
			rule->measure_count++;
	}
}

json_t *measure_rules_to_json(const struct case_rule *rule)
{
	json_t *array = json_array();

	for (size_t i = 0; i < rule->measure_count; i++) {
		const struct measure_rule *measure = &rule->measures[i];
		json_t *object = json_object();
		char worse[40];

		json_put(&object, "name", json_string(measure->name));
		json_put(&object, "unit", json_string(measure->unit));
		if (measure->has_min)
			json_put(&object, "min", json_number(measure->min));
		if (measure->has_max)
			json_put(&object, "max", json_number(measure->max));
		if (measure->worse != WORSE_NONE) {
			snprintf(worse, sizeof worse, "%.15g%s", measure->worse_by,
				 measure->worse == WORSE_PERCENT ? "%" : " mad");
			json_put(&object, "worse", json_string(worse));
			json_put(&object, "better", json_string(measure_better_name(measure->better)));
		}
		json_push(&array, object);
	}
	return array;
}
