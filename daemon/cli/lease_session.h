/* SPDX-License-Identifier: Apache-2.0 */
/* Being at a leased board: waiting for it, then its console in this terminal, a port for gdb, until it is left or over.
 *
 * Happy path: the tunnel is up, which keeps the lease alive -> waits, told why and how long -> lease.granted: ports are
 * told, the terminal is the board's console -> left with ~. or an interrupt, or the lease is over.
 * Ways it goes otherwise:
 *   interrupt while it waits          the lease is given back (or left as it is, when only attached)
 *   the daemon goes away              said; comes back by itself
 *   handed over, or ended by another  said, with why
 *   it cannot be granted              said; the status is that of the job's verdict */
#ifndef ASSAY_CLI_LEASE_SESSION_H
#define ASSAY_CLI_LEASE_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/cli/cli.h"

struct lease_wishes {
	int64_t gdb_port, console_port; /* 0: any free one */
	bool no_gdb;                    /* nothing listens for gdb */
	bool listen_console;            /* at console_port, instead of this terminal */
	bool no_console;                /* this terminal shows nothing of the board's */
	bool give_back;                 /* when it is left */
	bool runs_program;              /* a program is run once it is granted, and when it ends the board is left */
	/* The program and its arguments, told the port; NULL-terminated, the callee's. */
	char *const *(*arguments)(void *context, uint16_t gdb_port);
	void *context;
};

/* Returns the exit status. */
int lease_session(struct cli *cli, int64_t lease, const struct lease_wishes *wishes);

#endif
