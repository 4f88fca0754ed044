/* SPDX-License-Identifier: Apache-2.0 */
/* The suite's hashes, cipher and signatures agree with libsodium on random inputs, and with FIPS 197's examples. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "aes.h"
#include "ed25519.h"
#include "sha256.h"
#include "sha512.h"

enum { MESSAGE_MAX = 400 };

static void hashes_agree(void **state)
{
	uint8_t message[MESSAGE_MAX], mine[64], theirs[64];

	(void)state;
	randombytes_buf(message, sizeof message);
	for (size_t size = 0; size <= MESSAGE_MAX; size++) {
		struct sha256 small;
		struct sha512 large;

		sha256_init(&small);
		sha256_update(&small, message, size / 3);
		sha256_update(&small, message + size / 3, size - size / 3);
		sha256_final(&small, mine);
		crypto_hash_sha256(theirs, message, size);
		assert_memory_equal(mine, theirs, 32);

		sha512_init(&large);
		sha512_update(&large, message, size);
		sha512_final(&large, mine);
		crypto_hash_sha512(theirs, message, size);
		assert_memory_equal(mine, theirs, 64);
	}
}

static void hmac_agrees(void **state)
{
	uint8_t message[100], key[100], mine[32], theirs[32];

	(void)state;
	randombytes_buf(message, sizeof message);
	randombytes_buf(key, sizeof key);
	for (size_t key_bytes = 0; key_bytes <= sizeof key; key_bytes++) {
		crypto_auth_hmacsha256_state other;

		sha256_hmac(key, key_bytes, message, sizeof message, mine);
		crypto_auth_hmacsha256_init(&other, key, key_bytes);
		crypto_auth_hmacsha256_update(&other, message, sizeof message);
		crypto_auth_hmacsha256_final(&other, theirs);
		assert_memory_equal(mine, theirs, 32);
	}
}

static void cipher_is_that_of_fips_197(void **state)
{
	static const uint8_t plain[16] = {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
					  0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};
	static const uint8_t with_128[16] = {0x69, 0xc4, 0xe0, 0xd8, 0x6a, 0x7b, 0x04, 0x30,
					     0xd8, 0xcd, 0xb7, 0x80, 0x70, 0xb4, 0xc5, 0x5a};
	static const uint8_t with_256[16] = {0x8e, 0xa2, 0xb7, 0xca, 0x51, 0x67, 0x45, 0xbf,
					     0xea, 0xfc, 0x49, 0x90, 0x4b, 0x49, 0x60, 0x89};
	uint8_t key[32], block[16];
	struct aes aes;

	(void)state;
	for (unsigned i = 0; i < sizeof key; i++)
		key[i] = (uint8_t)i;
	for (unsigned bytes = 16; bytes <= 32; bytes += 16) {
		aes_init(&aes, key, bytes);
		memcpy(block, plain, sizeof block);
		aes_encrypt(&aes, block);
		assert_memory_equal(block, bytes == 16 ? with_128 : with_256, sizeof block);
		aes_decrypt(&aes, block);
		assert_memory_equal(block, plain, sizeof block);
	}
}

static void signatures_agree(void **state)
{
	uint8_t key[32], secret[64], message[MESSAGE_MAX], signature[64];

	(void)state;
	for (size_t i = 0; i < 200; i++) {
		crypto_sign_keypair(key, secret);
		randombytes_buf(message, i);
		crypto_sign_detached(signature, NULL, message, i, secret);
		assert_true(ed25519_verify(signature, key, message, i));
		signature[i % 64] ^= (uint8_t)(1 << i % 8);
		assert_false(ed25519_verify(signature, key, message, i));
		signature[i % 64] ^= (uint8_t)(1 << i % 8);
		if (i == 0)
			continue;
		message[i / 2] ^= 0x10;
		assert_false(ed25519_verify(signature, key, message, i));
		message[i / 2] ^= 0x10;
		key[i % 32] ^= (uint8_t)(1 << i % 8);
		assert_false(ed25519_verify(signature, key, message, i));
	}
}

/* The same signature with the group's order added to its second half, and keys that are no points or not reduced. */
static void forms_that_are_not_canonical_are_refused(void **state)
{
	static const uint8_t order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
					  0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
					  0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};
	uint8_t key[32], secret[64], signature[64];

	(void)state;
	crypto_sign_keypair(key, secret);
	crypto_sign_detached(signature, NULL, key, sizeof key, secret);
	assert_true(ed25519_verify(signature, key, key, sizeof key));
	sodium_add(signature + 32, order, sizeof order);
	assert_false(ed25519_verify(signature, key, key, sizeof key));

	memset(key, 0xff, sizeof key);
	assert_false(ed25519_verify(signature, key, key, sizeof key));
	memset(key, 0, sizeof key);
	key[0] = 2; /* y = 2 has no x */
	assert_false(ed25519_verify(signature, key, key, sizeof key));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_agree),
		cmocka_unit_test(hmac_agrees),
		cmocka_unit_test(cipher_is_that_of_fips_197),
		cmocka_unit_test(signatures_agree),
		cmocka_unit_test(forms_that_are_not_canonical_are_refused),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
