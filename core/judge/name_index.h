/* SPDX-License-Identifier: Apache-2.0 */
/* A hash index from names to numbers; the names stay where they are. */
#ifndef ASSAY_JUDGE_NAME_INDEX_H
#define ASSAY_JUDGE_NAME_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct name_index_slot {
	const char *name; /* NULL: free */
	uint32_t value;
};

/* init/finish; the names are borrowed and must stay as long as they are in it. */
struct name_index {
	struct name_index_slot *slots;
	size_t size; /* a power of two, or 0 */
	size_t count;
};

void name_index_init(struct name_index *index);
void name_index_finish(struct name_index *index);
/* Puts a name in, in place of an equal one. 0 or ERR_NOMEM. */
int name_index_put(struct name_index *index, const char *name, uint32_t value);
bool name_index_get(const struct name_index *index, const char *name, uint32_t *ret_value);

#endif
