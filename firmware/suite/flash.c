/* SPDX-License-Identifier: Apache-2.0 */
/* Group Flash: a spare sector is erased and programmed by the CPU itself, and read back as flash behaves; and what
 * other groups need of flash. */
#include "port.h"
#include "startup.h"
#include "suite.h"

enum { PATTERN_WORDS = 16, IMAGE_WORDS = 256 };

#define ERASED_WORD 0xFFFFFFFFU

struct port_flash suite_flash(void)
{
	struct port_flash flash = port_flash();

	if (flash.sectors == 0)
		IGNORE("no flash on this board");
	CHECK(flash.sectors >= 4, "the port gives fewer than 4 sectors");
	return flash;
}

uint32_t suite_flash_word(uintptr_t address)
{
	return *(const volatile uint32_t *)address;
}

static void check_result(enum port_flash_result result)
{
	CHECK(result != PORT_FLASH_LOCKED, "the controller did not unlock");
	CHECK(result != PORT_FLASH_BUSY, "the controller stayed busy");
	CHECK(result != PORT_FLASH_ERROR, "the controller reported an error");
}

void suite_flash_program(uintptr_t address, const uint32_t *words, size_t count)
{
	check_result(port_flash_program(address, words, count));
	for (size_t i = 0; i < count; i++)
		CHECK_EQUAL_HEX(words[i], suite_flash_word(address + 4 * i), "a word reads back differently");
}

static void check_erased(uintptr_t address, size_t size_bytes)
{
	for (size_t at = 0; at < size_bytes; at += 4)
		CHECK_EQUAL_HEX(ERASED_WORD, suite_flash_word(address + at), "a word of the sector is not erased");
}

void suite_flash_erase(uintptr_t address)
{
	check_result(port_flash_erase(address));
	check_erased(address, port_flash().sector_bytes);
}

/* Erases only when it must: a sector of the larger chips takes a second, and wears. */
static void need_erased(struct port_flash flash, uintptr_t address, size_t size_bytes)
{
	for (size_t at = 0; at < size_bytes; at += 4) {
		if (suite_flash_word(address + at) != ERASED_WORD) {
			check_result(port_flash_erase(flash.address));
			break;
		}
	}
	check_erased(address, size_bytes);
}

/* Programs something first where the sector looks erased, so that an erase that does nothing cannot pass. */
static void erase_what_is_programmed(struct port_flash flash)
{
	uint32_t mark = 0;

	if (suite_flash_word(flash.address) == ERASED_WORD)
		check_result(port_flash_program(flash.address, &mark, 1));
	CHECK(suite_flash_word(flash.address) != ERASED_WORD, "the mark to be erased was not programmed");
	suite_flash_erase(flash.address);
}

static void case_erase(void)
{
	erase_what_is_programmed(suite_flash());
}

static void case_program(void)
{
	struct port_flash flash = suite_flash();
	uintptr_t address = flash.address + flash.sector_bytes / 4;
	uint32_t pattern[PATTERN_WORDS];

	for (uint32_t i = 0; i < PATTERN_WORDS; i++)
		pattern[i] = 0x9E3779B9U * (i + 1);
	need_erased(flash, address, sizeof(pattern));
	suite_flash_program(address, pattern, PATTERN_WORDS);
	CHECK_EQUAL_HEX(ERASED_WORD, suite_flash_word(address + sizeof(pattern)), "the word behind was touched");
}

/* Programming can only turn ones into zeros. */
static void case_bits_only_clear(void)
{
	struct port_flash flash = suite_flash();
	uintptr_t address = flash.address + flash.sector_bytes / 2;
	uint32_t first = 0xFFFF00FFU;
	uint32_t second = 0x0FF0F0FFU;

	need_erased(flash, address, 4);
	check_result(port_flash_program(address, &first, 1));
	CHECK_EQUAL_HEX(first, suite_flash_word(address), "first programming");
	check_result(port_flash_program(address, &second, 1));
	CHECK_EQUAL_HEX(first & second, suite_flash_word(address), "second programming");
}

/* Leaves the sector erased for the next run, and proves that none of this reached the image. */
static void case_image_untouched(void)
{
	struct port_flash flash = suite_flash();
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
