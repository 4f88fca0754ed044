/* SPDX-License-Identifier: Apache-2.0 */
/* What a board has beyond its type. */
#include "core/spec/equipment.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

bool equipment_same(const struct equipment *one, const struct equipment *other)
{
	if (strcmp(one->tags, other->tags) != 0 || strcmp(one->hub, other->hub) != 0 ||
	    one->feature_count != other->feature_count)
		return false;
	for (size_t i = 0; i < one->feature_count; i++) {
		if (strcmp(one->features[i].name, other->features[i].name) != 0 ||
		    strcmp(one->features[i].value, other->features[i].value) != 0)
			return false;
	}
	return true;
}

void feature_word(const struct feature *feature, char ret_word[EQUIPMENT_WORD_SIZE])
{
	(void)snprintf(ret_word, EQUIPMENT_WORD_SIZE, "%s=%s", feature->name, feature->value);
}

bool feature_is_no(const struct feature *feature)
{
	return strcasecmp(feature->value, "false") == 0 || strcasecmp(feature->value, "no") == 0;
}

bool feature_is_yes(const struct feature *feature)
{
	return strcmp(feature->value, "true") == 0;
}

static void read_word(const struct doc_node *board, const char *key, char target[TAG_SIZE],
		      struct doc_problems *problems)
{
	const struct doc_node *node = doc_get(board, key);
	const char *text;

	if (!doc_read_text(board, key, false, TAG_SIZE - 1, &text, problems))
		return;
	if (tag_valid(text))
		(void)snprintf(target, TAG_SIZE, "%s", text);
	else
		doc_problem_add(problems, node->line, node->path, text, "lower-case letters, digits, '-', '_' and '.'");
}

void equipment_read(const struct doc_node *board, struct equipment *ret_equipment, struct doc_problems *problems)
{
	struct feature features[FEATURES_MAX];
	size_t count = features_read(board, features, problems);
	const struct doc_node *node = doc_get(board, "features");

	tags_read(board, ret_equipment->tags, problems);
	read_word(board, "hub", ret_equipment->hub, problems);
	if (count > EQUIPMENT_MAX_FEATURES) {
		doc_problem_add(problems, node->line, node->path, "more features", "at most %d of a board's own",
				EQUIPMENT_MAX_FEATURES);
		return;
	}
	memcpy(ret_equipment->features, features, count * sizeof(features[0]));
	ret_equipment->feature_count = count;
}

size_t equipment_hubs_read(const struct doc_node *rack, struct equipment_hub ret_hubs[EQUIPMENT_MAX_HUBS],
			   struct doc_problems *problems)
{
	static const char *const known[] = {"limit", NULL};
	const struct doc_node *hubs = doc_read_mapping(rack, "hubs", false, problems);
	size_t count = 0;

	for (size_t i = 0; hubs && i < hubs->count; i++) {
		const struct doc_node *node = hubs->child[i];
		struct equipment_hub *hub = &ret_hubs[count];
		int64_t limit = 0;

		if (count == EQUIPMENT_MAX_HUBS || !tag_valid(node->key)) {
			doc_problem_add(problems, node->line, node->path, node->key,
					"at most %d hubs, named with lower-case letters, digits, '-', '_' and '.'",
					EQUIPMENT_MAX_HUBS);
			continue;
		}
		doc_refuse_unknown(node, known, problems);
		doc_read_int(node, "limit", false, 1, 512, &limit, problems);
		(void)snprintf(hub->name, sizeof(hub->name), "%s", node->key);
		hub->limit = (uint32_t)limit;
		count++;
	}
	return count;
}

bool equipment_features_from_json(const json_t *object, struct equipment *equipment)
{
	const char *name;
	const json_t *value;
	size_t count = 0;

	if (!json_is_object(object) || json_object_size(object) > EQUIPMENT_MAX_FEATURES)
		return false;
	json_object_foreach((json_t *)(uintptr_t)object, name, value)
	{
		struct feature *feature = &equipment->features[count++];

		if (!json_is_string(value) || strlen(name) >= FEATURE_NAME_MAX || !name[0] ||
		    strlen(json_string_value(value)) >= FEATURE_VALUE_MAX)
			return false;
		(void)snprintf(feature->name, sizeof(feature->name), "%s", name);
		(void)snprintf(feature->value, sizeof(feature->value), "%s", json_string_value(value));
	}
	equipment->feature_count = count;
	return true;
}
