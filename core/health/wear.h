/* SPDX-License-Identifier: Apache-2.0 */
/* How often the sectors of a board's flash were erased: what one flashing erased, and the ledger it is added to. */
#ifndef ASSAY_HEALTH_WEAR_H
#define ASSAY_HEALTH_WEAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/base/json.h"

#define WEAR_MAX_SECTORS    4096 /* of one ledger; what is more shares an entry with its neighbours */
#define FLASHED_MAX_RUNS    128
#define FLASHED_MAX_SECTORS 65536 /* of one run */
#define WEAR_MAX_PERCENT    90    /* of the endurance: a board past it is worn */

/* Sectors of one size side by side. */
struct flash_sectors {
	uint32_t address;
	uint32_t size_bytes; /* of one of them */
	uint32_t count;
};

/* What a flashing erased, pass by pass: the chip's erase and the sectors' erase after it are two. */
struct flashed {
	struct flash_sectors erased[FLASHED_MAX_RUNS];
	size_t erased_count;
};

/* Entries of one size side by side that were erased equally often. An entry of several sectors counts an erase of any
 * of them: it says too much rather than too little. */
struct wear_sectors {
	uint32_t address;
	uint64_t size_bytes; /* of one entry */
	uint32_t count;
	uint32_t erases; /* of each */
};

/* Zeroed is empty. Ordered by address, without overlap, at most WEAR_MAX_SECTORS entries in all. */
struct wear {
	struct wear_sectors *sectors;
	size_t sectors_count;
	uint64_t erases; /* of sectors, in all */
	uint32_t worst;  /* erases of the most worn entry */
	uint32_t worst_address;
};

/* Adds to flashed the sectors of table that share a byte with [address, address + size_bytes); each only once for all
 * ranges of one pass, which begins where first_of_pass says. What has no room is left out (that is more than any image
 * has segments). */
void flashed_add(struct flashed *flashed, size_t first_of_pass, const struct flash_sectors *table, size_t table_count,
		 uint32_t address, uint32_t size_bytes);
/* {"erased":[{"address","size","count"}]} */
json_t *flashed_to_json(const struct flashed *flashed);
/* Returns 0, or ERR_INVALID with err naming the field; *ret_flashed is untouched then. */
int flashed_from_json(const json_t *object, struct flashed *ret_flashed, struct err *err);

void wear_add(struct wear *wear, const struct flashed *flashed);
/* Empty again; frees what it holds. */
void wear_clear(struct wear *wear);
/* Whether its most worn sector has passed WEAR_MAX_PERCENT of endurance cycles; 0: nobody knows how many it bears. */
bool wear_is_near(const struct wear *wear, uint32_t endurance);

/* The entries as [[address,size,count,erases],...] on one line, on the heap. */
char *wear_to_text(const struct wear *wear);
/* The same back into an empty ledger. Returns 0, or ERR_INVALID and it stays empty. */
int wear_from_text(const char *text, uint64_t erases, struct wear *ret_wear, struct err *err);

#endif
