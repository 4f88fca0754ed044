/* SPDX-License-Identifier: Apache-2.0 */
/* Group Crypto: known answers of FIPS 180-4, FIPS 197, RFC 4231 and RFC 8032, in software and in the chip's hardware.
 */
#include <string.h>

#include "aes.h"
#include "ed25519.h"
#include "port.h"
#include "sha256.h"
#include "suite.h"

static const uint8_t hash_of_abc[SHA256_BYTES] = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40,
						  0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17,
						  0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};
static const uint8_t hash_of_nothing[SHA256_BYTES] = {0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4,
						      0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b,
						      0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55};

static const uint8_t aes_plain[AES_BLOCK] = {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
					     0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};
static const uint8_t aes_128[AES_BLOCK] = {0x69, 0xc4, 0xe0, 0xd8, 0x6a, 0x7b, 0x04, 0x30,
					   0xd8, 0xcd, 0xb7, 0x80, 0x70, 0xb4, 0xc5, 0x5a};
static const uint8_t aes_256[AES_BLOCK] = {0x8e, 0xa2, 0xb7, 0xca, 0x51, 0x67, 0x45, 0xbf,
					   0xea, 0xfc, 0x49, 0x90, 0x4b, 0x49, 0x60, 0x89};

static void hash_in_software(const uint8_t *data, size_t size, uint8_t ret_hash[SHA256_BYTES])
{
	struct sha256 sha;

	sha256_init(&sha);
	sha256_update(&sha, data, size);
	sha256_final(&sha, ret_hash);
}

static void check_hashes(void (*hash)(const uint8_t *data, size_t size, uint8_t ret_hash[32]))
{
	uint8_t got[SHA256_BYTES];

	hash((const uint8_t *)"", 0, got);
	CHECK(memcmp(got, hash_of_nothing, sizeof(got)) == 0, "SHA-256 of nothing");
	hash((const uint8_t *)"abc", 3, got);
	CHECK(memcmp(got, hash_of_abc, sizeof(got)) == 0, "SHA-256 of abc");
}

static void case_sha256(void)
{
	check_hashes(hash_in_software);
}

static void case_hmac(void)
{
	static const char data[] = "what do ya want for nothing?"; /* RFC 4231, test case 2 */
	static const uint8_t expected[SHA256_BYTES] = {0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e, 0x6a, 0x04, 0x24,
						       0x26, 0x08, 0x95, 0x75, 0xc7, 0x5a, 0x00, 0x3f, 0x08, 0x9d, 0x27,
						       0x39, 0x83, 0x9d, 0xec, 0x58, 0xb9, 0x64, 0xec, 0x38, 0x43};
	uint8_t got[SHA256_BYTES];

	sha256_hmac((const uint8_t *)"Jefe", 4, (const uint8_t *)data, sizeof(data) - 1, got);
	CHECK(memcmp(got, expected, sizeof(got)) == 0, "HMAC-SHA-256");
}

static void check_aes(size_t key_bytes, const uint8_t expected[AES_BLOCK])
{
	uint8_t key[32], block[AES_BLOCK];
	struct aes aes;

	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)i;
	aes_init(&aes, key, key_bytes);
	memcpy(block, aes_plain, sizeof(block));
	aes_encrypt(&aes, block);
	CHECK(memcmp(block, expected, sizeof(block)) == 0, "encrypted");
	aes_decrypt(&aes, block);
	CHECK(memcmp(block, aes_plain, sizeof(block)) == 0, "decrypted");
}

static void case_aes128(void)
{
	check_aes(16, aes_128);
}

static void case_aes256(void)
{
	check_aes(32, aes_256);
}

static void case_ed25519(void)
{
	/* RFC 8032, section 7.1, test 2 */
	static const uint8_t key[ED25519_KEY_BYTES] = {0x3d, 0x40, 0x17, 0xc3, 0xe8, 0x43, 0x89, 0x5a, 0x92, 0xb7, 0x0a,
						       0xa7, 0x4d, 0x1b, 0x7e, 0xbc, 0x9c, 0x98, 0x2c, 0xcf, 0x2e, 0xc4,
						       0x96, 0x8c, 0xc0, 0xcd, 0x55, 0xf1, 0x2a, 0xf4, 0x66, 0x0c};
	static const uint8_t signature[ED25519_SIGNATURE_BYTES] = {
		0x92, 0xa0, 0x09, 0xa9, 0xf0, 0xd4, 0xca, 0xb8, 0x72, 0x0e, 0x82, 0x0b, 0x5f, 0x64, 0x25, 0x40,
		0xa2, 0xb2, 0x7b, 0x54, 0x16, 0x50, 0x3f, 0x8f, 0xb3, 0x76, 0x22, 0x23, 0xeb, 0xdb, 0x69, 0xda,
		0x08, 0x5a, 0xc1, 0xe4, 0x3e, 0x15, 0x99, 0x6e, 0x45, 0x8f, 0x36, 0x13, 0xd0, 0xf1, 0x1d, 0x8c,
		0x38, 0x7b, 0x2e, 0xae, 0xb4, 0x30, 0x2a, 0xee, 0xb0, 0x0d, 0x29, 0x16, 0x12, 0xbb, 0x0c, 0x00};
	CHECK(ed25519_verify(signature, key, (const uint8_t *)"\x72", 1), "a good signature is refused");
	CHECK(!ed25519_verify(signature, key, (const uint8_t *)"\x73", 1), "another message is accepted");
}

/* What the chip gives in hardware must give the same answers. */
static void case_hardware(void)
{
	struct port_crypto hardware = port_crypto();
	uint8_t key[16], block[AES_BLOCK];

	if (!hardware.sha256 && !hardware.aes128_encrypt)
		IGNORE("no cryptography in hardware on this board");
	if (hardware.sha256)
		check_hashes(hardware.sha256);
	if (!hardware.aes128_encrypt)
		return;
	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)i;
	memcpy(block, aes_plain, sizeof(block));
	hardware.aes128_encrypt(key, block);
	CHECK(memcmp(block, aes_128, sizeof(block)) == 0, "AES-128 in hardware");
}

static const struct fixture_case cases[] = {
	{"sha256", case_sha256}, {"hmac", case_hmac},       {"aes128", case_aes128},
	{"aes256", case_aes256}, {"ed25519", case_ed25519}, {"hardware", case_hardware},
};
FIXTURE_GROUP(group_crypto, "Crypto", cases);
