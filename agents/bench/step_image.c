/* SPDX-License-Identifier: Apache-2.0 */
/* image: the firmware file at hand, taken apart and held against the board type. On a thread of its own, since it may
 * be downloaded and is hashed. */
#include <stdlib.h>
#include <string.h>

#include "agents/bench/fetch.h"
#include "agents/bench/private.h"

struct image_work {
	struct bench_work work;
	const struct bench_images *images;
	const struct board_type *type;
	char sha256[65];
	atomic_bool cancel;
	bool downloaded;
	struct image image;
	struct err err;
};

static void on_run(struct bench_work *work)
{
	struct image_work *job = (struct image_work *)(void *)work;
	char *data = NULL;
	size_t len = 0;

	if (fetch_image(job->images, job->sha256, &job->cancel, &data, &len, &job->downloaded, &job->err))
		return;
	if (image_parse(&job->image, (const uint8_t *)data, len, &job->err) == 0) {
		image_place(&job->image, job->type);
		image_check(&job->image, job->type, &job->err);
	}
	free(data);
}

static void tell(struct bench *bench, struct image_work *job)
{
	if (job->err.code == ERR_CANCELLED) {
		bench_done(bench, CAUSE_CANCELLED, "cancelled during the download");
		return;
	}
	if (job->err.code) {
		bench_done(bench, CAUSE_IMAGE_UNAVAILABLE, "%s: %s", bench->job.image_name, job->err.text);
		return;
	}
	bench->image = job->image;
	bench->has_image = true;
	job->image = (struct image){.format = IMAGE_ELF};
	bench_done(bench, CAUSE_NONE, "%s, %zu bytes to flash, %zu to RAM, %s", bench->job.image_name,
		   bench_bytes(bench, true), bench_bytes(bench, false),
		   job->downloaded ? "downloaded" : "from the cache");
}

static void on_image_done(struct bench_work *work, struct bench *bench)
{
	struct image_work *job = (struct image_work *)(void *)work;

	if (bench) {
		bench->image_cancel = NULL;
		tell(bench, job);
	}
	image_finish(&job->image);
	free(job);
}

int step_image(void *context, uint64_t serial, struct step_result *refused)
{
	struct bench *bench = bench_enter(context, serial);
	struct image_work *job = calloc(1, sizeof *job);
	struct err err = {0};

	if (!job) {
		err_set(&err, ERR_NOMEM, "out of memory");
		return bench_refuse(bench, refused, CAUSE_INTERNAL, &err);
	}
	job->work.run = on_run;
	job->work.done = on_image_done;
	job->images = bench->options.images;
	job->type = bench->options.type;
	memcpy(job->sha256, bench->job.image_sha256, strnlen(bench->job.image_sha256, 64));
	if (bench_work_queue(bench, &job->work, &err)) {
		free(job);
		return bench_refuse(bench, refused, CAUSE_INTERNAL, &err);
	}
	bench->image_cancel = &job->cancel;
	return 0;
}

void step_image_abort(void *context, uint64_t serial)
{
	struct bench *bench = context;

	(void)serial;
	if (bench->image_cancel)
		atomic_store(bench->image_cancel, true);
}

static const struct memory_region *region_of(const struct bench *bench, size_t i)
{
	const struct image_segment *segment = &bench->image.segment[i];

	return board_type_region(bench->options.type, segment->address, segment->size_bytes);
}

bool bench_segment_in_flash(const struct bench *bench, size_t i)
{
	const struct memory_region *region = region_of(bench, i);

	return region && region->kind == MEMORY_FLASH;
}

bool bench_segment_in_words(const struct bench *bench, size_t i)
{
	const struct memory_region *region = region_of(bench, i);

	return region && region->erased_with_chip;
}

size_t bench_bytes(const struct bench *bench, bool flash)
{
	size_t sum = 0;

	for (size_t i = 0; i < bench->image.segment_count; i++) {
		if (bench_segment_in_flash(bench, i) == flash)
			sum += bench->image.segment[i].size_bytes;
	}
	return sum;
}
