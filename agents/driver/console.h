/* SPDX-License-Identifier: Apache-2.0 */
/* A board's console: a serial line (also a pty), a TCP port, or none. Opened before reset is released; what is read is
 * given at once, stamped on the rack's clock.
 *
 * Happy path: console_open -> on_opened(NULL) -> on_data … -> console_close.
 * Ways it fails: the device is not there yet and may come late (a USB adapter that gets its power with the board):
 * tried again until the caller closes it, on_opened comes when it worked; it cannot be opened, or is not there and will
 * not come -> on_opened(err); it goes away -> on_lost(err), once, after which it is closed. */
#ifndef ASSAY_AGENTS_DRIVER_CONSOLE_H
#define ASSAY_AGENTS_DRIVER_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "agents/driver/config.h"
#include "core/base/err.h"

#define CONSOLE_READ_BYTES  16384
#define CONSOLE_WRITE_BYTES 4096

struct console;

struct console_events {
	void *context;
	void (*on_opened)(void *context, const struct err *err);
	void (*on_data)(void *context, const uint8_t *data, size_t size_bytes, int64_t at_us);
	void (*on_lost)(void *context, const struct err *err);
	void (*on_room)(void *context); /* console_write takes bytes again; NULL: nothing is written */
};

/* Returns 0 and calls on_opened exactly once, later, unless console_close comes first; or an error and never calls
 * back. config is copied. A CONSOLE_NONE opens and never says anything. */
int console_open(uv_loop_t *loop, const struct console_config *config, const struct console_events *events,
		 struct console **ret_console, struct err *err);
/* Reads what the line holds already, before the loop would: on_data comes from inside. */
void console_read_now(struct console *console);
/* Takes bytes to be written as the line lets them go, at most CONSOLE_WRITE_BYTES at a time. Returns how many it took:
 * 0 while it still writes the last ones, and on_room comes; also 0 when it is not open. A CONSOLE_NONE takes all. */
size_t console_write(struct console *console, const uint8_t *data, size_t size_bytes);
/* Nothing is called any more. Accepts NULL. */
void console_close(struct console *console);

bool console_baud_known(uint32_t baud);
/* Splits "host:port"; false when it is something else. */
bool console_parse_address(const char *text, char *ret_host, size_t host_size, uint16_t *ret_port);

#endif
