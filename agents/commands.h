/* SPDX-License-Identifier: Apache-2.0 */
/* What assay-agent can be asked to do. Each returns the program's exit status. */
#ifndef ASSAY_AGENTS_COMMANDS_H
#define ASSAY_AGENTS_COMMANDS_H

#include "agents/options.h"
#include "agents/rack.h"

enum exit_status { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_BAD_INPUT = 2, EXIT_TROUBLE = 3, EXIT_CANCELLED = 4 };

int command_serve(const struct options *options);
int command_check(const struct options *options);
int command_run(const struct options *options);
int command_simulate(const struct options *options);
int command_scan(const struct options *options);

/* Reads the rack file; on failure prints what is wrong with it and returns NULL. */
struct rack *command_load_rack(const char *file, const struct options *options);

#endif
