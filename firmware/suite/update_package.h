/* SPDX-License-Identifier: Apache-2.0 */
/* Updates as group Update installs them: a small signed package, made rather than stored, so that it costs no flash. */
#ifndef UPDATE_PACKAGE_H
#define UPDATE_PACKAGE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Words, little endian: UPDATE_MAGIC, version, bytes of the body, 0; the body; the Ed25519 signature of all of that.
 * The vendor's secret key is the SHA-256 of "assay reference update vendor", the stranger's that of "… stranger": they
 * protect nothing but these tests.
 */
enum {
	UPDATE_MAGIC = 0x54445055,
	UPDATE_VERSIONS = 3, /* 1 to 3 */
	UPDATE_BODY_BYTES = 432,
	UPDATE_SIGNED_BYTES = 16 + UPDATE_BODY_BYTES,
	UPDATE_BYTES = UPDATE_SIGNED_BYTES + 64,
};

/* by_stranger: well-formed, but signed with a key that nobody trusts (version 3 only). */
void update_package_make(uint32_t version, bool by_stranger, uint8_t ret_package[UPDATE_BYTES]);

/* The version, when all is in order and the vendor signed it; else 0. */
uint32_t update_package_check(const uint8_t package[UPDATE_BYTES]);

#endif
