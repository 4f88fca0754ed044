/* SPDX-License-Identifier: Apache-2.0 */
/* Reading back: what is in the board's memory now, held byte by byte against the image. The only proof that flashing
 * may be skipped, and that it worked.
 *
 * Happy path: each segment is read into a file by the probe -> the thread pool compares -> on_compared("").
 * Ways it fails: a read fails -> the call ends with the caller's cause; the file cannot be read (full disk) ->
 * internal; bytes differ -> on_compared(where). */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agents/base/files.h"
#include "agents/bench/private.h"

struct compare_work {
	struct bench_work work;
	struct bench *bench; /* its image stays as it is while the call is under way */
	bool flash, ram;
	bench_compared_fn on_compared;
	struct err err;
	char difference[160];
	bool sectors_differ, words_differ, must_erase_chip;
};

static bool wanted(const struct bench *bench, size_t i, bool flash, bool ram)
{
	return bench_segment_in_flash(bench, i) ? flash : ram;
}

/* Keeps the first difference only. */
static void __attribute__((format(printf, 2, 3))) note(struct compare_work *job, const char *format, ...)
{
	va_list args;

	if (job->difference[0])
		return;
	va_start(args, format);
	vsnprintf(job->difference, sizeof job->difference, format, args);
	va_end(args);
}

static void compare_bytes(struct compare_work *job, size_t i, const uint8_t *data)
{
	const struct image_segment *segment = &job->bench->image.segment[i];
	size_t at = 0;

	while (data[at] == segment->data[at])
		at++;
	note(job, "0x%02x instead of 0x%02x at 0x%08" PRIx32, data[at], segment->data[at],
	     segment->address + (uint32_t)at);
	if (!bench_segment_in_words(job->bench, i)) {
		job->sectors_differ = true;
		return;
	}
	job->words_differ = true;
	for (; at < segment->size_bytes; at++)
		job->must_erase_chip |= (~data[at] & segment->data[at]) != 0;
}

static void compare_segment(struct compare_work *job, size_t i)
{
	const struct image_segment *segment = &job->bench->image.segment[i];
	char path[BENCH_FILE_PATH], *data = NULL;
	size_t len = 0;

	bench_make_path(job->bench, "readback", i, path, sizeof path);
	if (files_read(path, segment->size_bytes, &data, &len, &job->err))
		return;
	unlink(path);
	if (len != segment->size_bytes)
		err_set(&job->err, ERR_IO, "only %zu of %" PRIu32 " bytes at 0x%08" PRIx32, len, segment->size_bytes,
			segment->address);
	else if (memcmp(data, segment->data, len) != 0)
		compare_bytes(job, i, (const uint8_t *)data);
	free(data);
}

/* Every segment, since each kind of flash is written when it differs. */
static void on_compare(struct bench_work *work)
{
	struct compare_work *job = (struct compare_work *)(void *)work;

	for (size_t i = 0; i < job->bench->image.segment_count && !job->err.code; i++) {
		if (wanted(job->bench, i, job->flash, job->ram))
			compare_segment(job, i);
	}
}

static void on_compare_done(struct bench_work *work, struct bench *bench)
{
	struct compare_work *job = (struct compare_work *)(void *)work;

	if (bench && job->err.code)
		bench_done(bench, CAUSE_INTERNAL, "what was read back: %s", job->err.text);
	else if (bench) {
		bench->readback.sectors_differ = job->sectors_differ;
		bench->readback.words_differ = job->words_differ;
		bench->readback.must_erase_chip = job->must_erase_chip;
		job->on_compared(bench, job->difference);
	}
	free(job);
}

static void begin_compare(struct bench *bench)
{
	struct compare_work *job = calloc(1, sizeof *job);
	struct err err = {.code = ERR_NOMEM};

	if (job) {
		job->work.run = on_compare;
		job->work.done = on_compare_done;
		job->bench = bench;
		job->flash = bench->readback.flash;
		job->ram = bench->readback.ram;
		job->on_compared = bench->readback.on_compared;
	}
	if (!job || bench_work_queue(bench, &job->work, &err)) {
		free(job);
		bench_done(bench, CAUSE_INTERNAL, "cannot compare: %s", err_name(err.code));
	}
}

static void read_next(struct bench *bench);

static void on_read(void *context, const struct probe_result *result)
{
	struct bench *bench = context;

	if (!bench_current(bench, bench->probe_serial))
		return;
	if (result->err) {
		bench_fail(bench, bench->readback.cause, result->err, "cannot read back");
		return;
	}
	bench->readback.segment++;
	read_next(bench);
}

static void read_next(struct bench *bench)
{
	struct readback *readback = &bench->readback;
	const struct image_segment *segment;
	char path[BENCH_FILE_PATH];
	struct err err = {0};

	while (readback->segment < bench->image.segment_count &&
	       !wanted(bench, readback->segment, readback->flash, readback->ram))
		readback->segment++;
	if (readback->segment == bench->image.segment_count) {
		begin_compare(bench);
		return;
	}
	segment = &bench->image.segment[readback->segment];
	bench_make_path(bench, "readback", readback->segment, path, sizeof path);
	bench_began(bench,
		    bench->probe->ops->read_file(bench->probe, segment->address, segment->size_bytes, path, on_read,
						 bench, &err),
		    readback->cause, &err, "cannot read back");
}

static void on_begin(uv_idle_t *idle)
{
	struct bench *bench = idle->data;

	uv_idle_stop(idle);
	if (bench_current(bench, bench->later_serial))
		read_next(bench);
}

void bench_read_back(struct bench *bench, bool flash, bool ram, enum cause cause, bench_compared_fn on_compared)
{
	bench->readback = (struct readback){.flash = flash, .ram = ram, .cause = cause, .on_compared = on_compared};
	/* From the next turn of the loop, since it may fail and a row's start must not. */
	bench->later_serial = bench->serial;
	uv_idle_start(&bench->later, on_begin);
}
