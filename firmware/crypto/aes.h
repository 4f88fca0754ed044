/* SPDX-License-Identifier: Apache-2.0 */
/* AES (FIPS 197) with keys of 128 and 256 bits, one block at a time, without tables but the S-box. */
#ifndef AES_H
#define AES_H

#include <stddef.h>
#include <stdint.h>

enum { AES_BLOCK = 16, AES_MAX_ROUNDS = 14 };

struct aes {
	unsigned rounds;
	uint8_t keys[AES_MAX_ROUNDS + 1][AES_BLOCK];
};

/* key_bytes: 16 or 32. */
void aes_init(struct aes *aes, const uint8_t *key, size_t key_bytes);
void aes_encrypt(const struct aes *aes, uint8_t block[AES_BLOCK]);
void aes_decrypt(const struct aes *aes, uint8_t block[AES_BLOCK]);

#endif
