/* SPDX-License-Identifier: Apache-2.0 */
/* Checking a bundle of evidence (docs/evidence.md) with nothing but the bundle and a public key.
 *
 * In order: the manifest and its signature -> every header, byte and padding of the archive against the manifest -> the
 * job and its runs against each other -> for each run the console's hash chain, and the verdict given again. What is
 * wrong is told and does not end the checking; but of an archive that is cut off only the files it has are checked. */
#ifndef ASSAY_CLI_VERIFY_H
#define ASSAY_CLI_VERIFY_H

#include <stdint.h>

#include "core/base/err.h"
#include "core/bundle/manifest.h"
#include "core/bundle/minisig.h"

enum verify_word {
	VERIFY_HOLDS,  /* a check, and it holds */
	VERIFY_BROKEN, /* a check, and it does not */
	VERIFY_NOTE    /* what the checks do not reach */
};

/* what: a file of the bundle, "run 12", "job 3", or "archive". */
typedef void (*verify_told_fn)(void *context, enum verify_word word, const char *what, const char *text);

/* fd: a regular file. Returns 0 when everything holds, ERR_CORRUPT when something does not (told), or another error
 * when it cannot be checked: no bundle at all, another version, or it cannot be read. */
int verify_bundle(int fd, const struct minisig_public *key, verify_told_fn on_told, void *context, struct err *err);

#endif
