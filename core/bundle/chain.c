/* SPDX-License-Identifier: Apache-2.0 */
/* The console's hash chain. */
#include "core/bundle/chain.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

void chain_init(struct chain *chain, int64_t run)
{
	char start[64];
	int len = snprintf(start, sizeof(start), "assay console chain 1 run %" PRId64 "\n", run);

	crypto_hash_sha256(chain->head, (const uint8_t *)start, (unsigned long long)len);
	chain->offset = 0;
}

static void put_number(uint8_t *bytes, uint64_t value)
{
	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(value >> (56 - 8 * i));
}

static void hex(const uint8_t hash[CHAIN_HASH_BYTES], char ret_hex[CHAIN_HEX])
{
	sodium_bin2hex(ret_hex, CHAIN_HEX, hash, CHAIN_HASH_BYTES);
}

void chain_add(struct chain *chain, const void *data, size_t size_bytes, int64_t at_us,
	       struct chain_segment *ret_segment)
{
	uint8_t link[2 * CHAIN_HASH_BYTES + 16], *segment = link + CHAIN_HASH_BYTES;

	memcpy(link, chain->head, CHAIN_HASH_BYTES);
	crypto_hash_sha256(segment, (const uint8_t *)data, size_bytes);
	put_number(segment + CHAIN_HASH_BYTES, chain->offset);
	put_number(segment + CHAIN_HASH_BYTES + 8, (uint64_t)at_us);
	crypto_hash_sha256(chain->head, link, sizeof(link));
	*ret_segment =
		(struct chain_segment){.offset = chain->offset, .size_bytes = (uint32_t)size_bytes, .at_us = at_us};
	hex(segment, ret_segment->sha256);
	hex(chain->head, ret_segment->head);
	chain->offset += size_bytes;
}

void chain_head(const struct chain *chain, char ret_hex[CHAIN_HEX])
{
	hex(chain->head, ret_hex);
}

json_t *chain_segment_to_json(const struct chain_segment *segment)
{
	json_t *object = json_object();

	json_put(&object, "offset", json_integer((json_int_t)segment->offset));
	json_put(&object, "size", json_integer(segment->size_bytes));
	json_put(&object, "at_us", json_integer(segment->at_us));
	json_put(&object, "sha256", json_string(segment->sha256));
	json_put(&object, "head", json_string(segment->head));
	return object;
}

static int read_hex(const json_t *object, const char *key, char ret_hex[CHAIN_HEX], struct err *err)
{
	const char *text = "";
	int rc = json_read_text(object, key, true, &text, err);

	if (!rc && (strlen(text) != CHAIN_HEX - 1 || strspn(text, "0123456789abcdef") != CHAIN_HEX - 1))
		rc = err_set(err, ERR_INVALID, "%s: expected 64 hex digits", key);
	if (!rc)
		memcpy(ret_hex, text, CHAIN_HEX);
	return rc;
}

int chain_segment_from_json(const json_t *object, struct chain_segment *ret_segment, struct err *err)
{
	struct chain_segment segment = {0};
	int64_t offset = 0, size = 0;
	int rc = json_read_int(object, "offset", true, 0, INT64_MAX, &offset, err);

	if (!rc)
		rc = json_read_int(object, "size", true, 1, CHAIN_SEGMENT_BYTES, &size, err);
	if (!rc)
		rc = json_read_int(object, "at_us", true, 0, INT64_MAX, &segment.at_us, err);
	if (!rc)
		rc = read_hex(object, "sha256", segment.sha256, err);
	if (!rc)
		rc = read_hex(object, "head", segment.head, err);
	if (rc)
		return rc;
	segment.offset = (uint64_t)offset;
	segment.size_bytes = (uint32_t)size;
	*ret_segment = segment;
	return 0;
}
