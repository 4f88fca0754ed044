/* SPDX-License-Identifier: Apache-2.0 */
/* Command line of assay-vboard. */
#ifndef ASSAY_VIRTUAL_OPTIONS_H
#define ASSAY_VIRTUAL_OPTIONS_H

#include <stdbool.h>

/* The texts belong to argv. */
struct options {
	const char *chip, *dir, *serial, *console, *nic;
	unsigned probe_port;
	bool exit_with_stdin;
};

/* Returns -1 to go on, or the exit status after having said why. Sets the log level. */
int options_parse(struct options *options, int argc, char **argv);

#endif
