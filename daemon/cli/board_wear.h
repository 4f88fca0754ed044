/* SPDX-License-Identifier: Apache-2.0 */
/* A board's flash-wear ledger, drawn. */
#ifndef ASSAY_CLI_BOARD_WEAR_H
#define ASSAY_CLI_BOARD_WEAR_H

#include <jansson.h>

#include "daemon/cli/style.h"

/* Prints what GET /boards/NAME/wear answered: what it comes to, a strip of the sectors, and the numbers. Returns 0 or
 * ERR_NOMEM. */
int board_wear_print(const struct style *style, const json_t *wear);

#endif
