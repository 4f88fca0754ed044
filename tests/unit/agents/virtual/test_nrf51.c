/* SPDX-License-Identifier: Apache-2.0 */
/* The nRF51's flash controller on a UICR in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "agents/virtual/bytes.h"
#include "agents/virtual/flash/nrf51.h"

#define BLANK UINT32_C(0xffffffff)

static uint8_t uicr[NRF51_UICR_SIZE];
static struct nrf51_flash flash;

static int setup(void **state)
{
	(void)state;
	memset(uicr, 0xff, sizeof uicr);
	nrf51_flash_init(&flash, uicr);
	return 0;
}

static uint32_t word(uint32_t offset)
{
	return bytes_get32(uicr + offset);
}

static void closed_it_changes_nothing(void **state)
{
	(void)state;
	assert_false(nrf51_flash_open(&flash));
	nrf51_flash_program_uicr(&flash, 0, 4, 0);
	nrf51_flash_write_reg(&flash, NRF51_CONFIG, NRF51_CONFIG_ERASE);
	nrf51_flash_program_uicr(&flash, 0, 4, 0);
	assert_int_equal(word(0), BLANK);
	assert_true(nrf51_flash_open(&flash));
	nrf51_flash_write_reg(&flash, NRF51_CONFIG, NRF51_CONFIG_WRITE);
	nrf51_flash_reset(&flash);
	nrf51_flash_program_uicr(&flash, 0, 4, 0);
	assert_int_equal(word(0), BLANK);
}

static void programming_clears_bits_of_whole_words(void **state)
{
	(void)state;
	nrf51_flash_write_reg(&flash, NRF51_CONFIG, NRF51_CONFIG_WRITE);
	nrf51_flash_program_uicr(&flash, 8, 4, 0x12345678);
	nrf51_flash_program_uicr(&flash, 8, 4, 0xffff0000);
	assert_int_equal(word(8), 0x12340000);
	nrf51_flash_program_uicr(&flash, 12, 1, 0);
	nrf51_flash_program_uicr(&flash, 12, 2, 0);
	nrf51_flash_program_uicr(&flash, 13, 4, 0);
	nrf51_flash_program_uicr(&flash, NRF51_UICR_SIZE, 4, 0);
	assert_int_equal(word(4), BLANK);
	assert_int_equal(word(12), BLANK);
	assert_int_equal(word(16), BLANK);
}

static void only_erasing_everything_erases(void **state)
{
	(void)state;
	nrf51_flash_write_reg(&flash, NRF51_CONFIG, NRF51_CONFIG_WRITE);
	nrf51_flash_program_uicr(&flash, 0, 4, 0);
	nrf51_flash_program_uicr(&flash, NRF51_UICR_SIZE - 4, 4, 0);
	nrf51_flash_write_reg(&flash, NRF51_ERASEALL, 1); /* not open for it */
	nrf51_flash_write_reg(&flash, NRF51_CONFIG, NRF51_CONFIG_ERASE);
	nrf51_flash_write_reg(&flash, NRF51_ERASEUICR, 1);
	nrf51_flash_write_reg(&flash, NRF51_ERASEALL, 2);
	assert_int_equal(word(0), 0);
	nrf51_flash_write_reg(&flash, NRF51_ERASEALL, 1);
	assert_int_equal(word(0), BLANK);
	assert_int_equal(word(NRF51_UICR_SIZE - 4), BLANK);
}

static void other_registers_are_the_emulations(void **state)
{
	(void)state;
	assert_true(nrf51_flash_has_reg(NRF51_CONFIG));
	assert_true(nrf51_flash_has_reg(NRF51_ERASEALL));
	assert_true(nrf51_flash_has_reg(NRF51_ERASEUICR));
	assert_false(nrf51_flash_has_reg(0x400)); /* READY */
	assert_false(nrf51_flash_has_reg(0x508)); /* ERASEPAGE */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(closed_it_changes_nothing, setup),
		cmocka_unit_test_setup(programming_clears_bits_of_whole_words, setup),
		cmocka_unit_test_setup(only_erasing_everything_erases, setup),
		cmocka_unit_test(other_registers_are_the_emulations),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
