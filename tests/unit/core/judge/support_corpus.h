/* SPDX-License-Identifier: Apache-2.0 */
/* The corpus of consoles under corpus/: NAME.log is a console as it came; NAME.expect says, a line each, first what it
 * is judged by (test_corpus.c has the list), then what it gives. */
#ifndef ASSAY_TESTS_FARM_SUPPORT_CORPUS_H
#define ASSAY_TESTS_FARM_SUPPORT_CORPUS_H

#include <dirent.h>

#include "core/base/buf.h"
#include "core/judge/judge.h"

#define CORPUS_DIR      ASSAY_SOURCE_DIR "/tests/unit/core/judge/corpus"
#define CORPUS_MAX_TEXT (8u << 20)

/* What a log is judged by. finish it. */
struct scenario {
	struct requirements require;
	struct end_rule end;
	struct judge_facts facts; /* capture is CAPTURE_OPEN when the log does not say how it ended */
};

/* All of these fail the test that calls them when something cannot be read. */

/* Fills *out, which the caller finishes. */
void corpus_read_file(const char *path, struct buf *out);
/* Splits an .expect file into settings and the expected events and verdict; the caller finishes both. */
void scenario_read(const char *path, struct scenario *scenario, struct buf *expected);
void scenario_finish(struct scenario *scenario);
/* The names of the logs, as scandir gives them. */
int corpus_list(struct dirent ***ret_entries);

#endif
