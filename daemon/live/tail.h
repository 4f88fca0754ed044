/* SPDX-License-Identifier: Apache-2.0 */
/* The latest console bytes of each run that has printed lately: what viewers who keep up are fed from. */
#ifndef ASSAY_LIVE_TAIL_H
#define ASSAY_LIVE_TAIL_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/list.h"
#include "core/farm/principal.h"
#include "core/farm/record_job.h"

#define TAIL_MAX_RUNS  128 /* tails kept; the one that printed longest ago goes */
#define TAIL_MAX_MARKS 512 /* chunks whose time is remembered, per tail */

struct tail_mark {
	uint64_t offset;
	int64_t at_us;
};

/* Bytes [start, end) of a run's console. */
struct tail {
	struct list link; /* in tails, the latest to print last */
	int64_t run, job;
	char org[ORG_MAX];
	char board[FARM_NAME_MAX];
	uint64_t start, end;
	uint8_t *data; /* data[0] is the byte at start */
	size_t room, max;
	struct tail_mark mark[TAIL_MAX_MARKS]; /* when what came: mark[i] of mark_count, oldest first */
	size_t mark_count;
	/* The piece that was asked for last, as JSON: viewers that keep up all ask for the same one. */
	uint64_t piece_offset;
	size_t piece_len;
	struct buf piece;
};

struct tails {
	struct list list;
	size_t count;
	size_t tail_bytes; /* max of each */
};

void tails_init(struct tails *tails, size_t tail_bytes);
void tails_finish(struct tails *tails);
/* The tail of a run, or NULL. */
struct tail *tails_find(struct tails *tails, int64_t run);
/* Appends bytes, making the tail when needed; bytes that are there already are left out; bytes beyond the end begin the
 * tail anew. Returns the tail, or NULL when memory ran out. */
struct tail *tails_append(struct tails *tails, const struct console_record *console, int64_t job, const char *org,
			  const char *board);
/* {"run":…,"offset":…,"at_us":…,"data":"…"} for at most max_len bytes from offset, which must lie in [start, end).
 * Stores how many bytes it tells; NULL when memory ran out. Valid until the tail changes. */
const char *tail_piece(struct tail *tail, uint64_t offset, size_t max_len, size_t *ret_len);

/* The same shape from any bytes, appended to out. Returns 0 or an error of buf. */
int console_piece_write(struct buf *out, int64_t run, uint64_t offset, int64_t at_us, const uint8_t *data, size_t len);

#endif
