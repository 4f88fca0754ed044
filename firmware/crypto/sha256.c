/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 and HMAC-SHA-256. */
#include "sha256.h"

#include <string.h>

static const uint32_t round_constants[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t value, unsigned bits)
{
	return value >> bits | value << (32 - bits);
}

static uint32_t big_endian(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void compress(uint32_t state[8], const uint8_t block[SHA256_BLOCK])
{
	uint32_t w[16], v[8];

	memcpy(v, state, sizeof(v));
	for (unsigned i = 0; i < 64; i++) {
		uint32_t word;

		if (i < 16) {
			word = big_endian(block + 4 * i);
		} else {
			uint32_t a = w[(i + 1) & 15], b = w[(i + 14) & 15];
			word = w[i & 15] + w[(i + 9) & 15] + (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) +
			       (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
		}
		w[i & 15] = word;

		uint32_t first = v[7] + (rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25)) +
				 ((v[4] & v[5]) ^ (~v[4] & v[6])) + round_constants[i] + word;
		uint32_t second = (rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22)) +
				  ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
		memmove(v + 1, v, 7 * sizeof(v[0]));
		v[4] += first;
		v[0] = first + second;
	}
	for (unsigned i = 0; i < 8; i++)
		state[i] += v[i];
}

void sha256_init(struct sha256 *sha)
{
	static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
					  0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

	memcpy(sha->state, start, sizeof(start));
	sha->total_bytes = 0;
}

void sha256_update(struct sha256 *sha, const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		sha->block[sha->total_bytes++ % SHA256_BLOCK] = data[i];
		if (sha->total_bytes % SHA256_BLOCK == 0)
			compress(sha->state, sha->block);
	}
}

void sha256_final(struct sha256 *sha, uint8_t ret_hash[SHA256_BYTES])
{
	uint64_t bits = sha->total_bytes * 8;
	uint8_t length[8];

	for (unsigned i = 0; i < 8; i++)
		length[i] = (uint8_t)(bits >> (56 - 8 * i));
	sha256_update(sha, (const uint8_t[]){0x80}, 1);
	while (sha->total_bytes % SHA256_BLOCK != SHA256_BLOCK - 8)
		sha256_update(sha, (const uint8_t[]){0}, 1);
	sha256_update(sha, length, sizeof(length));
	for (unsigned i = 0; i < SHA256_BYTES; i++)
		ret_hash[i] = (uint8_t)(sha->state[i / 4] >> (24 - 8 * (i % 4)));
}

static void hmac_pad(struct sha256 *sha, const uint8_t key[SHA256_BLOCK], uint8_t with)
{
	sha256_init(sha);
	for (size_t i = 0; i < SHA256_BLOCK; i++)
		sha256_update(sha, (const uint8_t[]){key[i] ^ with}, 1);
}

void sha256_hmac(const uint8_t *key, size_t key_bytes, const uint8_t *data, size_t size, uint8_t ret_mac[SHA256_BYTES])
{
	uint8_t block[SHA256_BLOCK] = {0};
	struct sha256 sha;

	if (key_bytes > SHA256_BLOCK) {
		sha256_init(&sha);
		sha256_update(&sha, key, key_bytes);
		sha256_final(&sha, block);
	} else {
		memcpy(block, key, key_bytes);
	}
	hmac_pad(&sha, block, 0x36);
	sha256_update(&sha, data, size);
	sha256_final(&sha, ret_mac);
	hmac_pad(&sha, block, 0x5c);
	sha256_update(&sha, ret_mac, SHA256_BYTES);
	sha256_final(&sha, ret_mac);
}
