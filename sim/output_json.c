/* SPDX-License-Identifier: Apache-2.0 */
/* Results as JSON. What depends on the machine stands under "machine"; all else is the same for the same load. */
#include "core/base/json.h"
#include "sim/output.h"

static json_t *integer(uint64_t value)
{
	return json_integer((json_int_t)value);
}

static json_t *wait_json(const struct result_wait *wait)
{
	json_t *object = json_object();

	json_put(&object, "runs", integer(wait->runs));
	json_put(&object, "mean_us", json_integer(wait->mean_us));
	json_put(&object, "p50_us", json_integer(wait->p50_us));
	json_put(&object, "p99_us", json_integer(wait->p99_us));
	json_put(&object, "max_us", json_integer(wait->max_us));
	return object;
}

static json_t *orgs_json(const struct result *result)
{
	json_t *array = json_array();

	for (size_t i = 0; i < result->org_count; i++) {
		const struct result_org *org = &result->orgs[i];
		json_t *object = json_object();

		json_put(&object, "name", json_string(org->name));
		json_put(&object, "weight", json_integer(org->weight));
		json_put(&object, "wait", wait_json(&org->wait));
		json_put(&object, "board_us", json_number(org->board_us));
		json_put(&object, "fair_us", json_number(org->fair_us));
		json_push(&array, object);
	}
	return array;
}

static json_t *streams_json(const struct result *result)
{
	json_t *array = json_array();

	for (size_t i = 0; i < result->stream_count; i++) {
		json_t *object = json_object();

		json_put(&object, "name", json_string(result->streams[i].name));
		json_put(&object, "wait", wait_json(&result->streams[i].wait));
		json_push(&array, object);
	}
	return array;
}

static json_t *slices_json(const struct result *result)
{
	json_t *object = json_object(), *in_use = json_array(), *waiting = json_array(), *fairness = json_array();

	for (size_t i = 0; i < result->slices; i++) {
		json_push(&in_use, json_number(result->in_use[i]));
		json_push(&waiting, json_number(result->waiting[i]));
		json_push(&fairness, result->fairness_at[i] < 0 ? json_null() : json_number(result->fairness_at[i]));
	}
	json_put(&object, "slice_us", json_integer(result->slice_us));
	json_put(&object, "in_use", in_use);
	json_put(&object, "waiting", waiting);
	json_put(&object, "fairness", fairness);
	return object;
}

static json_t *machine_json(const struct result *result)
{
	json_t *object = json_object();

	json_put(&object, "plan_ns", json_integer(result->plan_ns));
	json_put(&object, "decision_p50_ns", json_integer(result->decision_p50_ns));
	json_put(&object, "decision_p99_ns", json_integer(result->decision_p99_ns));
	json_put(&object, "decision_max_ns", json_integer(result->decision_max_ns));
	json_put(&object, "elapsed_ns", json_integer(result->elapsed_ns));
	json_put(&object, "processor_ns", json_integer(result->processor_ns));
	json_put(&object, "memory_bytes", json_integer(result->memory_bytes));
	return object;
}

static json_t *result_json(const struct result *result)
{
	json_t *object = json_object();

	json_put(&object, "label", json_string(result->label));
	json_put(&object, "boards", integer(result->boards));
	json_put(&object, "hosts", integer(result->hosts));
	json_put(&object, "jobs", integer(result->jobs));
	json_put(&object, "runs", integer(result->runs));
	json_put(&object, "finished", integer(result->finished));
	json_put(&object, "left", integer(result->left));
	json_put(&object, "left_reason", json_string(result->left_reason));
	json_put(&object, "preempted", integer(result->preempted));
	json_put(&object, "timed_out", integer(result->timed_out));
	json_put(&object, "flashed", integer(result->flashed));
	json_put(&object, "spared", integer(result->spared));
	json_put(&object, "decisions", integer(result->decisions));
	json_put(&object, "makespan_us", json_integer(result->makespan_us));
	json_put(&object, "board_us", json_number(result->board_us));
	json_put(&object, "lost_us", json_number(result->lost_us));
	json_put(&object, "utilisation", json_number(result->utilisation));
	json_put(&object, "fairness", json_number(result->fairness));
	json_put(&object, "organisations", orgs_json(result));
	json_put(&object, "streams", streams_json(result));
	json_put(&object, "slices", slices_json(result));
	json_put(&object, "machine", machine_json(result));
	return object;
}

int output_json(FILE *out, struct result *const results[], size_t count)
{
	json_t *array = json_array();
	int failed;

	for (size_t i = 0; i < count; i++)
		json_push(&array, result_json(results[i]));
	if (!array)
		return ERR_NOMEM;
	failed = json_dumpf(array, out, JSON_INDENT(1));
	json_decref(array);
	fputc('\n', out);
	return failed ? ERR_NOMEM : 0;
}
