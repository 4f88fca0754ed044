/* SPDX-License-Identifier: Apache-2.0 */
/* snapshot: when a run did not end well, what the core was doing: in words, and as a core file with a backtrace. Never
 * fails a run, and takes nothing from one that goes well.
 *
 * Happy path: the core is halted and looked at -> all its registers -> each range of RAM dumped into a file -> core
 * file written on the thread pool -> told as an artefact -> gdb's backtrace, if there is a gdb and the image is an ELF
 * file
 * -> backtrace and registers told -> done.
 * Ways it fails: each leaves out what comes behind it and is said in the step's text. SNAPSHOT_LIMIT_MS after it began
 * what is under way is killed, the probe or gdb; a cancel kills gdb and asks for no further dump. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agents/bench/backtrace.h"
#include "agents/bench/core_file.h"
#include "agents/bench/core_state.h"
#include "agents/bench/private.h"
#include "core/image/fault.h"

#define SNAPSHOT_LIMIT_MS 40000 /* less than the row's */
#define TEXT_MAX_BYTES    (32u << 10)

struct snapshot {
	struct core_registers registers;
	struct core_range range[CORE_MAX_RANGES];
	size_t range_count, at;
	struct core_file file;
	struct backtrace *backtrace;
	char text[BENCH_TEXT_MAX]; /* of the step */
	char left_out[160];
	bool over; /* by limit or cancel */
};

struct write_work {
	struct bench_work work;
	char dump[CORE_MAX_RANGES][BENCH_FILE_PATH];
	char path[BENCH_FILE_PATH];
	struct core_registers registers;
	struct core_range range[CORE_MAX_RANGES];
	size_t range_count;
	struct core_file file;
	struct err err;
};

void bench_drop_snapshot(struct bench *bench)
{
	if (!bench->snapshot)
		return;
	backtrace_destroy(bench->snapshot->backtrace);
	free(bench->snapshot);
	bench->snapshot = NULL;
}

static bool ended_badly(const struct bench *bench)
{
	return bench->capture.end != CAPTURE_COMPLETE && bench->capture.end != CAPTURE_CANCELLED &&
	       bench->capture.end != CAPTURE_OPEN;
}

static void make_core_path(const struct bench *bench, char *ret_path)
{
	snprintf(ret_path, BENCH_FILE_PATH, "%s/core.elf", bench->dir);
}

static void finish(struct bench *bench, const char *missing)
{
	char text[BENCH_TEXT_MAX];

	uv_timer_stop(&bench->quiet_timer);
	snprintf(text, sizeof text, "%.160s%.150s%s%.80s", bench->snapshot->text, bench->snapshot->left_out,
		 missing ? "; " : "", missing ? missing : "");
	bench_drop_snapshot(bench);
	bench_done(bench, CAUSE_NONE, "%s", text);
}

static void give_text(struct bench *bench, const char *name, const char *kind, const char *text)
{
	struct bench_artefact artefact = {.name = name, .kind = kind, .text = text, .size_bytes = strlen(text)};

	bench->events.on_artefact(bench->events.context, &artefact);
}

static void give_core(struct bench *bench)
{
	const struct core_file *file = &bench->snapshot->file;
	char path[BENCH_FILE_PATH];
	struct bench_artefact artefact = {.name = "core.elf",
					  .kind = "core",
					  .path = path,
					  .size_bytes = file->size_bytes,
					  .sha256 = file->sha256};

	make_core_path(bench, path);
	if (file->size_bytes)
		bench->events.on_artefact(bench->events.context, &artefact);
}

/* What there is to say: the decoded fault, then the backtrace. */
static void tell_words(struct bench *bench, const char *frames, const char *why)
{
	struct snapshot *snapshot = bench->snapshot;
	struct buf text;

	give_core(bench);
	buf_init(&text, TEXT_MAX_BYTES);
	if (fault_describe(&snapshot->registers, &text) == 0 && buf_append_text(&text, frames) == 0)
		give_text(bench, "backtrace.txt", "backtrace", buf_text(&text));
	buf_reset(&text);
	if (fault_list_registers(&snapshot->registers, &text) == 0)
		give_text(bench, "registers.txt", "registers", buf_text(&text));
	buf_finish(&text);
	finish(bench, why);
}

static void on_backtrace(void *context, const char *text, const char *why)
{
	struct bench *bench = context;
	char missing[160];

	snprintf(missing, sizeof missing, "no backtrace: %s", why ? why : "");
	if (bench_current(bench, bench->probe_serial) && bench->snapshot)
		tell_words(bench, text, why ? missing : NULL);
}

static void begin_backtrace(struct bench *bench)
{
	struct snapshot *snapshot = bench->snapshot;
	char image[BENCH_FILE_PATH], core[BENCH_FILE_PATH];
	struct err err = {0};

	if (bench->image.format != IMAGE_ELF) {
		tell_words(bench, "", "no backtrace: the image has no symbols");
		return;
	}
	snprintf(image, sizeof image, "%s/%s", bench->options.images->dir, bench->job.image_sha256);
	make_core_path(bench, core);
	if (snapshot->over || backtrace_start(bench->loop, image, core, snapshot->file.interrupted, on_backtrace, bench,
					      &snapshot->backtrace, &err))
		tell_words(bench, "", "no backtrace");
}

static void on_write(struct bench_work *work)
{
	struct write_work *job = (struct write_work *)(void *)work;
	const char *dumps[CORE_MAX_RANGES];

	for (size_t i = 0; i < job->range_count; i++)
		dumps[i] = job->dump[i];
	core_file_write(&job->registers, job->range, job->range_count, dumps, job->path, &job->file, &job->err);
}

static void on_written(struct bench_work *work, struct bench *bench)
{
	struct write_work *job = (struct write_work *)(void *)work;
	struct core_file file = job->file;
	struct err err = job->err;

	free(job);
	if (!bench || !bench->snapshot)
		return;
	if (err.code) {
		tell_words(bench, "", err.text);
		return;
	}
	bench->snapshot->file = file;
	begin_backtrace(bench);
}

static void write_core(struct bench *bench)
{
	struct snapshot *snapshot = bench->snapshot;
	struct write_work *job = calloc(1, sizeof *job);
	struct err err = {0};

	if (!job) {
		finish(bench, "no memory for the core file");
		return;
	}
	job->work.run = on_write;
	job->work.done = on_written;
	job->registers = snapshot->registers;
	job->range_count = snapshot->range_count;
	memcpy(job->range, snapshot->range, sizeof job->range);
	make_core_path(bench, job->path);
	for (size_t i = 0; i < snapshot->range_count; i++)
		bench_make_path(bench, "ram", i, job->dump[i], sizeof job->dump[i]);
	if (bench_work_queue(bench, &job->work, &err)) {
		free(job);
		tell_words(bench, "", err.text);
	}
}

static void dump_next(struct bench *bench);

/* Memory that does not answer, of a virtual board whose core locked up for one: registers tell, too. */
static void leave_out_range(struct snapshot *snapshot, const struct err *err)
{
	size_t behind = snapshot->range_count - snapshot->at - 1;

	memmove(&snapshot->range[snapshot->at], &snapshot->range[snapshot->at + 1], behind * sizeof snapshot->range[0]);
	snapshot->range_count--;
	if (!snapshot->left_out[0])
		snprintf(snapshot->left_out, sizeof snapshot->left_out, "; memory is missing: %.120s", err->text);
}

static void on_dumped(void *context, const struct probe_result *result)
{
	struct bench *bench = context;

	if (!bench_current(bench, bench->probe_serial) || !bench->snapshot)
		return;
	if (result->err && (result->err->code != ERR_IO || bench->snapshot->over)) {
		tell_words(bench, "", result->err->text);
		return;
	}
	if (result->err)
		leave_out_range(bench->snapshot, result->err);
	else
		bench->snapshot->at++;
	dump_next(bench);
}

static void dump_next(struct bench *bench)
{
	struct snapshot *snapshot = bench->snapshot;
	const struct core_range *range = &snapshot->range[snapshot->at];
	char path[BENCH_FILE_PATH];
	struct err err = {0};

	if (snapshot->over) {
		tell_words(bench, "", "no core file: there was no time left");
		return;
	}
	if (snapshot->at == snapshot->range_count) {
		write_core(bench);
		return;
	}
	bench_make_path(bench, "ram", snapshot->at, path, sizeof path);
	if (bench->probe->ops->read_file(bench->probe, range->address, range->size_bytes, path, on_dumped, bench, &err))
		tell_words(bench, "", err.text);
}

static void on_registers(void *context, const struct probe_result *result)
{
	struct bench *bench = context;
	struct snapshot *snapshot = bench->snapshot;
	struct err err = {0};

	if (!bench_current(bench, bench->probe_serial) || !snapshot)
		return;
	if (result->err)
		err = *result->err;
	else
		core_file_registers(result->words, result->word_count, &snapshot->registers, &err);
	if (err.code) {
		finish(bench, err.text);
		return;
	}
	snapshot->range_count = core_plan(bench->options.type, &snapshot->registers, snapshot->range);
	dump_next(bench);
}

static void on_snapshot(void *context, const struct probe_result *result)
{
	struct bench *bench = context;
	struct err err = {0};

	if (!bench_current(bench, bench->probe_serial) || !bench->snapshot)
		return;
	if (result->err || result->word_count != PROBE_CORE_WORDS) {
		snprintf(bench->snapshot->text, sizeof bench->snapshot->text, "no post-mortem: %.300s",
			 result->err ? result->err->text : "the probe gave too few words");
		finish(bench, NULL);
		return;
	}
	if (ended_badly(bench)) {
		bench->has_core = true;
		bench->core_faulted = core_state_describe(result->words, bench->capture.end == CAPTURE_CRASHED,
							  bench->core_text, sizeof bench->core_text);
	}
	snprintf(bench->snapshot->text, sizeof bench->snapshot->text, "%s",
		 ended_badly(bench) ? bench->core_text : "of the core after a case that failed");
	if (!bench->events.on_artefact || bench->snapshot->over)
		finish(bench, NULL);
	else if (bench->probe->ops->registers(bench->probe, on_registers, bench, &err))
		finish(bench, err.text);
}

static void stop(struct bench *bench)
{
	bench->snapshot->over = true;
	if (bench->snapshot->backtrace)
		backtrace_stop(bench->snapshot->backtrace);
}

static void on_limit(uv_timer_t *timer)
{
	struct bench *bench = timer->data;

	if (!bench->snapshot)
		return;
	stop(bench);
	if (!bench->snapshot->backtrace)
		bench->probe->ops->kill(bench->probe);
}

void step_snapshot_abort(void *context, uint64_t serial)
{
	struct bench *bench = context;

	(void)serial;
	if (bench->snapshot)
		stop(bench);
}

int step_snapshot(void *context, uint64_t serial, struct step_result *refused)
{
	struct bench *bench = bench_enter(context, serial);
	struct err err = {0};

	(void)refused;
	if (!ended_badly(bench) && !(bench->case_failed && bench->capture.end == CAPTURE_COMPLETE))
		return bench_done_later(bench, CAUSE_NONE, "not needed");
	bench_drop_snapshot(bench);
	bench->snapshot = calloc(1, sizeof *bench->snapshot);
	if (!bench->snapshot)
		return bench_done_later(bench, CAUSE_NONE, "no post-mortem: out of memory");
	if (bench->probe->ops->snapshot(bench->probe, on_snapshot, bench, &err)) {
		bench_drop_snapshot(bench);
		return bench_done_later(bench, CAUSE_NONE, "no post-mortem: %s", err.text);
	}
	uv_timer_start(&bench->quiet_timer, on_limit, SNAPSHOT_LIMIT_MS, 0);
	bench->probe_serial = serial;
	return 0;
}
