/* SPDX-License-Identifier: Apache-2.0 */
/* identify: proves that the board on the probe is the rack file's, before anything is written to it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "agents/bench/private.h"
#include "core/base/json.h"

/* The words to read: the type's identities (other than DPIDR) in order, then the unique id. */
static size_t wanted_words(const struct board_type *type, uint32_t *addresses)
{
	size_t count = 0;

	for (size_t i = 0; i < type->identity_count; i++) {
		if (!type->identity[i].is_dpidr)
			addresses[count++] = type->identity[i].address;
	}
	for (uint32_t i = 0; i < type->unique_id_words && count < PROBE_MAX_WORDS; i++)
		addresses[count++] = type->unique_id_address + 4 * i;
	return count;
}

/* Notes what a word of the board was, for the run's record; memory that ran out loses the note, not the run. */
static void note(struct bench *bench, const char *name, uint32_t word)
{
	json_t *chip = json_object_get(bench->identity, "chip");
	char text[11];

	snprintf(text, sizeof text, "0x%08" PRIx32, word);
	json_object_set_new(chip, name, json_string(text));
}

static void begin_notes(struct bench *bench, uint32_t dpidr)
{
	char text[11];

	snprintf(text, sizeof text, "0x%08" PRIx32, dpidr);
	json_decref(bench->identity);
	bench->identity = json_object();
	json_put(&bench->identity, "dpidr", json_string(text));
	json_put(&bench->identity, "chip", json_object());
	json_put(&bench->identity, "probe", json_pack("{s:s}", "serial", bench->options.config->probe_serial));
}

/* Ends the step when the word is another one. */
static bool matches(struct bench *bench, const struct chip_identity *identity, uint32_t word)
{
	if ((word & identity->mask) == (identity->value & identity->mask))
		return true;
	bench_done(bench, CAUSE_IDENTITY,
		   "%s is 0x%" PRIx32 ", a %s has 0x%" PRIx32 " (the whole word is 0x%08" PRIx32 ")", identity->name,
		   word & identity->mask, bench->options.type->name, identity->value & identity->mask, word);
	return false;
}

static void check_unique_id(struct bench *bench, const uint32_t *words, size_t count)
{
	const char *wanted = bench->options.config->unique_id;
	char found[65] = "";

	for (size_t i = 0; i < count && i < 8; i++)
		snprintf(found + 8 * i, sizeof found - 8 * i, "%08" PRIx32, words[i]);
	if (wanted[0] && strcmp(found, wanted) != 0) {
		bench_done(bench, CAUSE_IDENTITY, "the chip's unique id is %s, the rack file says %s", found, wanted);
		return;
	}
	snprintf(bench->unique_id, sizeof bench->unique_id, "%s", found);
	json_put(&bench->identity, "unique_id", json_string(found));
	bench_done(bench, CAUSE_NONE, "%s, unique id %s", bench->options.type->mcu, found[0] ? found : "none");
}

static void on_words(void *context, const struct probe_result *result)
{
	struct bench *bench = context;
	const struct board_type *type = bench->options.type;
	uint32_t addresses[BOARD_TYPE_MAX_IDENTITIES + PROBE_MAX_WORDS];
	size_t count = wanted_words(type, addresses), at = 0;

	if (!bench_current(bench, bench->probe_serial))
		return;
	if (result->err || result->word_count != count) {
		bench_fail(bench, CAUSE_IDENTITY, result->err, "cannot read the chip's identity");
		return;
	}
	for (size_t i = 0; i < type->identity_count; i++) {
		if (type->identity[i].is_dpidr)
			continue;
		note(bench, type->identity[i].name, result->words[at]);
		if (!matches(bench, &type->identity[i], result->words[at++]))
			return;
	}
	check_unique_id(bench, result->words + at, count - at);
}

static void read_words(struct bench *bench)
{
	uint32_t addresses[BOARD_TYPE_MAX_IDENTITIES + PROBE_MAX_WORDS];
	size_t count = wanted_words(bench->options.type, addresses);
	struct err err = {0};

	if (count == 0) {
		check_unique_id(bench, NULL, 0);
		return;
	}
	bench_began(bench, bench->probe->ops->read_words(bench->probe, addresses, count, on_words, bench, &err),
		    CAUSE_IDENTITY, &err, "cannot read the chip's identity");
}

static void on_dpidr(void *context, const struct probe_result *result)
{
	struct bench *bench = context;
	const struct board_type *type = bench->options.type;

	if (!bench_current(bench, bench->probe_serial))
		return;
	if (result->err || result->word_count != 1) {
		bench_fail(bench, CAUSE_IDENTITY, result->err, "cannot read DPIDR");
		return;
	}
	begin_notes(bench, result->words[0]);
	for (size_t i = 0; i < type->identity_count; i++) {
		if (type->identity[i].is_dpidr && !matches(bench, &type->identity[i], result->words[0]))
			return;
	}
	read_words(bench);
}

int step_identify(void *context, uint64_t serial, struct step_result *refused)
{
	struct bench *bench = bench_enter(context, serial);
	struct err err = {0};

	if (bench->probe->ops->dpidr(bench->probe, on_dpidr, bench, &err))
		return bench_refuse(bench, refused, CAUSE_PROBE, &err);
	bench->probe_serial = serial;
	return 0;
}
