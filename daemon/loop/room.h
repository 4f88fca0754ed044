/* SPDX-License-Identifier: Apache-2.0 */
/* How many descriptors of the process are left, and for whom. The kernel gives out the lowest free number, so the
 * number of a new descriptor tells how many are taken; each kind of use has a number from which on it does without.
 * What is above all of them is for the store, which without descriptors could keep nothing any more. */
#ifndef ASSAY_LOOP_ROOM_H
#define ASSAY_LOOP_ROOM_H

#define ROOM_RESERVE 64 /* for agents, and the same for the store: an eighth of the limit each, at most this */

enum room_use { ROOM_GUESTS, ROOM_AGENTS };

/* The first number that this use may not have, by the limit as it is now. */
int room_end(enum room_use use);
/* The number that the next descriptor would have; INT_MAX: there is none left. fd: any open one. */
int room_next(int fd);

#endif
