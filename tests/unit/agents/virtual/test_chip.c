/* SPDX-License-Identifier: Apache-2.0 */
/* Chips: regions, identities, unique ids. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "agents/virtual/chip/chip.h"

static void chips_are_found(void **state)
{
	(void)state;
	assert_ptr_equal(chip_find("nrf51"), &chip_nrf51);
	assert_ptr_equal(chip_find("stm32f405"), &chip_stm32f405);
	assert_ptr_equal(chip_find("mps2-an385"), &chip_mps2_an385);
	assert_null(chip_find("z80"));
}

static void regions_hold_whole_accesses(void **state)
{
	(void)state;
	assert_non_null(chip_region_of(&chip_nrf51, 0x20000000, 0x4000));
	assert_null(chip_region_of(&chip_nrf51, 0x20000000, 0x4001));
	assert_null(chip_region_of(&chip_nrf51, 0x20003ffe, 4));
	assert_int_equal(chip_region_of(&chip_nrf51, 0x10001000, 0x400)->memory, CHIP_UICR);
	assert_null(chip_region_of(&chip_nrf51, 0x10001400, 4));
	assert_null(chip_region_of(&chip_stm32f405, 0x10000000, 4));
	assert_null(chip_region_of(&chip_mps2_an385, 0xfffffffe, 4));
	assert_int_equal(chip_region_of(&chip_stm32f405, 0x080ffffc, 4)->memory, CHIP_FLASH);
	assert_int_equal(chip_region_of(&chip_stm32f405, 0, 4)->memory, CHIP_ALIAS);
}

static void unique_ids_differ_and_stay(void **state)
{
	uint8_t one[CHIP_UNIQUE_SIZE], again[CHIP_UNIQUE_SIZE], two[CHIP_UNIQUE_SIZE];
	uint32_t first, second;
	(void)state;
	chip_unique("board-1", one);
	chip_unique("board-1", again);
	chip_unique("board-2", two);
	assert_memory_equal(one, again, sizeof one);
	assert_memory_not_equal(one, two, 4);
	assert_true(chip_stm32f405.fixed(0x1fff7a10, one, &first));
	assert_true(chip_stm32f405.fixed(0x1fff7a10, two, &second));
	assert_int_not_equal(first, second);
	assert_true(chip_nrf51.fixed(0x10000064, one, &first));
	assert_true(chip_nrf51.fixed(0x10000064, two, &second));
	assert_int_not_equal(first, second);
	assert_false(chip_nrf51.fixed(0x20000000, one, &first));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chips_are_found),
		cmocka_unit_test(regions_hold_whole_accesses),
		cmocka_unit_test(unique_ids_differ_and_stay),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
