/* SPDX-License-Identifier: Apache-2.0 */
/* What a bisection has done so far, kept, taken up again, and refused where it is damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/cli/bisect_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define IMAGES 3

static char path[] = "/tmp/test_bisect_file.XXXXXX";

static void begin(struct bisect_file *file)
{
	char name[16];

	*file = (struct bisect_file){0};
	for (int i = 0; i < IMAGES; i++) {
		(void)snprintf(name, sizeof(name), "%d.elf", i);
		assert_int_equal(bisect_file_add_image(file, name, "00"), 0);
	}
}

static void put(const char *text)
{
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	assert_true(fputs(text, out) >= 0);
	assert_int_equal(fclose(out), 0);
}

static int open_it(struct bisect_file *file, struct err *err)
{
	*err = (struct err){0};
	return bisect_file_open(file, path, "reference", "microbit", NULL, err);
}

static void put_rounds(const char *rounds)
{
	char text[600];

	(void)snprintf(text, sizeof(text),
		       "{\"suite\": \"reference\", \"type\": \"microbit\", \"case\": \"\", \"images\": ["
		       "{\"path\": \"0.elf\", \"sha256\": \"00\"}, {\"path\": \"1.elf\", \"sha256\": \"00\"},"
		       "{\"path\": \"2.elf\", \"sha256\": \"00\"}], \"rounds\": %s}",
		       rounds);
	put(text);
}

static void what_was_done_goes_on(void **state)
{
	const size_t points[] = {0, 2};
	size_t got[IMAGES], count;
	struct bisect_file file;
	struct err err;
	int64_t job;

	(void)state;
	(void)unlink(path);
	begin(&file);
	assert_int_equal(open_it(&file, &err), 0);
	assert_false(bisect_file_round(&file, 0, &job, got, IMAGES, &count));
	assert_int_equal(bisect_file_add_round(&file, 7, points, 2), 0);
	bisect_file_finish(&file);

	begin(&file);
	assert_int_equal(open_it(&file, &err), 0);
	assert_true(bisect_file_round(&file, 0, &job, got, IMAGES, &count));
	assert_int_equal(job, 7);
	assert_int_equal(count, 2);
	assert_int_equal(got[1], 2);
	assert_false(bisect_file_round(&file, 1, &job, got, IMAGES, &count));
	bisect_file_finish(&file);
}

static void refused(const char *words)
{
	struct bisect_file file;
	struct err err;

	begin(&file);
	assert_int_equal(open_it(&file, &err), ERR_INVALID);
	assert_non_null(strstr(err.text, path));
	if (!strstr(err.text, words))
		fail_msg("\"%s\" lacks \"%s\"", err.text, words);
	bisect_file_finish(&file);
}

static void damage_is_told_with_its_place(void **state)
{
	(void)state;
	put("{\n\"suite\": \n");
	refused("line 3");
	put("{}");
	refused("other suite");
	put_rounds("7");
	refused("rounds");
	put_rounds("[{\"job\": 4, \"points\": [0]}, {\"job\": 0, \"points\": [1]}]");
	refused("rounds[1]: job");
	put_rounds("[{\"job\": 4, \"points\": [0, 3]}]");
	refused("rounds[0]: points[1]: expected the number of an image, 0 to 2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_done_goes_on),
		cmocka_unit_test(damage_is_told_with_its_place),
	};
	int fd = mkstemp(path), rc;

	if (fd < 0)
		return 1;
	(void)close(fd);
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	(void)unlink(path);
	return rc;
}
