/* SPDX-License-Identifier: Apache-2.0 */
/* The register of reset causes shows what each chip's does, and is cleared as the firmware of each clears it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "agents/virtual/board/parts.h"

#define RCC_CSR   UINT32_C(0x40023874)
#define RESETREAS UINT32_C(0x40000400)

static uint32_t shown(const struct board *board, uint32_t address)
{
	uint32_t value = 0;

	assert_true(board_cause_read(board, address, &value));
	return value;
}

static void stm32_clears_all_flags_by_one_bit(void **state)
{
	struct board *board = calloc(1, sizeof *board);

	(void)state;
	board->chip = &chip_stm32f405;
	board_cause_power(board);
	assert_int_equal(shown(board, RCC_CSR), 0x0e000000);
	assert_int_equal(shown(board, RCC_CSR + 3) & 0xff, 0x0e); /* a byte of it */
	assert_true(board_cause_write(board, RCC_CSR, 4, 1));     /* LSION is no flag */
	assert_int_equal(shown(board, RCC_CSR), 0x0e000000);
	board_cause_reset(board);
	assert_int_equal(shown(board, RCC_CSR), 0x1e000000);
	assert_true(board_cause_write(board, RCC_CSR, 4, UINT32_C(1) << 24));
	assert_int_equal(shown(board, RCC_CSR), 0);
	board_cause_reset(board);
	assert_int_equal(shown(board, RCC_CSR), 0x14000000);
	board_cause_power(board);
	assert_int_equal(shown(board, RCC_CSR), 0x0e000000);
	free(board);
}

static void nrf51_clears_each_bit_by_a_one(void **state)
{
	struct board *board = calloc(1, sizeof *board);

	(void)state;
	board->chip = &chip_nrf51;
	board_cause_power(board);
	assert_int_equal(shown(board, RESETREAS), 0);
	board_cause_reset(board);
	assert_int_equal(shown(board, RESETREAS), 4);
	assert_true(board_cause_write(board, RESETREAS, 4, 3));
	assert_int_equal(shown(board, RESETREAS), 4);
	assert_true(board_cause_write(board, RESETREAS, 4, 4));
	assert_int_equal(shown(board, RESETREAS), 0);
	free(board);
}

static void other_addresses_and_chips_are_left_alone(void **state)
{
	struct board *board = calloc(1, sizeof *board);
	uint32_t value = 7;

	(void)state;
	board->chip = &chip_nrf51;
	assert_false(board_cause_read(board, RESETREAS + 4, &value));
	assert_false(board_cause_write(board, 0, 4, 1));
	board->chip = &chip_mps2_an385;
	assert_false(board_cause_read(board, 0, &value));
	assert_false(board_cause_write(board, 0, 4, 1));
	assert_int_equal(value, 7);
	free(board);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stm32_clears_all_flags_by_one_bit),
		cmocka_unit_test(nrf51_clears_each_bit_by_a_one),
		cmocka_unit_test(other_addresses_and_chips_are_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
