/* SPDX-License-Identifier: Apache-2.0 */
/* Fault status registers in words: every bit, the addresses that belong to them, and cores that have none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/image/fault.h"

#define CORTEX_M4 0x410fc241u
#define CORTEX_M0 0x410cc200u

static const struct {
	enum core_register in;
	unsigned bit;
	const char *name;
} known[] = {
	{CORE_CFSR, 0, "IACCVIOL"},   {CORE_CFSR, 1, "DACCVIOL"},    {CORE_CFSR, 3, "MUNSTKERR"},
	{CORE_CFSR, 4, "MSTKERR"},    {CORE_CFSR, 5, "MLSPERR"},     {CORE_CFSR, 7, "MMARVALID"},
	{CORE_CFSR, 8, "IBUSERR"},    {CORE_CFSR, 9, "PRECISERR"},   {CORE_CFSR, 10, "IMPRECISERR"},
	{CORE_CFSR, 11, "UNSTKERR"},  {CORE_CFSR, 12, "STKERR"},     {CORE_CFSR, 13, "LSPERR"},
	{CORE_CFSR, 15, "BFARVALID"}, {CORE_CFSR, 16, "UNDEFINSTR"}, {CORE_CFSR, 17, "INVSTATE"},
	{CORE_CFSR, 18, "INVPC"},     {CORE_CFSR, 19, "NOCP"},       {CORE_CFSR, 20, "STKOF"},
	{CORE_CFSR, 24, "UNALIGNED"}, {CORE_CFSR, 25, "DIVBYZERO"},  {CORE_HFSR, 1, "VECTTBL"},
	{CORE_HFSR, 30, "FORCED"},    {CORE_HFSR, 31, "DEBUGEVT"},   {CORE_DFSR, 0, "HALTED"},
	{CORE_DFSR, 1, "BKPT"},       {CORE_DFSR, 2, "DWTTRAP"},     {CORE_DFSR, 3, "VCATCH"},
	{CORE_DFSR, 4, "EXTERNAL"},
};

static void describe(const struct core_registers *registers, struct buf *text)
{
	buf_init(text, 8192);
	assert_int_equal(fault_describe(registers, text), 0);
}

static size_t lines(const struct buf *text)
{
	size_t count = 0;

	for (size_t i = 0; i < text->len; i++)
		count += text->data[i] == '\n';
	return count;
}

static void test_each_bit_has_its_words(void **state)
{
	struct buf text;

	(void)state;
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		struct core_registers registers = {.word = {[CORE_CPUID] = CORTEX_M4, [CORE_XPSR] = 3}};
		char wanted[40];

		registers.word[known[i].in] = 1u << known[i].bit;
		describe(&registers, &text);
		snprintf(wanted, sizeof wanted, "%s %s: ", core_register_name(known[i].in), known[i].name);
		assert_non_null(strstr(buf_text(&text), wanted));
		assert_int_equal(lines(&text), 2);
		buf_finish(&text);
	}
}

static void test_addresses_stand_where_they_are_valid(void **state)
{
	struct core_registers registers = {.word = {[CORE_CPUID] = CORTEX_M4,
						    [CORE_XPSR] = 5,
						    [CORE_CFSR] = 1u << 9 | 1u << 15,
						    [CORE_BFAR] = 0x24000000,
						    [CORE_DHCSR] = 1u << 19}};
	struct buf text;

	(void)state;
	describe(&registers, &text);
	assert_non_null(strstr(buf_text(&text), "the core was in BusFault, locked up\n"));
	assert_non_null(strstr(buf_text(&text), "PRECISERR: bus error at a data access, at 0x24000000\n"));
	buf_finish(&text);
	registers.word[CORE_CFSR] = 1u << 9;
	describe(&registers, &text);
	assert_null(strstr(buf_text(&text), "0x24000000"));
	buf_finish(&text);
}

static void test_small_cores_have_no_status(void **state)
{
	struct core_registers registers = {
		.word = {[CORE_CPUID] = CORTEX_M0, [CORE_XPSR] = 3, [CORE_CFSR] = 0xffffffff, [CORE_HFSR] = ~0u}};
	struct buf text;

	(void)state;
	describe(&registers, &text);
	assert_non_null(strstr(buf_text(&text), "in HardFault"));
	assert_non_null(strstr(buf_text(&text), "keeps no fault status"));
	assert_int_equal(lines(&text), 2);
	buf_finish(&text);
}

static void test_exceptions_have_names(void **state)
{
	char name[24];

	(void)state;
	assert_string_equal(fault_exception_name(0x61000000, name), "thread mode");
	assert_string_equal(fault_exception_name(3, name), "HardFault");
	assert_string_equal(fault_exception_name(15, name), "SysTick");
	assert_string_equal(fault_exception_name(0x1000010, name), "IRQ 0");
	assert_true(fault_is_exc_return(0xfffffff9));
	assert_true(fault_is_exc_return(0xffffffed));
	assert_false(fault_is_exc_return(0xffffffff));
	assert_false(fault_is_exc_return(0x08000101));
}

static void test_all_registers_are_listed(void **state)
{
	struct core_registers registers = {.word = {[CORE_BFAR] = 0xabcdef01}, .has_fp = true, .fp = {[32] = 0x1234}};
	struct buf text;

	(void)state;
	buf_init(&text, 8192);
	assert_int_equal(fault_list_registers(&registers, &text), 0);
	for (int i = 0; i < CORE_REGISTER_COUNT; i++)
		assert_non_null(strstr(buf_text(&text), core_register_name((enum core_register)i)));
	assert_non_null(strstr(buf_text(&text), "bfar  0xabcdef01"));
	assert_non_null(strstr(buf_text(&text), "s31   0x00001234"));
	buf_finish(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_bit_has_its_words),
		cmocka_unit_test(test_addresses_stand_where_they_are_valid),
		cmocka_unit_test(test_small_cores_have_no_status),
		cmocka_unit_test(test_exceptions_have_names),
		cmocka_unit_test(test_all_registers_are_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
