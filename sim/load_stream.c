/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a stream of jobs of a load file:
 *
 *   name: ci
 *   organisation: acme
 *   arrivals: {mean: 40s}            # or {every: 10m}, or {at: "Mon..Fri 22:00"}; jobs: 500 at each time; total: 9000
 *   boards: {type: nrf52, tags: [radio], count: 2}        # or a list of such
 *   together: true                   # all of them at once
 *   takes: {median: 2m, sigma: 0.6}  # or {fixed: 90s}, {from: 1m, to: 3m}, {mean: 2m}
 *   estimate: 1.0
 *   limit: 20m
 *   priority: 50, parallel: 10, preemptible: true
 *   window: 22:00-06:00 Europe/Berlin
 *   images: 20, flash: 8s */
#include <math.h>

#include "sim/load.h"

#define MAX_SIGMA  4.0
#define MEAN_LIMIT 10 /* a limit that is left out is so many times what runs take on average */

static void refuse(const struct doc_node *node, const char *found, const char *expected, struct doc_problems *problems)
{
	doc_problem_add(problems, node->line, node->path, found, "%s", expected);
}

static void read_number(const struct doc_node *node, const char *key, double min, double max, double *ret_value,
			struct doc_problems *problems)
{
	double value;

	if (!doc_read_number(node, key, false, &value, problems))
		return;
	if (value < min || value > max)
		doc_problem_add(problems, doc_get(node, key)->line, doc_get(node, key)->path, doc_get(node, key)->text,
				"%g to %g", min, max);
	else
		*ret_value = value;
}

/* --- When ------------------------------------------------------------------------------------------------------ */

static void read_arrivals(const struct doc_node *node, const struct time_zones *zones, struct load_stream *stream,
			  struct doc_problems *problems)
{
	static const char *const known[] = {"mean", "every", "at", "jobs", "total", NULL};
	const struct doc_node *arrivals = doc_read_mapping(node, "arrivals", true, problems);
	int ways;

	stream->burst = 1;
	stream->total = LOAD_MAX_JOBS;
	if (!arrivals || !doc_refuse_unknown(arrivals, known, problems))
		return;
	ways = (doc_get(arrivals, "mean") != NULL) + (doc_get(arrivals, "every") != NULL) +
	       (doc_get(arrivals, "at") != NULL);
	if (ways != 1) {
		refuse(arrivals, ways ? "several" : "nothing", "one of mean, every and at", problems);
		return;
	}
	if (load_read_span(arrivals, "mean", false, 1, LOAD_MAX_SPAN_MS, &stream->between_us, problems))
		stream->arrivals = ARRIVE_RANDOMLY;
	if (load_read_span(arrivals, "every", false, 1, LOAD_MAX_SPAN_MS, &stream->between_us, problems))
		stream->arrivals = ARRIVE_EVERY;
	if (calendar_read(arrivals, "at", false, zones, &stream->at, problems))
		stream->arrivals = ARRIVE_AT;
	(void)doc_read_int(arrivals, "jobs", false, 1, LOAD_MAX_JOBS, &stream->burst, problems);
	(void)doc_read_int(arrivals, "total", false, 1, LOAD_MAX_JOBS, &stream->total, problems);
}

/* --- On what --------------------------------------------------------------------------------------------------- */

static void read_part(const struct doc_node *node, const struct load *load, struct load_stream *stream,
		      struct doc_problems *problems)
{
	static const char *const known[] = {"type", "count", "tags", "features", "site", NULL};
	struct load_part *part = &stream->part[stream->part_count++];

	part->count = 1;
	(void)doc_refuse_unknown(node, known, problems);
	(void)doc_read_int(node, "count", false, 1, LOAD_MAX_RUNS, &part->count, problems);
	load_read_traits(node, &part->traits, problems);
	if (load_read_word(node, "type", true, part->type, problems) && !load_has_type(load, part->type))
		refuse(doc_get(node, "type"), part->type, "the type of some of the boards", problems);
}

static void read_parts(const struct doc_node *node, const struct load *load, struct load_stream *stream,
		       struct doc_problems *problems)
{
	const struct doc_node *boards = doc_get(node, "boards");

	if (boards && boards->kind == DOC_MAPPING) {
		read_part(boards, load, stream, problems);
		return;
	}
	boards = doc_read_sequence(node, "boards", true, LOAD_MAX_PARTS, problems);
	for (size_t i = 0; boards && i < boards->count; i++)
		read_part(boards->child[i], load, stream, problems);
	if (boards && boards->count == 0)
		refuse(boards, "an empty list", "at least one kind of board", problems);
}

static void check_runs(const struct doc_node *node, const struct load_stream *stream, struct doc_problems *problems)
{
	int64_t runs = 0;

	for (size_t i = 0; i < stream->part_count; i++)
		runs += stream->part[i].count;
	if (runs > LOAD_MAX_RUNS)
		doc_problem_add(problems, node->line, node->path, "more runs", "at most %d", LOAD_MAX_RUNS);
	if (stream->together && runs > PLAN_MAX_GANG)
		doc_problem_add(problems, node->line, node->path, "more boards at once", "at most %d", PLAN_MAX_GANG);
	if (stream->together && stream->preemptible)
		refuse(node, "together and preemptible", "one of them: boards had at once are not taken back",
		       problems);
}

/* --- How long -------------------------------------------------------------------------------------------------- */

static void read_takes(const struct doc_node *node, struct load_takes *takes, struct doc_problems *problems)
{
	static const char *const known[] = {"fixed", "from", "to", "median", "sigma", "mean", NULL};
	static const struct {
		const char *key;
		enum load_shape shape;
	} ways[] = {{"fixed", TAKES_FIXED},
		    {"from", TAKES_UNIFORM},
		    {"median", TAKES_LOGNORMAL},
		    {"mean", TAKES_EXPONENTIAL}};
	const struct doc_node *mapping = doc_read_mapping(node, "takes", true, problems);
	int found = 0;

	takes->a_us = 1000;
	if (!mapping || !doc_refuse_unknown(mapping, known, problems))
		return;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (!doc_get(mapping, ways[i].key))
			continue;
		found++;
		takes->shape = ways[i].shape;
		(void)load_read_span(mapping, ways[i].key, true, 1, LOAD_MAX_TAKES_MS, &takes->a_us, problems);
	}
	if (found != 1)
		refuse(mapping, found ? "several" : "nothing", "one of fixed, from, median and mean", problems);
	if (takes->shape == TAKES_UNIFORM)
		(void)load_read_span(mapping, "to", true, takes->a_us / 1000, LOAD_MAX_TAKES_MS, &takes->b_us,
				     problems);
	read_number(mapping, "sigma", 0, MAX_SIGMA, &takes->sigma, problems);
}

static void read_times(const struct doc_node *node, const struct time_zones *zones, struct load_stream *stream,
		       struct doc_problems *problems)
{
	stream->estimate = 1;
	read_takes(node, &stream->takes, problems);
	read_number(node, "estimate", 0.001, 1000, &stream->estimate, problems);
	stream->limit_us = load_mean_us(&stream->takes) * MEAN_LIMIT;
	(void)load_read_span(node, "limit", false, 1, LOAD_MAX_TAKES_MS, &stream->limit_us, problems);
	stream->has_window = calendar_window_read(node, "window", false, zones, &stream->window, problems);
}

void load_read_stream(const struct doc_node *node, const struct time_zones *zones, struct load *load,
		      struct load_stream *stream, struct doc_problems *problems)
{
	static const char *const known[] = {"name",   "organisation", "arrivals", "boards",   "together",
					    "takes",  "estimate",     "limit",    "priority", "parallel",
					    "window", "preemptible",  "images",   "flash",    NULL};

	stream->priority = 50;
	(void)doc_refuse_unknown(node, known, problems);
	(void)load_read_word(node, "name", true, stream->name, problems);
	if (load_read_word(node, "organisation", true, stream->org, problems) && !load_find_org(load, stream->org))
		refuse(doc_get(node, "organisation"), stream->org, "one of the organisations", problems);
	read_arrivals(node, zones, stream, problems);
	(void)doc_read_bool(node, "together", false, &stream->together, problems);
	(void)doc_read_bool(node, "preemptible", false, &stream->preemptible, problems);
	read_parts(node, load, stream, problems);
	check_runs(node, stream, problems);
	read_times(node, zones, stream, problems);
	(void)doc_read_int(node, "priority", false, 0, PLAN_PRIORITY_MAX, &stream->priority, problems);
	(void)doc_read_int(node, "parallel", false, 1, LOAD_MAX_RUNS, &stream->parallel, problems);
	(void)doc_read_int(node, "images", false, 1, LOAD_MAX_JOBS, &stream->images, problems);
	(void)load_read_span(node, "flash", false, 1, LOAD_MAX_TAKES_MS, &stream->flash_us, problems);
}
