/* SPDX-License-Identifier: Apache-2.0 */
/* Why runs wait for a board and until when: the farm's queue says it, runs themselves do not. */
#ifndef ASSAY_CLI_WAITS_H
#define ASSAY_CLI_WAITS_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "daemon/cli/cli.h"

/* Gives each queued run of the array, as far as the queue is told, its reason as "text". Says nothing when the queue
 * cannot be had: the runs are shown without it. */
void waits_add(struct cli *cli, json_t *runs);

/* When what waits is expected to start, from an entry of the queue: "in 3 to 5 min, by 14:20:00 at the latest", "any
 * moment"; "" when nothing is known. A bound that lies more than a day away tells nobody anything and is left out. */
const char *waits_when(const json_t *entry, int64_t now_us, char *scratch, size_t size);

/* "for a board of type x: 2 running; 3 before it; expected in 3 to 5 min". */
void waits_reason(const json_t *entry, char *text, size_t size);

#endif
