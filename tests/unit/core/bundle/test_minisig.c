/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and signatures: what minisign made is accepted, what was changed is not, wherever it was changed. That minisign
 * accepts what is made here is shown by tests/system/evidence, which runs it. */
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "core/bundle/minisig.h"
#include "tests/unit/core/base/cmocka_all.h"

/* Made by Debian's minisign 0.11 of the data below. */
static const char PUBLIC[] = "untrusted comment: minisign public key AEED47ED958AE959\n"
			     "RWRZ6YqV7UftrgHAoG/PRNt6vKfxhG5deZd/QjE8GOaIrHhqFa8vH2mp\n";
static const char SIGNATURE[] =
	"untrusted comment: signature from minisign secret key\n"
	"RURZ6YqV7UftrtwRsU8lNBwx1ZWIAxNgEqrrdd2GPO9UQgju3dAqd/74MCsMJqTNGXWTQ2D70aUS0Ko/FuuhGsl1TnaYUpI/VQc=\n"
	"trusted comment: a comment\n"
	"08pHKMF40OF8is6G9hqFk2E+Eb9ltNIg8SpanKXbigIgVSzJceUMkMSjuw2sWrv0tRr80T/7h8hCGF9+eKrUDA==\n";
static const char DATA[] = "evidence\n";

static int setup(void **state)
{
	(void)state;
	return sodium_init() < 0;
}

static void test_what_minisign_signed_holds(void **state)
{
	char text[MINISIG_TEXT_MAX], id[MINISIG_ID_TEXT];
	struct minisig_public key;
	struct err err = {0};

	(void)state;
	assert_int_equal(minisig_public_read(PUBLIC, strlen(PUBLIC), &key, &err), 0);
	/* All signatures hold, and only the comment that nobody signs is not as a farm writes it. */
	assert_int_equal(minisig_verify(&key, DATA, strlen(DATA), SIGNATURE, strlen(SIGNATURE), &err), ERR_INVALID);
	assert_non_null(strstr(err.text, "the signature's text"));
	minisig_id_text(key.id, id);
	snprintf(text, sizeof(text), "untrusted comment: signed by assay farm key %s\n%s", id,
		 strchr(SIGNATURE, '\n') + 1);
	if (minisig_verify(&key, DATA, strlen(DATA), text, strlen(text), &err))
		fail_msg("%s", err.text);
	assert_int_equal(minisig_verify(&key, "evidence", 8, text, strlen(text), &err), ERR_CORRUPT);
}

static void test_public_key_reads_back(void **state)
{
	struct minisig_public key, again;
	char text[MINISIG_TEXT_MAX], id[MINISIG_ID_TEXT];
	const char *line;
	struct err err = {0};

	(void)state;
	assert_int_equal(minisig_public_read(PUBLIC, strlen(PUBLIC), &key, &err), 0);
	minisig_public_write(&key, text);
	assert_string_equal(text, PUBLIC);
	minisig_id_text(key.id, id);
	assert_non_null(strstr(PUBLIC, id));
	line = strchr(PUBLIC, '\n') + 1;
	assert_int_equal(minisig_public_read(line, strlen(line), &again, &err), 0);
	assert_memory_equal(&key, &again, sizeof(key));
	assert_int_equal(minisig_public_read("", 0, &again, &err), ERR_INVALID);
	assert_int_equal(minisig_public_read(PUBLIC, 20, &again, &err), ERR_INVALID);
	assert_int_equal(minisig_public_read(PUBLIC, strlen(PUBLIC) - 3, &again, &err), ERR_INVALID);
}

static void test_secret_key_reads_back_and_shows_damage(void **state)
{
	struct minisig_secret secret, again;
	char text[MINISIG_TEXT_MAX];
	struct err err = {0};
	size_t len, accepted = 0;

	(void)state;
	minisig_create(&secret);
	minisig_secret_write(&secret, text);
	len = strlen(text);
	assert_int_equal(minisig_secret_read(text, len, &again, &err), 0);
	assert_memory_equal(&secret, &again, sizeof(secret));
	for (size_t i = 0; i < len - 1; i++) {
		text[i] ^= 1;
		if (minisig_secret_read(text, len, &again, &err) == 0 &&
		    memcmp(secret.key, again.key, sizeof(secret.key)) != 0)
			accepted++;
		text[i] ^= 1;
	}
	assert_int_equal(accepted, 0);
	minisig_forget(&secret);
	for (size_t i = 0; i < sizeof(secret.key); i++)
		assert_int_equal(secret.key[i], 0);
}

static void test_every_bit_of_a_signature_counts(void **state)
{
	struct minisig_secret secret;
	char text[MINISIG_TEXT_MAX];
	uint8_t id[MINISIG_ID_BYTES];
	struct err err = {0};
	size_t len;

	(void)state;
	minisig_create(&secret);
	assert_int_equal(minisig_sign(&secret, DATA, strlen(DATA), "farm x\tjob 1", text, &err), 0);
	len = strlen(text);
	assert_int_equal(minisig_verify(&secret.public_key, DATA, strlen(DATA), text, len, &err), 0);
	assert_int_equal(minisig_signer(text, len, id, &err), 0);
	assert_memory_equal(id, secret.public_key.id, sizeof(id));
	for (size_t i = 0; i < len; i++) {
		for (int bit = 0; bit < 8; bit++) {
			text[i] = (char)(text[i] ^ (1 << bit));
			assert_int_not_equal(minisig_verify(&secret.public_key, DATA, strlen(DATA), text, len, &err),
					     0);
			text[i] = (char)(text[i] ^ (1 << bit));
		}
	}
	for (size_t i = 0; i < len; i++)
		assert_int_not_equal(minisig_verify(&secret.public_key, DATA, strlen(DATA), text, i, &err), 0);
}

static void test_another_key_is_told_apart(void **state)
{
	struct minisig_secret mine, other;
	char text[MINISIG_TEXT_MAX];
	struct err err = {0};

	(void)state;
	minisig_create(&mine);
	minisig_create(&other);
	assert_int_equal(minisig_sign(&mine, DATA, strlen(DATA), "", text, &err), 0);
	assert_int_equal(minisig_verify(&other.public_key, DATA, strlen(DATA), text, strlen(text), &err), ERR_DENIED);
	/* Under a stolen id too. */
	memcpy(other.public_key.id, mine.public_key.id, MINISIG_ID_BYTES);
	assert_int_equal(minisig_verify(&other.public_key, DATA, strlen(DATA), text, strlen(text), &err), ERR_INVALID);
	assert_int_equal(minisig_sign(&mine, DATA, strlen(DATA), "two\nlines", text, &err), ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_minisign_signed_holds),
		cmocka_unit_test(test_public_key_reads_back),
		cmocka_unit_test(test_secret_key_reads_back_and_shows_damage),
		cmocka_unit_test(test_every_bit_of_a_signature_counts),
		cmocka_unit_test(test_another_key_is_told_apart),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
