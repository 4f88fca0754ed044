/* SPDX-License-Identifier: Apache-2.0 */
/* Leveled log lines with the object they are about as prefix; programs choose the sink. */
#ifndef ASSAY_BASE_LOG_H
#define ASSAY_BASE_LOG_H

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR };

/* Receives one finished line (no newline). object is never NULL, may be "". Must be callable from any thread. */
typedef void (*log_sink_fn)(void *context, enum log_level level, const char *object, const char *text);

/* Set both before any thread is started. The default sink writes "LEVEL object: text" to stderr, from INFO on. */
void log_set_sink(log_sink_fn sink, void *context);
void log_set_level(enum log_level level);

/* Parses "debug", "info", "warn", "error"; returns 0 or ERR_INVALID. */
int log_level_parse(const char *text, enum log_level *ret_level);

void log_write(enum log_level level, const char *object, const char *format, ...) __attribute__((format(printf, 3, 4)));

#define log_debug(object, ...) log_write(LOG_LEVEL_DEBUG, object, __VA_ARGS__)
#define log_info(object, ...)  log_write(LOG_LEVEL_INFO, object, __VA_ARGS__)
#define log_warn(object, ...)  log_write(LOG_LEVEL_WARN, object, __VA_ARGS__)
#define log_error(object, ...) log_write(LOG_LEVEL_ERROR, object, __VA_ARGS__)

#endif
