/* SPDX-License-Identifier: Apache-2.0 */
/* When a run is over: reading `end:` and writing it as JSON. */
#include <inttypes.h>
#include <stdio.h>

#include "core/spec/spec_fields.h"

static const char *const whens[] = {[END_REQUIRED] = "required", [END_SUMMARY] = "summary", [END_SILENCE] = "silence"};

#define WHEN_COUNT (sizeof whens / sizeof whens[0])

const char *end_when_name(enum end_when when)
{
	return (size_t)when < WHEN_COUNT ? whens[when] : "unknown";
}

void end_rule_read(const struct doc_node *node, struct end_rule *end, struct doc_problems *problems)
{
	static const char *const known[] = {"when", "silence", "limit", "settle", "asks", NULL};
	int64_t asks;
	size_t when;

	doc_refuse_unknown(node, known, problems);
	if (node->kind != DOC_MAPPING)
		return;
	if (doc_read_enum(node, "when", false, whens, WHEN_COUNT, &when, problems))
		end->when = (enum end_when)when;
	doc_read_duration_ms(node, "silence", false, 100, 3600000, &end->silence_ms, problems);
	doc_read_duration_ms(node, "limit", false, 100, 86400000, &end->limit_ms, problems);
	doc_read_duration_ms(node, "settle", false, 0, 10000, &end->settle_ms, problems);
	if (doc_read_int(node, "asks", false, 0, 1000, &asks, problems))
		end->asks = (uint32_t)asks;
}

/* In the largest unit that says it exactly. */
static json_t *duration_to_json(int64_t ms)
{
	char text[32];

	if (ms && ms % 60000 == 0)
		snprintf(text, sizeof text, "%" PRId64 "m", ms / 60000);
	else if (ms && ms % 1000 == 0)
		snprintf(text, sizeof text, "%" PRId64 "s", ms / 1000);
	else
		snprintf(text, sizeof text, "%" PRId64 "ms", ms);
	return json_string(text);
}

json_t *end_rule_to_json(const struct end_rule *end)
{
	json_t *object = json_object();

	json_put(&object, "when", json_string(end_when_name(end->when)));
	json_put(&object, "silence", duration_to_json(end->silence_ms));
	json_put(&object, "limit", duration_to_json(end->limit_ms));
	if (end->settle_ms != END_SETTLE_BY_BOARD)
		json_put(&object, "settle", duration_to_json(end->settle_ms));
	if (end->asks)
		json_put(&object, "asks", json_integer(end->asks));
	return object;
}

static int read_end_rule(const struct doc_node *root, void *target, struct doc_problems *problems)
{
	end_rule_read(root, target, problems);
	return 0;
}

int end_rule_from_json(const json_t *object, struct end_rule *ret_end, struct err *err)
{
	struct end_rule end = END_RULE_DEFAULT;
	int rc = doc_read_json(object, read_end_rule, &end, err);

	if (!rc)
		*ret_end = end;
	return rc;
}
