/* SPDX-License-Identifier: Apache-2.0 */
/* Tells of nights by webhook and mail: in worker threads, so many at once, but one after the other to each target,
 * tried again and again, each outcome durable before the next one to that target is looked for.
 *
 * Happy path: a night is summed up -> what is pending is read -> for each target the first that is due is sent -> kept
 * as delivered -> the next one. Ways it fails: the receiver does not take it: tried again after retry_ms, then 3 times
 * as long each time, at most an hour, and what is for the same target waits with it, while others go on; after
 * DELIVERY_MAX_TRIES given up, saying why. It never can be (its secret is gone, its
 * address is not allowed): given up at once. The daemon ends meanwhile: it is sent again after the start, under the
 * same number. */
#ifndef ASSAY_SUMMARY_DELIVER_H
#define ASSAY_SUMMARY_DELIVER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "core/farm/archive.h"
#include "core/farm/nights.h"

#define DELIVERY_MAX_TRIES 12
#define DELIVERIES_AT_ONCE 4 /* as many as libuv has threads */

struct deliverer_options {
	struct farm *farm;
	const struct archive *archive;
	uv_loop_t *uv;
	/* A night's page, of {"summary"}; a heap block. */
	int (*page)(const json_t *night, const json_t *nights, char **ret_html, size_t *ret_len, struct err *err);
	const char *sendmail;  /* path */
	const char *mail_from; /* "": assay@ and the name of this machine */
	bool webhook_private;
	int64_t retry_ms;
};

struct deliverer; /* private; create/destroy */

int deliverer_create(const struct deliverer_options *options, struct deliverer **ret_deliverer, struct err *err);
/* Something may be pending. Also after a start. */
void deliverer_look(struct deliverer *deliverer);
/* Breaks off what is being sent, and waits for it: call while the loop still runs its handles. Accepts NULL. */
void deliverer_stop(struct deliverer *deliverer);
/* Once the loop is closed. Accepts NULL. */
void deliverer_destroy(struct deliverer *deliverer);

#endif
