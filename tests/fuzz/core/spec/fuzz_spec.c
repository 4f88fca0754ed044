/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a job file and as a suite file: refused with a problem, or taken, and then the same after a way through
 * JSON. */
#include <stdint.h>
#include <stdlib.h>

#include "core/spec/spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require_that(int good)
{
	if (!good)
		abort();
}

/* Every suite a job names is there, as in the daemon. */
static const struct suite *any_suite(void *context, const char *name)
{
	static const char text[] = "{name: any, version: 1, require: {cases: [A.b]}}";
	static struct suite suite;
	struct doc_problems problems;

	(void)context;
	(void)name;
	doc_problems_init(&problems, "any.yaml");
	if (!suite.version[0])
		require_that(suite_read("any.yaml", text, sizeof(text) - 1, &suite, &problems) == 0);
	return &suite;
}

static void try_job(const char *text, size_t len)
{
	struct job_spec *spec = NULL, *again = NULL;
	struct doc_problems problems;
	struct err err = {0};
	json_t *object, *twice;

	doc_problems_init(&problems, "job.yaml");
	if (job_spec_read("job.yaml", text, len, any_suite, NULL, &spec, &problems)) {
		require_that(problems.count > 0);
		return;
	}
	object = job_spec_to_json(spec);
	require_that(object != NULL);
	require_that(job_spec_from_json(object, &again, &err) == 0);
	twice = job_spec_to_json(again);
	require_that(json_equal(object, twice));
	json_decref(object);
	json_decref(twice);
	job_spec_destroy(spec);
	job_spec_destroy(again);
}

static void try_suite(const char *text, size_t len)
{
	struct doc_problems problems;
	struct suite suite;

	doc_problems_init(&problems, "suite.yaml");
	if (suite_read("suite.yaml", text, len, &suite, &problems) == 0)
		suite_finish(&suite);
	else
		require_that(problems.count > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	try_job((const char *)data, size);
	try_suite((const char *)data, size);
	return 0;
}
