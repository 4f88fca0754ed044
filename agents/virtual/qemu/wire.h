/* SPDX-License-Identifier: Apache-2.0 */
/* A request-and-answer stream to QEMU that waits with a deadline and keeps the console flowing meanwhile. */
#ifndef ASSAY_VIRTUAL_QEMU_WIRE_H
#define ASSAY_VIRTUAL_QEMU_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"

/* What else may become readable while QEMU is being waited for. The STM32 UART of QEMU writes with the machine's big
 * lock held: were the console not drained here, QEMU would block in that write and never answer. */
struct wire_idle {
	int fd; /* -1: nothing */
	void (*on_readable)(void *context);
	void *context;
};

/* One connected stream socket. The socket belongs to the wire. */
struct wire {
	int fd;
	struct buf in;
	struct wire_idle *idle; /* borrowed; may be NULL */
};

/* The largest answer of QEMU that is accepted. */
#define WIRE_ANSWER_MAX (256 * 1024)

void wire_init(struct wire *wire, int fd, struct wire_idle *idle);
void wire_finish(struct wire *wire); /* closes; accepts a zeroed wire that was never initialised with fd -1 */

/* Monotonic nanoseconds; deadlines are points of this clock. */
int64_t wire_now_ns(void);

/* Sends everything. 0, ERR_CLOSED or ERR_TIMEOUT. */
int wire_send(struct wire *wire, const void *data, size_t len, int64_t deadline_ns);

/* Waits for more bytes and appends them to in. 0, ERR_CLOSED, ERR_TIMEOUT or ERR_TOO_BIG. A deadline in the past only
 * takes what is there already. */
int wire_fill(struct wire *wire, int64_t deadline_ns);

#endif
