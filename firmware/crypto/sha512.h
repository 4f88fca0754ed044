/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-512 (FIPS 180-4), which Ed25519 needs. */
#ifndef SHA512_H
#define SHA512_H

#include <stddef.h>
#include <stdint.h>

enum { SHA512_BYTES = 64, SHA512_BLOCK = 128 };

struct sha512 {
	uint64_t state[8];
	uint64_t total_bytes;
	uint8_t block[SHA512_BLOCK];
};

void sha512_init(struct sha512 *sha);
void sha512_update(struct sha512 *sha, const uint8_t *data, size_t size);
void sha512_final(struct sha512 *sha, uint8_t ret_hash[SHA512_BYTES]);

#endif
