/* SPDX-License-Identifier: Apache-2.0 */
/* This terminal as the console of a board: every key goes there, but for ~. and its like at the beginning of a line. */
#ifndef ASSAY_CLI_LEASE_TERMINAL_H
#define ASSAY_CLI_LEASE_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <termios.h>

/* What keys mean: pure. In the caller's memory; zero it, and set begins_line. */
struct escape {
	bool begins_line; /* the next key is the first of a line */
	bool tilde;       /* after a ~ there */
};

enum escape_wish { ESCAPE_NOTHING, ESCAPE_LEAVE, ESCAPE_HELP };

/* Takes what was typed apart: what goes to the board is put into out (room for twice size_bytes), up to the first wish.
 * *ret_used: bytes of data looked at. */
enum escape_wish escape_take(struct escape *escape, const uint8_t *data, size_t size_bytes, uint8_t *out,
			     size_t *ret_out_bytes, size_t *ret_used);

struct lease_terminal {
	bool raw;
	struct termios before;
};

/* Keys are no longer lines, and none is a signal; what is printed still is. false: it is no terminal. */
bool lease_terminal_raw(struct lease_terminal *terminal);
/* As it was; also when it never was raw. */
void lease_terminal_restore(struct lease_terminal *terminal);

#endif
