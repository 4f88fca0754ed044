/* SPDX-License-Identifier: Apache-2.0 */
/* Group Entropy: the health tests of NIST SP 800-90B, section 4.4, over the chip's source; they find one that is
 * broken, not one that is weak. */
#include <string.h>

#include "port.h"
#include "suite.h"

enum { SAMPLES = 512, WINDOW = 512, MAX_BITS = 8 };

/* Cutoffs for 1 to 8 bits of min-entropy a byte; a good source trips over one in 2^20 windows. */
static const uint32_t repetition_cutoff[MAX_BITS] = {21, 11, 8, 6, 5, 5, 4, 4};
static const uint32_t proportion_cutoff[MAX_BITS] = {311, 177, 103, 62, 39, 25, 18, 13};

static uint8_t samples[SAMPLES];
static uint32_t bits_per_byte;

static bool collected;

/* Sources are slow: the first case that needs the samples waits for them, the others share them. */
static void collect(void)
{
	struct port_entropy source = port_entropy_start();

	if (source.absent)
		IGNORE("no source of entropy on this board");
	CHECK(source.bits_per_byte >= 1 && source.bits_per_byte <= MAX_BITS, "the port's bits_per_byte");
	bits_per_byte = source.bits_per_byte;
	if (collected)
		return;
	memset(samples, 0, sizeof(samples));
	CHECK_EQUAL(SAMPLES, (uint32_t)port_entropy_read(samples, SAMPLES), "bytes that came");
	collected = true;
}

static void case_repetition(void)
{
	uint32_t run = 1, longest = 1;

	collect();
	for (size_t i = 1; i < SAMPLES; i++) {
		run = samples[i] == samples[i - 1] ? run + 1 : 1;
		longest = run > longest ? run : longest;
	}
	CHECK(longest < repetition_cutoff[bits_per_byte - 1], "a byte was repeated too often");
}

static void case_proportion(void)
{
	uint32_t same = 0;

	collect();
	for (size_t i = 0; i < WINDOW; i++)
		same += samples[i] == samples[0];
	CHECK(same < proportion_cutoff[bits_per_byte - 1], "one byte came too often in the window");
}

/* A source that gives the same after each start is a constant. */
static void case_changes(void)
{
	uint8_t more[32];

	collect();
	port_entropy_start();
	CHECK_EQUAL(sizeof(more), (uint32_t)port_entropy_read(more, sizeof(more)), "bytes that came");
	CHECK(memcmp(more, samples, sizeof(more)) != 0, "the same bytes came again");
}

static const struct fixture_case cases[] = {
	{"repetition", case_repetition},
	{"proportion", case_proportion},
	{"changes", case_changes},
};
FIXTURE_GROUP(group_entropy, "Entropy", cases);
