/* SPDX-License-Identifier: Apache-2.0 */
/* What `assay lease` and `assay reserve` have in common: the board that is asked for, and the list. */
#ifndef ASSAY_CLI_LEASE_WISH_H
#define ASSAY_CLI_LEASE_WISH_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/cli/cli.h"

/* As given on the command line; NULL: not. */
struct lease_wish_options {
	const char *length, *tags, *image, *why, *grace;
	int64_t priority; /* < 0: not */
	bool detached;
};

/* A duration such as 90s, 30m or 2h; text NULL leaves *ret_ms. Returns an exit status; 0 to go on. */
int lease_wish_length(const char *name, const char *text, int64_t *ret_ms);
/* Fills the body of POST /leases, and brings the image to the farm. There is a client. Returns an exit status. */
int lease_wish_body(struct cli *cli, const char *name, const struct lease_wish_options *options, json_t *body);
/* Prints the open leases. Returns the exit status. */
int lease_list(struct cli *cli);

#endif
