/* SPDX-License-Identifier: Apache-2.0 */
/* What agent.c and agent_farm.c share. */
#ifndef ASSAY_AGENTS_AGENT_PRIVATE_H
#define ASSAY_AGENTS_AGENT_PRIVATE_H

#include "agents/agent.h"
#include "agents/board.h"
#include "agents/link.h"
#include "agents/spool.h"
#include "agents/tunnel/tunnels.h"
#include "agents/upload.h"

#define AGENT_PATH_BYTES 900
#define AGENT_MAX_BOARDS WIRE_MAX_BOARDS /* a simulated rack has more than a rack file may */

struct agent {
	uv_loop_t *loop;
	struct agent_options options;
	struct agent_events events;
	struct spool *spool;
	struct link *link;     /* NULL: no farm */
	struct upload *upload; /* the same */
	struct tunnels *tunnels;
	struct board *board[AGENT_MAX_BOARDS];
	enum wire_board_state told[AGENT_MAX_BOARDS]; /* what the farm was last told over this connection */
	bool told_unique_id[AGENT_MAX_BOARDS];
	size_t board_count;
	size_t started;
	size_t stopped;
	bool stopping;
	bool welcomed;      /* the farm has answered this connection's hello */
	bool deaf;          /* agent_ignore_farm */
	bool farm_is_older; /* it does not know of absent boards: they are told as recovering only */
	uv_timer_t timer;
	int flush_looks;
	int lock_fd;
	struct bench_images images;
	char images_dir[AGENT_PATH_BYTES];
	char boot[17];
};

void agent_on_link_open(void *context);
void agent_on_link_closed(void *context);
void agent_on_farm_message(void *context, const struct wire_message *message);
/* Tells the farm of a board that changed outside a run. */
void agent_tell_board(struct agent *agent, struct board *board);
struct board *agent_board_of_run(const struct agent *agent, int64_t run); /* under way; NULL: none */

/* agent_tunnel.c */
int agent_create_tunnels(struct agent *agent, struct err *err);
void agent_on_frame(void *context, const struct tunnel_frame *frame);
void agent_on_console_room(void *context, struct board *board);
void agent_on_hold_over(void *context, struct board *board, const char *why);
/* Tells it of the board's latest recovery, as far as it has come. */
void agent_tell_recovery(struct agent *agent, const struct board *board);

#endif
