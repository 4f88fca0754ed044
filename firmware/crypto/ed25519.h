/* SPDX-License-Identifier: Apache-2.0 */
/* Verifying Ed25519 signatures (RFC 8032), in 2 KiB of stack. Not for secrets: its time depends on its input. */
#ifndef ED25519_H
#define ED25519_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ED25519_KEY_BYTES = 32, ED25519_SIGNATURE_BYTES = 64 };

/* False also for a key or signature that is not in canonical form. */
bool ed25519_verify(const uint8_t signature[ED25519_SIGNATURE_BYTES], const uint8_t key[ED25519_KEY_BYTES],
		    const uint8_t *message, size_t size);

#endif
