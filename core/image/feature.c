/* SPDX-License-Identifier: Apache-2.0 */
/* Features of board types, and conditions on them. */
#include "core/image/feature.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/err.h"

void feature_conditions_finish(struct feature_conditions *conditions)
{
	for (size_t i = 0; i < conditions->count; i++)
		free(conditions->item[i].values);
	free(conditions->item);
	*conditions = (struct feature_conditions){0};
}

int feature_conditions_copy(struct feature_conditions *target, const struct feature_conditions *source)
{
	struct feature_conditions copy = {0};

	if (source->count == 0) {
		*target = copy;
		return 0;
	}
	copy.item = calloc(source->count, sizeof *copy.item);
	if (!copy.item)
		return ERR_NOMEM;
	for (size_t i = 0; i < source->count; i++) {
		const struct feature_condition *from = &source->item[i];
		struct feature_condition *to = &copy.item[i];

		memcpy(to->name, from->name, sizeof to->name);
		to->values = calloc(from->value_count, sizeof *to->values);
		copy.count = i + 1;
		if (!to->values) {
			feature_conditions_finish(&copy);
			return ERR_NOMEM;
		}
		memcpy(to->values, from->values, from->value_count * sizeof *to->values);
		to->value_count = from->value_count;
	}
	*target = copy;
	return 0;
}

static bool is_no(const char *value)
{
	return strcasecmp(value, "false") == 0 || strcasecmp(value, "no") == 0;
}

static bool condition_holds(const struct feature_condition *condition, const struct feature *features, size_t count)
{
	const char *has = "false";

	for (size_t i = 0; i < count; i++) {
		if (strcmp(features[i].name, condition->name) == 0)
			has = features[i].value;
	}
	for (size_t i = 0; i < condition->value_count; i++) {
		const char *value = condition->values[i];

		if (strcmp(value, "true") == 0 ? !is_no(has) : is_no(value) ? is_no(has) : strcmp(value, has) == 0)
			return true;
	}
	return false;
}

bool feature_conditions_hold(const struct feature_conditions *conditions, const struct feature *features, size_t count,
			     const struct feature_condition **ret_unmet)
{
	for (size_t i = 0; i < conditions->count; i++) {
		if (condition_holds(&conditions->item[i], features, count))
			continue;
		if (ret_unmet)
			*ret_unmet = &conditions->item[i];
		return false;
	}
	return true;
}

void feature_condition_describe(const struct feature_condition *condition, char *ret_text, size_t size)
{
	bool list = condition->value_count > 1;
	size_t len = (size_t)snprintf(ret_text, size, "%s: %s", condition->name, list ? "[" : "");

	for (size_t i = 0; i < condition->value_count && len < size; i++)
		len += (size_t)snprintf(ret_text + len, size - len, "%s%s", i ? ", " : "", condition->values[i]);
	if (list && len < size)
		snprintf(ret_text + len, size - len, "]");
}

/* --- reading --- */

static bool name_good(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len < FEATURE_NAME_MAX &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == len;
}

/* Plain yes and no are what YAML readers take for true and false. */
static bool read_value(const struct doc_node *node, char target[FEATURE_VALUE_MAX], struct doc_problems *problems)
{
	const char *text;

	if (node->kind != DOC_SCALAR) {
		doc_problem_add(problems, node->line, node->path, "more than one value",
				"a text, a number, true or false");
		return false;
	}
	if (!doc_node_text(node, FEATURE_VALUE_MAX - 1, &text, problems))
		return false;
	for (const char *at = text; *at; at++) {
		if ((unsigned char)*at < 0x20 || *at == 0x7f) {
			doc_problem_add(problems, node->line, node->path, "a control character", "one line of text");
			return false;
		}
	}
	if (node->plain && strcmp(text, "yes") == 0)
		text = "true";
	else if (node->plain && strcmp(text, "no") == 0)
		text = "false";
	snprintf(target, FEATURE_VALUE_MAX, "%s", text);
	return true;
}

static bool check_name(const struct doc_node *node, struct doc_problems *problems)
{
	if (name_good(node->key))
		return true;
	doc_problem_add(problems, node->line, node->path, node->key,
			"the name of a feature: at most %d letters, digits, '.', '_' and '-'", FEATURE_NAME_MAX - 1);
	return false;
}

static int read_condition(const struct doc_node *node, struct feature_conditions *conditions,
			  struct doc_problems *problems)
{
	struct feature_condition *condition = &conditions->item[conditions->count];
	bool list = node->kind == DOC_SEQUENCE;
	size_t count = list ? node->count : 1;

	if (!check_name(node, problems))
		return 0;
	if (list && (node->count == 0 || node->count > FEATURE_MAX_WANTED)) {
		doc_problem_add(problems, node->line, node->path, node->count ? "a longer list" : "an empty list",
				"1 to %d values", FEATURE_MAX_WANTED);
		return 0;
	}
	condition->values = calloc(count, sizeof *condition->values);
	if (!condition->values)
		return ERR_NOMEM;
	conditions->count++;
	snprintf(condition->name, sizeof condition->name, "%s", node->key);
	for (size_t i = 0; i < count; i++) {
		if (read_value(list ? node->child[i] : node, condition->values[condition->value_count], problems))
			condition->value_count++;
	}
	return 0;
}

int feature_conditions_read(const struct doc_node *node, const char *key, struct feature_conditions *ret_conditions,
			    struct doc_problems *problems)
{
	const struct doc_node *child = doc_read_mapping(node, key, false, problems);
	struct feature_conditions conditions = {0};

	if (!child)
		return 0;
	if (child->count == 0 || child->count > FEATURE_MAX_WANTED) {
		doc_problem_add(problems, child->line, child->path, child->count ? "more features" : "nothing",
				"1 to %d features, each with the value wanted", FEATURE_MAX_WANTED);
		return 0;
	}
	conditions.item = calloc(child->count, sizeof *conditions.item);
	if (!conditions.item)
		return ERR_NOMEM;
	for (size_t i = 0; i < child->count; i++) {
		if (read_condition(child->child[i], &conditions, problems)) {
			feature_conditions_finish(&conditions);
			return ERR_NOMEM;
		}
	}
	*ret_conditions = conditions;
	return 0;
}

json_t *feature_conditions_to_json(const struct feature_conditions *conditions)
{
	json_t *object = json_object();

	for (size_t i = 0; i < conditions->count; i++) {
		const struct feature_condition *condition = &conditions->item[i];
		json_t *list = json_array();

		for (size_t v = 0; v < condition->value_count; v++)
			json_push(&list, json_string(condition->values[v]));
		json_put(&object, condition->name, list);
	}
	return object;
}

size_t features_read(const struct doc_node *node, struct feature ret_features[FEATURES_MAX],
		     struct doc_problems *problems)
{
	const struct doc_node *child = doc_read_mapping(node, "features", false, problems);
	size_t count = 0;

	if (!child)
		return 0;
	if (child->count > FEATURES_MAX) {
		doc_problem_add(problems, child->line, child->path, "more features", "at most %d", FEATURES_MAX);
		return 0;
	}
	for (size_t i = 0; i < child->count; i++) {
		struct feature *feature = &ret_features[count];

		if (!check_name(child->child[i], problems) || !read_value(child->child[i], feature->value, problems))
			continue;
		snprintf(feature->name, sizeof feature->name, "%s", child->child[i]->key);
		count++;
	}
	return count;
}

json_t *features_to_json(const struct feature *features, size_t count)
{
	json_t *object = json_object();

	for (size_t i = 0; i < count; i++)
		json_put(&object, features[i].name, json_string(features[i].value));
	return object;
}
