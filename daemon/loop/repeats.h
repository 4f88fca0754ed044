/* SPDX-License-Identifier: Apache-2.0 */
/* Lines that would be logged again and again: each is told once in a while, and then how often it was left out. */
#ifndef ASSAY_LOOP_REPEATS_H
#define ASSAY_LOOP_REPEATS_H

#include <stdbool.h>
#include <stdint.h>

#define REPEATS_LINES    8   /* told apart at the same time; of more the one told longest ago is forgotten */
#define REPEATS_TEXT_MAX 400 /* bytes by which lines are told apart */
#define REPEATS_QUIET_S  60  /* between two tellings of one line */

/* In the caller's memory; zero-initialised. For one thread at a time. */
struct repeats {
	struct {
		char text[REPEATS_TEXT_MAX];
		int64_t told_us; /* 0: free */
		uint64_t left_out;
	} line[REPEATS_LINES];
};

/* Whether the line is to be told now; then *ret_left_out is how often it was not since it was last told. now_us is of a
 * clock that only goes forward, and more than 0. */
bool repeats_tell(struct repeats *repeats, const char *text, int64_t now_us, uint64_t *ret_left_out);

#endif
