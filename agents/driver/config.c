/* SPDX-License-Identifier: Apache-2.0 */
/* Frees what a board's configuration owns. */
#include "agents/driver/config.h"

#include <stdlib.h>

void argv_config_finish(struct argv_config *argv)
{
	for (size_t i = 0; i < argv->count; i++)
		free(argv->arg[i]);
	*argv = (struct argv_config){.count = 0};
}

void board_config_finish(struct board_config *config)
{
	argv_config_finish(&config->openocd_args);
	argv_config_finish(&config->openocd_files);
	argv_config_finish(&config->power.on);
	argv_config_finish(&config->power.off);
}
