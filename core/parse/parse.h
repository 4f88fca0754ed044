/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a board's console: a streaming parser, fed in chunks of any size, that finds test cases, verdicts,
 * summaries, banners and restarts in what the board printed. Bounded memory; the events never depend on how the bytes
 * were cut. It reads Unity's fixture output, verbose and quiet, and plain Unity, with log lines of other tasks in
 * between or in the middle, colours, log and IDE prefixes, cut lines and any line endings; and the banner of
 * schema/target.h. What it cannot be sure of it does not call a pass. */
#ifndef ASSAY_PARSE_PARSE_H
#define ASSAY_PARSE_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/verdict/verdict.h"

#define PARSE_LINE_MAX 4096 /* a longer line is read in pieces */
#define PARSE_NAME_MAX 200

/* Of schema/target.h's lines, with the terminating zero. */
#define PARSE_MEASURE_NAME_MAX 64
#define PARSE_UNIT_MAX         16
#define PARSE_ASK_MS_MAX       60000

/* What the parser saw, in the order of the bytes. Strings are valid during the call only; all are UTF-8, whatever the
 * board printed. */
enum parse_kind {
	PARSE_CASE_BEGUN, /* group, name, cut: as soon as the name is complete, long before the verdict */
	PARSE_CASE_ENDED, /* group, name, verdict (PASS, FAIL, IGNORED), message; its BEGUN came before. Comes again for
			   * the last ended case when the board printed a verdict that contradicts the first */
	PARSE_SUMMARY,    /* tests, failures, ignored; ok, word; marks */
	PARSE_BANNER,     /* board, version, build_id: "ASSAY <board> <version> image <hex>" */
	PARSE_BOOT,       /* the output begins again; what comes next is of the next boot. Told when: the banner or the
			   * start mark comes again; the run's first case begins while another one is open; a line
			   * that only boot code prints comes after a case began; or the first lines of the output come
			   * again, several and distinctive, in a place where a running suite would not print them */
	PARSE_START_MARK, /* ---------STARTING TESTS--------- */
	PARSE_FINISH_MARK, /* -------ALL TESTS FINISHED------- */
	PARSE_FAULT,       /* message: a line that tells of a fault ("HardFault", "assert failed" ...): a hint only */

	/* The lines of schema/target.h. A measurement or mark belongs to the case that is open: whose BEGUN came and
	 * whose ENDED did not. */
	PARSE_MEASURE,  /* name, value (finite), unit */
	PARSE_PROGRESS, /* done, total (> 0, >= done), message */
	PARSE_ALIVE,    /* message */
	PARSE_MARK,     /* name, target_us: the target's clock as it printed this */
	PARSE_ASK, /* ask, ask_ms: the farm is asked to do that (or, of a self-reset, to expect it). The parser takes
		    * the boot that follows for a boot as ever (PARSE_BOOT); that it is an allowed one, and the case
		    * stays open, is the collector's */

	/* What only a format that counts along can tell. */
	PARSE_DISORDER, /* message: the output contradicts itself: a plan of 5 with 6 results, a number twice */
	PARSE_BAIL      /* message: the suite says that it gives up ("Bail out!") */
};

enum parse_ask { PARSE_ASK_RESET, PARSE_ASK_POWER_CYCLE, PARSE_ASK_POWER_CUT, PARSE_ASK_SELF_RESET };

struct parse_event {
	enum parse_kind kind;
	uint64_t offset;   /* of the first byte it rests on, in the run's console; of an ended case: where it began */
	uint64_t end;      /* behind the last */
	const char *group; /* of plain Unity: the file's base name without extension */
	const char *name;
	bool cut; /* PARSE_CASE_BEGUN: the name, or even the group, is only its beginning: the output broke off there */
	enum case_verdict verdict;
	const char *message; /* "" when there is none; of a failure with its place: "t.c:5: Expected 1 Was 2" */
	uint32_t tests, failures, ignored;
	bool ok;              /* PARSE_SUMMARY: the word below was OK */
	bool word;            /* PARSE_SUMMARY: the word below was there at all */
	uint32_t marks;       /* PARSE_SUMMARY: progress marks (. and !) of a quiet fixture since the last summary */
	const char *build_id; /* PARSE_BANNER; "" when the image does not know its own */
	const char *board;
	const char *version;
	double value;
	const char *unit;
	uint32_t done, total;
	uint64_t target_us;
	enum parse_ask ask;
	uint32_t ask_ms; /* of a power cycle: how long off; of a power cut: in how long; of a reset: 0 */
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

#endif
