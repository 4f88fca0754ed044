/* SPDX-License-Identifier: Apache-2.0 */
/* flash: brings the image into the board's memory.
 *
 * Happy path: the image's flash segments are read back; equal -> skipped; else -> one HEX file with all that are erased
 * by sectors -> written with erase. Words that are erased with the whole chip only (an nRF51's UICR) are written after
 * them, without erase, as far as they differ; when bits have to be set again there, the chip is erased first and
 * everything written. Which sectors that erases follows from the tool's table of sectors, asked for before. Then each
 * RAM segment is loaded, always: a cold board's RAM holds nothing.
 * Ways it fails: an erase, read, write or load fails -> flash (or probe, or board-lost); the chip had to be erased and
 * its type says not how -> flash; a file cannot be written -> internal. Sectors of a write or erase that failed count
 * as erased: nobody knows how far it came. */
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
	bool sectors, words; /* these HEX files are wanted */
	struct err err;
};

void bench_make_path(const struct bench *bench, const char *name, size_t index, char *ret_path, size_t size)
{
	snprintf(ret_path, size, "%s/%s.%zu", bench->dir, name, index);
}

static void write_hex(struct files_work *job, bool words)
{
	const struct image *image = &job->bench->image;
	char path[BENCH_FILE_PATH];
	struct buf hex;
	int rc = 0;

	buf_init(&hex, HEX_MAX_BYTES);
	for (size_t i = 0; i < image->segment_count && rc == 0; i++) {
		if (bench_segment_in_flash(job->bench, i) && bench_segment_in_words(job->bench, i) == words)
			rc = hexfile_append(&hex, image->segment[i].address, image->segment[i].data,
					    image->segment[i].size_bytes);
	}
	if (rc || hexfile_end(&hex)) {
		err_set(&job->err, ERR_NOMEM, "no memory for the HEX file");
	} else {
		bench_make_path(job->bench, "flash", words, path, sizeof path);
		files_write(path, hex.data, hex.len, &job->err);
	}
	buf_finish(&hex);
}

static void on_write_files(struct bench_work *work)
{
	struct files_work *job = (struct files_work *)(void *)work;
	const struct image *image = &job->bench->image;
	char path[BENCH_FILE_PATH];

	if (job->sectors)
		write_hex(job, false);
	if (job->words && !job->err.code)
		write_hex(job, true);
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
		bench_done(bench, CAUSE_NONE, "%zu bytes written (before: %s)%s%s", flash, bench->difference,
			   bench->chip_erased ? "; the whole chip was erased" : "", ram ? "; RAM loaded" : "");
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

static void write_next(struct bench *bench);

static void on_written(void *context, const struct probe_result *result)
{
	struct bench *bench = context;

	if (!bench_current(bench, bench->probe_serial))
		return;
	if (result->err)
		bench_fail(bench, CAUSE_FLASH, result->err, "cannot write flash");
	else
		write_next(bench);
}

static void note_segments(struct bench *bench)
{
	size_t first = bench->flashed.erased_count;

	for (size_t i = 0; i < bench->image.segment_count; i++) {
		const struct image_segment *segment = &bench->image.segment[i];

		if (bench_segment_in_flash(bench, i) && !bench_segment_in_words(bench, i))
			flashed_add(&bench->flashed, first, bench->sectors, bench->sectors_count, segment->address,
				    segment->size_bytes);
	}
}

static void note_chip(struct bench *bench)
{
	const struct board_type *type = bench->options.type;
	size_t first = bench->flashed.erased_count;

	for (size_t i = 0; i < type->region_count; i++) {
		if (type->region[i].kind == MEMORY_FLASH && !type->region[i].is_alias)
			flashed_add(&bench->flashed, first, bench->sectors, bench->sectors_count,
				    type->region[i].address, type->region[i].size_bytes);
	}
}

static void write_next(struct bench *bench)
{
	const struct probe_ops *ops = bench->probe->ops;
	struct flash_plan *plan = &bench->plan;
	char path[BENCH_FILE_PATH];
	struct err err = {0};
	int rc;

	if (!plan->erase_chip && !plan->write_sectors && !plan->write_words) {
		load_next(bench);
		return;
	}
	bench->core_at_vector = false;
	bench->flash_written = true;
	bench_make_path(bench, "flash", !plan->write_sectors, path, sizeof path);
	if (plan->erase_chip) {
		plan->erase_chip = false;
		bench->chip_erased = true;
		note_chip(bench);
		rc = ops->erase_chip(bench->probe, bench->options.type->openocd_chip_erase, on_written, bench, &err);
	} else if (plan->write_sectors) {
		plan->write_sectors = false;
		note_segments(bench);
		rc = ops->write_flash(bench->probe, path, true, on_written, bench, &err);
	} else {
		plan->write_words = false;
		rc = ops->write_flash(bench->probe, path, false, on_written, bench, &err);
	}
	bench_began(bench, rc, CAUSE_FLASH, &err, "cannot write flash");
}

static void on_sectors(void *context, const struct probe_result *result)
{
	struct bench *bench = context;

	if (!bench_current(bench, bench->probe_serial))
		return;
	if (result->err) {
		bench_fail(bench, CAUSE_FLASH, result->err, "cannot tell the flash's sectors");
		return;
	}
	for (size_t i = 0; i + 2 < result->word_count && bench->sectors_count < BENCH_MAX_SECTOR_RUNS; i += 3) {
		const uint32_t *word = &result->words[i];

		if (word[1] && word[2])
			bench->sectors[bench->sectors_count++] = (struct flash_sectors){word[0], word[1], word[2]};
	}
	write_next(bench);
}

static void ask_sectors(struct bench *bench)
{
	struct err err = {0};

	bench->flashed.erased_count = bench->sectors_count = 0;
	if (!bench->plan.erase_chip && !bench->plan.write_sectors)
		write_next(bench);
	else
		bench_began(bench, bench->probe->ops->sectors(bench->probe, on_sectors, bench, &err), CAUSE_FLASH, &err,
			    "cannot tell the flash's sectors");
}

static void on_files_written(struct bench_work *work, struct bench *bench)
{
	struct files_work *job = (struct files_work *)(void *)work;
	struct err err = job->err;

	free(job);
	if (!bench)
		return;
	bench->segment = 0;
	if (err.code)
		bench_done(bench, CAUSE_INTERNAL, "%s", err.text);
	else
		ask_sectors(bench);
}

static int queue_files(struct bench *bench, struct err *err)
{
	struct files_work *job = calloc(1, sizeof *job);

	if (!job)
		return err_set(err, ERR_NOMEM, "out of memory");
	job->work.run = on_write_files;
	job->work.done = on_files_written;
	job->bench = bench;
	job->sectors = bench->plan.write_sectors;
	job->words = bench->plan.write_words;
	if (bench_work_queue(bench, &job->work, err)) {
		free(job);
		return ERR_NOMEM;
	}
	return 0;
}

/* What has to be written of the image, after it was read back. */
static struct flash_plan make_plan(const struct bench *bench)
{
	const struct readback *found = &bench->readback;
	struct flash_plan plan = {.erase_chip = found->must_erase_chip,
				  .write_sectors = found->sectors_differ,
				  .write_words = found->words_differ};

	for (size_t i = 0; plan.erase_chip && i < bench->image.segment_count; i++) {
		plan.write_words |= bench_segment_in_words(bench, i);
		plan.write_sectors |= bench_segment_in_flash(bench, i) && !bench_segment_in_words(bench, i);
	}
	return plan;
}

static void on_compared(struct bench *bench, const char *difference)
{
	struct err err = {0};

	bench->flash_equal = difference[0] == '\0';
	snprintf(bench->difference, sizeof bench->difference, "%s", difference);
	bench->plan = make_plan(bench);
	if (bench->plan.erase_chip && !bench->options.type->openocd_chip_erase[0])
		bench_done(bench, CAUSE_FLASH,
			   "%s, and there only an erase of the whole chip sets bits again; board type %s has no "
			   "openocd.chip-erase",
			   difference, bench->options.type->name);
	else if (bench->flash_equal && bench_bytes(bench, false) == 0)
		tell(bench);
	else if (queue_files(bench, &err))
		bench_done(bench, CAUSE_INTERNAL, "%s", err.text);
}

int step_flash(void *context, uint64_t serial, struct step_result *refused)
{
	struct bench *bench = bench_enter(context, serial);
	struct err err = {0};

	bench->plan = (struct flash_plan){0};
	if (bench_bytes(bench, true) == 0)
		return queue_files(bench, &err) ? bench_refuse(bench, refused, CAUSE_INTERNAL, &err) : 0;
	bench_read_back(bench, true, false, CAUSE_FLASH, on_compared);
	return 0;
}
