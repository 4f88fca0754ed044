/* SPDX-License-Identifier: Apache-2.0 */
/* A job as JSON, with all defaults and the suites' contents written out. */
#include "core/spec/spec_read.h"
#include "core/spec/spec_when.h"

static json_t *run_to_json(const struct run_spec *run)
{
	json_t *object = json_object();

	if (run->board[0])
		json_put(&object, "board", json_string(run->board));
	else
		json_put(&object, "type", json_string(run->board_type));
	if (run->image[0])
		json_put(&object, "image", json_string(run->image));
	if (run->image_sha256[0])
		json_put(&object, "sha256", json_string(run->image_sha256));
	json_put(&object, "count", json_integer(run->count));
	if (run->boards)
		json_put(&object, "boards",
			 run->boards == SPEC_EACH_BOARD ? json_string("each") : json_integer(run->boards));
	if (run->tags[0])
		json_put(&object, "tags", tags_to_json(run->tags));
	if (run->site[0])
		json_put(&object, "site", json_string(run->site));
	if (run->feature_count)
		json_put(&object, "features", features_to_json(run->features, run->feature_count));
	json_put(&object, "require", requirements_to_json(&run->require));
	json_put(&object, "end", end_rule_to_json(&run->end));
	return object;
}

json_t *job_spec_to_json(const struct job_spec *spec)
{
	json_t *object = json_object(), *runs = json_array();

	for (size_t i = 0; i < spec->run_count; i++)
		json_push(&runs, run_to_json(&spec->runs[i]));
	json_put(&object, "name", json_string(spec->name));
	json_put(&object, "priority", json_integer(spec->priority));
	if (spec->suite[0])
		json_put(&object, "suite", json_string(spec->suite));
	json_put(&object, "retries", json_integer(spec->retries));
	if (spec->parallel)
		json_put(&object, "parallel", json_integer(spec->parallel));
	if (spec->together)
		json_put(&object, "together", json_true());
	if (spec->preemptible)
		json_put(&object, "preemptible", json_true());
	spec_when_to_json(&spec->when, &object);
	json_put(&object, "runs", runs);
	return object;
}

static int read_job_spec(const struct doc_node *root, void *target, struct doc_problems *problems)
{
	return job_spec_read_node(root, NULL, NULL, true, target, problems);
}

int job_spec_from_json(const json_t *object, struct job_spec **ret_spec, struct err *err)
{
	return doc_read_json(object, read_job_spec, (void *)ret_spec, err);
}
