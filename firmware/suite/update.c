/* SPDX-License-Identifier: Apache-2.0 */
/* Group Update: firmware is updated in two slots. What is not signed, was changed or is older than what was accepted
 * before is never chosen, and a power cut at any time leaves something that can be.
 *
 * Flash: sector 1 and 2 are the slots, sector 3 counts the oldest version that may still be installed: one word is
 * cleared for each. What a boot loader would start is the newest sound slot. */
#include <string.h>

#include "journal.h"
#include "port.h"
#include "suite.h"
#include "update_package.h"

enum { SLOTS = 2, PACKAGE_WORDS = UPDATE_BYTES / 4, CUT_LIMIT_MS = 10000, CUTS = 3 };

static uint8_t package[UPDATE_BYTES] __attribute__((aligned(4)));

static uintptr_t slot_address(uint32_t slot)
{
	struct port_flash flash = suite_flash();

	return flash.address + flash.sector_bytes * (slot + 1);
}

static uintptr_t floor_address(void)
{
	return slot_address(SLOTS);
}

static uint32_t oldest_allowed(void)
{
	uint32_t version = 0;

	while (version < UPDATE_VERSIONS && suite_flash_word(floor_address() + 4 * version) == 0)
		version++;
	return version;
}

static void raise_floor(uint32_t version)
{
	static const uint32_t zero;

	while (oldest_allowed() < version)
		suite_flash_program(floor_address() + 4 * oldest_allowed(), &zero, 1);
}

/* The version in a slot that may be started; 0: none. */
static uint32_t startable(uint32_t slot)
{
	uint32_t version = update_package_check((const uint8_t *)slot_address(slot));

	return version >= oldest_allowed() ? version : 0;
}

static uint32_t choose(void)
{
	uint32_t first = startable(0), second = startable(1);

	return first > second ? first : second;
}

/* The slot that would not be started: the one an updater may write. */
static uint32_t spare_slot(void)
{
	return startable(0) > startable(1) ? 1 : 0;
}

/* As an updater does it: the magic last. */
static void install(const uint8_t *from, uint32_t slot)
{
	uintptr_t address = slot_address(slot);
	uint32_t words[PACKAGE_WORDS];

	memcpy(words, from, sizeof(words));
	suite_flash_erase(address);
	suite_flash_program(address + 4, words + 1, PACKAGE_WORDS - 1);
	suite_flash_program(address, words, 1);
}

/* Accepts an update or not; only what can be started raises the floor. */
static bool update(const uint8_t *from)
{
	uint32_t version = update_package_check(from);

	if (version == 0 || version < oldest_allowed())
		return false;
	install(from, spare_slot());
	raise_floor(version);
	return true;
}

/* A board as it leaves the factory: version 1 in the first slot, nothing in the other. Checking a signature takes the
 * smaller chips most of a second, so it is done no more often than a case needs. */
static void begin(void)
{
	for (uint32_t slot = 0; slot <= SLOTS; slot++)
		suite_flash_erase(slot_address(slot));
	update_package_make(1, false, package);
	install(package, 0);
	raise_floor(1);
}

static void case_accepts_signed(void)
{
	begin();
	update_package_make(2, false, package);
	CHECK(update(package), "a signed update is refused");
	CHECK_EQUAL(2, choose(), "the version that would be started");
}

static void case_refuses_wrong_key(void)
{
	begin();
	update_package_make(3, true, package);
	CHECK(!update(package), "an update signed by a stranger is accepted");
	install(package, 1); /* past the updater: the boot loader must not start it either */
	CHECK_EQUAL(1, choose(), "the version that would be started");
}

static void case_refuses_changed(void)
{
	static const uint16_t changes[] = {4, 200, UPDATE_SIGNED_BYTES + 5}; /* version, body, signature */

	begin();
	for (uint32_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		update_package_make(2, false, package);
		package[changes[i]] ^= 0x04;
		CHECK(!update(package), "a changed update is accepted");
	}
	install(package, 1);
	CHECK_EQUAL(1, choose(), "the version that would be started");
}

static void case_refuses_rollback(void)
{
	begin();
	update_package_make(3, false, package);
	CHECK(update(package), "a signed update is refused");
	update_package_make(2, false, package);
	CHECK(!update(package), "an older version is accepted");
	install(package, 0);
	CHECK_EQUAL(3, choose(), "the version that would be started");
}

static void case_survives_reset(void)
{
	if (journal_phase() == 0) {
		begin();
		update_package_make(2, false, package);
		CHECK(update(package), "a signed update is refused");
		journal_restart(1, 0, ASK_RESET);
	}
	CHECK_EQUAL(2, choose(), "the version that would be started");
	CHECK_EQUAL(2, oldest_allowed(), "the oldest version allowed");
}

/* The power goes while version 2 is written, after another time at each boot; what would be started is always whole. */
static void case_survives_power_cut(void)
{
	static const char *const asks[CUTS] = {"power-cut 3", "power-cut 11", "power-cut 19"};
	uint32_t cuts = journal_phase();

	if (cuts == 0)
		begin();
	uint32_t first = startable(0), second = startable(1);
	CHECK(first || second, "nothing is left that could be started");
	update_package_make(2, false, package);
	if (cuts < CUTS) {
		uint32_t slot = first > second ? 1 : 0;
		journal_keep(cuts + 1, 0);
		journal_ask(asks[cuts]);
		uint32_t start = port_clock_ms();
		while (port_clock_ms() - start < CUT_LIMIT_MS)
			install(package, slot);
		CHECK(false, "the power was not cut");
	}
	CHECK(update(package), "the update cannot be installed after the cuts");
	CHECK_EQUAL(2, choose(), "the version that would be started");
	for (uint32_t slot = 0; slot <= SLOTS; slot++)
		suite_flash_erase(slot_address(slot));
}

static const struct fixture_case cases[] = {
	{"accepts_signed", case_accepts_signed},   {"refuses_wrong_key", case_refuses_wrong_key},
	{"refuses_changed", case_refuses_changed}, {"refuses_rollback", case_refuses_rollback},
	{"survives_reset", case_survives_reset},   {"survives_power_cut", case_survives_power_cut},
};
FIXTURE_GROUP(group_update, "Update", cases);
