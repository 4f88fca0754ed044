/* SPDX-License-Identifier: Apache-2.0 */
/* Chooses the kind of supply. */
#include "agents/driver/power.h"

struct power *power_create(uv_loop_t *loop, const char *name, const struct power_config *config, struct vboard *vboard)
{
	switch (config->kind) {
	case POWER_COMMAND:
		return power_command_create(loop, name, config);
	case POWER_VIRTUAL:
		return power_virtual_create(vboard);
	case POWER_NONE:
		break;
	}
	return power_none_create(loop);
}
