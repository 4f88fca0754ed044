/* SPDX-License-Identifier: Apache-2.0 */
/* Between the tunnels and the boards they lead to. */
#include "agents/agent_private.h"

static struct board *held_board(struct agent *agent, int64_t run)
{
	struct board *board = agent_board_of_run(agent, run);

	return board && board_holding(board) ? board : NULL;
}

static void send_frame(void *context, const struct tunnel_frame *frame)
{
	struct agent *agent = context;

	if (agent->link)
		link_send_frame(agent->link, frame);
}

static bool find_hold(void *context, int64_t run, int64_t fence, struct tunnel_hold *ret_hold)
{
	struct agent *agent = context;
	struct board *board = held_board(agent, run);

	if (!board || run_fence(board_run(board)) != fence)
		return false;
	ret_hold->has_gdb = agent->options.kind->gdb_port != NULL;
	ret_hold->gdb_port = board_gdb_port(board);
	return true;
}

static size_t write_console(void *context, int64_t run, const uint8_t *data, size_t size_bytes)
{
	struct board *board = held_board(context, run);

	return board ? board_write_console(board, data, size_bytes) : 0;
}

int agent_create_tunnels(struct agent *agent, struct err *err)
{
	struct tunnels_ports ports = {
		.context = agent, .send = send_frame, .find_hold = find_hold, .write_console = write_console};

	return tunnels_create(agent->loop, &ports, &agent->tunnels, err);
}

void agent_on_frame(void *context, const struct tunnel_frame *frame)
{
	struct agent *agent = context;

	if (!agent->deaf)
		tunnels_frame(agent->tunnels, frame);
}

void agent_on_console_room(void *context, struct board *board)
{
	struct agent *agent = context;

	tunnels_console_room(agent->tunnels, run_number(board_run(board)));
}

void agent_on_hold_over(void *context, struct board *board, const char *why)
{
	struct agent *agent = context;

	tunnels_close_run(agent->tunnels, run_number(board_run(board)), TUNNEL_LEASE_OVER, why);
}
