/* SPDX-License-Identifier: Apache-2.0 */
/* Why runs wait for a board: the farm's queue says it, runs themselves do not. */
#ifndef ASSAY_CLI_WAITS_H
#define ASSAY_CLI_WAITS_H

#include <jansson.h>

#include "daemon/cli/cli.h"

/* Gives each queued run of the array, as far as the queue is told, its reason as "text". Says nothing when the queue
 * cannot be had: the runs are shown without it. */
void waits_add(struct cli *cli, json_t *runs);

#endif
