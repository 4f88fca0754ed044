/* SPDX-License-Identifier: Apache-2.0 */
/* What runs left behind, on its way in: whose it may be, and what it must be. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "core/base/mem.h"
#include "tests/unit/daemon/store/support.h"

#define RUN_OF_DEFAULT 1 /* had by a rack of the farm's own, of a stranger's job */
#define RUN_OF_ACME    2 /* had by a rack of acme, of the same job */
#define RUN_OF_NOBODY  3 /* waiting */

static const struct principal rack = {.name = "rack", .org = "default", .role = ROLE_AGENT};
static const struct principal rack_of_acme = {.name = "acme-rack", .org = "acme", .role = ROLE_AGENT};
static const char core_file[] = "\177ELF, says the agent";

static void tell_of_core(struct change *change, int64_t run)
{
	struct artefact_record *told = change_add(change, RECORD_ARTEFACT);
	uint8_t hash[crypto_hash_sha256_BYTES];

	told->run = run;
	mem_text_into(told->org, sizeof(told->org), stranger.org);
	mem_text_into(told->name, sizeof(told->name), "core.elf");
	mem_text_into(told->kind, sizeof(told->kind), "core");
	told->size_bytes = sizeof(core_file);
	crypto_hash_sha256(hash, (const uint8_t *)core_file, sizeof(core_file));
	sodium_bin2hex(told->sha256, sizeof(told->sha256), hash, sizeof(hash));
}

static void add_run_of(struct change *change, int64_t run, const char *agent)
{
	struct run_record *record =
		add_run(change, run, 1, stranger.org, agent[0] ? RUN_IS_FINISHED : RUN_IS_QUEUED, 0);

	mem_text_into(record->agent, sizeof(record->agent), agent);
	tell_of_core(change, run);
}

static int setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));
	struct change *change = change_of_job(1, 1, stranger.org, 1);

	fixture_init(f);
	fixture_must_open(f);
	*(struct agent_record *)change_add(change, RECORD_AGENT) =
		(struct agent_record){.name = "rack1", .org = "default"};
	*(struct agent_record *)change_add(change, RECORD_AGENT) =
		(struct agent_record){.name = "acme1", .org = "acme"};
	add_run_of(change, RUN_OF_DEFAULT, "rack1");
	add_run_of(change, RUN_OF_ACME, "acme1");
	add_run_of(change, RUN_OF_NOBODY, "");
	store_commit(f->store, change);
	fixture_wait_committed(f, 1);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	fixture_finish(*state);
	free(*state);
	return 0;
}

static enum err_code bring(struct fixture *f, const struct principal *who, int64_t run, const char *name,
			   const void *data, size_t size)
{
	const struct archive *archive = store_archive(f->store);
	struct artefact_upload *upload;
	struct kept_answer kept = {0};
	struct err err = {0};
	enum err_code code;

	assert_int_equal(archive->artefact_begin(archive->context, who, run, name, &upload, &err), 0);
	assert_int_equal(archive->artefact_append(upload, data, size, &err), 0);
	archive->artefact_finish(upload, on_kept, &kept);
	assert_false(kept.came);
	fixture_wait(f, is_kept, &kept);
	code = kept.answer.err.code;
	assert_int_equal(json_is_true(json_object_get(kept.answer.json, "present")), code == 0);
	kept_finish(&kept);
	return code;
}

static size_t count_files(const struct fixture *f)
{
	char path[300];
	size_t count = 0;
	DIR *dir;

	(void)snprintf(path, sizeof(path), "%s/artefacts", f->dir);
	dir = opendir(path);
	for (struct dirent *entry; (entry = readdir(dir));)
		count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	closedir(dir);
	return count;
}

static void test_a_rack_brings_what_its_runs_left(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(bring(f, &rack, RUN_OF_DEFAULT, "core.elf", core_file, sizeof(core_file)), 0);
	assert_int_equal(sql_int(f, "SELECT present FROM artefact WHERE run = 1"), 1);
	assert_int_equal(count_files(f), 1);
	/* again, as an agent does that heard no answer */
	assert_int_equal(bring(f, &rack, RUN_OF_DEFAULT, "core.elf", core_file, sizeof(core_file)), 0);
	assert_int_equal(bring(f, &rack_of_acme, RUN_OF_ACME, "core.elf", core_file, sizeof(core_file)), 0);
	assert_int_equal(sql_int(f, "SELECT sum(present) FROM artefact"), 2);
	assert_int_equal(count_files(f), 1);
}

static void test_runs_of_others_are_not_its(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(bring(f, &rack_of_acme, RUN_OF_DEFAULT, "core.elf", core_file, sizeof(core_file)),
			 ERR_NOT_FOUND);
	assert_int_equal(bring(f, &rack, RUN_OF_ACME, "core.elf", core_file, sizeof(core_file)), ERR_NOT_FOUND);
	assert_int_equal(bring(f, &rack, RUN_OF_NOBODY, "core.elf", core_file, sizeof(core_file)), ERR_NOT_FOUND);
	assert_int_equal(bring(f, &rack, 999, "core.elf", core_file, sizeof(core_file)), ERR_NOT_FOUND);
	assert_int_equal(sql_int(f, "SELECT sum(present) FROM artefact"), 0);
	assert_int_equal(count_files(f), 0);
}

static void test_it_is_what_was_told_of(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(bring(f, &rack, RUN_OF_DEFAULT, "core.elf", "else", 4), ERR_INVALID);
	assert_int_equal(bring(f, &rack, RUN_OF_DEFAULT, "core2.elf", core_file, sizeof(core_file)), ERR_NOT_FOUND);
	assert_int_equal(sql_int(f, "SELECT sum(present) FROM artefact"), 0);
	assert_int_equal(count_files(f), 0);
}

static void expect_no(struct fixture *f, const struct principal *who, int64_t run, const char *text)
{
	struct kept_answer kept;

	ask_and_wait(f, who, &(struct query){.kind = QUERY_ARTEFACT, .id = run, .name = "registers.txt"}, &kept);
	assert_int_equal(kept.answer.err.code, ERR_NOT_FOUND);
	assert_string_equal(kept.answer.err.text, text);
	kept_finish(&kept);
}

static void test_what_is_missing_is_named(void **state)
{
	struct fixture *f = *state;

	expect_no(f, &stranger, RUN_OF_DEFAULT, "run 1 left no registers.txt behind");
	expect_no(f, &stranger, 999, "there is no run 999");
	expect_no(f, &member, RUN_OF_DEFAULT, "there is no run 1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_rack_brings_what_its_runs_left, setup, teardown),
		cmocka_unit_test_setup_teardown(test_runs_of_others_are_not_its, setup, teardown),
		cmocka_unit_test_setup_teardown(test_it_is_what_was_told_of, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_is_missing_is_named, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
