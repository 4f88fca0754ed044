/* SPDX-License-Identifier: Apache-2.0 */
/* A job file's images, found and hashed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "daemon/cli/job_images.h"

#define EMPTY_IMAGE "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define ABC_SHA     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

struct place {
	char dir[64];
	char job[96];
	char image[96];
	char empty[96];
	char pipe[96];
};

static void put(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static int setup(void **state)
{
	struct place *place = calloc(1, sizeof *place);

	snprintf(place->dir, sizeof place->dir, "/tmp/assay-images-XXXXXX");
	assert_non_null(mkdtemp(place->dir));
	snprintf(place->job, sizeof place->job, "%s/job.yaml", place->dir);
	snprintf(place->image, sizeof place->image, "%s/suite.elf", place->dir);
	snprintf(place->empty, sizeof place->empty, "%s/empty.elf", place->dir);
	snprintf(place->pipe, sizeof place->pipe, "%s/pipe.elf", place->dir);
	assert_int_equal(mkfifo(place->pipe, 0600), 0);
	put(place->image, "abc");
	put(place->empty, "");
	*state = place;
	return 0;
}

static int teardown(void **state)
{
	struct place *place = *state;

	unlink(place->image);
	unlink(place->empty);
	unlink(place->pipe);
	rmdir(place->dir);
	free(place);
	return 0;
}

static struct job_spec *spec_of(const char *const images[], size_t count)
{
	struct buf text;
	struct doc_problems *problems = calloc(1, sizeof *problems);
	struct job_spec *spec = NULL;

	buf_init(&text, 65536);
	buf_append_text(&text, "name: x\nsuite: reference\nruns:\n");
	for (size_t i = 0; i < count; i++)
		buf_appendf(&text, "  - {type: microbit, image: '%s'}\n", images[i]);
	doc_problems_init(problems, "job.yaml");
	assert_int_equal(job_spec_read("job.yaml", text.data, text.len, NULL, NULL, &spec, problems), 0);
	free(problems);
	buf_finish(&text);
	return spec;
}

static void test_each_file_is_found_beside_the_job_and_hashed_once(void **state)
{
	static const char *const names[] = {"suite.elf", EMPTY_IMAGE, "suite.elf", "./suite.elf"};
	struct place *place = *state;
	struct job_spec *spec = spec_of(names, 4);
	struct doc_problems *problems = calloc(1, sizeof *problems);
	struct job_images images;
	json_t *json;

	doc_problems_init(problems, "job.yaml");
	assert_int_equal(job_images_find(place->job, spec, &images, problems), 0);
	assert_int_equal(images.count, 2); /* the same file under two names is sent under both */
	assert_string_equal(images.image[0].path, place->image);
	assert_string_equal(images.image[0].sha256, ABC_SHA);
	assert_int_equal(images.image[0].size_bytes, 3);
	json = job_images_to_json(&images);
	assert_string_equal(json_string_value(json_object_get(json, "./suite.elf")), ABC_SHA);
	assert_int_equal(json_object_size(json), 2);
	json_decref(json);
	job_images_finish(&images);
	job_spec_destroy(spec);
	free(problems);
}

static void test_what_is_no_image_is_named_with_its_line(void **state)
{
	static const char *const names[] = {"nowhere.elf", "empty.elf", ".", "suite.elf", "pipe.elf"};
	struct place *place = *state;
	struct job_spec *spec = spec_of(names, 5);
	struct doc_problems *problems = calloc(1, sizeof *problems);
	struct job_images images;

	doc_problems_init(problems, "job.yaml");
	assert_int_equal(job_images_find(place->job, spec, &images, problems), ERR_INVALID);
	assert_int_equal(problems->count, 4);
	assert_int_equal(problems->item[0].line, 4);
	assert_string_equal(problems->item[0].field, "runs[0].image");
	assert_non_null(strstr(problems->item[0].found, "nowhere.elf"));
	assert_non_null(strstr(problems->item[1].found, "empty"));
	assert_non_null(strstr(problems->item[2].found, "no file"));
	assert_int_equal(problems->item[2].line, 6);
	assert_non_null(strstr(problems->item[3].found, "no file"));
	job_images_finish(&images);
	job_spec_destroy(spec);
	free(problems);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_each_file_is_found_beside_the_job_and_hashed_once, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_what_is_no_image_is_named_with_its_line, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
