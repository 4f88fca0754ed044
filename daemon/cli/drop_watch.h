/* SPDX-License-Identifier: Apache-2.0 */
/* A folder whose files are dropped whenever they changed. */
#ifndef ASSAY_CLI_DROP_WATCH_H
#define ASSAY_CLI_DROP_WATCH_H

#include <stdint.h>

#include "daemon/cli/cli.h"

/* Drops the folder's files under the name, now if the farm does not have them so, and whenever they are others, until
 * an interrupt (exit status 0). */
int drop_watch(struct cli *cli, const char *name, const char *folder, int64_t settle_s);

/* Drops files, {FILE: SHA-256}, and says so. Returns the exit status. */
int drop_send(struct cli *cli, const char *name, const json_t *files);

#endif
