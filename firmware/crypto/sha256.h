/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 (FIPS 180-4) and HMAC (FIPS 198-1) over it, small enough for 16 KiB of RAM. */
#ifndef SHA256_H
#define SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { SHA256_BYTES = 32, SHA256_BLOCK = 64 };

struct sha256 {
	uint32_t state[8];
	uint64_t total_bytes;
	uint8_t block[SHA256_BLOCK];
};

void sha256_init(struct sha256 *sha);
void sha256_update(struct sha256 *sha, const uint8_t *data, size_t size);
void sha256_final(struct sha256 *sha, uint8_t ret_hash[SHA256_BYTES]);

void sha256_hmac(const uint8_t *key, size_t key_bytes, const uint8_t *data, size_t size, uint8_t ret_mac[SHA256_BYTES]);

#endif
