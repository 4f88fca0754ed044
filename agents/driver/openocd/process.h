/* SPDX-License-Identifier: Apache-2.0 */
/* One OpenOCD process with its Tcl connection, from its start until it is of no more use.
 *
 * Happy path: start the program -> its stderr names the Tcl port -> connect -> load procs.tcl -> init -> choose the
 * target -> on_up(NULL); then process_call as tcl_call, until process_destroy.
 * Ways it fails: the program cannot be started, ends, says nothing of a port, or init fails, each before on_up or
 * within PROCESS_START_MS -> on_up(err) with OpenOCD's own words; it dies or its connection breaks later -> a call
 * under way is answered with the error, then on_down. After on_up(err) or on_down the process is killed; only destroy
 * is left. */
#ifndef ASSAY_AGENTS_DRIVER_OPENOCD_PROCESS_H
#define ASSAY_AGENTS_DRIVER_OPENOCD_PROCESS_H

#include <stdbool.h>

#include "agents/driver/openocd/tcl.h"
#include "agents/driver/probe.h"

#define PROCESS_START_MS  15000
#define PROCESS_LOG_LINES 12 /* of OpenOCD's stderr are kept for messages */

struct process;

struct process_events {
	void *context;
	void (*on_up)(void *context, const struct err *err);
	void (*on_down)(void *context, const struct err *err);
	void (*on_line)(void *context, const char *line);   /* of its stderr, once up */
	void (*on_notice)(void *context, const char *text); /* Tcl notifications */
};

/* init: what brings OpenOCD and target together once its Tcl port is there: "init", or a procedure of procs.tcl. It
 * outlives the process. */
int process_start(uv_loop_t *loop, const struct openocd_options *options, const char *init,
		  const struct process_events *events, struct process **ret_process, struct err *err);
int process_call(struct process *process, const char *script, int64_t limit_ms, tcl_reply_fn on_reply, void *context,
		 struct err *err);
/* Of the target's gdb server; 0: it has none. */
uint16_t process_gdb_port(const struct process *process);
int process_pid(const struct process *process);
/* Ends it as if it had died: on_down (or on_up) comes from the loop. */
void process_kill(struct process *process);
void process_destroy(struct process *process); /* accepts NULL */

#endif
