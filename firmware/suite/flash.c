/* SPDX-License-Identifier: Apache-2.0 */
/* Group Flash: a spare sector is erased and programmed by the CPU itself, and read back as flash behaves. */
#include "port.h"
#include "startup.h"
#include "suite.h"

enum { PATTERN_WORDS = 16, IMAGE_WORDS = 256 };

#define ERASED_WORD 0xFFFFFFFFU

static struct port_flash spare_or_ignore(void)
{
	struct port_flash flash = port_flash();

	if (flash.size_bytes == 0)
		IGNORE("no flash on this board");
	return flash;
}

static uint32_t read_word(uintptr_t address)
{
	return *(const volatile uint32_t *)address;
}

static void check_result(enum port_flash_result result)
{
	CHECK(result != PORT_FLASH_LOCKED, "the controller did not unlock");
	CHECK(result != PORT_FLASH_BUSY, "the controller stayed busy");
	CHECK(result != PORT_FLASH_ERROR, "the controller reported an error");
}

static void check_erased(uintptr_t address, size_t size_bytes)
{
	for (size_t at = 0; at < size_bytes; at += 4)
		CHECK_EQUAL_HEX(ERASED_WORD, read_word(address + at), "a word of the sector is not erased");
}

/* Erases only when it must: a sector of the larger chips takes a second, and wears. */
static void need_erased(uintptr_t address, size_t size_bytes)
{
	for (size_t at = 0; at < size_bytes; at += 4) {
		if (read_word(address + at) != ERASED_WORD) {
			check_result(port_flash_erase());
			break;
		}
	}
	check_erased(address, size_bytes);
}

/* Programs something first where the sector looks erased, so that an erase that does nothing cannot pass. */
static void erase_what_is_programmed(struct port_flash flash)
{
	uint32_t mark = 0;

	if (read_word(flash.address) == ERASED_WORD)
		check_result(port_flash_program(flash.address, &mark, 1));
	CHECK(read_word(flash.address) != ERASED_WORD, "the mark to be erased was not programmed");
	check_result(port_flash_erase());
	check_erased(flash.address, flash.size_bytes);
}

static void case_erase(void)
{
	erase_what_is_programmed(spare_or_ignore());
}

static void case_program(void)
{
	struct port_flash flash = spare_or_ignore();
	uintptr_t address = flash.address + flash.size_bytes / 4;
	uint32_t pattern[PATTERN_WORDS];

	for (uint32_t i = 0; i < PATTERN_WORDS; i++)
		pattern[i] = 0x9E3779B9U * (i + 1);
	need_erased(address, sizeof(pattern));
	check_result(port_flash_program(address, pattern, PATTERN_WORDS));
	for (uint32_t i = 0; i < PATTERN_WORDS; i++)
		CHECK_EQUAL_HEX(pattern[i], read_word(address + 4 * i), "a word reads back differently");
	CHECK_EQUAL_HEX(ERASED_WORD, read_word(address + sizeof(pattern)), "the word behind was touched");
}

/* Programming can only turn ones into zeros. */
static void case_bits_only_clear(void)
{
	struct port_flash flash = spare_or_ignore();
	uintptr_t address = flash.address + flash.size_bytes / 2;
	uint32_t first = 0xFFFF00FFU;
	uint32_t second = 0x0FF0F0FFU;

	need_erased(address, 4);
	check_result(port_flash_program(address, &first, 1));
	CHECK_EQUAL_HEX(first, read_word(address), "first programming");
	check_result(port_flash_program(address, &second, 1));
	CHECK_EQUAL_HEX(first & second, read_word(address), "second programming");
}

/* Leaves the sector erased for the next run, and proves that none of this reached the image. */
static void case_image_untouched(void)
{
	struct port_flash flash = spare_or_ignore();
	uint32_t before[IMAGE_WORDS];

	for (size_t i = 0; i < IMAGE_WORDS; i++)
		before[i] = ((const volatile uint32_t *)vectors_start)[i];
	erase_what_is_programmed(flash);
	for (size_t i = 0; i < IMAGE_WORDS; i++)
		CHECK_EQUAL_HEX(before[i], ((const volatile uint32_t *)vectors_start)[i],
				"a word of the image changed");
}

static const struct fixture_case cases[] = {
	{"erase", case_erase},
	{"program", case_program},
	{"bits_only_clear", case_bits_only_clear},
	{"image_untouched", case_image_untouched},
};
FIXTURE_GROUP(group_flash, "Flash", cases);
