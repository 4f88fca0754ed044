/* SPDX-License-Identifier: Apache-2.0 */
/* Flash contents in a file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "agents/virtual/flash/store.h"

static char dir[64], path[128];

static int setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof dir, "/tmp/test-store-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/flash.bin", dir);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

static void cells_begin_erased_and_last(void **state)
{
	struct flash_store store;
	struct err err;
	(void)state;
	assert_int_equal(flash_store_init(&store, path, 8192, &err), 0);
	for (size_t i = 0; i < 8192; i++)
		assert_int_equal(store.cells[i], 0xff);
	store.cells[5000] = 0x42;
	flash_store_finish(&store);
	assert_int_equal(flash_store_init(&store, path, 8192, &err), 0);
	assert_int_equal(store.cells[5000], 0x42);
	flash_store_finish(&store);
}

static void another_size_is_refused(void **state)
{
	struct flash_store store;
	struct err err;
	(void)state;
	assert_int_equal(flash_store_init(&store, path, 8192, &err), 0);
	flash_store_finish(&store);
	assert_int_equal(flash_store_init(&store, path, 4096, &err), ERR_INVALID);
	flash_store_finish(&store);
}

static void a_disk_without_room_is_told_and_leaves_nothing(void **state)
{
	struct rlimit limit, small;
	struct flash_store store;
	struct err err;
	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small = limit;
	small.rlim_cur = 6000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_not_equal(flash_store_init(&store, path, 8192, &err), 0);
	flash_store_finish(&store);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(flash_store_init(&store, path, 8192, &err), 0);
	assert_int_equal(store.cells[8191], 0xff);
	flash_store_finish(&store);
}

static void a_start_that_was_cut_short_is_made_good(void **state)
{
	struct flash_store store;
	struct err err;
	char made[160];
	(void)state;
	snprintf(made, sizeof made, "%s.new", path);
	FILE *file = fopen(made, "w");
	assert_int_equal(fputs("half", file) >= 0 && !fclose(file), 1);
	assert_int_equal(flash_store_init(&store, path, 8192, &err), 0);
	assert_int_equal(store.cells[0], 0xff);
	assert_int_equal(access(made, F_OK), -1);
	flash_store_finish(&store);
}

static void no_flash_no_file(void **state)
{
	struct flash_store store;
	struct err err;
	(void)state;
	assert_int_equal(flash_store_init(&store, path, 0, &err), 0);
	assert_null(store.cells);
	assert_int_equal(access(path, F_OK), -1);
	flash_store_finish(&store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(cells_begin_erased_and_last, setup, teardown),
		cmocka_unit_test_setup_teardown(another_size_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(a_disk_without_room_is_told_and_leaves_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(a_start_that_was_cut_short_is_made_good, setup, teardown),
		cmocka_unit_test_setup_teardown(no_flash_no_file, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
