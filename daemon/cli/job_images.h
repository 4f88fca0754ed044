/* SPDX-License-Identifier: Apache-2.0 */
/* The images a job file names: found beside it, hashed, and brought to the farm when it lacks them. */
#ifndef ASSAY_CLI_JOB_IMAGES_H
#define ASSAY_CLI_JOB_IMAGES_H

#include <stddef.h>

#include <jansson.h>

#include "core/base/doc.h"
#include "core/base/err.h"
#include "core/spec/spec.h"
#include "daemon/cli/client.h"

/* One image file; each once, however many runs use it. */
struct job_image {
	char written[512]; /* as in the job file */
	char path[4096];   /* where it is from here */
	char sha256[65];
	uint64_t size_bytes;
	int line;   /* where the job file first names it … */
	size_t run; /* … and in which entry of runs */
};

struct job_images {
	const char *job_file; /* borrowed from the caller of find */
	struct job_image *image;
	size_t count;
};

/* Finds and hashes every image of the job that is not "sha256:…"; paths are relative to the job file's directory.
 * What is missing, unreadable, empty, no file or over 64 MiB goes to problems. Returns 0, ERR_INVALID or ERR_NOMEM;
 * finish in every case. */
int job_images_find(const char *job_file, const struct job_spec *spec, struct job_images *ret_images,
		    struct doc_problems *problems);
void job_images_finish(struct job_images *images);

/* Uploads what the farm does not hold yet; one that it refuses is told with its place in the job file. on_upload (may
 * be NULL) is told of each file before it is sent. */
int job_images_upload(const struct job_images *images, struct client *client,
		      void (*on_upload)(void *context, const struct job_image *image), void *context, struct err *err);

/* One file by itself: uploaded when the farm does not hold it yet. */
int job_image_bring(const char *path, struct client *client, char ret_sha256[65], struct err *err);

/* {written: sha256, …}; NULL when memory runs out or a path is no UTF-8. */
json_t *job_images_to_json(const struct job_images *images);

#endif
