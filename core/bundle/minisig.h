/* SPDX-License-Identifier: Apache-2.0 */
/* The farm's signing keys and signatures, in the formats of minisign (prehashed Ed25519), so that Debian's `minisign`
 * verifies what a farm has signed. Texts only; where they lie is the caller's business. */
#ifndef ASSAY_BUNDLE_MINISIG_H
#define ASSAY_BUNDLE_MINISIG_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

#define MINISIG_ID_BYTES     8
#define MINISIG_PUBLIC_BYTES 32
#define MINISIG_SECRET_BYTES 64
#define MINISIG_ID_TEXT      17  /* 16 hex digits and the NUL */
#define MINISIG_COMMENT_MAX  200 /* of a trusted comment, with the NUL; one line */
#define MINISIG_TEXT_MAX     640 /* of a key's or signature's text, with the NUL */

struct minisig_public {
	uint8_t id[MINISIG_ID_BYTES];
	uint8_t key[MINISIG_PUBLIC_BYTES];
};

struct minisig_secret {
	struct minisig_public public_key;
	uint8_t key[MINISIG_SECRET_BYTES];
};

/* A new random key. */
void minisig_create(struct minisig_secret *ret_secret);
/* Overwrites it. */
void minisig_forget(struct minisig_secret *secret);

/* As minisign prints it. */
void minisig_id_text(const uint8_t id[MINISIG_ID_BYTES], char ret_text[MINISIG_ID_TEXT]);

/* A public key's file, as minisign's; reading also takes its second line alone, as `minisign -P` does. ERR_INVALID. */
void minisig_public_write(const struct minisig_public *key, char ret_text[MINISIG_TEXT_MAX]);
int minisig_public_read(const char *text, size_t len, struct minisig_public *ret_key, struct err *err);

/* A secret key's file: not minisign's, which wants a password. Has a checksum. ERR_INVALID. */
void minisig_secret_write(const struct minisig_secret *secret, char ret_text[MINISIG_TEXT_MAX]);
int minisig_secret_read(const char *text, size_t len, struct minisig_secret *ret_secret, struct err *err);

/* The text of a .minisig file for these bytes. comment: signed along with them. ERR_INVALID: the comment is too long or
 * no single line. */
int minisig_sign(const struct minisig_secret *secret, const void *data, size_t size, const char *comment,
		 char ret_text[MINISIG_TEXT_MAX], struct err *err);
/* Whose signature a text is. ERR_INVALID: it is none. */
int minisig_signer(const char *text, size_t len, uint8_t ret_id[MINISIG_ID_BYTES], struct err *err);
/* 0: the bytes are what the key signed. ERR_DENIED: another key's signature; ERR_INVALID: the text is not, to the last
 * byte, what minisig_sign has written with that key; ERR_CORRUPT: it is, but of other bytes. */
int minisig_verify(const struct minisig_public *key, const void *data, size_t size, const char *text, size_t len,
		   struct err *err);

#endif
