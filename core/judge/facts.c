/* SPDX-License-Identifier: Apache-2.0 */
/* A run's facts as JSON and back. */
#include "core/judge/facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const END_NAMES[] = {
	[CAPTURE_OPEN] = "open",   [CAPTURE_COMPLETE] = "complete",   [CAPTURE_SILENCE] = "silence",
	[CAPTURE_LIMIT] = "limit", [CAPTURE_REBOOT] = "reboot",       [CAPTURE_CRASHED] = "crashed",
	[CAPTURE_LOST] = "lost",   [CAPTURE_CANCELLED] = "cancelled",
};

#define END_COUNT (sizeof(END_NAMES) / sizeof(END_NAMES[0]))

const char *capture_end_name(enum capture_end end)
{
	return END_NAMES[end];
}

void run_facts_init(struct run_facts *facts)
{
	*facts = (struct run_facts){0};
}

void run_facts_finish(struct run_facts *facts)
{
	free(facts->marks);
	run_facts_init(facts);
}

int run_facts_mark(struct run_facts *facts, uint64_t offset, int64_t at_us)
{
	if (facts->mark_count == FACTS_MAX_MARKS) {
		facts->marks_cut = true;
		return 0;
	}
	if (!facts->marks)
		facts->marks = calloc(FACTS_MAX_MARKS, sizeof(*facts->marks));
	if (!facts->marks)
		return ERR_NOMEM;
	facts->marks[facts->mark_count++] = (struct mark_time){.offset = offset, .at_us = at_us};
	return 0;
}

int64_t run_facts_marked_at(const struct run_facts *facts, uint64_t offset)
{
	size_t low = 0, high = facts->mark_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (facts->marks[middle].offset < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low < facts->mark_count && facts->marks[low].offset == offset ? facts->marks[low].at_us : 0;
}

json_t *run_facts_to_json(const struct run_facts *facts)
{
	const struct judge_facts *judge = &facts->judge;
	json_t *object = json_object(), *marks = json_array();

	for (size_t i = 0; i < facts->mark_count; i++)
		json_push(&marks,
			  json_pack("[I,I]", (json_int_t)facts->marks[i].offset, (json_int_t)facts->marks[i].at_us));
	json_put(&object, "capture", json_string(capture_end_name(judge->capture)));
	json_put(&object, "console_bytes", json_integer((json_int_t)judge->console_bytes));
	json_put(&object, "console_dropped", json_integer((json_int_t)judge->console_dropped));
	json_put(&object, "probe_resets", json_integer(judge->probe_resets));
	json_put(&object, "core_faulted", json_boolean(judge->core_faulted));
	json_put(&object, "core", json_text(judge->core_text, sizeof(judge->core_text)));
	json_put(&object, "expected_build_id", json_text(judge->expected_build_id, sizeof(judge->expected_build_id)));
	json_put(&object, "marks", marks);
	json_put(&object, "marks_cut", json_boolean(facts->marks_cut));
	return object;
}

static int read_mark(const json_t *pair, struct run_facts *facts, struct err *err)
{
	const json_t *offset = json_array_get(pair, 0), *at_us = json_array_get(pair, 1);
	const uint64_t last = facts->mark_count ? facts->marks[facts->mark_count - 1].offset + 1 : 0;

	if (json_array_size(pair) != 2 || !json_is_integer(offset) || !json_is_integer(at_us) ||
	    json_integer_value(offset) < 0 || json_integer_value(at_us) < 0)
		return err_set(err, ERR_INVALID, "marks: expected pairs of offset and time");
	if ((uint64_t)json_integer_value(offset) < last)
		return err_set(err, ERR_INVALID, "marks: expected them in the order of the console");
	if (run_facts_mark(facts, (uint64_t)json_integer_value(offset), json_integer_value(at_us)))
		return err_set(err, ERR_NOMEM, "out of memory");
	return 0;
}

static int read_judge_facts(const json_t *object, struct judge_facts *facts, struct err *err)
{
	int64_t bytes = 0, dropped = 0, resets = 0;
	size_t end = 0;
	int rc = json_read_enum(object, "capture", true, END_NAMES, END_COUNT, &end, err);

	if (!rc)
		rc = json_read_int(object, "console_bytes", true, 0, INT64_MAX, &bytes, err);
	if (!rc)
		rc = json_read_int(object, "console_dropped", true, 0, INT64_MAX, &dropped, err);
	if (!rc)
		rc = json_read_int(object, "probe_resets", true, 0, UINT32_MAX, &resets, err);
	if (!rc)
		rc = json_read_bool(object, "core_faulted", true, &facts->core_faulted, err);
	if (!rc)
		rc = json_read_text_into(object, "core", 0, facts->core_text, sizeof(facts->core_text), err);
	if (!rc)
		rc = json_read_text_into(object, "expected_build_id", 0, facts->expected_build_id,
					 sizeof(facts->expected_build_id), err);
	facts->capture = (enum capture_end)end;
	facts->console_bytes = (uint64_t)bytes;
	facts->console_dropped = (uint64_t)dropped;
	facts->probe_resets = (uint32_t)resets;
	return rc;
}

int run_facts_from_json(const json_t *object, struct run_facts *ret_facts, struct err *err)
{
	struct run_facts facts;
	json_t *marks = NULL, *pair;
	size_t i;
	int rc;

	run_facts_init(&facts);
	rc = json_is_object(object) && json_object_size(object) == 9
		     ? read_judge_facts(object, &facts.judge, err)
		     : err_set(err, ERR_INVALID, "expected an object of nine fields, from capture to marks_cut");
	if (!rc)
		rc = json_read_array(object, "marks", true, &marks, err);
	if (!rc && json_array_size(marks) > FACTS_MAX_MARKS)
		rc = err_set(err, ERR_INVALID, "marks: expected at most %d", FACTS_MAX_MARKS);
	json_array_foreach(marks, i, pair)
	{
		if (!rc)
			rc = read_mark(pair, &facts, err);
	}
	if (!rc)
		rc = json_read_bool(object, "marks_cut", true, &facts.marks_cut, err);
	if (rc) {
		run_facts_finish(&facts);
		return rc;
	}
	*ret_facts = facts;
	return 0;
}
