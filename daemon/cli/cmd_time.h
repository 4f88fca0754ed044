/* SPDX-License-Identifier: Apache-2.0 */
/* What boards' time goes into, for the commands that show boards and the farm. */
#ifndef ASSAY_CLI_CMD_TIME_H
#define ASSAY_CLI_CMD_TIME_H

#include <stdint.h>

#include "daemon/cli/cli.h"

#define TIME_USUAL_DAYS 7

/* path: of the API, with how many days. Both return the exit status. */
int cmd_board_time(struct cli *cli, const char *path);
int cmd_farm_time(struct cli *cli, int64_t days);

#endif
