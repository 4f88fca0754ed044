/* SPDX-License-Identifier: Apache-2.0 */
/* Makes racks of simulated boards. */
#include "agents/simulated_racks.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Takes nearly every image, linked at 0 or where STM32s have their flash: nothing is written anyway. */
static const struct board_type simulated_type = {
	.name = BOARD_TYPE_SIMULATED,
	.description = "Simulated: there is no board",
	.mcu = "none",
	.arch = "armv7e-m",
	.region = {{.kind = MEMORY_FLASH, .address = 0, .size_bytes = 16u << 20},
		   {.kind = MEMORY_FLASH, .address = 0x08000000, .size_bytes = 16u << 20},
		   {.kind = MEMORY_RAM, .address = 0x20000000, .size_bytes = 16u << 20}},
	.region_count = 3,
	.openocd_config = {"none"},
	.openocd_config_count = 1,
	.baud = 115200,
};

static int make_rack(const struct sim_script *script, size_t index, size_t boards, struct simulated_rack *rack)
{
	snprintf(rack->rack.name, sizeof rack->rack.name, "%s%zu", script->name, index + 1);
	rack->rack.types = calloc(1, sizeof *rack->rack.types);
	rack->rack.boards = calloc(boards, sizeof *rack->rack.boards);
	if (!rack->rack.types || !rack->rack.boards)
		return ERR_NOMEM;
	rack->rack.types[0] = simulated_type;
	rack->rack.type_count = 1;
	rack->rack.board_count = boards;
	memcpy(rack->rack.site, script->site, sizeof rack->rack.site);
	memcpy(rack->rack.hubs, script->hubs, sizeof rack->rack.hubs);
	rack->rack.hub_count = script->hub_count;
	for (size_t i = 0; i < boards; i++) {
		struct board_config *config = &rack->rack.boards[i];

		snprintf(config->name, sizeof config->name, "%.32s-%u", rack->rack.name, (unsigned)(i + 1));
		snprintf(config->type, sizeof config->type, "%s", simulated_type.name);
		config->is_virtual = true;
		config->equipment = sim_script_equipment(script, 1 + (int64_t)index * script->rack_boards + (int64_t)i);
	}
	rack->sim = (struct sim_rack){
		.script = script, .boards = rack->rack.boards, .first = 1 + (int64_t)index * script->rack_boards};
	return 0;
}

int simulated_racks_create(const struct sim_script *script, int64_t boards, struct simulated_rack **ret_racks,
			   size_t *ret_count, struct err *err)
{
	size_t each = (size_t)script->rack_boards, left = (size_t)boards, count = (left + each - 1) / each;
	struct simulated_rack *racks = calloc(count, sizeof *racks);

	for (size_t i = 0; racks && i < count; i++) {
		if (make_rack(script, i, left < each ? left : each, &racks[i])) {
			simulated_racks_destroy(racks, count);
			racks = NULL;
			break;
		}
		left -= racks[i].rack.board_count;
	}
	if (!racks)
		return err_set(err, ERR_NOMEM, "no memory for %" PRId64 " boards", boards);
	*ret_racks = racks;
	*ret_count = count;
	return 0;
}

void simulated_racks_destroy(struct simulated_rack *racks, size_t count)
{
	for (size_t i = 0; racks && i < count; i++) {
		for (size_t k = 0; k < racks[i].rack.board_count; k++)
			board_config_finish(&racks[i].rack.boards[k]);
		free(racks[i].rack.boards);
		free(racks[i].rack.types);
	}
	free(racks);
}
