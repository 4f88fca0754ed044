/* SPDX-License-Identifier: Apache-2.0 */
/* Group Memory: spare RAM keeps every bit at its own address, and the stack has room and alignment. */
#include "cpu.h"
#include "startup.h"
#include "suite.h"

enum { GUARD_WORDS = 16, STACK_ALIGNMENT = 8 };

static volatile uint32_t *word_at(size_t index)
{
	return (volatile uint32_t *)spare_start + index;
}

static size_t spare_words(void)
{
	return (size_t)(spare_end - spare_start);
}

/* One element of a march: at each address, upwards or downwards, read what must be there and write something else. */
static void march(bool upwards, uint32_t expect, uint32_t write)
{
	size_t count = spare_words();

	for (size_t i = 0; i < count; i++) {
		volatile uint32_t *word = word_at(upwards ? i : count - 1 - i);
		CHECK_EQUAL_HEX(expect, *word, "a word of spare RAM");
		*word = write;
	}
}

/* March C-: finds stuck bits, transitions that fail and words that disturb each other, in 10 accesses a word. */
static void march_c(uint32_t zero, uint32_t one)
{
	for (size_t i = 0; i < spare_words(); i++)
		*word_at(i) = zero;
	march(true, zero, one);
	march(true, one, zero);
	march(false, zero, one);
	march(false, one, zero);
	march(true, zero, zero);
}

static void case_march(void)
{
	CHECK(spare_words() >= 256, "less than 1 KiB of spare RAM");
	march_c(0x00000000U, 0xFFFFFFFFU);
	march_c(0x55555555U, 0xAAAAAAAAU); /* neighbouring bits differ */
}

/* Every word holds its own address: an address line that is stuck or shorted makes two words one. */
static void case_address_lines(void)
{
	for (size_t i = 0; i < spare_words(); i++)
		*word_at(i) = (uint32_t)(uintptr_t)word_at(i);
	for (size_t i = 0; i < spare_words(); i++)
		CHECK_EQUAL_HEX((uint32_t)(uintptr_t)word_at(i), *word_at(i), "a word is not at its own address");
}

/* Bytes and halfwords must land in their own lanes of a word. */
static void case_byte_lanes(void)
{
	volatile uint8_t *bytes = (volatile uint8_t *)word_at(0);

	*word_at(0) = 0;
	for (uint32_t i = 0; i < 4; i++)
		bytes[i] = (uint8_t)(0x11U * (i + 1));
	CHECK_EQUAL_HEX(0x44332211U, *word_at(0), "four bytes written one by one");
	*(volatile uint16_t *)(bytes + 2) = 0xA55AU;
	CHECK_EQUAL_HEX(0xA55A2211U, *word_at(0), "upper halfword written alone");
}

static void case_stack_guard(void)
{
	for (size_t i = 0; i < GUARD_WORDS; i++)
		CHECK_EQUAL_HEX(STACK_PAINT, ((volatile uint32_t *)stack_limit)[i],
				"the stack's lowest words were used");
}

static void case_stack_alignment(void)
{
	CHECK_EQUAL(0, (uint32_t)(cpu_stack_pointer() % STACK_ALIGNMENT), "stack pointer in a function");
	CHECK_EQUAL(0, (uint32_t)((uintptr_t)stack_top % STACK_ALIGNMENT), "top of the stack");
}

/* How deep the stack has been so far, by the paint that is left. */
static void case_stack_high_water(void)
{
	const volatile uint32_t *at = stack_limit;

	while (at < stack_top && *at == STACK_PAINT)
		at++;
	fixture_measure("stack-used", (uint32_t)((uintptr_t)stack_top - (uintptr_t)at), "bytes");
	fixture_measure("stack-free", (uint32_t)((uintptr_t)at - (uintptr_t)stack_limit), "bytes");
	CHECK(at > stack_limit, "the stack was used to its last word");
}

static const struct fixture_case cases[] = {
	{"march", case_march},
	{"address_lines", case_address_lines},
	{"byte_lanes", case_byte_lanes},
	{"stack_guard", case_stack_guard},
	{"stack_alignment", case_stack_alignment},
	{"stack_high_water", case_stack_high_water},
};
FIXTURE_GROUP(group_memory, "Memory", cases);
