/* SPDX-License-Identifier: Apache-2.0 */
/* A change: records that become durable all together or not at all. The farm writes changes, the store applies them. */
#ifndef ASSAY_FARM_CHANGE_H
#define ASSAY_FARM_CHANGE_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/base/list.h"
#include "core/farm/record.h"
#include "core/farm/record_sizes.h"

/* Records in the order they happened. number: 1, 2, 3 … in the order of commits. Owned by whoever holds it. */
struct change {
	struct list link;    /* of the holder's queue */
	struct list records; /* struct record */
	int64_t number;
	size_t size_bytes; /* about what it holds in memory */
	bool lazy;         /* nobody waits for it: may be committed a little later, with others */
	/* change.c: memory for records and texts, which goes all at once */
	atomic_uint holders;
	struct change_block *blocks; /* beyond the first room, the newest first */
	char *room;                  /* the rest of the newest */
	size_t room_bytes;
	alignas(max_align_t) char first_room[];
};

struct change *change_create(void);
/* And its records, once everybody who holds it has said so; NULL is fine. From any thread. */
void change_destroy(struct change *change);
/* One more who will destroy it; returns it. */
struct change *change_hold(struct change *change);
/* Appends a zeroed record of the kind and returns its row. Never NULL. */
void *change_add(struct change *change, enum record_kind kind);
/* A copy that lives as long as the change: for texts that rows do not own. A text that is NULL stays so. */
void *change_copy(struct change *change, const void *data, size_t size);
char *change_text(struct change *change, const char *text);
/* The same, cut to FARM_TEXT_MAX as mem_text_into does. */
char *change_line(struct change *change, const char *text);
bool change_empty(const struct change *change);

/* A change that the store will never take, for what is in it. */
struct change_refusal {
	int64_t number;
	struct err err;            /* the store's words; its code is ERR_CORRUPT */
	int64_t job, run;          /* what it is about; 0: none */
	char agent[FARM_NAME_MAX]; /* whose boards it is about; "": nobody's */
};

/* Fills in what the change is about: the record that failed tells, or when it cannot (or is NULL) the first that can.
 */
void change_subject(const struct change *change, const struct record *failed, struct change_refusal *refusal);

#endif
