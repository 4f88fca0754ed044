/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as what a bisection left behind: refused with words that name the file, or taken, and then each of its
 * rounds names a job and images that there are. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "daemon/cli/bisect_file.h"

#define IMAGES 5

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require_that(int good)
{
	if (!good)
		abort();
}

static void add_images(struct bisect_file *file)
{
	char path[16], digest[65];

	for (int i = 0; i < IMAGES; i++) {
		(void)snprintf(path, sizeof(path), "%d.elf", i);
		(void)snprintf(digest, sizeof(digest), "%064d", i);
		require_that(bisect_file_add_image(file, path, digest) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t points[IMAGES * 2], count;
	struct bisect_file file = {0};
	struct err err = {0};
	char path[32];
	int64_t job;
	int fd = memfd_create("bisect", MFD_CLOEXEC);

	require_that(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	add_images(&file);
	if (bisect_file_open(&file, path, "reference", "microbit", NULL, &err))
		require_that(strstr(err.text, path) != NULL);
	else
		for (size_t i = 0; bisect_file_round(&file, i, &job, points, IMAGES * 2, &count); i++) {
			require_that(job > 0);
			for (size_t k = 0; k < count; k++)
				require_that(points[k] < bisect_file_count(&file));
		}
	bisect_file_finish(&file);
	(void)close(fd);
	return 0;
}
