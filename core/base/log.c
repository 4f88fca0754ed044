/* SPDX-License-Identifier: Apache-2.0 */
/* Log lines: levels, the default sink, formatting. */
#include "core/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/base/err.h"

static const char *const names[] = {"debug", "info", "warn", "error"};

static void write_stderr(void *context, enum log_level level, const char *object, const char *text)
{
	(void)context;
	fprintf(stderr, "%s %s%s%s\n", names[level], object, object[0] ? ": " : "", text);
}

/* The only mutable globals of the base library: they are set once, before threads, and then only read. */
static log_sink_fn log_sink = write_stderr;
static void *log_context;
static enum log_level log_threshold = LOG_LEVEL_INFO;

void log_set_sink(log_sink_fn sink, void *context)
{
	log_sink = sink ? sink : write_stderr;
	log_context = context;
}

void log_set_level(enum log_level level)
{
	log_threshold = level;
}

int log_level_parse(const char *text, enum log_level *ret_level)
{
	for (int i = 0; i < 4; i++) {
		if (strcmp(text, names[i]) == 0) {
			*ret_level = (enum log_level)i;
			return 0;
		}
	}
	return ERR_INVALID;
}

void log_write(enum log_level level, const char *object, const char *format, ...)
{
	char text[1024];
	va_list args;

	if (level < log_threshold)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	log_sink(log_context, level, object ? object : "", text);
}
