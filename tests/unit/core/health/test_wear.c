/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger of a flash's wear: which sectors an image lies in, and what comes of erases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/health/wear.h"

/* An STM32F405's: 4 of 16 KiB, one of 64, 7 of 128. */
static const struct flash_sectors f405[] = {
	{0x08000000, 0x4000, 4}, {0x08010000, 0x10000, 1}, {0x08020000, 0x20000, 7}};

static struct wear wear;

static int teardown(void **state)
{
	(void)state;
	wear_clear(&wear);
	return 0;
}

static void erase(uint32_t address, uint32_t size_bytes, uint32_t count)
{
	struct flashed flashed = {.erased = {{address, size_bytes, count}}, .erased_count = 1};

	wear_add(&wear, &flashed);
}

static uint32_t erases_at(uint32_t address)
{
	for (size_t i = 0; i < wear.sectors_count; i++) {
		const struct wear_sectors *run = &wear.sectors[i];

		if (address >= run->address && address < run->address + run->count * run->size_bytes)
			return run->erases;
	}
	return 0;
}

static size_t entries(void)
{
	size_t count = 0;

	for (size_t i = 0; i < wear.sectors_count; i++)
		count += wear.sectors[i].count;
	return count;
}

static void assert_run(const struct flash_sectors *run, uint32_t address, uint32_t size_bytes, uint32_t count)
{
	assert_int_equal(run->address, address);
	assert_int_equal(run->size_bytes, size_bytes);
	assert_int_equal(run->count, count);
}

static void test_an_image_erases_the_sectors_it_lies_in(void **state)
{
	struct flashed flashed = {0};

	(void)state;
	flashed_add(&flashed, 0, f405, 3, 0x08000000, 0x188);
	flashed_add(&flashed, 0, f405, 3, 0x08003ffc, 8); /* the first sector counts once */
	flashed_add(&flashed, 0, f405, 3, 0x0800c000, 0x4001);
	flashed_add(&flashed, 0, f405, 3, 0x080fffff, 1);
	flashed_add(&flashed, 0, f405, 3, 0x20000000, 64); /* no flash */
	flashed_add(&flashed, 0, f405, 3, 0x08000000, 0);
	assert_int_equal(flashed.erased_count, 4);
	assert_run(&flashed.erased[0], 0x08000000, 0x4000, 2);
	assert_run(&flashed.erased[1], 0x0800c000, 0x4000, 1);
	assert_run(&flashed.erased[2], 0x08010000, 0x10000, 1);
	assert_run(&flashed.erased[3], 0x080e0000, 0x20000, 1);
}

static void test_the_chip_and_its_sectors_are_two_passes(void **state)
{
	struct flashed flashed = {0};

	(void)state;
	flashed_add(&flashed, 0, f405, 3, 0x08000000, 1u << 20);
	assert_int_equal(flashed.erased_count, 3);
	flashed_add(&flashed, 3, f405, 3, 0x08000000, 16);
	assert_int_equal(flashed.erased_count, 4);
	wear_add(&wear, &flashed);
	assert_int_equal(wear.erases, 13);
	assert_int_equal(wear.worst, 2);
	assert_int_equal(wear.worst_address, 0x08000000);
	assert_int_equal(erases_at(0x08004000), 1);
	assert_int_equal(erases_at(0x080e0000), 1);
	assert_int_equal(entries(), 12);
}

static void test_nothing_erased_changes_nothing(void **state)
{
	struct flashed flashed = {0};

	(void)state;
	erase(0, 1024, 4);
	wear_add(&wear, &flashed);
	assert_int_equal(wear.erases, 4);
	assert_int_equal(wear.worst, 1);
}

static void test_a_ledger_outlives_its_text(void **state)
{
	struct wear again = {0};
	struct err err = {0};
	char *text, *second;

	(void)state;
	erase(0, 1024, 256);
	erase(2048, 1024, 3);
	text = wear_to_text(&wear);
	assert_string_equal(text, "[[0,1024,2,1],[2048,1024,3,2],[5120,1024,251,1]]");
	assert_int_equal(wear_from_text(text, wear.erases, &again, &err), 0);
	second = wear_to_text(&again);
	assert_string_equal(second, text);
	assert_int_equal(again.erases, 259);
	assert_int_equal(again.worst, 2);
	assert_int_equal(again.worst_address, 2048);
	free(text);
	free(second);
	wear_clear(&again);
}

static void test_a_damaged_text_is_refused(void **state)
{
	static const char *const bad[] = {"",
					  "{}",
					  "[[0,1024,2]]",
					  "[[0,0,1,1]]",
					  "[[0,1024,5000,1]]",
					  "[[0,1024,4096,1],[8388608,1024,1,1]]",
					  "[[1024,1024,1,1],[0,1024,1,1]]",
					  "[[0,1024,2,1],[1024,1024,1,1]]",
					  "[[0,1024,1,-1]]"};
	struct wear again = {0};
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_int_equal(wear_from_text(bad[i], 0, &again, &err), ERR_INVALID);
		assert_null(again.sectors);
	}
}

/* Too many sectors share entries: an entry says as much as its worst sector, never less. */
static void test_what_has_no_room_gets_coarser(void **state)
{
	(void)state;
	erase(0, 4096, WEAR_MAX_SECTORS);
	erase(0, 4096, 1);
	assert_int_equal(entries(), WEAR_MAX_SECTORS);
	erase(0x10000000, 4096, 1);
	assert_int_equal(entries(), WEAR_MAX_SECTORS / 2 + 1);
	assert_int_equal(erases_at(0), 2);
	assert_int_equal(erases_at(4096), 2);
	assert_int_equal(erases_at(8192), 1);
	erase(0, 4096, 2); /* both of one entry, in one pass */
	assert_int_equal(erases_at(4096), 3);
	assert_int_equal(wear.erases, WEAR_MAX_SECTORS + 4);
}

static void test_a_huge_flash_is_counted_in_steps(void **state)
{
	(void)state;
	erase(0, 4096, FLASHED_MAX_SECTORS);
	assert_in_range(entries(), 1, WEAR_MAX_SECTORS);
	assert_int_equal(erases_at(FLASHED_MAX_SECTORS / 2 * 4096), 1);
	erase(4096, 4096, 1);
	assert_int_equal(erases_at(0), 2);
	assert_int_equal(wear.erases, FLASHED_MAX_SECTORS + 1);
}

static void test_past_nine_tenths_it_is_near(void **state)
{
	(void)state;
	for (int i = 0; i < 9; i++)
		erase(0, 1024, 1);
	assert_false(wear_is_near(&wear, 10));
	assert_false(wear_is_near(&wear, 0));
	erase(0, 1024, 1);
	assert_true(wear_is_near(&wear, 10));
	assert_false(wear_is_near(&wear, 12));
}

static void test_what_was_erased_goes_over_the_wire(void **state)
{
	struct flashed flashed = {.erased = {{0x08000000, 0x4000, 2}, {0xffff0000, 0x10000, 1}}, .erased_count = 2};
	struct flashed again;
	struct err err = {0};
	json_t *object = flashed_to_json(&flashed);

	(void)state;
	assert_int_equal(flashed_from_json(object, &again, &err), 0);
	assert_int_equal(again.erased_count, 2);
	assert_run(&again.erased[1], 0xffff0000, 0x10000, 1);
	json_object_set_new(json_array_get(json_object_get(object, "erased"), 1), "count", json_integer(2));
	assert_int_equal(flashed_from_json(object, &again, &err), ERR_INVALID);
	json_decref(object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_image_erases_the_sectors_it_lies_in),
		cmocka_unit_test_teardown(test_the_chip_and_its_sectors_are_two_passes, teardown),
		cmocka_unit_test_teardown(test_nothing_erased_changes_nothing, teardown),
		cmocka_unit_test_teardown(test_a_ledger_outlives_its_text, teardown),
		cmocka_unit_test(test_a_damaged_text_is_refused),
		cmocka_unit_test_teardown(test_what_has_no_room_gets_coarser, teardown),
		cmocka_unit_test_teardown(test_a_huge_flash_is_counted_in_steps, teardown),
		cmocka_unit_test_teardown(test_past_nine_tenths_it_is_near, teardown),
		cmocka_unit_test(test_what_was_erased_goes_over_the_wire),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
