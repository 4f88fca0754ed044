/* SPDX-License-Identifier: Apache-2.0 */
/* A fleet of boards. */
#include "tests/unit/core/farm/support_fleet.h"

#include <stdio.h>
#include <string.h>

void fleet_init(struct fleet *fleet, uint32_t limit)
{
	static struct agent_board boards[FLEET];
	struct agent_refusal refusal;
	struct err err = {0};
	struct agent_hello hello;

	farm_world_init(&fleet->world);
	for (size_t i = 0; i < FLEET; i++) {
		(void)snprintf(fleet->names[i], sizeof(fleet->names[i]), "b%zu", i);
		boards[i] = (struct agent_board){fleet->names[i], "microbit", BOARD_FREE, "", "", true, NULL, false};
	}
	hello = hello_of(&fleet->world, "rack1", boards, FLEET);
	hello.limit = limit;
	assert_int_equal(farm_agent_hello(fleet->world.farm, &rack, &hello, &refusal, &err), 0);
	commit_all(&fleet->world);
}

int fleet_submit(struct fleet *fleet, const char *sha256, const char *text, struct doc_problems *problems)
{
	const struct submission_image images[] = {{"suite.elf", sha256}};
	const struct submission submission = {"job.yaml", text, strlen(text), images, 1};

	return farm_submit(fleet->world.farm, &mary, &submission, on_submitted, &fleet->world, problems,
			   &fleet->world.err);
}

void fleet_say(struct fleet *fleet, const char *board, enum board_state state)
{
	struct agent_board said = {board, "", state, "it does not answer", "", true, NULL, false};

	assert_int_equal(farm_agent_board(fleet->world.farm, "rack1", &said, &fleet->world.err), 0);
	commit_all(&fleet->world);
}
