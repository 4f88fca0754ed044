/* SPDX-License-Identifier: Apache-2.0 */
/* A farm of a hundred microbits on one rack, b0 to b99, for what images do to boards. */
#ifndef ASSAY_TESTS_FARM_SUPPORT_FLEET_H
#define ASSAY_TESTS_FARM_SUPPORT_FLEET_H

#include "tests/unit/core/farm/support_farm.h"

#define FLEET 100

struct fleet {
	struct farm_world world;
	char names[FLEET][FARM_NAME_MAX];
};

/* limit: boards that may run at a time; 0: all. farm_world_finish(&fleet->world) ends it. */
void fleet_init(struct fleet *fleet, uint32_t limit);
/* Submits a job of that text whose "suite.elf" is the image. */
int fleet_submit(struct fleet *fleet, const char *sha256, const char *text, struct doc_problems *problems);
/* The board's agent says so; out of a run's turn. */
void fleet_say(struct fleet *fleet, const char *board, enum board_state state);

#endif
