/* SPDX-License-Identifier: Apache-2.0 */
/* The farm's signing keys under one folder: farm.key (the secret one, 0600), farm.pub, and past/<id>.pub, the public
 * keys that were in use before. They are read from there each time, so that a key can be changed under a running
 * daemon; every file is replaced whole, and a change that was cut off is completed by the next keys_prepare. */
#ifndef ASSAY_EVIDENCE_KEYS_H
#define ASSAY_EVIDENCE_KEYS_H

#include "core/base/err.h"
#include "core/base/json.h"
#include "core/bundle/minisig.h"

#define KEYS_MAX_PAST 1000

/* Makes the folder (its parent must be there) and the first key, and completes what was cut off. */
int keys_prepare(const char *dir, struct err *err);
/* The key to sign with; minisig_forget it. */
int keys_load(const char *dir, struct minisig_secret *ret_secret, struct err *err);
/* A new key; the one before becomes a past one, of which only the public part is kept. */
int keys_rotate(const char *dir, struct err *err);
/* {"current":{"id","public"},"past":[{"id","public","retired_at_us"}]}: public is the text of the key's file; the last
 * retired first. The caller owns it. */
int keys_list(const char *dir, json_t **ret_keys, struct err *err);

#endif
