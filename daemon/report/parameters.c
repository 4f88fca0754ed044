/* SPDX-License-Identifier: Apache-2.0 */
/* The parameters that a run's suite or job gave for people: kept with what was asked of the run, shown here. */
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "daemon/report/report.h"

#define TEXT_MAX (64u << 10) /* of the list; more is cut */

/* A new reference. */
static json_t *value_to_text(json_t *value)
{
	char *number;
	json_t *text;

	if (json_is_string(value))
		return json_incref(value);
	number = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
	text = number ? json_string(number) : NULL;
	free(number);
	return text;
}

int report_parameters(const struct report *report, const struct report_run *run, json_t **ret_parameters,
		      struct err *err)
{
	json_t *records = NULL, *require, *value, *parameters = NULL;
	const char *name;
	int rc = report->reader->run_records(report->reader->context, run->id, &records, err);

	if (rc)
		return rc;
	require = json_object_get(json_object_get(records, "asked"), "require");
	parameters = json_object();
	json_object_foreach(json_object_get(require, "parameters"), name, value)
		json_put(&parameters, name, value_to_text(value));
	json_decref(records);
	if (!parameters)
		return err_set(err, ERR_NOMEM, "out of memory");
	*ret_parameters = parameters;
	return 0;
}

int report_parameters_text(const struct report *report, const struct report_run *run, char **ret_text, struct err *err)
{
	json_t *parameters, *value;
	const char *name;
	struct buf text;
	int full = 0;
	int rc = report_parameters(report, run, &parameters, err);

	*ret_text = NULL;
	if (rc)
		return rc;
	buf_init(&text, TEXT_MAX);
	json_object_foreach(parameters, name, value)
	{
		if (!full)
			full = buf_appendf(&text, "%s%s %s", text.len ? ", " : "", name, json_string_value(value));
	}
	if (text.len) {
		*ret_text = strdup(buf_text(&text));
		rc = *ret_text ? 0 : err_set(err, ERR_NOMEM, "out of memory");
	}
	buf_finish(&text);
	json_decref(parameters);
	return rc;
}
