/* SPDX-License-Identifier: Apache-2.0 */
/* A growing byte buffer that is born with its maximum. */
#ifndef ASSAY_BASE_BUF_H
#define ASSAY_BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>

/* Bytes [0, len) are the content; a NUL always follows them once anything was appended, so data can be read as a
 * string. Owned by the caller: init/finish. */
struct buf {
	char *data; /* NULL while nothing was appended */
	size_t len;
	size_t capacity;
	size_t max; /* content never grows beyond this many bytes */
};

void buf_init(struct buf *buf, size_t max);
void buf_finish(struct buf *buf); /* frees; the buffer is empty and usable again */
void buf_reset(struct buf *buf);  /* empties, keeps the memory */

/* Each returns 0, ERR_TOO_BIG (would pass max; nothing was appended) or ERR_NOMEM. */
int buf_append(struct buf *buf, const void *data, size_t len);
int buf_append_text(struct buf *buf, const char *text);
int buf_appendf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
int buf_vappendf(struct buf *buf, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

/* Makes room for extra bytes behind the content and returns where they start (write, then add to len), or NULL. */
char *buf_reserve(struct buf *buf, size_t extra);

/* Drops the first len bytes (at most all). */
void buf_consume(struct buf *buf, size_t len);

/* The content as a string; "" when empty. Valid until the next change. */
const char *buf_text(const struct buf *buf);

/* Hands the content (a NUL-terminated heap block, free() it) to the caller and leaves the buffer empty; NULL only
 * when memory ran out. */
char *buf_take(struct buf *buf);

#endif
