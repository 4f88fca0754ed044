/* SPDX-License-Identifier: Apache-2.0 */
/* The journal: records behind one another in a sector of the image that was loaded as 0xFF. */
#include "journal.h"

#include <string.h>

#include "port.h"

enum { RECORDS = 16, RECORD_MAGIC = 0x4C4E524A };

struct record {
	uint32_t magic;
	struct fixture_progress progress;
	uint32_t phase;
	uint32_t value;
	uint32_t check; /* the sum of the words before */
	uint32_t end;   /* 0: written to its end */
};

enum { RECORD_WORDS = sizeof(struct record) / sizeof(uint32_t) };

/* As loaded: erased. Volatile, since it changes behind the compiler's back. */
__attribute__((section(".journal"), used)) static const volatile uint32_t journal[RECORDS][RECORD_WORDS] = {
	[0 ... RECORDS - 1] = {[0 ... RECORD_WORDS - 1] = 0xFFFFFFFFU},
};

static struct {
	struct record last; /* magic 0: none */
	uint32_t used;      /* records written, sound or not */
	bool dirty;
} state;

static uint32_t sum_of(const struct record *record)
{
	uint32_t words[RECORD_WORDS], sum = 0;

	memcpy(words, record, sizeof(words));
	for (size_t i = 0; i < RECORD_WORDS - 2; i++)
		sum = (sum << 5 | sum >> 27) + words[i];
	return sum;
}

static bool is_erased(const volatile uint32_t words[RECORD_WORDS])
{
	for (size_t i = 0; i < RECORD_WORDS; i++) {
		if (words[i] != 0xFFFFFFFFU)
			return false;
	}
	return true;
}

void journal_begin(void)
{
	for (size_t i = 0; i < RECORDS && !is_erased(journal[i]); i++) {
		uint32_t words[RECORD_WORDS];
		struct record record;

		for (size_t w = 0; w < RECORD_WORDS; w++)
			words[w] = journal[i][w];
		memcpy(&record, words, sizeof(record));
		state.used = (uint32_t)i + 1;
		if (record.magic == RECORD_MAGIC && record.check == sum_of(&record) && record.end == 0)
			state.last = record;
	}
	state.dirty = state.used > 0;
	if (state.last.magic)
		fixture_resume(&state.last.progress);
}

static bool is_of_this_case(void)
{
	return state.last.magic && state.last.progress.tests == fixture_progress().tests;
}

uint32_t journal_phase(void)
{
	return is_of_this_case() ? state.last.phase : 0;
}

uint32_t journal_value(void)
{
	return is_of_this_case() ? state.last.value : 0;
}

void journal_keep(uint32_t phase, uint32_t value)
{
	struct record record = {.magic = RECORD_MAGIC, .progress = fixture_progress(), .phase = phase, .value = value};
	uint32_t words[RECORD_WORDS];

	record.check = sum_of(&record);
	state.dirty = true;
	if (state.used == RECORDS) {
		CHECK(port_journal_erase((uintptr_t)journal) == PORT_FLASH_OK, "the journal cannot be erased");
		state.used = 0;
	}
	memcpy(words, &record, sizeof(words));
	CHECK(port_journal_program((uintptr_t)journal[state.used], words, RECORD_WORDS) == PORT_FLASH_OK,
	      "the journal cannot be written");
	for (size_t i = 0; i < RECORD_WORDS; i++)
		CHECK_EQUAL_HEX(words[i], journal[state.used][i], "the journal reads back differently");
	state.used++;
	state.last = record;
}

void journal_ask(const char *what)
{
	fixture_line("ask");
	fixture_print(what);
	fixture_print_eol();
	CHECK(port_console_drain(), "the transmitter never became idle");
}

_Noreturn void journal_wait(void)
{
	uint32_t begin = port_clock_ms();

	while (port_clock_ms() - begin < JOURNAL_WAIT_MS) {
	}
	fixture_fail_text(FIXTURE_FILE, __LINE__, "the restart that was asked for did not come");
}

_Noreturn void journal_restart(uint32_t phase, uint32_t value, const char *what)
{
	journal_keep(phase, value);
	journal_ask(what);
	journal_wait();
}

void journal_end(void)
{
	if (state.dirty)
		port_journal_erase((uintptr_t)journal);
	state.dirty = false;
}
