/* SPDX-License-Identifier: Apache-2.0 */
/* The board's console: everything the UART sends is taken at once and passed to a pseudo terminal or a TCP client. */
#ifndef ASSAY_VIRTUAL_CONSOLE_H
#define ASSAY_VIRTUAL_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "agents/virtual/qemu/wire.h"
#include "core/base/buf.h"
#include "core/base/err.h"

/* What a reader that lags may lag behind; more is dropped and counted. */
#define CONSOLE_BACKLOG_MAX (1 << 20)
#define CONSOLE_INPUT_MAX   4096

struct console {
	uv_loop_t *loop;
	struct wire_idle idle; /* for those who wait for QEMU */
	int uart_fd;           /* borrowed from the machine; -1: none */
	int out_fd;            /* pty master or TCP client; -1: nobody */
	int slave_fd;          /* keeps the pty alive while nobody has it open */
	int listen_fd;
	uv_poll_t *uart_poll, *out_poll, *listen_poll; /* NULL when not there */
	bool out_waits;                                /* out_poll looks for room too */
	struct buf backlog;
	uint64_t bytes, dropped, input_dropped;
	void (*on_input)(void *context); /* something was sent to the UART; set after console_init */
	void *context;
	char name[128]; /* /dev/pts/N or tcp:127.0.0.1:N */
};

/* how is "pty", "tcp" or "tcp:PORT". A pty is also reachable as link_path. */
int console_init(struct console *console, uv_loop_t *loop, const char *how, const char *link_path, struct err *err);
/* The loop must run once more for the handles to go. */
void console_finish(struct console *console);

/* The machine's UART; -1 when it goes. Takes what the old one still had first. */
void console_set_uart(struct console *console, int fd);
/* Takes what the UART has sent. Never blocks. */
void console_drain(struct console *console);

#endif
