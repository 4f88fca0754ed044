/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a console: read whole and read in pieces they give the same events, every string is UTF-8, events stay
 * within the bytes and in their order, and the judge has a cause and words for whatever came. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/judge/judge.h"
#include "core/parse/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require_that(int good)
{
	if (!good)
		abort();
}

struct reading {
	uint64_t hash; /* of all events */
	uint64_t begun_offset;
	size_t size;
	struct collector *collector;
};

static void mix(struct reading *reading, const void *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		reading->hash = (reading->hash ^ ((const uint8_t *)bytes)[i]) * 1099511628211u;
}

static void mix_text(struct reading *reading, const char *text)
{
	json_t *value = json_string(text);

	require_that(value != NULL); /* it is UTF-8 */
	json_decref(value);
	mix(reading, text, strlen(text) + 1);
}

static void on_event(void *context, const struct parse_event *event)
{
	struct reading *reading = context;

	require_that(event->offset <= event->end && event->end <= reading->size);
	if (event->kind == PARSE_CASE_BEGUN) {
		require_that(event->offset >= reading->begun_offset);
		reading->begun_offset = event->offset;
	}
	mix(reading, &event->kind, sizeof(event->kind));
	mix(reading, &event->offset, sizeof(event->offset));
	mix(reading, &event->end, sizeof(event->end));
	mix_text(reading, event->group);
	mix_text(reading, event->name);
	mix_text(reading, event->message);
	mix_text(reading, event->build_id);
	mix_text(reading, event->board);
	mix_text(reading, event->version);
	mix(reading, &event->verdict, sizeof(event->verdict));
	mix(reading, &event->cut, sizeof(event->cut));
	require_that(isfinite(event->value) && strlen(event->unit) < PARSE_UNIT_MAX &&
		     event->ask_ms <= PARSE_ASK_MS_MAX);
	require_that(event->kind != PARSE_PROGRESS || (event->total > 0 && event->done <= event->total));
	mix_text(reading, event->unit);
	mix(reading, &event->value, sizeof(event->value));
	mix(reading, &event->target_us, sizeof(event->target_us));
	collector_feed(reading->collector, event, 0);
}

static uint64_t read_in_pieces(const uint8_t *data, size_t size, uint32_t seed, const struct requirements *require)
{
	const struct end_rule end = {.when = END_REQUIRED};
	const struct judge_facts facts = {.capture = CAPTURE_SILENCE, .console_bytes = size};
	struct reading reading = {.hash = 14695981039346656037u, .size = size};
	struct parser *parser = parser_create(on_event, &reading);
	struct run_judgement judgement;
	size_t at = 0;

	reading.collector = collector_create(require, &end, NULL, NULL);
	while (at < size) {
		size_t piece = seed ? 1 + (seed >> 16) % 37 : size;

		seed = seed * 1664525u + (seed ? 1013904223u : 0);
		if (piece > size - at)
			piece = size - at;
		parser_feed(parser, data + at, piece);
		at += piece;
	}
	parser_end(parser);
	collector_judge(reading.collector, &facts, &judgement);
	require_that(judgement.cause != CAUSE_NONE && judgement.text[0]);
	mix_text(&reading, judgement.text);
	mix(&reading, &judgement.cause, sizeof(judgement.cause));
	collector_destroy(reading.collector);
	parser_destroy(parser);
	return reading.hash;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *cases[] = {(char *)"A.one", (char *)"A.two"};
	const struct requirements require = {.cases = cases, .case_count = 2};
	uint64_t whole;

	if (size < 2)
		return 0;
	/* The last two bytes choose the pieces. */
	whole = read_in_pieces(data, size - 2, 0, &require);
	require_that(whole ==
		     read_in_pieces(data, size - 2, 1u + data[size - 1] + (data[size - 2] * 65537u), &require));
	return 0;
}
