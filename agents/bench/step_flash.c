/* SPDX-License-Identifier: Apache-2.0 */
/* flash: brings the image into the board's memory.
 *
 * Happy path: the image's flash segments are read back; equal -> skipped; else -> one HEX file with all of them ->
 * written with erase. Then each RAM segment is loaded, always: a cold board's RAM holds nothing.
 * Ways it fails: a read, write or load fails -> flash (or probe, or board-lost); a file cannot be written -> internal.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "agents/base/files.h"
#include "agents/bench/hexfile.h"
#include "agents/bench/private.h"

#define HEX_MAX_BYTES (4u * IMAGE_MAX_BYTES)

struct files_work {
	struct bench_work work;
	struct bench *bench;
	bool flash; /* the HEX file is wanted */
	struct err err;
};

void bench_make_path(const struct bench *bench, const char *name, size_t index, char *ret_path, size_t size)
{
	snprintf(ret_path, size, "%s/%s.%zu", bench->dir, name, index);
}

static void write_hex(struct files_work *job)
{
	const struct image *image = &job->bench->image;
	char path[BENCH_FILE_PATH];
	struct buf hex;
	int rc = 0;

	buf_init(&hex, HEX_MAX_BYTES);
	for (size_t i = 0; i < image->segment_count && rc == 0; i++) {
		if (bench_segment_in_flash(job->bench, i))
			rc = hexfile_append(&hex, image->segment[i].address, image->segment[i].data,
					    image->segment[i].size_bytes);
	}
	if (rc || hexfile_end(&hex)) {
		err_set(&job->err, ERR_NOMEM, "no memory for the HEX file");
	} else {
		bench_make_path(job->bench, "flash", 0, path, sizeof path);
		files_write(path, hex.data, hex.len, &job->err);
	}
	buf_finish(&hex);
}

static void on_write_files(struct bench_work *work)
{
	struct files_work *job = (struct files_work *)(void *)work;
	const struct image *image = &job->bench->image;
	char path[BENCH_FILE_PATH];

	if (job->flash)
		write_hex(job);
	for (size_t i = 0; i < image->segment_count && !job->err.code; i++) {
		if (bench_segment_in_flash(job->bench, i))
			continue;
		bench_make_path(job->bench, "load", i, path, sizeof path);
		files_write(path, image->segment[i].data, image->segment[i].size_bytes, &job->err);
	}
}

static void tell(struct bench *bench)
{
	size_t flash = bench_bytes(bench, true), ram = bench_bytes(bench, false);

	if (flash && bench->flash_equal)
		bench_done(bench, CAUSE_NONE, "skipped: %zu bytes read back and equal%s", flash,
			   ram ? "; RAM loaded" : "");
	else if (flash)
		bench_done(bench, CAUSE_NONE, "%zu bytes written (before: %s)%s", flash, bench->difference,
			   ram ? "; RAM loaded" : "");
	else
		bench_done(bench, CAUSE_NONE, "%zu bytes loaded to RAM", ram);
}

static void load_next(struct bench *bench);

static void on_loaded(void *context, const struct probe_result *result)
{
	struct bench *bench = context;

	if (!bench_current(bench, bench->probe_serial))
		return;
	if (result->err) {
		bench_fail(bench, CAUSE_FLASH, result->err, "cannot load to RAM");
		return;
	}
	bench->segment++;
	load_next(bench);
}

static void load_next(struct bench *bench)
{
	char path[BENCH_FILE_PATH];
	struct err err = {0};

	while (bench->segment < bench->image.segment_count && bench_segment_in_flash(bench, bench->segment))
		bench->segment++;
	if (bench->segment == bench->image.segment_count) {
		tell(bench);
		return;
	}
	bench->core_at_vector = false;
	bench_make_path(bench, "load", bench->segment, path, sizeof path);
	bench_began(bench,
		    bench->probe->ops->load(bench->probe, bench->image.segment[bench->segment].address, path, on_loaded,
					    bench, &err),
		    CAUSE_FLASH, &err, "cannot load to RAM");
}

static void on_written(void *context, const struct probe_result *result)
{
	struct bench *bench = context;

	if (!bench_current(bench, bench->probe_serial))
		return;
	if (result->err) {
		bench_fail(bench, CAUSE_FLASH, result->err, "cannot write flash");
		return;
	}
	load_next(bench);
}

static void on_files_written(struct bench_work *work, struct bench *bench)
{
	struct files_work *job = (struct files_work *)(void *)work;
	bool flash = job->flash;
	char path[BENCH_FILE_PATH];
	struct err err = job->err;

	free(job);
	if (!bench)
		return;
	if (err.code) {
		bench_done(bench, CAUSE_INTERNAL, "%s", err.text);
		return;
	}
	bench->segment = 0;
	if (!flash) {
		load_next(bench);
		return;
	}
	bench->core_at_vector = false;
	bench_make_path(bench, "flash", 0, path, sizeof path);
	bench_began(bench, bench->probe->ops->write_flash(bench->probe, path, on_written, bench, &err), CAUSE_FLASH,
		    &err, "cannot write flash");
}

static int queue_files(struct bench *bench, bool flash, struct err *err)
{
	struct files_work *job = calloc(1, sizeof *job);

	if (!job)
		return err_set(err, ERR_NOMEM, "out of memory");
	job->work.run = on_write_files;
	job->work.done = on_files_written;
	job->bench = bench;
	job->flash = flash;
	if (bench_work_queue(bench, &job->work, err)) {
		free(job);
		return ERR_NOMEM;
	}
	return 0;
}

static void on_compared(struct bench *bench, const char *difference)
{
	struct err err = {0};

	bench->flash_equal = difference[0] == '\0';
	snprintf(bench->difference, sizeof bench->difference, "%s", difference);
	if (bench->flash_equal && bench_bytes(bench, false) == 0)
		tell(bench);
	else if (queue_files(bench, !bench->flash_equal, &err))
		bench_done(bench, CAUSE_INTERNAL, "%s", err.text);
}

int step_flash(void *context, uint64_t serial, struct step_result *refused)
{
	struct bench *bench = bench_enter(context, serial);
	struct err err = {0};

	if (bench_bytes(bench, true) == 0)
		return queue_files(bench, false, &err) ? bench_refuse(bench, refused, CAUSE_INTERNAL, &err) : 0;
	bench_read_back(bench, true, false, CAUSE_FLASH, on_compared);
	return 0;
}
