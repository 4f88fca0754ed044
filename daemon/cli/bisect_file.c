/* SPDX-License-Identifier: Apache-2.0 */
/* Reading, keeping and telling it. */
#include "daemon/cli/bisect_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/json.h"
#include "daemon/cli/api.h"

static const char *const result_names[] = {
	[BISECT_PASSED] = "passed", [BISECT_FAILED] = "failed", [BISECT_LOST] = "no result"};

void bisect_file_finish(struct bisect_file *file)
{
	json_decref(file->images);
	json_decref(file->content);
	json_decref(file->notes);
	*file = (struct bisect_file){0};
}

int bisect_file_add_image(struct bisect_file *file, const char *path, const char *sha256)
{
	if (!file->images)
		file->images = json_array();
	if (!file->notes)
		file->notes = json_array();
	if (json_array_size(file->images) == BISECT_MAX_POINTS)
		return ERR_TOO_BIG;
	json_push(&file->images, json_pack("{s:s, s:s}", "path", path, "sha256", sha256));
	json_push(&file->notes, json_array());
	return 0;
}

size_t bisect_file_count(const struct bisect_file *file)
{
	return json_array_size(file->images);
}

const char *bisect_file_image(const struct bisect_file *file, size_t index)
{
	return api_text(json_array_get(file->images, index), "path");
}

json_t *bisect_file_images(const struct bisect_file *file, const size_t *points, size_t count)
{
	json_t *object = json_object();

	for (size_t i = 0; i < count; i++) {
		const json_t *image = json_array_get(file->images, points[i]);

		json_put(&object, api_text(image, "path"), json_string(api_text(image, "sha256")));
	}
	return object;
}

/* A round: {"job": its number, "points": [which images]}. */
static int check_round(const struct bisect_file *file, const json_t *round, struct err *err)
{
	json_t *points = NULL;
	int64_t job;
	int rc = json_read_int(round, "job", true, 1, INT64_MAX, &job, err);

	if (rc == 0)
		rc = json_read_array(round, "points", true, &points, err);
	for (size_t i = 0; rc == 0 && i < json_array_size(points); i++) {
		const json_t *point = json_array_get(points, i);
		json_int_t number = json_is_integer(point) ? json_integer_value(point) : -1;

		if (number < 0 || (size_t)number >= bisect_file_count(file))
			rc = err_set(err, ERR_INVALID, "points[%zu]: expected the number of an image, 0 to %zu", i,
				     bisect_file_count(file) - 1);
	}
	return rc;
}

static int check_rounds(const struct bisect_file *file, struct err *err)
{
	json_t *rounds = NULL;
	int rc = json_read_array(file->content, "rounds", true, &rounds, err);

	for (size_t i = 0; rc == 0 && i < json_array_size(rounds); i++) {
		struct err inner = {0};

		rc = check_round(file, json_array_get(rounds, i), &inner);
		if (rc)
			(void)err_set(err, ERR_INVALID, "rounds[%zu]: %s", i, inner.text);
	}
	return rc;
}

/* What is wrong with it is told with the file's name. */
static int read_content(struct bisect_file *file, const json_t *wanted, struct err *err)
{
	static const char *const same[] = {"suite", "type", "case", "images"};
	struct err inner = {0};
	json_error_t error;

	file->content = json_load_file(file->path, JSON_REJECT_DUPLICATES, &error);
	if (!file->content)
		return err_set(err, ERR_INVALID, "%s, line %d: %s", file->path, error.line, error.text);
	for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
		if (!json_equal(json_object_get(wanted, same[i]), json_object_get(file->content, same[i])))
			return err_set(err, ERR_INVALID,
				       "%s is of another bisection (other %s): remove it, or name another with --state",
				       file->path, same[i]);
	return check_rounds(file, &inner) ? err_set(err, ERR_INVALID, "%s: %s", file->path, inner.text) : 0;
}

int bisect_file_open(struct bisect_file *file, const char *path, const char *suite, const char *type,
		     const char *case_name, struct err *err)
{
	json_t *wanted = json_pack("{s:s, s:s, s:s, s:O, s:[]}", "suite", suite, "type", type, "case",
				   case_name ? case_name : "", "images", file->images, "rounds");
	int rc;

	if (!wanted)
		return err_set(err, ERR_NOMEM, "out of memory");
	file->path = path;
	if (access(path, F_OK) != 0) {
		file->content = wanted;
		return 0;
	}
	rc = read_content(file, wanted, err);
	json_decref(wanted);
	return rc;
}

bool bisect_file_round(const struct bisect_file *file, size_t index, int64_t *ret_job, size_t *ret_points, size_t max,
		       size_t *ret_count)
{
	const json_t *round = json_array_get(json_object_get(file->content, "rounds"), index), *point;
	size_t i, count = 0;

	if (!round)
		return false;
	json_array_foreach(json_object_get(round, "points"), i, point)
	{
		if (count < max)
			ret_points[count++] = (size_t)json_integer_value(point);
	}
	*ret_job = api_int(round, "job");
	*ret_count = count;
	return true;
}

int bisect_file_add_round(struct bisect_file *file, int64_t job, const size_t *points, size_t count)
{
	json_t *rounds = json_object_get(file->content, "rounds"), *list = json_array();
	char temporary[4096];

	for (size_t i = 0; i < count; i++)
		json_push(&list, json_integer((json_int_t)points[i]));
	json_array_append_new(rounds, json_pack("{s:I, s:o}", "job", (json_int_t)job, "points", list));
	if ((size_t)snprintf(temporary, sizeof temporary, "%s.new", file->path) >= sizeof temporary ||
	    json_dump_file(file->content, temporary, JSON_INDENT(1)) || rename(temporary, file->path))
		return ERR_IO;
	return 0;
}

void bisect_file_note(struct bisect_file *file, size_t point, enum bisect_result result, int64_t run)
{
	json_array_append_new(json_array_get(file->notes, point),
			      json_pack("{s:I, s:s}", "run", (json_int_t)run, "result", result_names[result]));
}

void bisect_file_print(const struct bisect_file *file, size_t point)
{
	const json_t *note;
	size_t i;

	json_array_foreach(json_array_get(file->notes, point), i, note)
		printf("  run %" PRId64 ": %s\n", api_int(note, "run"), api_text(note, "result"));
}

json_t *bisect_file_evidence(const struct bisect_file *file, const char *state, bool found, size_t at, size_t rounds)
{
	json_t *answer = json_pack("{s:s, s:I, s:I}", "state", state, "rounds", (json_int_t)rounds, "images",
				   (json_int_t)bisect_file_count(file));
	json_t *results = json_array(), *image;
	size_t i;

	json_array_foreach(file->images, i, image)
	{
		json_t *one = json_copy(image);

		json_put(&one, "runs", json_incref(json_array_get(file->notes, i)));
		json_push(&results, one);
	}
	json_put(&answer, "first_bad", found ? json_incref(json_array_get(file->images, at)) : json_null());
	json_put(&answer, "last_good", found ? json_incref(json_array_get(file->images, at - 1)) : json_null());
	json_put(&answer, "results", results);
	return answer;
}
