/* SPDX-License-Identifier: Apache-2.0 */
/* The STM32F4 flash controller on cells in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "agents/virtual/bytes.h"
#include "agents/virtual/flash/stm32f4.h"

static uint8_t cells[STM32F4_FLASH_SIZE];
static struct stm32f4_flash flash;

static void on_program(void *context, uint32_t offset, const uint8_t *data, size_t len)
{
	(void)context;
	for (size_t i = 0; i < len; i++)
		cells[offset + i] &= data[i];
}

static void on_erase(void *context, uint32_t offset, size_t len)
{
	(void)context;
	memset(cells + offset, 0xff, len);
}

static int setup(void **state)
{
	struct stm32f4_port port = {on_program, on_erase, NULL};
	(void)state;
	memset(cells, 0xff, sizeof cells);
	stm32f4_flash_init(&flash, &port);
	return 0;
}

static void put(uint32_t offset, uint32_t value)
{
	stm32f4_flash_write_reg(&flash, offset, value);
}

static void unlock(void)
{
	put(F4_KEYR, 0x45670123);
	put(F4_KEYR, 0xcdef89ab);
}

static void locked_controller_refuses(void **state)
{
	(void)state;
	put(F4_CR, F4_CR_PG);
	assert_int_equal(stm32f4_flash_read_reg(&flash, F4_CR), F4_CR_LOCK);
	assert_false(stm32f4_flash_program(&flash, 0, 4, 0));
	assert_int_equal(bytes_get32(cells), 0xffffffff);
	assert_true(flash.sr & F4_SR_PGSERR);
	put(F4_CR, F4_CR_MER | F4_CR_STRT);
	assert_int_equal(flash.cr, F4_CR_LOCK);
}

static void keys_in_the_wrong_order_lock_until_reset(void **state)
{
	(void)state;
	put(F4_KEYR, 0xcdef89ab);
	unlock();
	assert_true(flash.cr & F4_CR_LOCK);
	stm32f4_flash_reset(&flash);
	unlock();
	assert_false(flash.cr & F4_CR_LOCK);
}

static void bits_only_clear(void **state)
{
	(void)state;
	unlock();
	put(F4_CR, F4_CR_PG | 2 << F4_CR_PSIZE);
	assert_true(stm32f4_flash_program(&flash, 8, 4, 0x0ff0ffff));
	assert_true(stm32f4_flash_program(&flash, 8, 4, 0xffff00ff));
	assert_int_equal(bytes_get32(cells + 8), 0x0ff000ff);
	assert_int_equal(flash.sr, F4_SR_EOP);
}

static void size_must_be_psize(void **state)
{
	(void)state;
	unlock();
	for (unsigned psize = 0; psize < 3; psize++)
		for (unsigned size = 1; size <= 4; size *= 2) {
			put(F4_SR, 0xf3);
			put(F4_CR, F4_CR_PG | psize << F4_CR_PSIZE);
			bool fits = size == 1U << psize;
			assert_int_equal(stm32f4_flash_program(&flash, 64, size, 0), fits);
			assert_int_equal(!!(flash.sr & F4_SR_PGPERR), !fits);
		}
}

static void what_is_not_aligned_is_refused(void **state)
{
	(void)state;
	unlock();
	for (uint32_t offset = 1; offset < 4; offset++) {
		put(F4_SR, 0xf3);
		put(F4_CR, F4_CR_PG | 2 << F4_CR_PSIZE);
		assert_false(stm32f4_flash_program(&flash, STM32F4_FLASH_SIZE - offset, 4, 0)); /* nor past the end */
		assert_true(flash.sr & F4_SR_PGPERR);
	}
	put(F4_SR, 0xf3);
	put(F4_CR, F4_CR_PG | 1 << F4_CR_PSIZE);
	assert_false(stm32f4_flash_program(&flash, 65, 2, 0));
	put(F4_SR, 0xf3);
	assert_true(stm32f4_flash_program(&flash, 66, 2, 0));
}

static void an_error_must_be_cleared_first(void **state)
{
	(void)state;
	unlock();
	put(F4_CR, F4_CR_PG);
	assert_false(stm32f4_flash_program(&flash, 0, 4, 0));
	assert_false(stm32f4_flash_program(&flash, 0, 1, 0));
	assert_int_equal(cells[0], 0xff);
	put(F4_SR, 0xf3);
	assert_int_equal(flash.sr, 0);
	assert_true(stm32f4_flash_program(&flash, 0, 1, 0));
}

static void sectors(void **state)
{
	uint32_t offset, len, end = 0;
	(void)state;
	for (unsigned i = 0; i < STM32F4_SECTORS; i++) {
		assert_true(stm32f4_flash_sector(i, &offset, &len));
		assert_int_equal(offset, end);
		end = offset + len;
	}
	assert_int_equal(end, STM32F4_FLASH_SIZE);
	assert_false(stm32f4_flash_sector(12, &offset, &len));
}

static void erase_takes_one_sector(void **state)
{
	(void)state;
	memset(cells, 0, sizeof cells);
	unlock();
	put(F4_CR, F4_CR_SER | 5 << 3 | F4_CR_STRT);
	assert_int_equal(cells[0x1ffff], 0);
	assert_int_equal(cells[0x20000], 0xff);
	assert_int_equal(cells[0x3ffff], 0xff);
	assert_int_equal(cells[0x40000], 0);
	put(F4_CR, F4_CR_SER | 13 << 3 | F4_CR_STRT);
	assert_true(flash.sr & F4_SR_PGSERR);
	put(F4_SR, 0xf3);
	put(F4_CR, F4_CR_MER | F4_CR_STRT);
	assert_int_equal(cells[0], 0xff);
	assert_int_equal(cells[sizeof cells - 1], 0xff);
}

static void protected_sector_refuses(void **state)
{
	(void)state;
	unlock();
	put(F4_OPTCR, 0x0ffeaaec);
	assert_true(flash.optcr >> 16 & 1); /* locked */
	put(F4_OPTKEYR, 0x08192a3b);
	put(F4_OPTKEYR, 0x4c5d6e7f);
	put(F4_OPTCR, 0x0ffeaaec | 2);
	put(F4_CR, F4_CR_PG);
	assert_false(stm32f4_flash_program(&flash, 0x3fff, 1, 0));
	assert_true(flash.sr & F4_SR_WRPERR);
	put(F4_SR, 0xf3);
	assert_true(stm32f4_flash_program(&flash, 0x4000, 1, 0));
	put(F4_CR, F4_CR_MER | F4_CR_STRT);
	assert_true(flash.sr & F4_SR_WRPERR);
	assert_int_equal(cells[0x4000], 0);
}

static void outside_is_refused(void **state)
{
	(void)state;
	unlock();
	put(F4_CR, F4_CR_PG);
	assert_false(stm32f4_flash_program(&flash, STM32F4_FLASH_SIZE, 1, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(locked_controller_refuses, setup),
		cmocka_unit_test_setup(keys_in_the_wrong_order_lock_until_reset, setup),
		cmocka_unit_test_setup(bits_only_clear, setup),
		cmocka_unit_test_setup(size_must_be_psize, setup),
		cmocka_unit_test_setup(what_is_not_aligned_is_refused, setup),
		cmocka_unit_test_setup(an_error_must_be_cleared_first, setup),
		cmocka_unit_test_setup(sectors, setup),
		cmocka_unit_test_setup(erase_takes_one_sector, setup),
		cmocka_unit_test_setup(protected_sector_refuses, setup),
		cmocka_unit_test_setup(outside_is_refused, setup),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
