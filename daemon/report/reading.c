/* SPDX-License-Identifier: Apache-2.0 */
/* Reading one JSON object field by field. */
#include "daemon/report/reading.h"

const char *reading_text(struct reading *reading, const char *key)
{
	const char *text = "";

	if (!reading->rc)
		reading->rc = json_read_text(reading->object, key, false, &text, reading->err);
	return text;
}

int64_t reading_int(struct reading *reading, const char *key, bool required)
{
	int64_t value = 0;

	if (!reading->rc)
		reading->rc = json_read_int(reading->object, key, required, 0, INT64_MAX, &value, reading->err);
	return value;
}

bool reading_bool(struct reading *reading, const char *key)
{
	bool value = false;

	if (!reading->rc)
		reading->rc = json_read_bool(reading->object, key, false, &value, reading->err);
	return value;
}

const json_t *reading_list(struct reading *reading, const char *key)
{
	json_t *list = NULL;

	if (!reading->rc)
		reading->rc = json_read_array(reading->object, key, false, &list, reading->err);
	return list;
}

struct reading reading_child(struct reading *reading, const char *key)
{
	json_t *object = NULL;

	if (!reading->rc)
		reading->rc = json_read_object(reading->object, key, false, &object, reading->err);
	return (struct reading){.object = object, .err = reading->err, .rc = reading->rc};
}

void reading_join(struct reading *reading, const struct reading *child)
{
	if (!reading->rc)
		reading->rc = child->rc;
}

void reading_refuse(struct reading *reading, const char *key, const char *word)
{
	if (!reading->rc)
		reading->rc =
			err_set(reading->err, ERR_INVALID, "%s: found \"%.60s\", expected a known word", key, word);
}

enum run_verdict reading_run_verdict(struct reading *reading)
{
	const char *word = reading_text(reading, "verdict");
	enum run_verdict verdict = RUN_NONE;

	if (word[0] && !run_verdict_parse(word, &verdict))
		reading_refuse(reading, "verdict", word);
	return verdict;
}

enum cause reading_cause(struct reading *reading)
{
	const char *word = reading_text(reading, "cause");
	enum cause cause = CAUSE_NONE;

	if (word[0] && !cause_parse(word, &cause))
		reading_refuse(reading, "cause", word);
	return cause;
}
