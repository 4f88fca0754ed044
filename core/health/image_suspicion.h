/* SPDX-License-Identifier: Apache-2.0 */
/* Boards or their image? One bad commit may put board after board out of action: it switches its debug port off, hangs
 * the probe, wears the power down. What several different boards suffer right after the same image is held against the
 * image, and it gets no more of them. Pure: ends of runs in, where the image stands out.
 *
 * A strike is a board that did well before, and with the image in its flash could not be worked with: in the run of the
 * image itself, or when the next run wanted the board. A board counts once. A board that takes a next image well takes
 * its strike back, or else the oldest: an image that mostly does well is not held for boards that fall out now and
 * then. How the image's own run ended says nothing here, it may pass and sleep too deep afterwards. When as many boards
 * as the policy says are struck the image is held. What becomes of the boards changes nothing: one that is ruined for
 * good is no reason to give the image another one. */
#ifndef ASSAY_HEALTH_IMAGE_SUSPICION_H
#define ASSAY_HEALTH_IMAGE_SUSPICION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/verdict/verdict.h"

#define SUSPICION_MAX_BOARDS 8 /* that a policy may ask for */
#define SUSPICION_NAME_MAX   64

enum image_standing { IMAGE_CLEAN, IMAGE_SUSPECT, IMAGE_HELD };

struct image_strike {
	char board[SUSPICION_NAME_MAX];
	int64_t run;
	enum cause cause;
};

/* In the caller's memory, all zero at first; read strikes and standing, the rest of it is nobody's. */
struct image_suspicion {
	enum image_standing standing;
	struct image_strike strikes[SUSPICION_MAX_BOARDS]; /* oldest first */
	size_t count;
};

/* What became of a board with the image in its flash. */
struct image_end {
	const char *board;
	int64_t run;      /* of the image */
	enum cause cause; /* CAUSE_NONE: it took the next image well; else what came in the way */
	bool did_well;    /* the board did, before the image */
};

/* Whether a run that ended so put its board out of action, as far as one can tell: nobody could work with it. */
bool cause_strikes(enum cause cause);

/* max_boards: different boards that an image may strike before it is held, at most SUSPICION_MAX_BOARDS; 0: it never
 * is. An image that is held stays so. */
enum image_standing image_suspicion_note(struct image_suspicion *suspicion, uint32_t max_boards,
					 const struct image_end *end);

/* How many boards may have runs, at once, of an image that nobody has seen leave a board well. Of trial_boards each
 * board takes one that the image struck, and each that had its run and has to tell what became of it. Strikes leave one
 * place: whether it is the image or the boards is only found out by going on. */
uint32_t image_trial_places(uint32_t trial_boards, uint32_t struck, uint32_t to_tell);

#endif
