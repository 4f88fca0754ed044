/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a job: its own fields, then each run with what it inherits.
 *
 * Who wins for a run, first to last: its own `require`, its own suite's, the job's, the job's suite's. `end` goes field
 * by field over what is inherited the same way. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/spec/spec_read.h"
#include "core/spec/spec_when.h"

struct reading {
	struct job_spec *spec;
	struct doc_problems *problems;
	suite_lookup_fn lookup;
	void *lookup_context;
	bool normalised;             /* JSON of ours, which has a hash besides each image */
	struct requirements require; /* what runs inherit */
	struct end_rule end;
	bool stage_given; /* of the job: goes over every run's */
	enum spec_stage stage;
	bool suite_trusted; /* it comes from a suite that is not known here */
	bool nothing_told;  /* that the job requires nothing */
	size_t before;      /* problems when reading began */
	size_t names;       /* required names of all runs */
	size_t bytes;       /* and their bytes */
	size_t total;       /* runs, counted */
	bool nomem;
};

/* The suite under `suite`, or NULL. A suite that cannot be looked up here is trusted to exist. */
static const struct suite *read_suite(struct reading *reading, const struct doc_node *node, char *ret_name, size_t size,
				      bool *ret_trusted)
{
	const struct doc_node *child = doc_get(node, "suite");
	const struct suite *suite;

	if (!spec_read_name(node, "suite", false, ret_name, size, reading->problems))
		return NULL;
	if (!reading->lookup) {
		*ret_trusted = true;
		return NULL;
	}
	suite = reading->lookup(reading->lookup_context, ret_name);
	if (!suite)
		doc_problem_add(reading->problems, child->line, child->path, ret_name, "a suite that the farm knows");
	return suite;
}

/* Puts a copy of source in place of what *target held. */
static void replace_require(struct reading *reading, struct requirements *target, const struct requirements *source)
{
	requirements_finish(target);
	requirements_init(target);
	if (requirements_copy(target, source))
		reading->nomem = true;
}

/* Reads `require` under node, when it is there, in place of what *target held. */
static void read_require(struct reading *reading, const struct doc_node *node, struct requirements *target)
{
	const struct doc_node *child = doc_read_mapping(node, "require", false, reading->problems);
	struct requirements require;
	int rc;

	if (!child)
		return;
	rc = requirements_read(child, &require, reading->problems);
	if (rc) {
		reading->nomem |= rc == ERR_NOMEM;
		return;
	}
	requirements_finish(target);
	*target = require;
}

static void read_end(struct reading *reading, const struct doc_node *node, struct end_rule *end)
{
	const struct doc_node *child = doc_read_mapping(node, "end", false, reading->problems);

	if (child)
		end_rule_read(child, end, reading->problems);
}

static void read_hash(struct reading *reading, const struct doc_node *child, const char *hex, struct run_spec *run)
{
	if (strspn(hex, "0123456789abcdef") != 64 || hex[64])
		doc_problem_add(reading->problems, child->line, child->path, hex, "64 lower-case hex digits");
	else
		memcpy(run->image_sha256, hex, 65);
}

static void read_image(struct reading *reading, const struct doc_node *node, struct run_spec *run)
{
	const struct doc_node *hash = doc_get(node, "sha256");
	const char *text;

	/* A lease, which is kept in the same form, may have none. */
	if (!spec_read_text(node, "image", !reading->normalised, run->image, sizeof run->image, reading->problems))
		return;
	if (strncmp(run->image, "sha256:", 7) == 0)
		read_hash(reading, doc_get(node, "image"), run->image + 7, run);
	else if (hash && doc_node_text(hash, 64, &text, reading->problems))
		read_hash(reading, hash, text, run);
}

/* Refuses a run that could never be over because nothing is required. Told once for all runs that say nothing of their
 * own, and not at all when it may come from a mistake told already. */
static void refuse_nothing(struct reading *reading, const struct doc_node *root, const struct doc_node *node,
			   const struct run_spec *run)
{
	bool own = doc_get(node, "require") || doc_get(node, "suite") || doc_get(node, "end");

	if (run->end.when != END_REQUIRED || requirements_any(&run->require))
		return;
	if (reading->problems->count > reading->before || (!own && reading->nothing_told))
		return;
	reading->nothing_told |= !own;
	requirements_tell_nothing(own ? node : root, reading->problems);
}

static void inherit(struct reading *reading, const struct doc_node *root, const struct doc_node *node,
		    struct run_spec *run)
{
	char name[sizeof reading->spec->suite];
	bool trusted = reading->suite_trusted;
	const struct suite *suite = read_suite(reading, node, name, sizeof name, &trusted);

	run->end = suite ? suite->end : reading->end;
	replace_require(reading, &run->require, suite ? &suite->require : &reading->require);
	read_require(reading, node, &run->require);
	read_end(reading, node, &run->end);
	if (reading->stage_given)
		run->require.stage = reading->stage;
	spec_read_stage(node, &run->require.stage, NULL, reading->problems);
	requirements_settle(&run->require, &run->end);
	if (!trusted)
		refuse_nothing(reading, root, node, run);
}

/* Whether more is required over all runs than a job may hold. */
static bool too_much(const struct reading *reading)
{
	return reading->names > SPEC_MAX_JOB_NAMES || reading->bytes > SPEC_MAX_JOB_BYTES;
}

static void refuse_too_much(struct reading *reading, const struct doc_node *node, const struct run_spec *run)
{
	size_t total = reading->total;

	reading->names += requirements_size(&run->require, &reading->bytes);
	reading->total += run->count * (run->boards && run->boards != SPEC_EACH_BOARD ? run->boards : 1);
	if (total <= SPEC_MAX_RUNS && reading->total > SPEC_MAX_RUNS)
		doc_problem_add(reading->problems, node->line, node->path, "more runs", "at most %d in a job",
				SPEC_MAX_RUNS);
	if (too_much(reading))
		doc_problem_add(reading->problems, node->line, node->path, "more required names",
				"at most %d over all runs of a job, of at most 2 MiB", SPEC_MAX_JOB_NAMES);
}

static void read_run(struct reading *reading, const struct doc_node *root, const struct doc_node *node,
		     struct run_spec *run)
{
	static const char *const known[] = {"type",  "board", "boards",  "site", "tags",  "features", "image",
					    "count", "suite", "require", "end",  "stage", "sha256",   NULL};
	static const char *const known_in_files[] = {"type",  "board", "boards",  "site", "tags",  "features", "image",
						     "count", "suite", "require", "end",  "stage", NULL};
	int64_t count = 1;

	run->line = node->line;
	doc_refuse_unknown(node, reading->normalised ? known : known_in_files, reading->problems);
	if (node->kind != DOC_MAPPING)
		return;
	spec_read_place(node, run, reading->problems);
	read_image(reading, node, run);
	doc_read_int(node, "count", false, 1, SPEC_MAX_RUNS, &count, reading->problems);
	run->count = (uint32_t)count;
	inherit(reading, root, node, run);
	refuse_too_much(reading, node, run);
}

static void read_runs(struct reading *reading, const struct doc_node *root)
{
	const struct doc_node *list = doc_read_sequence(root, "runs", true, SPEC_MAX_RUNS, reading->problems);
	struct job_spec *spec = reading->spec;

	if (list && !list->count)
		doc_problem_add(reading->problems, list->line, list->path, "an empty list", "at least one run");
	if (!list || !list->count)
		return;
	spec->runs = calloc(list->count, sizeof *spec->runs);
	if (!spec->runs) {
		reading->nomem = true;
		return;
	}
	/* Past the names' maximum nothing more is copied: a small file must not ask for gigabytes. */
	for (size_t i = 0; i < list->count && !reading->nomem && !too_much(reading); i++) {
		requirements_init(&spec->runs[i].require);
		spec->run_count++;
		read_run(reading, root, list->child[i], &spec->runs[i]);
	}
}

static void read_job(struct reading *reading, const struct doc_node *root)
{
	static const char *const known[] = {"name",    "priority", "suite",    "require",     "end",        "stage",
					    "retries", "parallel", "together", "preemptible", "not-before", "deadline",
					    "window",  "after",    "when",     "runs",        NULL};
	struct job_spec *spec = reading->spec;
	int64_t priority = 50, retries = 1, parallel = 0;
	const struct suite *suite;

	doc_refuse_unknown(root, known, reading->problems);
	if (root->kind != DOC_MAPPING)
		return;
	spec_read_text(root, "name", true, spec->name, sizeof spec->name, reading->problems);
	doc_read_int(root, "priority", false, 0, 100, &priority, reading->problems);
	doc_read_int(root, "retries", false, 0, 5, &retries, reading->problems);
	spec->priority = (int)priority;
	doc_read_int(root, "parallel", false, 1, SPEC_MAX_RUNS, &parallel, reading->problems);
	spec->retries = (uint32_t)retries;
	spec->parallel = (uint32_t)parallel;
	doc_read_bool(root, "together", false, &spec->together, reading->problems);
	doc_read_bool(root, "preemptible", false, &spec->preemptible, reading->problems);
	spec_read_when(root, &spec->when, reading->problems);
	suite = read_suite(reading, root, spec->suite, sizeof spec->suite, &reading->suite_trusted);
	if (suite) {
		reading->end = suite->end;
		replace_require(reading, &reading->require, &suite->require);
	}
	read_require(reading, root, &reading->require);
	read_end(reading, root, &reading->end);
	spec_read_stage(root, &reading->stage, &reading->stage_given, reading->problems);
	read_runs(reading, root);
	if (spec->together && reading->total > SPEC_MAX_TOGETHER)
		doc_problem_add(reading->problems, doc_get(root, "together")->line, "together", "more runs",
				"at most %d runs when all are to run at once", SPEC_MAX_TOGETHER);
}

int job_spec_read_node(const struct doc_node *root, suite_lookup_fn lookup, void *lookup_context, bool normalised,
		       struct job_spec **ret_spec, struct doc_problems *problems)
{
	struct reading reading = {.problems = problems,
				  .before = problems->count,
				  .lookup = lookup,
				  .lookup_context = lookup_context,
				  .normalised = normalised,
				  .end = END_RULE_DEFAULT};

	reading.spec = calloc(1, sizeof *reading.spec);
	if (!reading.spec)
		return ERR_NOMEM;
	requirements_init(&reading.require);
	read_job(&reading, root);
	requirements_finish(&reading.require);
	if (reading.nomem || problems->count > reading.before) {
		job_spec_destroy(reading.spec);
		return reading.nomem ? ERR_NOMEM : ERR_INVALID;
	}
	*ret_spec = reading.spec;
	return 0;
}

int job_spec_read(const char *file, const char *text, size_t len, suite_lookup_fn lookup, void *lookup_context,
		  struct job_spec **ret_spec, struct doc_problems *problems)
{
	struct doc *doc;
	int rc = doc_parse(file, text, len, &doc, problems);

	if (rc)
		return rc;
	rc = job_spec_read_node(doc->root, lookup, lookup_context, false, ret_spec, problems);
	doc_destroy(doc);
	return rc;
}

void job_spec_destroy(struct job_spec *spec)
{
	if (!spec)
		return;
	for (size_t i = 0; i < spec->run_count; i++)
		requirements_finish(&spec->runs[i].require);
	free(spec->runs);
	free(spec);
}
