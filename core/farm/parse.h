/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a board's console: a streaming parser, fed in chunks of any size, that finds test cases, verdicts,
 * summaries, banners and restarts in what the board printed. Bounded memory; the result never depends on how the bytes
 * were cut. Forms read: QUALIFICATION.md section 2 (Unity fixture verbose and quiet, plain Unity, interleaved log
 * lines, colours, prefixes, cut lines, all line endings) and the banner of schema/target.h. */
#ifndef ASSAY_FARM_PARSE_H
#define ASSAY_FARM_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/farm/verdict.h"

#define PARSE_LINE_MAX 4096 /* a longer line is read in pieces */
#define PARSE_NAME_MAX 200

/* What the parser saw, in the order of the bytes. Strings are valid during the call only. */
enum parse_kind {
	PARSE_CASE_BEGUN,  /* group, name */
	PARSE_CASE_ENDED,  /* group, name, verdict (PASS, FAIL, IGNORED), message */
	PARSE_SUMMARY,     /* tests, failures, ignored; ok */
	PARSE_BANNER,      /* board, version, build_id: "ASSAY <board> <version> image <hex>" */
	PARSE_BOOT,        /* the output begins again: the first line(s) of this run's output were seen a second time,
			    * or a known boot/reset banner in the middle of a case */
	PARSE_START_MARK,  /* ---------STARTING TESTS--------- */
	PARSE_FINISH_MARK, /* -------ALL TESTS FINISHED------- */
	PARSE_FAULT        /* a line that tells of a fault ("HardFault", "assert failed" …): only a hint for causes */
};

struct parse_event {
	enum parse_kind kind;
	uint64_t offset;   /* of the first byte it rests on, in the run's console */
	uint64_t end;      /* behind the last */
	const char *group; /* "" for plain Unity (group is then the file's base name) */
	const char *name;
	enum case_verdict verdict;
	const char *message; /* "" when there is none */
	uint32_t tests, failures, ignored;
	bool ok;              /* PARSE_SUMMARY: the word below was OK */
	const char *build_id; /* PARSE_BANNER */
	const char *board;
	const char *version;
};

typedef void (*parse_event_fn)(void *context, const struct parse_event *event);

struct parser; /* private; create/destroy */

/* Returns NULL when memory runs out. */
struct parser *parser_create(parse_event_fn on_event, void *context);
void parser_destroy(struct parser *parser);
/* Feeds bytes; events are given from inside. */
void parser_feed(struct parser *parser, const uint8_t *data, size_t size_bytes);
/* No more bytes will come: what stands in the last, unended line is read. */
void parser_end(struct parser *parser);
/* The case that has begun and not ended; false when there is none. Strings valid until the next feed. */
bool parser_open_case(const struct parser *parser, const char **ret_group, const char **ret_name, uint64_t *ret_offset);

#endif
