/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens: random text for the holder, its hash for the farm. The text is 32 random bytes, so a plain fast hash of it
 * is as hard to turn back as the bytes are to guess. */
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "core/farm/archive.h"

#define SECRET_BYTES 32

void token_create(const struct principal *who, int64_t now_unix_us, struct token *ret_token,
		  char ret_text[TOKEN_TEXT_MAX])
{
	uint8_t secret[SECRET_BYTES];
	char hex[2 * SECRET_BYTES + 1];

	randombytes_buf(secret, sizeof(secret));
	sodium_bin2hex(hex, sizeof(hex), secret, sizeof(secret));
	(void)snprintf(ret_text, TOKEN_TEXT_MAX, "assay_%s", hex);
	memset(ret_token, 0, sizeof(*ret_token));
	ret_token->who = *who;
	ret_token->created_at_us = now_unix_us;
	token_hash(ret_text, ret_token->hash);
	sodium_memzero(secret, sizeof(secret));
	sodium_memzero(hex, sizeof(hex));
}

void token_hash(const char *text, uint8_t ret_hash[TOKEN_HASH_BYTES])
{
	crypto_generichash(ret_hash, TOKEN_HASH_BYTES, (const unsigned char *)text, strlen(text), NULL, 0);
}

bool token_matches(const struct token *token, const uint8_t hash[TOKEN_HASH_BYTES])
{
	return sodium_memcmp(token->hash, hash, TOKEN_HASH_BYTES) == 0;
}
