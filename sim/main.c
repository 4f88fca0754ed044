/* SPDX-License-Identifier: Apache-2.0 */
/* assay-sim: what would a farm do with this load? */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "daemon/zones/zones.h"
#include "sim/change.h"
#include "sim/engine.h"
#include "sim/options.h"
#include "sim/output.h"

#define MAX_RESULTS (2 * OPTIONS_MAX_LOADS)

enum { STATUS_GOOD, STATUS_FAILED, STATUS_USAGE };

/* One load file, as it is or with what is set. */
struct scenario {
	const struct options *options;
	const struct time_zones *zones;
	const char *path; /* NULL: a recording only */
	bool is_changed;
};

static int read_whole(const char *path, struct buf *text, struct err *err)
{
	FILE *file = fopen(path, "r");
	char chunk[65536];
	size_t got;
	int code = 0;

	if (!file)
		return err_set_errno(err, errno, "cannot open %s", path);
	while (!code && (got = fread(chunk, 1, sizeof(chunk), file)) > 0)
		code = buf_append(text, chunk, got);
	if (code)
		err_set(err, (enum err_code)code, "%s: found more than %u bytes", path, DOC_MAX_BYTES);
	else if (ferror(file))
		code = err_set_errno(err, errno, "cannot read %s", path);
	(void)fclose(file);
	return code;
}

static int read_doc(const struct scenario *scenario, struct doc *doc, struct changes *changes, struct load **ret_load,
		    struct doc_problems *problems, struct err *err)
{
	const struct options *options = scenario->options;

	for (size_t i = 0; scenario->is_changed && i < options->set_count; i++)
		if (changes_apply(changes, doc, options->sets[i], err))
			return err_prefix(err, "--set");
	return load_read(doc->root, !options->record, scenario->zones, ret_load, problems);
}

/* Prints what is wrong. NULL then. */
static struct load *read_load(const struct scenario *scenario)
{
	struct doc_problems *problems = mem_alloc(sizeof(*problems));
	struct changes changes;
	struct load *load = NULL;
	struct doc *doc = NULL;
	struct err err = {0};
	struct buf text, told;

	buf_init(&text, DOC_MAX_BYTES);
	buf_init(&told, DOC_MAX_BYTES);
	doc_problems_init(problems, scenario->path);
	changes_init(&changes);
	if (!read_whole(scenario->path, &text, &err) &&
	    !doc_parse(scenario->path, buf_text(&text), text.len, &doc, problems))
		(void)read_doc(scenario, doc, &changes, &load, problems, &err);
	if (!load) {
		(void)doc_problems_format(problems, &told);
		fprintf(stderr, "%s%s%s%s", buf_text(&told), err.code ? "assay-sim: " : "", err.code ? err.text : "",
			err.code ? "\n" : "");
	}
	doc_destroy(doc);
	changes_finish(&changes);
	buf_finish(&text);
	buf_finish(&told);
	free(problems);
	return load;
}

static void label_of(const struct scenario *scenario, const struct load *load, char label[RESULT_LABEL_MAX])
{
	size_t len;

	mem_text_into(label, RESULT_LABEL_MAX, load->name);
	for (size_t i = 0; scenario->is_changed && i < scenario->options->set_count; i++) {
		len = strlen(label);
		snprintf(label + len, RESULT_LABEL_MAX - len, "%s%s", i == 0 ? " with " : ", ",
			 scenario->options->sets[i]);
	}
}

/* NULL: what is wrong was printed. */
static struct result *run_scenario(const struct scenario *scenario)
{
	struct load *load = scenario->path ? read_load(scenario) : load_create("recorded");
	struct recording *recording = NULL;
	struct result *result = NULL;
	struct err err = {0};
	char label[RESULT_LABEL_MAX];

	if (!load)
		return NULL;
	if (scenario->options->record && recording_read(scenario->options->record, load, &recording, &err)) {
		fprintf(stderr, "assay-sim: %s\n", err.text);
	} else {
		label_of(scenario, load, label);
		result = simulate(load, recording, label);
	}
	recording_destroy(recording);
	load_destroy(load);
	return result;
}

static int write_page(const char *path, struct result *const results[], size_t count)
{
	FILE *file = fopen(path, "w");
	int failed;

	if (!file) {
		fprintf(stderr, "assay-sim: cannot write %s: %s\n", path, strerror(errno));
		return STATUS_FAILED;
	}
	output_html(file, results, count);
	failed = ferror(file);
	failed |= fclose(file);
	if (failed)
		fprintf(stderr, "assay-sim: cannot write %s\n", path);
	return failed ? STATUS_FAILED : STATUS_GOOD;
}

static int write_all(const struct options *options, struct result *const results[], size_t count)
{
	int status = STATUS_GOOD;

	if (options->json)
		status = output_json(stdout, results, count) ? STATUS_FAILED : STATUS_GOOD;
	else
		output_text(stdout, results, count);
	if (fflush(stdout) || ferror(stdout))
		status = STATUS_FAILED;
	return options->html && write_page(options->html, results, count) ? STATUS_FAILED : status;
}

/* Each load as it is, and then with what is set. */
static int run_all(const struct options *options, const struct time_zones *zones, struct result *results[],
		   size_t *ret_count)
{
	size_t loads = options->load_count > 0 ? options->load_count : 1;

	*ret_count = 0;
	for (size_t i = 0; i < loads; i++) {
		struct scenario scenario = {.options = options, .zones = zones};

		scenario.path = options->load_count > 0 ? options->loads[i] : NULL;
		for (int turn = 0; turn < (options->set_count > 0 ? 2 : 1); turn++) {
			scenario.is_changed = turn == 1;
			results[*ret_count] = run_scenario(&scenario);
			if (!results[*ret_count])
				return STATUS_FAILED;
			++*ret_count;
		}
	}
	return STATUS_GOOD;
}

int main(int argc, char **argv)
{
	struct result *results[MAX_RESULTS];
	struct options options;
	struct zones zones;
	size_t count = 0;
	int status;
	enum options_next next = options_parse(&options, argc, argv);

	if (next != OPTIONS_GO)
		return next == OPTIONS_DONE ? STATUS_GOOD : STATUS_USAGE;
	zones_init(&zones);
	status = run_all(&options, &zones.zones, results, &count);
	if (status == STATUS_GOOD)
		status = write_all(&options, results, count);
	for (size_t i = 0; i < count; i++)
		result_destroy(results[i]);
	zones_finish(&zones);
	return status;
}
