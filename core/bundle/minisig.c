/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and signatures as minisign has them: two bytes of algorithm, eight of key id, then the key or the signature, in
 * base64 under a comment line. A signature is over the BLAKE2b-512 of the bytes ("ED"), and a second one over the first
 * and the trusted comment. */
#include "core/bundle/minisig.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#define PUBLIC_COMMENT    "untrusted comment: minisign public key "
#define SECRET_COMMENT    "untrusted comment: assay farm secret key, keep it to the farm"
#define SIGNATURE_COMMENT "untrusted comment: signed by assay farm key "
#define TRUSTED_COMMENT   "trusted comment: "

#define ALGORITHM_BYTES 2
#define HEAD_BYTES      (ALGORITHM_BYTES + MINISIG_ID_BYTES)
#define CHECK_BYTES     16

struct signature {
	uint8_t id[MINISIG_ID_BYTES];
	uint8_t over_hash[crypto_sign_BYTES];
	uint8_t over_comment[crypto_sign_BYTES];
	char comment[MINISIG_COMMENT_MAX];
};

void minisig_create(struct minisig_secret *ret_secret)
{
	randombytes_buf(ret_secret->public_key.id, sizeof(ret_secret->public_key.id));
	crypto_sign_keypair(ret_secret->public_key.key, ret_secret->key);
}

void minisig_forget(struct minisig_secret *secret)
{
	sodium_memzero(secret, sizeof(*secret));
}

void minisig_id_text(const uint8_t id[MINISIG_ID_BYTES], char ret_text[MINISIG_ID_TEXT])
{
	for (int i = 0; i < MINISIG_ID_BYTES; i++)
		snprintf(ret_text + 2 * (ptrdiff_t)i, 3, "%02X", id[MINISIG_ID_BYTES - 1 - i]);
}

/* "<comment><base64 of algorithm, id and body>" in two lines. */
static void write_blob(const char *comment, const char algorithm[ALGORITHM_BYTES], const uint8_t id[MINISIG_ID_BYTES],
		       const uint8_t *body, size_t body_size, char *ret_text, size_t text_size)
{
	uint8_t blob[HEAD_BYTES + MINISIG_SECRET_BYTES + CHECK_BYTES];
	char base64[160];

	memcpy(blob, algorithm, ALGORITHM_BYTES);
	memcpy(blob + ALGORITHM_BYTES, id, MINISIG_ID_BYTES);
	memcpy(blob + HEAD_BYTES, body, body_size);
	sodium_bin2base64(base64, sizeof(base64), blob, HEAD_BYTES + body_size, sodium_base64_VARIANT_ORIGINAL);
	snprintf(ret_text, text_size, "%s\n%s\n", comment, base64);
	sodium_memzero(blob, sizeof(blob));
	sodium_memzero(base64, sizeof(base64));
}

/* The next line of a text, without its end; false when there is none. */
static bool take_line(const char **at, const char *end, const char **ret_line, size_t *ret_len)
{
	const char *newline;

	if (*at >= end)
		return false;
	newline = memchr(*at, '\n', (size_t)(end - *at));
	*ret_line = *at;
	*ret_len = (size_t)((newline ? newline : end) - *at);
	*at = newline ? newline + 1 : end;
	if (*ret_len && (*ret_line)[*ret_len - 1] == '\r')
		--*ret_len;
	return true;
}

static bool has_prefix(const char *line, size_t len, const char *prefix)
{
	return len >= strlen(prefix) && memcmp(line, prefix, strlen(prefix)) == 0;
}

/* Exactly body_size bytes behind algorithm and id. */
static bool read_blob(const char *line, size_t len, const char algorithm[ALGORITHM_BYTES], uint8_t id[MINISIG_ID_BYTES],
		      uint8_t *body, size_t body_size)
{
	uint8_t blob[HEAD_BYTES + MINISIG_SECRET_BYTES + CHECK_BYTES];
	size_t blob_len = 0;
	bool good = sodium_base642bin(blob, sizeof(blob), line, len, NULL, &blob_len, NULL,
				      sodium_base64_VARIANT_ORIGINAL) == 0 &&
		    blob_len == HEAD_BYTES + body_size && memcmp(blob, algorithm, ALGORITHM_BYTES) == 0;

	if (good) {
		memcpy(id, blob + ALGORITHM_BYTES, MINISIG_ID_BYTES);
		memcpy(body, blob + HEAD_BYTES, body_size);
	}
	sodium_memzero(blob, sizeof(blob));
	return good;
}

void minisig_public_write(const struct minisig_public *key, char ret_text[MINISIG_TEXT_MAX])
{
	char comment[80], id[MINISIG_ID_TEXT];

	minisig_id_text(key->id, id);
	snprintf(comment, sizeof(comment), PUBLIC_COMMENT "%s", id);
	write_blob(comment, "Ed", key->id, key->key, sizeof(key->key), ret_text, MINISIG_TEXT_MAX);
}

int minisig_public_read(const char *text, size_t len, struct minisig_public *ret_key, struct err *err)
{
	struct minisig_public key;
	const char *at = text, *line = text;
	size_t line_len = 0;

	if (take_line(&at, text + len, &line, &line_len) && has_prefix(line, line_len, "untrusted comment:") &&
	    !take_line(&at, text + len, &line, &line_len))
		return err_set(err, ERR_INVALID, "the public key is cut off");
	if (!read_blob(line, line_len, "Ed", key.id, key.key, sizeof(key.key)))
		return err_set(err, ERR_INVALID,
			       "no public key, expected minisign's: a comment line and a line that begins with RW");
	*ret_key = key;
	return 0;
}

static void secret_check(const struct minisig_secret *secret, uint8_t ret_check[CHECK_BYTES])
{
	crypto_generichash(ret_check, CHECK_BYTES, secret->key, sizeof(secret->key), NULL,
			   0); /* a torn or edited file, not an attacker, is what it is for */
}

void minisig_secret_write(const struct minisig_secret *secret, char ret_text[MINISIG_TEXT_MAX])
{
	uint8_t body[MINISIG_SECRET_BYTES + CHECK_BYTES];

	memcpy(body, secret->key, MINISIG_SECRET_BYTES);
	secret_check(secret, body + MINISIG_SECRET_BYTES);
	write_blob(SECRET_COMMENT, "As", secret->public_key.id, body, sizeof(body), ret_text, MINISIG_TEXT_MAX);
	sodium_memzero(body, sizeof(body));
}

int minisig_secret_read(const char *text, size_t len, struct minisig_secret *ret_secret, struct err *err)
{
	uint8_t body[MINISIG_SECRET_BYTES + CHECK_BYTES], check[CHECK_BYTES];
	struct minisig_secret secret;
	const char *at = text, *line = text;
	size_t line_len = 0;
	bool good = take_line(&at, text + len, &line, &line_len) && has_prefix(line, line_len, SECRET_COMMENT) &&
		    take_line(&at, text + len, &line, &line_len) &&
		    read_blob(line, line_len, "As", secret.public_key.id, body, sizeof(body));

	if (good) {
		memcpy(secret.key, body, MINISIG_SECRET_BYTES);
		secret_check(&secret, check);
		good = memcmp(check, body + MINISIG_SECRET_BYTES, CHECK_BYTES) == 0 &&
		       crypto_sign_ed25519_sk_to_pk(secret.public_key.key, secret.key) == 0;
	}
	sodium_memzero(body, sizeof(body));
	if (!good)
		return err_set(err, ERR_INVALID, "no secret key of a farm, or a damaged one");
	*ret_secret = secret;
	minisig_forget(&secret);
	return 0;
}

static void hash_data(const void *data, size_t size, uint8_t ret_hash[crypto_generichash_BYTES_MAX])
{
	crypto_generichash(ret_hash, crypto_generichash_BYTES_MAX, data, size, NULL, 0);
}

/* What the second signature is over. Returns its length. */
static size_t comment_message(const struct signature *signature,
			      uint8_t message[crypto_sign_BYTES + MINISIG_COMMENT_MAX])
{
	size_t len = strlen(signature->comment);

	memcpy(message, signature->over_hash, crypto_sign_BYTES);
	memcpy(message + crypto_sign_BYTES, signature->comment, len);
	return crypto_sign_BYTES + len;
}

static void signature_write(const struct signature *signature, char ret_text[MINISIG_TEXT_MAX])
{
	char comment[80], id[MINISIG_ID_TEXT], base64[120];
	size_t len;

	minisig_id_text(signature->id, id);
	snprintf(comment, sizeof(comment), SIGNATURE_COMMENT "%s", id);
	write_blob(comment, "ED", signature->id, signature->over_hash, crypto_sign_BYTES, ret_text, MINISIG_TEXT_MAX);
	sodium_bin2base64(base64, sizeof(base64), signature->over_comment, crypto_sign_BYTES,
			  sodium_base64_VARIANT_ORIGINAL);
	len = strlen(ret_text);
	snprintf(ret_text + len, MINISIG_TEXT_MAX - len, TRUSTED_COMMENT "%s\n%s\n", signature->comment, base64);
}

static bool signature_read(const char *text, size_t len, struct signature *ret_signature)
{
	const char *at = text, *end = text + len, *line = text;
	const size_t prefix = strlen(TRUSTED_COMMENT);
	size_t line_len = 0, got = 0;

	if (!take_line(&at, end, &line, &line_len) || !take_line(&at, end, &line, &line_len) ||
	    !read_blob(line, line_len, "ED", ret_signature->id, ret_signature->over_hash, crypto_sign_BYTES))
		return false;
	if (!take_line(&at, end, &line, &line_len) || !has_prefix(line, line_len, TRUSTED_COMMENT) ||
	    line_len - prefix >= MINISIG_COMMENT_MAX || memchr(line, '\0', line_len))
		return false;
	memcpy(ret_signature->comment, line + prefix, line_len - prefix);
	ret_signature->comment[line_len - prefix] = '\0';
	return take_line(&at, end, &line, &line_len) &&
	       sodium_base642bin(ret_signature->over_comment, crypto_sign_BYTES, line, line_len, NULL, &got, NULL,
				 sodium_base64_VARIANT_ORIGINAL) == 0 &&
	       got == crypto_sign_BYTES;
}

int minisig_sign(const struct minisig_secret *secret, const void *data, size_t size, const char *comment,
		 char ret_text[MINISIG_TEXT_MAX], struct err *err)
{
	uint8_t hash[crypto_generichash_BYTES_MAX], message[crypto_sign_BYTES + MINISIG_COMMENT_MAX];
	struct signature signature;

	if (strlen(comment) >= MINISIG_COMMENT_MAX || strpbrk(comment, "\r\n"))
		return err_set(err, ERR_INVALID, "a comment is one line of less than %d bytes", MINISIG_COMMENT_MAX);
	memcpy(signature.id, secret->public_key.id, MINISIG_ID_BYTES);
	snprintf(signature.comment, sizeof(signature.comment), "%s", comment);
	hash_data(data, size, hash);
	crypto_sign_detached(signature.over_hash, NULL, hash, sizeof(hash), secret->key);
	crypto_sign_detached(signature.over_comment, NULL, message, comment_message(&signature, message), secret->key);
	signature_write(&signature, ret_text);
	return 0;
}

int minisig_signer(const char *text, size_t len, uint8_t ret_id[MINISIG_ID_BYTES], struct err *err)
{
	struct signature signature;

	if (!signature_read(text, len, &signature))
		return err_set(err, ERR_INVALID, "no signature in minisign's format");
	memcpy(ret_id, signature.id, MINISIG_ID_BYTES);
	return 0;
}

int minisig_verify(const struct minisig_public *key, const void *data, size_t size, const char *text, size_t len,
		   struct err *err)
{
	uint8_t hash[crypto_generichash_BYTES_MAX], message[crypto_sign_BYTES + MINISIG_COMMENT_MAX];
	char again[MINISIG_TEXT_MAX], signer[MINISIG_ID_TEXT], given[MINISIG_ID_TEXT];
	struct signature signature;

	if (!signature_read(text, len, &signature))
		return err_set(err, ERR_INVALID, "no signature in minisign's format");
	minisig_id_text(signature.id, signer);
	minisig_id_text(key->id, given);
	if (memcmp(signature.id, key->id, MINISIG_ID_BYTES) != 0)
		return err_set(err, ERR_DENIED, "signed with key %s, the key given is %s", signer, given);
	if (crypto_sign_verify_detached(signature.over_comment, message, comment_message(&signature, message),
					key->key))
		return err_set(err, ERR_INVALID, "the signature is not one of key %s", given);
	signature_write(&signature, again);
	if (len != strlen(again) || memcmp(text, again, len) != 0)
		return err_set(err, ERR_INVALID, "the signature's text is not as a farm writes it");
	hash_data(data, size, hash);
	if (crypto_sign_verify_detached(signature.over_hash, hash, sizeof(hash), key->key))
		return err_set(err, ERR_CORRUPT, "not the bytes that were signed with key %s", given);
	return 0;
}
