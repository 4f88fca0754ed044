/* SPDX-License-Identifier: Apache-2.0 */
/* What boards of a type can do, and conditions on it: features are names with a value, as vendors list them in their
 * own tools. */
#ifndef ASSAY_IMAGE_FEATURE_H
#define ASSAY_IMAGE_FEATURE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/doc.h"
#include "core/base/json.h"

#define FEATURE_NAME_MAX   32 /* with the NUL */
#define FEATURE_VALUE_MAX  64 /* with the NUL */
#define FEATURES_MAX       32 /* of a board type */
#define FEATURE_MAX_WANTED 16 /* conditions in one place, and values of one */

/* value is text whatever it was written as: "true", "false", "128", "onboard". */
struct feature {
	char name[FEATURE_NAME_MAX];
	char value[FEATURE_VALUE_MAX];
};

/* One condition: `flash: true` (there, and not "false" or "no"), `flash: false` (not there, or "false" or "no"), a
 * value, or a list of values of which it must be one. */
struct feature_condition {
	char name[FEATURE_NAME_MAX];
	size_t value_count;
	char (*values)[FEATURE_VALUE_MAX];
};

/* All must hold. Owned by whoever embeds it; zeroed: no condition. */
struct feature_conditions {
	struct feature_condition *item;
	size_t count;
};

void feature_conditions_finish(struct feature_conditions *conditions);
int feature_conditions_copy(struct feature_conditions *target, const struct feature_conditions *source);
/* Whether all hold; else *ret_unmet (may be NULL) is the first that does not. */
bool feature_conditions_hold(const struct feature_conditions *conditions, const struct feature *features, size_t count,
			     const struct feature_condition **ret_unmet);
/* "flash: true", "crypto: [onboard, import]". */
void feature_condition_describe(const struct feature_condition *condition, char *ret_text, size_t size);

/* Reads the mapping under key, when it is there. Mistakes go to problems. 0 or ERR_NOMEM. */
int feature_conditions_read(const struct doc_node *node, const char *key, struct feature_conditions *ret_conditions,
			    struct doc_problems *problems);
json_t *feature_conditions_to_json(const struct feature_conditions *conditions);

/* Reads `features:` of a board type; returns how many. */
size_t features_read(const struct doc_node *node, struct feature ret_features[FEATURES_MAX],
		     struct doc_problems *problems);
json_t *features_to_json(const struct feature *features, size_t count);

#endif
