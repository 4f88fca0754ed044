/* SPDX-License-Identifier: Apache-2.0 */
/* The growing byte buffer. */
#include "core/base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/err.h"

void buf_init(struct buf *buf, size_t max)
{
	*buf = (struct buf){.max = max};
}

void buf_finish(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){.max = buf->max};
}

void buf_reset(struct buf *buf)
{
	buf->len = 0;
	if (buf->data)
		buf->data[0] = '\0';
}

static int grow(struct buf *buf, size_t extra)
{
	size_t capacity = buf->capacity ? buf->capacity : 64;
	char *data;

	if (extra > buf->max || buf->len > buf->max - extra)
		return ERR_TOO_BIG;
	if (buf->data && buf->len + extra < buf->capacity)
		return 0;
	while (capacity <= buf->len + extra)
		capacity *= 2;
	data = realloc(buf->data, capacity);
	if (!data)
		return ERR_NOMEM;
	buf->data = data;
	buf->capacity = capacity;
	return 0;
}

char *buf_reserve(struct buf *buf, size_t extra)
{
	return grow(buf, extra) ? NULL : buf->data + buf->len;
}

int buf_append(struct buf *buf, const void *data, size_t len)
{
	int rc = grow(buf, len);

	if (rc)
		return rc;
	if (len)
		memcpy(buf->data + buf->len, data, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
	return 0;
}

int buf_append_text(struct buf *buf, const char *text)
{
	return buf_append(buf, text, strlen(text));
}

int buf_vappendf(struct buf *buf, const char *format, va_list args)
{
	size_t room = buf->data ? buf->capacity - buf->len : 0;
	va_list again;
	int need, rc;

	va_copy(again, args);
	need = vsnprintf(room ? buf->data + buf->len : NULL, room, format, again);
	va_end(again);
	rc = need < 0 ? ERR_INVALID : grow(buf, (size_t)need);
	if (rc) {
		if (room)
			buf->data[buf->len] = '\0';
		return rc;
	}
	if ((size_t)need < room) {
		buf->len += (size_t)need;
		return 0;
	}
	vsnprintf(buf->data + buf->len, (size_t)need + 1, format, args);
	buf->len += (size_t)need;
	return 0;
}

int buf_appendf(struct buf *buf, const char *format, ...)
{
	va_list args;
	int rc;

	va_start(args, format);
	rc = buf_vappendf(buf, format, args);
	va_end(args);
	return rc;
}

void buf_consume(struct buf *buf, size_t len)
{
	if (len >= buf->len) {
		buf_reset(buf);
		return;
	}
	if (!len)
		return;
	memmove(buf->data, buf->data + len, buf->len - len);
	buf->len -= len;
	buf->data[buf->len] = '\0';
}

const char *buf_text(const struct buf *buf)
{
	return buf->data ? buf->data : "";
}

char *buf_take(struct buf *buf)
{
	char *data = buf->data ? buf->data : calloc(1, 1);

	*buf = (struct buf){.max = buf->max};
	return data;
}
