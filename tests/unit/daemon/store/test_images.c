/* SPDX-License-Identifier: Apache-2.0 */
/* Images on their way in and out. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "tests/unit/daemon/store/support.h"

/* Eight bytes at 0x00000000, as Intel HEX. */
static const char hex_image[] = ":080000000010002041000000"
				"87\n:00000001FF\n";

static void upload(struct fixture *f, const struct principal *who, const void *data, size_t size,
		   struct kept_answer *kept)
{
	const struct archive *archive = store_archive(f->store);
	struct image_upload *it;
	struct err err = {0};

	memset(kept, 0, sizeof(*kept));
	assert_int_equal(archive->upload_begin(archive->context, who, "suite.hex", &it, &err), 0);
	for (size_t at = 0; at < size; at += 7)
		assert_int_equal(
			archive->upload_append(it, (const char *)data + at, size - at < 7 ? size - at : 7, &err), 0);
	archive->upload_finish(it, on_kept, kept);
	assert_false(kept->came);
	fixture_wait(f, is_kept, kept);
}

static size_t count_files(const struct fixture *f)
{
	char path[300];
	size_t count = 0;
	DIR *dir;

	(void)snprintf(path, sizeof(path), "%s/images", f->dir);
	dir = opendir(path);
	for (struct dirent *entry; (entry = readdir(dir));)
		count += entry->d_name[0] != '.' || strlen(entry->d_name) > 2;
	closedir(dir);
	return count;
}

static void test_an_image_is_kept_once(void **state)
{
	struct fixture *f = *state;
	struct kept_answer kept;
	const struct image *image;
	char sha256[SHA256_HEX];
	struct err err = {0};

	upload(f, &member, hex_image, strlen(hex_image), &kept);
	if (kept.answer.err.code)
		fail_msg("%s", kept.answer.err.text);
	mem_text_into(sha256, sizeof(sha256), json_string_value(json_object_get(kept.answer.json, "sha256")));
	assert_true(json_is_true(json_object_get(kept.answer.json, "created")));
	assert_string_equal(json_string_value(json_object_get(kept.answer.json, "name")), "suite.hex");
	assert_string_equal(json_string_value(json_object_get(kept.answer.json, "format")), "hex");
	kept_finish(&kept);
	upload(f, &member, hex_image, strlen(hex_image), &kept);
	assert_true(json_is_false(json_object_get(kept.answer.json, "created")));
	kept_finish(&kept);
	assert_int_equal(count_files(f), 1);

	image = store_image(f->store, &member, sha256, &err);
	assert_non_null(image);
	assert_int_equal(image->segment_count, 1);
	/* also when it is not in memory */
	fixture_close(f);
	fixture_must_open(f);
	image = store_image(f->store, &member, sha256, &err);
	assert_non_null(image);
	assert_int_equal(image->segment[0].size_bytes, 8);
	assert_ptr_equal(store_image(f->store, &admin, sha256, &err), image);
}

static void test_only_its_organisation_sees_it(void **state)
{
	struct fixture *f = *state;
	struct kept_answer kept;
	struct query query = {.kind = QUERY_IMAGE};
	struct err err = {0};

	upload(f, &member, hex_image, strlen(hex_image), &kept);
	mem_text_into(query.name, sizeof(query.name), json_string_value(json_object_get(kept.answer.json, "sha256")));
	kept_finish(&kept);
	assert_null(store_image(f->store, &stranger, query.name, &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
	ask_and_wait(f, &stranger, &query, &kept);
	assert_int_equal(kept.answer.err.code, ERR_NOT_FOUND);
	kept_finish(&kept);
	query.kind = QUERY_IMAGE_CONTENT;
	ask_and_wait(f, &stranger, &query, &kept);
	assert_int_equal(kept.answer.err.code, ERR_NOT_FOUND);
	assert_int_equal(kept.answer.fd, -1);
	kept_finish(&kept);
	/* until it brings the same bytes itself */
	upload(f, &stranger, hex_image, strlen(hex_image), &kept);
	assert_true(json_is_true(json_object_get(kept.answer.json, "created")));
	kept_finish(&kept);
	assert_non_null(store_image(f->store, &stranger, query.name, &err));
	assert_int_equal(count_files(f), 1);
}

static const struct principal rack = {.name = "rack", .org = "default", .role = ROLE_AGENT};

static enum err_code answer_to(struct fixture *f, const struct principal *who, const char *sha256)
{
	struct query query = {.kind = QUERY_IMAGE_CONTENT};
	struct kept_answer kept;

	mem_text_into(query.name, sizeof(query.name), sha256);
	ask_and_wait(f, who, &query, &kept);
	enum err_code code = kept.answer.err.code;
	assert_int_equal(kept.answer.fd >= 0, code == 0);
	kept_finish(&kept);
	return code;
}

/* What is held for others only has to be brought again: what is handed in has no admin's rights. */
static void test_an_admin_is_told_whether_it_is_its_own(void **state)
{
	struct fixture *f = *state;
	struct query query = {.kind = QUERY_IMAGE};
	struct kept_answer kept;

	upload(f, &stranger, hex_image, strlen(hex_image), &kept);
	mem_text_into(query.name, sizeof(query.name), json_string_value(json_object_get(kept.answer.json, "sha256")));
	kept_finish(&kept);
	ask_and_wait(f, &admin, &query, &kept);
	assert_true(json_is_false(json_object_get(kept.answer.json, "own")));
	kept_finish(&kept);
	upload(f, &admin, hex_image, strlen(hex_image), &kept);
	kept_finish(&kept);
	ask_and_wait(f, &admin, &query, &kept);
	assert_true(json_is_true(json_object_get(kept.answer.json, "own")));
	kept_finish(&kept);
}

/* The farm's own rack runs other organisations' jobs, and sees their images only for that. */
static void test_an_agent_sees_what_it_is_to_run(void **state)
{
	struct fixture *f = *state;
	struct change *change = change_of_job(1, 1, stranger.org, 1);
	struct agent_record *agent = change_add(change, RECORD_AGENT);
	struct kept_answer kept;
	char sha256[SHA256_HEX];

	upload(f, &stranger, hex_image, strlen(hex_image), &kept);
	mem_text_into(sha256, sizeof(sha256), json_string_value(json_object_get(kept.answer.json, "sha256")));
	kept_finish(&kept);
	assert_int_equal(answer_to(f, &rack, sha256), ERR_NOT_FOUND);
	*agent = (struct agent_record){.name = "rack1", .org = "default"};
	add_run(change, 1, 1, stranger.org, RUN_IS_ASSIGNED, 0);
	store_commit(f->store, change);
	fixture_wait_committed(f, 1);
	assert_int_equal(answer_to(f, &rack, sha256), ERR_NOT_FOUND);
	sql_run(f, "UPDATE run SET agent = 'rack1', image_sha256 = (SELECT sha256 FROM image)");
	assert_int_equal(answer_to(f, &rack, sha256), 0);
	/* also when an admin ran it for an organisation that does not hold it itself */
	sql_run(f, "UPDATE image SET org = 'elsewhere'");
	assert_int_equal(answer_to(f, &rack, sha256), 0);
	sql_run(f, "UPDATE image SET org = (SELECT org FROM run)");
	/* nor another organisation's agents, nor once it is over */
	sql_run(f, "UPDATE agent SET org = (SELECT org FROM run)");
	assert_int_equal(answer_to(f, &rack, sha256), ERR_NOT_FOUND);
	sql_run(f, "UPDATE agent SET org = 'default'");
	sql_run(f, "UPDATE run SET state = 'finished', verdict = 'passed'");
	assert_int_equal(answer_to(f, &rack, sha256), ERR_NOT_FOUND);
	/* its own organisation's it sees at all times */
	upload(f, &member, hex_image, strlen(hex_image), &kept);
	kept_finish(&kept);
	assert_int_equal(answer_to(f, &rack, sha256), strcmp(member.org, rack.org) == 0 ? 0 : ERR_NOT_FOUND);
}

static void test_without_its_folder_nothing_is_missing(void **state)
{
	struct fixture *f = *state;
	const struct archive *archive = store_archive(f->store);
	struct image_upload *it = NULL;
	struct kept_answer kept;
	char sha256[SHA256_HEX], folder[300], away[300];
	struct err err = {0};

	upload(f, &member, hex_image, strlen(hex_image), &kept);
	mem_text_into(sha256, sizeof(sha256), json_string_value(json_object_get(kept.answer.json, "sha256")));
	kept_finish(&kept);
	(void)snprintf(folder, sizeof(folder), "%s/images", f->dir);
	(void)snprintf(away, sizeof(away), "%s/away", f->dir);
	assert_int_equal(rename(folder, away), 0);
	assert_int_equal(archive->upload_begin(archive->context, &member, "x", &it, &err), ERR_IO);
	assert_non_null(strstr(err.text, folder));
	assert_int_equal(answer_to(f, &member, sha256), ERR_IO);
	assert_int_equal(rename(away, folder), 0);
	assert_int_equal(answer_to(f, &member, sha256), 0);
}

static void test_the_content_comes_back(void **state)
{
	struct fixture *f = *state;
	struct kept_answer kept;
	struct query query = {.kind = QUERY_IMAGE_CONTENT};
	char bytes[100];

	upload(f, &member, hex_image, strlen(hex_image), &kept);
	mem_text_into(query.name, sizeof(query.name), json_string_value(json_object_get(kept.answer.json, "sha256")));
	kept_finish(&kept);
	ask_and_wait(f, &member, &query, &kept);
	assert_int_equal(read(kept.answer.fd, bytes, sizeof(bytes)), strlen(hex_image));
	assert_memory_equal(bytes, hex_image, strlen(hex_image));
	kept_finish(&kept);
}

static void test_what_is_no_image_leaves_nothing_behind(void **state)
{
	struct fixture *f = *state;
	struct kept_answer kept;

	upload(f, &member, "", 0, &kept);
	assert_int_equal(kept.answer.err.code, ERR_INVALID);
	kept_finish(&kept);
	upload(f, &member, "PK\x03\x04 a zip", 10, &kept);
	assert_int_equal(kept.answer.err.code, ERR_INVALID);
	assert_non_null(strstr(kept.answer.err.text, "zip"));
	kept_finish(&kept);
	assert_int_equal(count_files(f), 0);
	assert_int_equal(sql_int(f, "SELECT count(*) FROM image"), 0);
}

static void test_too_big_and_aborted(void **state)
{
	struct fixture *f = *state;
	const struct archive *archive = store_archive(f->store);
	struct image_upload *it;
	struct err err = {0};
	char *block = mem_alloc(1 << 20);
	int rc = 0;

	assert_int_equal(archive->upload_begin(archive->context, &member, "x", &it, &err), 0);
	for (size_t at = 0; at <= IMAGE_MAX_BYTES && rc == 0; at += 1 << 20)
		rc = archive->upload_append(it, block, 1 << 20, &err);
	assert_int_equal(rc, ERR_TOO_BIG);
	archive->upload_abort(it);
	archive->upload_abort(NULL);
	free(block);
	assert_int_equal(count_files(f), 0);
}

static void test_a_changed_file_is_noticed(void **state)
{
	struct fixture *f = *state;
	struct kept_answer kept;
	char sha256[SHA256_HEX], path[400];
	struct err err = {0};
	FILE *file;

	upload(f, &member, hex_image, strlen(hex_image), &kept);
	mem_text_into(sha256, sizeof(sha256), json_string_value(json_object_get(kept.answer.json, "sha256")));
	kept_finish(&kept);
	fixture_close(f);
	(void)snprintf(path, sizeof(path), "%s/images/%s", f->dir, sha256);
	file = fopen(path, "a");
	(void)fputs("\n", file);
	(void)fclose(file);
	fixture_must_open(f);
	assert_null(store_image(f->store, &member, sha256, &err));
	assert_int_equal(err.code, ERR_CORRUPT);
}

struct prepared {
	bool came;
	struct err err;
};

static void on_prepared(void *context, const struct err *err)
{
	struct prepared *prepared = context;

	prepared->came = true;
	prepared->err = err ? *err : (struct err){0};
}

static bool is_prepared(void *context)
{
	return ((struct prepared *)context)->came;
}

/* Taken apart elsewhere, in memory afterwards: the file is not looked at again. */
static void test_images_are_prepared(void **state)
{
	struct fixture *f = *state;
	struct kept_answer kept;
	struct prepared prepared = {0};
	char sha256[SHA256_HEX], path[400];
	const char *const wanted[] = {sha256, sha256,
				      "0000000000000000000000000000000000000000000000000000000000000000"};
	struct err err = {0};

	upload(f, &member, hex_image, strlen(hex_image), &kept);
	mem_text_into(sha256, sizeof(sha256), json_string_value(json_object_get(kept.answer.json, "sha256")));
	kept_finish(&kept);
	assert_true(store_prepare_images(f->store, wanted, 1, on_prepared, &prepared));
	fixture_close(f);
	fixture_must_open(f);
	assert_false(store_prepare_images(f->store, wanted, 3, on_prepared, &prepared));
	assert_false(prepared.came);
	fixture_wait(f, is_prepared, &prepared);
	assert_int_equal(prepared.err.code, 0);
	(void)snprintf(path, sizeof(path), "%s/images/%s", f->dir, sha256);
	assert_int_equal(unlink(path), 0);
	assert_non_null(store_image(f->store, &member, sha256, &err));
	/* at the end it is said so, inside the close */
	prepared.came = false;
	assert_false(store_prepare_images(f->store, &wanted[2], 1, on_prepared, &prepared));
	fixture_close(f);
	assert_true(prepared.came);
	assert_int_equal(prepared.err.code, ERR_CANCELLED);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_an_image_is_kept_once),
		TEST(test_only_its_organisation_sees_it),
		TEST(test_the_content_comes_back),
		TEST(test_what_is_no_image_leaves_nothing_behind),
		TEST(test_too_big_and_aborted),
		TEST(test_a_changed_file_is_noticed),
		TEST(test_images_are_prepared),
		TEST(test_an_admin_is_told_whether_it_is_its_own),
		TEST(test_an_agent_sees_what_it_is_to_run),
		TEST(test_without_its_folder_nothing_is_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
