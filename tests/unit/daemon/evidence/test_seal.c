/* SPDX-License-Identifier: Apache-2.0 */
/* Sealing and verifying: what holds, what was forged by somebody who has a key or not, what a full disk leaves, and how
 * much memory a large job takes. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "daemon/evidence/keys.h"
#include "tests/unit/core/base/cmocka_all.h"
#include "tests/unit/daemon/evidence/support.h"

static int setup(void **state)
{
	*state = world_create();
	return 0;
}

static int teardown(void **state)
{
	world_destroy(*state);
	return 0;
}

static void expect(const struct world *world, int rc, const char *broken)
{
	struct told told;
	int got = world_verify(world, &world->key, &told);

	if (got != rc || !strstr(told.broken, broken))
		fail_msg("%d, expected %d with \"%s\": %s", got, rc, broken, told.broken);
}

static void test_holds_and_says_what_it_rests_on(void **state)
{
	struct world *world = *state;
	struct told told;

	world_seal(world);
	if (world_verify(world, &world->key, &told))
		fail_msg("%s", told.broken);
	assert_non_null(strstr(told.notes, "run 13: infrastructure, flash: the verdict rests on step flash"));
	assert_non_null(strstr(told.notes, "run 11: its artefact late never came"));
	assert_int_equal(told.broken_count, 0);
	/* Signature, archive, job, both attempts, and the cancelled run. */
	assert_int_equal(told.holds_count, 6);
}

static size_t read_bundle(const struct world *world, char **ret_bytes)
{
	struct err err = {0};
	int fd = -1;
	ssize_t got;

	*ret_bytes = malloc(1 << 20);
	assert_int_equal(evidence_open(&world->evidence, 3, &fd, &err), 0);
	got = read(fd, *ret_bytes, 1 << 20);
	close(fd);
	assert_true(got > 0);
	return (size_t)got;
}

static void test_sealed_twice_is_the_same(void **state)
{
	struct world *world = *state;
	char *first, *second;
	size_t len;

	world_seal(world);
	len = read_bundle(world, &first);
	world_seal(world);
	assert_int_equal(read_bundle(world, &second), len);
	assert_memory_equal(first, second, len);
	free(first);
	free(second);
}

static size_t count_files(const struct world *world)
{
	DIR *stream = opendir(world->evidence.dir);
	size_t count = 0;

	assert_non_null(stream);
	while (readdir(stream))
		count++;
	closedir(stream);
	return count - 2;
}

static void test_an_unfinished_job_is_refused(void **state)
{
	struct world *world = *state;
	FILE *out = fopen("/dev/null", "w");
	struct err err = {0};
	int fd;

	world->state = "running";
	assert_int_equal(evidence_seal(&world->evidence, &world->reader, 0, out, &err), ERR_STALE);
	assert_int_equal(evidence_open(&world->evidence, 3, &fd, &err), ERR_NOT_FOUND);
	assert_int_equal(count_files(world), 0);
	fclose(out);
}

static void test_another_key_does_not_do_but_a_past_one_does(void **state)
{
	struct world *world = *state;
	struct minisig_secret other;
	struct told told;
	struct err err = {0};

	world_seal(world);
	minisig_create(&other);
	assert_int_equal(world_verify(world, &other.public_key, &told), ERR_CORRUPT);
	assert_non_null(strstr(told.broken, "manifest.json.minisig: signed with key"));
	assert_int_equal(keys_rotate(world->evidence.keys_dir, &err), 0);
	assert_int_equal(world_verify(world, &world->key, &told), 0);
	world_seal(world);
	assert_int_equal(world_verify(world, &world->key, &told), ERR_CORRUPT);
}

/* Whoever has the key can sign anything; what he cannot do is make the verdict follow from the console. */
static void test_a_signed_lie_does_not_follow(void **state)
{
	struct world *world = *state;

	world->runs[0].cause = CAUSE_ALL_REQUIRED_SEEN;
	world_seal(world);
	expect(world, ERR_CORRUPT, "run 11: recorded as passed, all-required-seen: the console gives failed");
	world->runs[0].cause = CAUSE_PROBE;
	world_seal(world);
	expect(world, ERR_CORRUPT, "run 11: recorded as probe, and no step ended so");
	world->runs[0].cause = CAUSE_HANG;
	world_seal(world);
	expect(world, ERR_CORRUPT, "run 11: recorded as failed, hang");
	world->runs[0].cause = CAUSE_NONE;
	world->verdict = "passed";
	world->cause = "all-required-seen";
	world_seal(world);
	expect(world, ERR_CORRUPT, "job 3: its verdict is passed, that of its runs together is infrastructure");
}

static int no_cases(void *context, int64_t run, reader_row_fn on_row, void *row_context, struct err *err)
{
	(void)context;
	(void)run;
	(void)on_row;
	(void)row_context;
	(void)err;
	return 0;
}

/* Each run with the other's console, everything else as it was: hashes, chain and signature are made anew. */
static int swapped_console(void *context, int64_t run, uint64_t from, void *buffer, size_t size, size_t *ret_len,
			   struct err *err)
{
	struct world *world = context;
	const struct world_run *other = &world->runs[run == 11 ? 1 : 0];
	size_t len = from < other->console_len ? other->console_len - (size_t)from : 0;

	(void)err;
	*ret_len = run > 12 ? 0 : len < size ? len : size;
	memcpy(buffer, other->console + from, *ret_len);
	return 0;
}

static void test_swapped_consoles_are_found(void **state)
{
	struct world *world = *state;

	world->reader.console = swapped_console;
	world_seal(world);
	expect(world, ERR_CORRUPT, "runs/11/console.bin: its agent read other bytes");
	expect(world, ERR_CORRUPT, "runs/12/console.bin: its agent read other bytes");
}

static void test_missing_records_are_found(void **state)
{
	struct world *world = *state;

	world->reader.cases = no_cases;
	world_seal(world);
	expect(world, ERR_CORRUPT, "runs/11/cases.ndjson: Full.one is not recorded, and the console gives it");
}

/* A disk that is full: the earlier seal stays, and nothing else. */
static void test_a_full_disk_leaves_nothing(void **state)
{
	struct world *world = *state;
	struct rlimit limit, before;
	FILE *out = fopen("/dev/null", "w");
	struct err err = {0};

	world_seal(world);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	for (rlim_t size = 0; size < 20000; size += 1111) {
		limit = before;
		limit.rlim_cur = size;
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
		err = (struct err){0};
		assert_int_not_equal(evidence_seal(&world->evidence, &world->reader, 0, out, &err), 0);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
		assert_int_equal(count_files(world), 1);
		expect(world, 0, "");
	}
	fclose(out);
}

static void test_leftovers_go_at_the_next_start(void **state)
{
	struct world *world = *state;
	struct evidence again;
	struct err err = {0};
	char path[256];
	int fd;

	world_seal(world);
	snprintf(path, sizeof(path), "%s/evidence/seal-123456.new", world->dir);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(evidence_init(&again, world->dir, "cafe", world->evidence.unix_us, NULL, 0, &err), 0);
	assert_int_equal(count_files(world), 1);
	expect(world, 0, "");
}

static long peak_kib(void)
{
	struct rusage usage;

	assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
	return usage.ru_maxrss;
}

/* Judging needs every case once (the records of the test do it too); sealing itself must not add to that with the
 * number of runs or the size of consoles. */
static void test_a_large_job_takes_bounded_memory(void **state)
{
	struct world *world = *state;
	char *console = world_console(25000);
	long before;

	while (world->run_count)
		free(world->runs[--world->run_count].console);
	world_add(world, 0, 1, console, "{\"tests\":25000}");
	world->verdict = "passed";
	world->cause = "all-required-seen";
	world_seal(world);
	expect(world, 0, "");
	before = peak_kib();
	for (int64_t index = 1; index < 4; index++)
		world_add(world, index, 1, console, "{\"tests\":25000}");
	world_seal(world);
	expect(world, 0, "");
#ifndef __SANITIZE_ADDRESS__ /* it keeps what was freed */
	/* Three more consoles in the test's own memory, and nothing for 75,000 cases. */
	assert_true(peak_kib() - before < 3 * (long)(strlen(console) / 1024) + 4096);
#else
	(void)before;
#endif
	free(console);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_holds_and_says_what_it_rests_on, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sealed_twice_is_the_same, setup, teardown),
		cmocka_unit_test_setup_teardown(test_an_unfinished_job_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_another_key_does_not_do_but_a_past_one_does, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_signed_lie_does_not_follow, setup, teardown),
		cmocka_unit_test_setup_teardown(test_missing_records_are_found, setup, teardown),
		cmocka_unit_test_setup_teardown(test_swapped_consoles_are_found, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_full_disk_leaves_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_leftovers_go_at_the_next_start, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_large_job_takes_bounded_memory, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
