/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the API's JSON for show. */
#include "daemon/cli/api.h"

#include <string.h>

const char *api_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

int64_t api_int(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

const char *api_outcome(const json_t *job_or_run)
{
	const char *verdict = api_text(job_or_run, "verdict"), *state = api_text(job_or_run, "state");
	const char *cause = api_text(job_or_run, "cause");

	if (strcmp(state, "finished") != 0 || !*verdict || strcmp(verdict, "none") == 0)
		return state;
	return strcmp(verdict, "passed") == 0 && strncmp(cause, "passed-", 7) == 0 ? cause : verdict;
}

const char *api_reason(const json_t *job_or_run)
{
	const char *text = api_text(job_or_run, "text"), *cause = api_text(job_or_run, "cause");

	if (*text)
		return text;
	return strcmp(cause, "none") == 0 ? "" : cause;
}

bool api_is_good(const char *cause)
{
	return !*cause || strcmp(cause, "none") == 0 || strcmp(cause, "all-required-seen") == 0 ||
	       strncmp(cause, "passed-", 7) == 0;
}

int64_t api_took_us(const json_t *object, const char *begun_key, int64_t now_us)
{
	int64_t begun_us = api_int(object, begun_key), finished_us = api_int(object, "finished_at_us");

	if (!begun_us)
		return -1;
	return (finished_us ? finished_us : now_us) - begun_us;
}

bool api_is_superseded(const json_t *runs, const json_t *run)
{
	const json_t *other;
	size_t i;

	json_array_foreach(runs, i, other)
	{
		if (api_int(other, "index") == api_int(run, "index") &&
		    api_int(other, "attempt") > api_int(run, "attempt"))
			return true;
	}
	return false;
}
