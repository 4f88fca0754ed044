/* SPDX-License-Identifier: Apache-2.0 */
/* The console as vendors' applications share it: logs are whole lines among themselves, results are cut by them. */
#ifndef CONSOLE_H
#define CONSOLE_H

#include <stddef.h>

void console_init(void);

/* Byte by byte at the speed of a UART of 115200 baud, with no lock: whoever has a higher priority prints in between. */
void console_put(const char *text);

/* "39 24534 [task] text" and a line end, under the log's own lock. */
void console_log(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* As fast as the wire takes it, from now on. */
void console_hurry(void);

#endif
