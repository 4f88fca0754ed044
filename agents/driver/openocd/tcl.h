/* SPDX-License-Identifier: Apache-2.0 */
/* A client of OpenOCD's Tcl port: one call at a time, each with a limit.
 *
 * Happy path: tcl_connect -> on_connected(NULL); tcl_call -> on_reply, exactly once, never before tcl_call returned.
 * Ways it fails: the connection ends -> a call under way is answered with ERR_CLOSED, then on_closed; no answer within
 * the limit -> ERR_TIMEOUT; an answer that is not ours or too big -> ERR_PROTOCOL. After any of these the connection is
 * of no more use (answers could be taken for one another): calls are refused, the owner replaces OpenOCD. */
#ifndef ASSAY_AGENTS_DRIVER_OPENOCD_TCL_H
#define ASSAY_AGENTS_DRIVER_OPENOCD_TCL_H

#include <stdint.h>

#include <uv.h>

#include "core/base/err.h"

#define TCL_REPLY_MAX (1u << 20)
#define TCL_CALL_MAX  (64u << 10)
#define TCL_END       '\x1a'

struct tcl;

struct tcl_reply {
	int code;         /* Tcl's: 0 is ok */
	const char *text; /* the result, or Tcl's message */
	const char *log;  /* what OpenOCD logged meanwhile */
};

/* err is NULL when an answer came, whatever its code. Both are valid during the call. */
typedef void (*tcl_reply_fn)(void *context, const struct err *err, const struct tcl_reply *reply);

struct tcl_events {
	void *context;
	void (*on_connected)(void *context, const struct err *err);
	void (*on_notice)(void *context, const char *text); /* a Tcl notification: "type target_event event halted" */
	void (*on_closed)(void *context, const struct err *err);
};

int tcl_connect(uv_loop_t *loop, uint16_t port, const struct tcl_events *events, struct tcl **ret_tcl, struct err *err);
/* Evaluates script; raw: sent as it is and any answer taken as text (before procs.tcl is loaded). Refuses with ERR_BUSY
 * while a call is under way, ERR_CLOSED when the connection is of no more use, ERR_TOO_BIG. */
int tcl_call(struct tcl *tcl, const char *script, int64_t limit_ms, tcl_reply_fn on_reply, void *context,
	     struct err *err);
int tcl_call_raw(struct tcl *tcl, const char *script, int64_t limit_ms, tcl_reply_fn on_reply, void *context,
		 struct err *err);
/* Nothing is called any more; a call under way is forgotten. Accepts NULL. */
void tcl_destroy(struct tcl *tcl);

/* Takes "@CODE LENGTH\nRESULT LOG" apart, in place (text is NUL-terminated and changed). ERR_PROTOCOL when it is
 * something else. */
int tcl_reply_parse(char *text, size_t len, struct tcl_reply *ret_reply);

#endif
