/* SPDX-License-Identifier: Apache-2.0 */
/* A `require:` while it is being read; private to the spec_*.c files. */
#ifndef ASSAY_SPEC_SPEC_REQUIRE_H
#define ASSAY_SPEC_SPEC_REQUIRE_H

#include "core/spec/spec_fields.h"

struct require_reading {
	struct requirements require;
	struct doc_problems *problems;
	size_t bytes;    /* about what it takes as JSON, so far */
	size_t measures; /* rules so far */
	bool nomem;
};

/* What a group says for each of its cases, which they may replace. */
struct case_defaults {
	enum case_category category;
	bool optional;
	const struct doc_node *when; /* the node that has a `when`, or NULL */
};

/* Names as a board may print them: no blanks, quotes, or what the patterns and the output forms use. */
bool spec_name_valid(const char *text, size_t len);

/* Appends a copy to a list whose capacity is the next power of two of its count. */
void require_append_name(struct require_reading *reading, char ***list, size_t *count, const char *text);

/* `category`, `optional` and `when` of a case or group. */
void require_read_defaults(struct require_reading *reading, const struct doc_node *node,
			   struct case_defaults *defaults);

/* One entry of a list of cases: a name, or a mapping with one. group "" where it is Group.Case already. Returns whether
 * it is a case that must be seen. */
bool require_read_case(struct require_reading *reading, const char *group, const struct doc_node *node,
		       const struct case_defaults *defaults);

/* `groups:`. */
void require_read_groups(struct require_reading *reading, const struct doc_node *node);

/* `measure:` of a case. */
void require_read_measures(struct require_reading *reading, const struct doc_node *node, struct case_rule *rule);
json_t *measure_rules_to_json(const struct case_rule *rule);

#endif
