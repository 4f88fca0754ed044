/* SPDX-License-Identifier: Apache-2.0 */
/* What boards' time went into, drawn as a bar and told in words. */
#ifndef ASSAY_CLI_TIME_BAR_H
#define ASSAY_CLI_TIME_BAR_H

#include <jansson.h>
#include <stddef.h>

#define TIME_BAR_COLUMNS 40

/* What the signs of a bar stand for, one line. */
extern const char time_bar_legend[];

/* us: {kind: microseconds}, as the API gives it. TIME_BAR_COLUMNS signs, each kind as many as is its share; "" of no
 * time at all. */
void time_bar(const json_t *us, char ret_bar[TIME_BAR_COLUMNS + 1]);
/* "71.3 % idle, 20.0 % running": the largest first, those that are nothing left out. */
const char *time_bar_shares(const json_t *us, char *scratch, size_t size);

#endif
