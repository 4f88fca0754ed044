/* SPDX-License-Identifier: Apache-2.0 */
/* Group Retention: flash keeps what was programmed over resets and without power, wears a little without harm, and a
 * power cut while it is written harms nothing else. */
#include "journal.h"
#include "port.h"
#include "suite.h"

enum { WORDS = 32, CYCLES = 8, CUT_LIMIT_MS = 10000 };

static uint32_t pattern(uint32_t seed, uint32_t index)
{
	return (seed + index) * 0x9E3779B9U;
}

static void write_pattern(uintptr_t address, uint32_t seed)
{
	uint32_t words[WORDS];

	for (uint32_t i = 0; i < WORDS; i++)
		words[i] = pattern(seed, i);
	suite_flash_erase(address);
	suite_flash_program(address, words, WORDS);
}

static void check_pattern(uintptr_t address, uint32_t seed)
{
	for (uint32_t i = 0; i < WORDS; i++)
		CHECK_EQUAL_HEX(pattern(seed, i), suite_flash_word(address + 4 * i), "a word was not kept");
}

/* Some cycles of the thousands a data sheet promises: each must erase and program whole. */
static void case_endurance(void)
{
	struct port_flash flash = suite_flash();

	for (uint32_t i = 0; i < CYCLES; i++)
		write_pattern(flash.address, i);
	fixture_measure("cycles", CYCLES, "count");
	suite_flash_erase(flash.address);
}

static void survive(const char *what, uint32_t seed)
{
	struct port_flash flash = suite_flash();

	if (journal_phase() == 0) {
		write_pattern(flash.address, seed);
		journal_restart(1, 0, what);
	}
	check_pattern(flash.address, seed);
	suite_flash_erase(flash.address);
}

static void case_survives_reset(void)
{
	survive(ASK_RESET, 100);
}

static void case_survives_power_cycle(void)
{
	survive("power-cycle 200", 200);
}

/* One sector keeps its content while the next one is erased and programmed until the power goes. */
static void case_survives_power_cut(void)
{
	struct port_flash flash = suite_flash();
	uintptr_t busy = flash.address + flash.sector_bytes;

	if (journal_phase() == 0) {
		write_pattern(flash.address, 300);
		journal_keep(1, 0);
		journal_ask("power-cut 20");
		uint32_t begin = port_clock_ms();
		for (uint32_t i = 0; port_clock_ms() - begin < CUT_LIMIT_MS; i++)
			write_pattern(busy, i);
		CHECK(false, "the power was not cut");
	}
	check_pattern(flash.address, 300);
	suite_flash_erase(flash.address);
	write_pattern(busy, 1); /* what the cut left behind does not matter */
	suite_flash_erase(busy);
}

static const struct fixture_case cases[] = {
	{"endurance", case_endurance},
	{"survives_reset", case_survives_reset},
	{"survives_power_cycle", case_survives_power_cycle},
	{"survives_power_cut", case_survives_power_cut},
};
FIXTURE_GROUP(group_retention, "Retention", cases);
