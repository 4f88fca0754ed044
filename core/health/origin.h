/* SPDX-License-Identifier: Apache-2.0 */
/* Board or firmware? Where a failure comes from, as far as further runs tell: the same image on a sibling and on the
 * same board once more, the golden image on the same board and on a neighbour in its rack. Pure. */
#ifndef ASSAY_HEALTH_ORIGIN_H
#define ASSAY_HEALTH_ORIGIN_H

#include <stdbool.h>

#define ORIGINS(X)                                                                                                     \
	X(NONE, "none") /* nobody looked yet */                                                                        \
	X(FIRMWARE, "firmware")                                                                                        \
	X(BOARD, "this-board")                                                                                         \
	X(RACK, "this-rack")                                                                                           \
	X(INTERMITTENT, "intermittent") /* it comes and goes, on a board that is well */                               \
	X(UNKNOWN, "unknown")

enum origin {
#define X(name, text) ORIGIN_##name,
	ORIGINS(X)
#undef X
};

const char *origin_name(enum origin origin);
const char *origin_text(enum origin origin); /* for people */
bool origin_parse(const char *name, enum origin *ret_origin);

/* How a further run ended, next to the one that is looked into. */
enum origin_run {
	ORIGIN_RUN_NONE, /* there was none, or it says nothing: cancelled, its agent lost, … */
	ORIGIN_RUN_PASSED,
	ORIGIN_RUN_SAME, /* failed, in just the same cases; of the golden image: failed */
	ORIGIN_RUN_OTHER /* failed otherwise, or the board could not be worked with */
};

struct origin_facts {
	enum origin_run sibling;   /* the same image on another board */
	enum origin_run again;     /* and on the same board */
	enum origin_run golden;    /* the golden image on the same board */
	enum origin_run neighbour; /* and on another board of the same rack */
};

enum origin origin_of(const struct origin_facts *facts);

#endif
