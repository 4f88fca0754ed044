/* SPDX-License-Identifier: Apache-2.0 */
/* The hash chain over a run's console, in segments of CHAIN_SEGMENT_BYTES; the last one may be shorter:
 *   h[-1] = SHA-256("assay console chain 1 run <run>\n")
 *   h[i]  = SHA-256(h[i-1] || SHA-256(segment i) || offset || at_us)     numbers: 8 bytes, most significant first
 * at_us is when the segment's first byte came, by the rack's clock. The head, the last h, stands in the manifest. */
#ifndef ASSAY_BUNDLE_CHAIN_H
#define ASSAY_BUNDLE_CHAIN_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/base/json.h"

#define CHAIN_SEGMENT_BYTES 65536
#define CHAIN_HASH_BYTES    32
#define CHAIN_HEX           65

struct chain {
	uint8_t head[CHAIN_HASH_BYTES];
	uint64_t offset; /* bytes so far */
};

struct chain_segment {
	uint64_t offset;
	uint32_t size_bytes;
	int64_t at_us;
	char sha256[CHAIN_HEX]; /* of the segment's bytes */
	char head[CHAIN_HEX];   /* of the chain with it */
};

void chain_init(struct chain *chain, int64_t run);
/* The next segment: CHAIN_SEGMENT_BYTES of it, less only for the last. */
void chain_add(struct chain *chain, const void *data, size_t size_bytes, int64_t at_us,
	       struct chain_segment *ret_segment);
void chain_head(const struct chain *chain, char ret_hex[CHAIN_HEX]);

/* {"offset","size","at_us","sha256","head"} */
json_t *chain_segment_to_json(const struct chain_segment *segment);
int chain_segment_from_json(const json_t *object, struct chain_segment *ret_segment, struct err *err);

#endif
