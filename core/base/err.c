/* SPDX-License-Identifier: Apache-2.0 */
/* Errors: codes, their texts, and how a story is written into one. */
#include "core/base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const names[] = {
#define X(name, text) [ERR_##name] = text,
	ERR_CODES(X)
#undef X
};

const char *err_name(enum err_code code)
{
	if ((unsigned int)code >= sizeof names / sizeof names[0])
		return "unknown error";
	return names[code];
}

int err_set(struct err *err, enum err_code code, const char *format, ...)
{
	va_list args;

	if (!err)
		return (int)code;
	err->code = code;
	va_start(args, format);
	vsnprintf(err->text, sizeof err->text, format, args);
	va_end(args);
	return (int)code;
}

static enum err_code code_of_errno(int errno_value)
{
	switch (errno_value) {
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return ERR_NO_SPACE;
	case ENOENT:
		return ERR_NOT_FOUND;
	case EEXIST:
		return ERR_EXISTS;
	case EACCES:
	case EPERM:
		return ERR_DENIED;
	case EADDRINUSE:
	case EBUSY:
	case EAGAIN:
		return ERR_BUSY;
	case ENOMEM:
		return ERR_NOMEM;
	case ECONNREFUSED:
	case EHOSTUNREACH:
	case ENETUNREACH:
		return ERR_UNREACHABLE;
	case EPIPE:
	case ECONNRESET:
		return ERR_CLOSED;
	case ETIMEDOUT:
		return ERR_TIMEOUT;
	default:
		return ERR_IO;
	}
}

int err_set_errno(struct err *err, int errno_value, const char *format, ...)
{
	enum err_code code = code_of_errno(errno_value);
	va_list args;
	size_t len;

	if (!err)
		return (int)code;
	err->code = code;
	va_start(args, format);
	vsnprintf(err->text, sizeof err->text, format, args);
	va_end(args);
	len = strlen(err->text);
	snprintf(err->text + len, sizeof err->text - len, ": %s", strerror(errno_value));
	return (int)code;
}

int err_prefix(struct err *err, const char *format, ...)
{
	char story[sizeof err->text];
	va_list args;
	size_t len;

	if (!err)
		return ERR_OK;
	memcpy(story, err->text, sizeof story);
	va_start(args, format);
	vsnprintf(err->text, sizeof err->text, format, args);
	va_end(args);
	len = strlen(err->text);
	snprintf(err->text + len, sizeof err->text - len, ": %s", story);
	return (int)err->code;
}
