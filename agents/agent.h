/* SPDX-License-Identifier: Apache-2.0 */
/* The agent: the boards of one rack, their runs, the spool and the link to the farm, put together on one loop. */
#ifndef ASSAY_AGENTS_AGENT_H
#define ASSAY_AGENTS_AGENT_H

#include <stdbool.h>
#include <stddef.h>

#include <uv.h>

#include "agents/bench/bench.h"
#include "agents/rack.h"
#include "core/base/err.h"
#include "core/wire/message.h"

struct agent;

/* Strings and the rack outlive the agent. */
struct agent_options {
	const struct rack *rack;
	const char *state_dir;
	const char *url;        /* of the farm; NULL: no link, for one run by hand */
	const char *token_file; /* the agent's token */
	const char *ca_file;    /* PEM; whom to trust for https; NULL: this machine's authorities */
	const char *scripts_dir;
	const char *vboard_program;
	const struct bench_kind *kind; /* of all its benches */
	const void *of_kind;           /* for them (struct bench_options) */
};

struct agent_events {
	void *context;
	/* Only of use without a link, else NULL: a board that can or cannot be used; a run's messages, as they come. */
	void (*on_board)(void *context, const struct wire_board *board);
	void (*on_message)(void *context, const char *text, size_t len, bool ended);
	void (*on_stopped)(void *context); /* after agent_stop: every board is without power, nothing runs */
};

/* Takes the state directory (ERR_BUSY when another agent has it), reads the spool, and ends the runs of an earlier
 * life in it. */
int agent_create(uv_loop_t *loop, const struct agent_options *options, const struct agent_events *events,
		 struct agent **ret_agent, struct err *err);
/* Boards are switched off, then the farm is dialled, while the boards are brought up. */
void agent_start(struct agent *agent);
/* As if the farm had said so. Returns false, with the reason, when it is not taken. */
bool agent_assign(struct agent *agent, const struct wire_assign *assign, enum wire_rejection *ret_why);
/* Removes what the spool has of a run that has ended: nobody will ask for it. */
void agent_forget(struct agent *agent, int64_t run);
/* Ends all runs and switches the boards off; what the farm has not heard stays in the spool. */
void agent_stop(struct agent *agent);
/* For a simulated rack. Like a host that hangs: its connection stands, and whatever the farm says after welcome comes
 * to nothing. */
void agent_ignore_farm(struct agent *agent);
/* Like a host that goes away without a word: the connection breaks now, and is dialled again after away_ms. */
void agent_leave(struct agent *agent, int64_t away_ms);
void agent_destroy(struct agent *agent); /* accepts NULL; runs the loop until all is let go of */

#endif
