/* SPDX-License-Identifier: Apache-2.0 */
/* What a rack file says that a board has, beyond its type: tags, features of its own, and on which hub of the host it
 * hangs; with it go the hubs. */
#ifndef ASSAY_SPEC_EQUIPMENT_H
#define ASSAY_SPEC_EQUIPMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/image/feature.h"
#include "core/spec/tags.h"

#define EQUIPMENT_MAX_FEATURES 8
#define EQUIPMENT_MAX_HUBS     32 /* of a rack */

struct equipment {
	char tags[TAGS_SIZE];
	struct feature features[EQUIPMENT_MAX_FEATURES];
	size_t feature_count;
	char hub[TAG_SIZE]; /* "": of the host itself */
};

/* limit: boards on it that may have a run at a time; 0: all. */
struct equipment_hub {
	char name[TAG_SIZE];
	uint32_t limit;
};

bool equipment_same(const struct equipment *one, const struct equipment *other);

/* The word that stands for a feature: "name=value". And whether asking for it means asking for any value but no. */
#define EQUIPMENT_WORD_SIZE (FEATURE_NAME_MAX + FEATURE_VALUE_MAX)
void feature_word(const struct feature *feature, char ret_word[EQUIPMENT_WORD_SIZE]);
bool feature_is_no(const struct feature *feature);
bool feature_is_yes(const struct feature *feature);

/* Reads `tags`, `features` and `hub` of a board of a rack file; mistakes go to problems. */
void equipment_read(const struct doc_node *board, struct equipment *ret_equipment, struct doc_problems *problems);
/* `hubs: {front: {limit: 2}}` of a rack file; returns how many. */
size_t equipment_hubs_read(const struct doc_node *rack, struct equipment_hub ret_hubs[EQUIPMENT_MAX_HUBS],
			   struct doc_problems *problems);

/* {"name": "value"}; false: it is no such object, or has more than EQUIPMENT_MAX_FEATURES. */
bool equipment_features_from_json(const json_t *object, struct equipment *equipment);

#endif
