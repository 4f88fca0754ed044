/* SPDX-License-Identifier: Apache-2.0 */
/* The update packages' signatures are those of the keys they name, and nothing else is accepted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "update_package.h"

static void sign(const char *name, const uint8_t *message, uint8_t ret_signature[64])
{
	uint8_t seed[32], key[32], secret[64];

	crypto_hash_sha256(seed, (const uint8_t *)name, strlen(name));
	crypto_sign_seed_keypair(key, secret, seed);
	crypto_sign_detached(ret_signature, NULL, message, UPDATE_SIGNED_BYTES, secret);
}

static void signatures_are_of_the_keys_named(void **state)
{
	uint8_t package[UPDATE_BYTES], signature[64];

	(void)state;
	for (uint32_t version = 1; version <= UPDATE_VERSIONS; version++) {
		update_package_make(version, false, package);
		sign("assay reference update vendor", package, signature);
		assert_memory_equal(package + UPDATE_SIGNED_BYTES, signature, 64);
		assert_int_equal(update_package_check(package), version);
	}
	update_package_make(3, true, package);
	sign("assay reference update stranger", package, signature);
	assert_memory_equal(package + UPDATE_SIGNED_BYTES, signature, 64);
	assert_int_equal(update_package_check(package), 0);
}

static void any_change_is_found(void **state)
{
	uint8_t package[UPDATE_BYTES];

	(void)state;
	update_package_make(2, false, package);
	for (size_t at = 0; at < UPDATE_BYTES; at++) {
		package[at] ^= (uint8_t)(1 << at % 8);
		assert_int_equal(update_package_check(package), 0);
		package[at] ^= (uint8_t)(1 << at % 8);
	}
	memset(package, 0xff, sizeof package);
	assert_int_equal(update_package_check(package), 0);
	memset(package, 0, sizeof package);
	assert_int_equal(update_package_check(package), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signatures_are_of_the_keys_named),
		cmocka_unit_test(any_change_is_found),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
