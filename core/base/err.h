/* SPDX-License-Identifier: Apache-2.0 */
/* The one list of errors, and the value that carries one from where it happened to where it is told. */
#ifndef ASSAY_BASE_ERR_H
#define ASSAY_BASE_ERR_H

#define ERR_CODES(X)                                                                                                   \
	X(OK, "ok")                                                                                                    \
	X(NOMEM, "out of memory")                                                                                      \
	X(INVALID, "invalid input")                                                                                    \
	X(TOO_BIG, "too big")                                                                                          \
	X(IO, "input/output error")                                                                                    \
	X(NO_SPACE, "no space left")                                                                                   \
	X(TIMEOUT, "timed out")                                                                                        \
	X(CANCELLED, "cancelled")                                                                                      \
	X(CLOSED, "closed by the other side")                                                                          \
	X(PROTOCOL, "protocol violated")                                                                               \
	X(NOT_FOUND, "not found")                                                                                      \
	X(EXISTS, "exists already")                                                                                    \
	X(BUSY, "busy")                                                                                                \
	X(DENIED, "not allowed")                                                                                       \
	X(CORRUPT, "corrupt")                                                                                          \
	X(UNSUPPORTED, "not supported")                                                                                \
	X(UNREACHABLE, "unreachable")                                                                                  \
	X(STALE, "out of date")

enum err_code {
#define X(name, text) ERR_##name,
	ERR_CODES(X)
#undef X
};

/* An error with its story. Zero-initialised means "no error". Owned by the caller; passed down by pointer, NULL when
 * the story is not wanted. */
struct err {
	enum err_code code;
	char text[512]; /* one line, UTF-8, no final full stop or newline */
};

/* The fixed text of a code; never NULL. */
const char *err_name(enum err_code code);

/* Stores code and a formatted story in err (may be NULL) and returns code, so that callers write
 * `return err_set(err, ERR_IO, "cannot open %s", path);`. Overwrites what was there. */
int err_set(struct err *err, enum err_code code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* As err_set, with the text of errno_value appended; picks the code from errno_value (ENOSPC -> ERR_NO_SPACE, …). */
int err_set_errno(struct err *err, int errno_value, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Puts "prefix: " before the story of an error that is already set. Returns err's code. */
int err_prefix(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
