/* SPDX-License-Identifier: Apache-2.0 */
/* One mail of text and HTML, handed to the machine's mail program. Blocks: for a worker thread. */
#ifndef ASSAY_SUMMARY_MAIL_H
#define ASSAY_SUMMARY_MAIL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/err.h"

#define MAIL_MAX_BYTES (8u << 20)
#define MAIL_LIMIT_MS  60000

struct mail {
	const char *sendmail; /* path of a program that takes sendmail's -i, -f and addresses */
	const char *from, *to;
	const char *subject; /* one line of UTF-8 */
	const char *id;      /* of the message, without <>: the same every time it is tried */
	int64_t unix_s;
	const char *text, *html; /* html NULL: text alone */
	int64_t limit_ms;        /* for the program, until it has ended; 0: MAIL_LIMIT_MS */
	const atomic_bool *stop;
};

/* The message as it is handed over. 0, ERR_TOO_BIG or ERR_NOMEM. */
int mail_write(const struct mail *mail, struct buf *out);
/* Returns 0, or what may be tried again. When the time is over, or stop is set, the program and what it started in its
 * process group are killed. */
int mail_send(const struct mail *mail, struct err *err);

#endif
