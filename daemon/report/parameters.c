/* SPDX-License-Identifier: Apache-2.0 */
/* The parameters that a run's suite or job gave for people: kept with what was asked of the run, shown here. */
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "daemon/report/report.h"

#define TEXT_MAX (64u << 10) /* of the list; more is cut */

static int append_value(struct buf *text, const json_t *value)
{
	char *number = NULL;
	int rc;

	if (json_is_string(value))
		return buf_append(text, json_string_value(value), json_string_length(value));
	number = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
	rc = number ? buf_append(text, number, strlen(number)) : ERR_NOMEM;
	free(number);
	return rc;
}

int report_parameters(const struct report *report, const struct report_run *run, char **ret_text, struct err *err)
{
	json_t *records = NULL, *require, *value;
	const char *name;
	struct buf text;
	int full = 0;
	int rc = report->reader->run_records(report->reader->context, run->id, &records, err);

	*ret_text = NULL;
	buf_init(&text, TEXT_MAX);
	require = rc ? NULL : json_object_get(json_object_get(records, "asked"), "require");
	json_object_foreach(json_object_get(require, "parameters"), name, value)
	{
		full = full ? full : buf_appendf(&text, "%s%s ", text.len ? ", " : "", name);
		full = full ? full : append_value(&text, value);
	}
	if (!rc && text.len) {
		*ret_text = strdup(buf_text(&text));
		rc = *ret_text ? 0 : err_set(err, ERR_NOMEM, "out of memory");
	}
	buf_finish(&text);
	json_decref(records);
	return rc;
}
