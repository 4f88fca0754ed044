/* SPDX-License-Identifier: Apache-2.0 */
/* Since which image what is bad in a night is bad, and who dropped it: found in the nights before it. */
#ifndef ASSAY_STORE_NIGHT_SINCE_H
#define ASSAY_STORE_NIGHT_SINCE_H

#include "core/base/buf.h"
#include "core/base/json.h"
#include "core/night/night.h"
#include "daemon/store/db.h"

#define SINCE_NIGHTS 31 /* it is looked for in so many of a schedule, and in the one that is compared with */

struct night_since;

/* The night's cells and those of the nights before it. Returns 0, or an error with err filled. */
int night_since_create(struct db *db, int64_t night, int64_t before, struct night_since **ret_since, struct err *err);
void night_since_destroy(struct night_since *since);

/* Fills in since and good of new failures, of what is missing and of what still fails, of the first limit changes;
 * their texts are those of since. What cannot be read is left open. */
void night_since_fill(const struct night_since *since, struct night_comparison *comparison, size_t limit);

/* Puts "was" (as struct night_image) of the night that is compared with into each cell. */
void night_since_mark(const struct night_since *since, json_t *cells);
/* Each image that was dropped, once: "main: version 44 by ci, was version 41 by ann". Returns as buf_append. */
int night_since_text(const struct night_since *since, struct buf *out);
/* [{"drop","now","was" (where it was part of the night that is compared with)}], both as night_image_to_json. */
json_t *night_since_images(const struct night_since *since);

#endif
