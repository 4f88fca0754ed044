/* SPDX-License-Identifier: Apache-2.0 */
/* What a bisection has done so far: its images, the jobs of its rounds, and what became of each image; the first two in
 * a file, whole after each round. */
#ifndef ASSAY_CLI_BISECT_FILE_H
#define ASSAY_CLI_BISECT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "core/base/err.h"
#include "core/night/bisect.h"

/* Zero-initialised: empty. */
struct bisect_file {
	const char *path; /* borrowed */
	json_t *images;   /* [{"path","sha256"}] */
	json_t *content;  /* {"suite","type","case","images","rounds":[{"job","points"}]} */
	json_t *notes;    /* of each image [{"run","result"}] */
};

void bisect_file_finish(struct bisect_file *file);

/* 0, or ERR_TOO_BIG. */
int bisect_file_add_image(struct bisect_file *file, const char *path, const char *sha256);
size_t bisect_file_count(const struct bisect_file *file);
const char *bisect_file_image(const struct bisect_file *file, size_t index);
/* {path: SHA-256} of some. */
json_t *bisect_file_images(const struct bisect_file *file, const size_t *points, size_t count);

/* Once all images are there: reads what was done, or begins anew when there is no such file. ERR_INVALID: it is
 * damaged, or of another bisection. The texts are copied, the path is borrowed; case_name may be NULL. */
int bisect_file_open(struct bisect_file *file, const char *path, const char *suite, const char *type,
		     const char *case_name, struct err *err);
/* A round of before; false: there are no more. */
bool bisect_file_round(const struct bisect_file *file, size_t index, int64_t *ret_job, size_t *ret_points, size_t max,
		       size_t *ret_count);
/* Kept at once. 0 or ERR_IO. */
int bisect_file_add_round(struct bisect_file *file, int64_t job, const size_t *points, size_t count);

void bisect_file_note(struct bisect_file *file, size_t point, enum bisect_result result, int64_t run);
/* A line for each result of an image, on standard output. */
void bisect_file_print(const struct bisect_file *file, size_t point);
/* {"state","rounds","images","first_bad","last_good","results"}; the two are null unless it was found. */
json_t *bisect_file_evidence(const struct bisect_file *file, const char *state, bool found, size_t at, size_t rounds);

#endif
