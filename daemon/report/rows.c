/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of a report: steps, cases and what a run left behind, read one at a time and forgotten. */
#include <string.h>

#include "daemon/report/reading.h"
#include "daemon/report/report.h"

struct step_walk {
	report_step_fn on_step;
	void *context;
	size_t number;
};

struct case_walk {
	report_case_fn on_case;
	void *context;
	size_t number;
	struct measurement measured[REPORT_MEASURES_MAX];
};

static int on_step_row(void *context, const json_t *row, struct err *err)
{
	struct step_walk *walk = context;
	struct reading reading = {.object = row, .err = err};
	const struct report_step step = {.step = reading_text(&reading, "step"),
					 .back = strcmp(reading_text(&reading, "phase"), "back") == 0,
					 .cause = reading_cause(&reading),
					 .text = reading_text(&reading, "text"),
					 .ended = json_is_integer(json_object_get(row, "took_us")),
					 .begun_at_us = reading_int(&reading, "begun_at_us", false),
					 .took_us = reading_int(&reading, "took_us", false)};

	if (reading.rc)
		return err_prefix(err, "steps[%zu]", walk->number);
	walk->number++;
	return walk->on_step(walk->context, &step, err);
}

int report_each_step(const struct report *report, const struct report_run *run, report_step_fn on_step, void *context,
		     struct err *err)
{
	struct step_walk walk = {.on_step = on_step, .context = context};
	int rc = report->reader->steps(report->reader->context, run->id, on_step_row, &walk, err);

	return rc == ERR_INVALID && err ? err_prefix(err, "run %lld", (long long)run->id) : rc;
}

/* The API says null for what a measurement has not; between farm and agent it is absent. */
static int measurement_of(const json_t *row, struct measurement *ret_measured, struct err *err)
{
	json_t *object = json_object(), *value;
	const char *key;
	int rc;

	json_object_foreach((json_t *)(uintptr_t)row, key, value)
	{
		if (!json_is_null(value))
			json_put(&object, key, json_incref(value));
	}
	rc = object ? measurement_from_json(object, ret_measured, err)
		    : err_set(err, ERR_NOMEM, "out of memory for a report");
	json_decref(object);
	return rc;
}

static void read_measured(struct reading *reading, struct case_walk *walk, struct report_case *result)
{
	const json_t *list = reading_list(reading, "measurements");
	size_t count = json_array_size(list);

	for (size_t i = 0; i < count && i < REPORT_MEASURES_MAX && !reading->rc; i++) {
		reading->rc = measurement_of(json_array_get(list, i), &walk->measured[i], reading->err);
		result->measured_count = i + 1;
	}
	result->measured = walk->measured;
}

static void read_words(struct reading *reading, struct report_case *result)
{
	const char *verdict = reading_text(reading, "verdict"), *standing = reading_text(reading, "standing");
	const char *category = reading_text(reading, "category");

	if (!case_verdict_parse(verdict, &result->verdict))
		reading_refuse(reading, "verdict", verdict);
	if (!case_standing_parse(standing, &result->standing))
		reading_refuse(reading, "standing", standing);
	if (category[0] && !case_category_parse(category, &result->category))
		reading_refuse(reading, "category", category);
}

static int on_case_row(void *context, const json_t *row, struct err *err)
{
	struct case_walk *walk = context;
	struct reading reading = {.object = row, .err = err};
	struct report_case result = {.group = reading_text(&reading, "group"),
				     .name = reading_text(&reading, "name"),
				     .message = reading_text(&reading, "message"),
				     .required = reading_bool(&reading, "required"),
				     .waived_ignore = reading_bool(&reading, "waived_ignore"),
				     .waiver = reading_int(&reading, "waiver", false),
				     .offset = reading_int(&reading, "offset", false),
				     .end = reading_int(&reading, "end", false),
				     .begun_at_us = reading_int(&reading, "begun_at_us", false),
				     .ended_at_us = reading_int(&reading, "ended_at_us", false)};

	read_words(&reading, &result);
	read_measured(&reading, walk, &result);
	if (reading.rc)
		return err_prefix(err, "cases[%zu]", walk->number);
	walk->number++;
	return walk->on_case(walk->context, &result, err);
}

int report_each_case(const struct report *report, const struct report_run *run, report_case_fn on_case, void *context,
		     struct err *err)
{
	struct case_walk walk = {.on_case = on_case, .context = context};
	int rc = report->reader->cases(report->reader->context, run->id, on_case_row, &walk, err);

	return rc == ERR_INVALID && err ? err_prefix(err, "run %lld", (long long)run->id) : rc;
}

int report_post_mortem(const struct report *report, const struct report_run *run, char **ret_text, struct err *err)
{
	*ret_text = NULL;
	return report->reader->post_mortem(report->reader->context, run->id, ret_text, err);
}
