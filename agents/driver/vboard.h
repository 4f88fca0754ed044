/* SPDX-License-Identifier: Apache-2.0 */
/* One virtual board: an assay-vboard process, supervised, and its control socket.
 *
 * Happy path: vboard_request -> (the process is started if it is down -> its ready line -> on_up -> connect to its
 * control socket) -> the request's line is sent -> done with the reply.
 * A reply that says "unanswered_ms" (the emulator was asked and has not answered yet) is no answer: the request is sent
 * again until one comes without.
 * Ways it fails: it does not get ready within VBOARD_START_MS, or dies -> whatever waits is answered with ERR_CLOSED
 * (and its last words), on_down is told when it was up; it stays down until the next request. No reply within the
 * request's limit -> ERR_TIMEOUT and the process is killed, for a late reply could be taken for the next one's. A reply
 * that says "ok": false -> ERR_IO with its words. */
#ifndef ASSAY_AGENTS_DRIVER_VBOARD_H
#define ASSAY_AGENTS_DRIVER_VBOARD_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>
#include <uv.h>

#include "core/base/err.h"

#define VBOARD_START_MS 15000

/* The limit of "status": a silent emulator is asked after again until it answers, or until assay-vboard finds after 5 s
 * that it hangs and says so. Every single answer of assay-vboard's comes at once. */
#define VBOARD_STATUS_MS 8000

struct vboard;

struct vboard_options {
	const char *name;    /* of the board, for the log */
	const char *program; /* assay-vboard's path */
	const char *dir;     /* the board's own directory; exists */
	const char *chip;
	const char *nic;
	const char *serial; /* of its probe */
};

struct vboard_events {
	void *context;
	void (*on_up)(void *context); /* the process is ready: port and console are known, both maybe new */
	void (*on_down)(void *context, const char *text);
};

/* reply is NULL with err set. Valid during the call. */
typedef void (*vboard_done_fn)(void *context, const struct err *err, const json_t *reply);

/* options are copied. */
int vboard_create(uv_loop_t *loop, const struct vboard_options *options, const struct vboard_events *events,
		  struct vboard **ret_vboard, struct err *err);
/* One request at a time. request is one line without newline: "power on", "status" … Returns 0 and calls done exactly
 * once, later; or an error and never calls back. A process that is down is started first when start is true; else the
 * answer is ERR_CLOSED. */
int vboard_request(struct vboard *vboard, bool start, const char *request, int64_t limit_ms, vboard_done_fn done,
		   void *context, struct err *err);
bool vboard_busy(const struct vboard *vboard); /* a request is under way */
bool vboard_up(const struct vboard *vboard);
uint16_t vboard_probe_port(const struct vboard *vboard);
const char *vboard_console(const struct vboard *vboard); /* "/dev/pts/5" or "tcp:127.0.0.1:N"; "" while unknown */
void vboard_kill(struct vboard *vboard);
void vboard_destroy(struct vboard *vboard); /* accepts NULL */

#endif
