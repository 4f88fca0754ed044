/* SPDX-License-Identifier: Apache-2.0 */
/* What the farm says to the agent, and what the agent answers. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agents/agent_private.h"
#include "agents/base/clock.h"
#include "core/base/log.h"

static size_t board_index(const struct agent *agent, const struct board *board)
{
	size_t i = 0;

	while (agent->board[i] != board)
		i++;
	return i;
}

static struct board *find_board(const struct agent *agent, const char *name)
{
	for (size_t i = 0; i < agent->board_count; i++) {
		if (strcmp(board_name(agent->board[i]), name) == 0)
			return agent->board[i];
	}
	return NULL;
}

struct board *agent_board_of_run(const struct agent *agent, int64_t run)
{
	for (size_t i = 0; i < agent->board_count; i++) {
		if (board_run(agent->board[i]) && run_number(board_run(agent->board[i])) == run)
			return agent->board[i];
	}
	return NULL;
}

static struct wire_board describe(const struct agent *agent, const struct board *board)
{
	struct wire_board said = board_describe(board);

	said.absent = said.absent && !agent->farm_is_older;
	return said;
}

void agent_tell_board(struct agent *agent, struct board *board)
{
	size_t i = board_index(agent, board);
	struct wire_message message = {.type = WIRE_BOARD};

	/* A run says by itself that its board is at work, and when it no longer is. */
	if (!agent->link || !link_is_open(agent->link) || board_state(board) == WIRE_BOARD_RUNNING)
		return;
	if (board_state(board) == WIRE_BOARD_IDLE && agent->told[i] == WIRE_BOARD_IDLE && agent->told_unique_id[i])
		return;
	message.as.board = describe(agent, board);
	agent->told[i] = board_state(board);
	agent->told_unique_id[i] = message.as.board.unique_id[0] != '\0';
	link_send(agent->link, &message);
}

void agent_tell_recovery(struct agent *agent, const struct board *board)
{
	struct wire_message message = {.type = WIRE_RECOVERY};

	if (agent->link && agent->welcomed && board_recovery(board, &message.as.recovery))
		link_send(agent->link, &message);
}

static void fill_boards(struct agent *agent, struct wire_board *boards)
{
	for (size_t i = 0; i < agent->board_count; i++) {
		boards[i] = describe(agent, agent->board[i]);
		agent->told[i] = boards[i].state;
		agent->told_unique_id[i] = boards[i].unique_id[0] != '\0';
	}
}

static size_t fill_runs(struct agent *agent, struct wire_held_run *runs)
{
	size_t count = 0;

	list_for_each (link, spool_runs(agent->spool)) {
		struct spool_run *run = list_container(link, struct spool_run, link);

		run->open = false;
		if (count < WIRE_MAX_RUNS)
			runs[count++] = (struct wire_held_run){
				.run = run->run, .fence = run->fence, .last = run->last, .ended = run->ended};
	}
	return count;
}

void agent_on_link_open(void *context)
{
	struct agent *agent = context;
	struct wire_board boards[AGENT_MAX_BOARDS];
	struct wire_held_run *runs = calloc(WIRE_MAX_RUNS, sizeof *runs);
	struct wire_message message = {.type = WIRE_HELLO,
				       .as.hello = {.protocol = WIRE_PROTOCOL,
						    .agent = agent->options.rack->name,
						    .version = ASSAY_VERSION,
						    .boot = agent->boot,
						    .limit = agent->options.rack->limit,
						    .site = agent->options.rack->site,
						    .hubs = agent->options.rack->hubs,
						    .hub_count = agent->options.rack->hub_count,
						    .leases = true,
						    .recovers = true,
						    .types = agent->options.rack->types,
						    .type_count = agent->options.rack->type_count,
						    .boards = boards,
						    .board_count = agent->board_count,
						    .runs = runs}};

	if (!runs)
		return;
	agent->welcomed = false;
	fill_boards(agent, boards);
	message.as.hello.run_count = fill_runs(agent, runs);
	link_send(agent->link, &message);
	free(runs);
}

void agent_on_link_closed(void *context)
{
	struct agent *agent = context;

	if (agent->welcomed)
		agent->farm_is_older = false; /* it may be another one when it comes back */
	agent->welcomed = false;
	tunnels_lose(agent->tunnels);
	for (size_t i = 0; i < agent->board_count; i++)
		board_farm_gone(agent->board[i]);
}

/* The farm has all its messages: what is left are files. */
static void settle_run(struct agent *agent, struct spool_run *run)
{
	run->open = false;
	run->settled = true;
	upload_wake(agent->upload);
}

/* The farm does not know the run, or has given it to somebody else. */
static void drop_run(struct agent *agent, int64_t number, const char *why)
{
	struct board *board = agent_board_of_run(agent, number);
	struct spool_run *spooled = spool_find(agent->spool, number);

	if (!spooled)
		return;
	log_warn("agent", "run %" PRId64 ": %s; dropped", number, why);
	spooled->open = false;
	if (board)
		board_cancel(board, true);
	else
		spool_delete(spooled);
}

static void resume_run(struct agent *agent, const struct wire_known_run *known)
{
	struct spool_run *run = spool_find(agent->spool, known->run);
	struct board *board = agent_board_of_run(agent, known->run);

	if (!run)
		return;
	/* A run that has ended well for the farm is none it knows any more, and its files may still be missing there.
	 */
	if (!known->known && run->ended && !board) {
		settle_run(agent, run);
		return;
	}
	if (!known->known) {
		drop_run(agent, known->run, "the farm does not know it");
		return;
	}
	if (known->have >= run->last && run->ended && !board) {
		settle_run(agent, run);
		return;
	}
	run->sent = known->have < run->last ? known->have : run->last;
	run->open = true;
	if (known->cancel && board)
		board_cancel(board, false);
}

#define RETOLD_US    (600 * (int64_t)1000000) /* what ended longer ago was told over an earlier connection */
#define RETOLD_COUNT 64

/* What was told last over the connection before may not have arrived. */
static void tell_recoveries(struct agent *agent)
{
	int64_t since_us = clock_rack_us() - RETOLD_US;
	struct wire_recovery recovery;
	int told = 0;

	for (size_t i = 0; i < agent->board_count && told < RETOLD_COUNT; i++) {
		if (!board_recovery(agent->board[i], &recovery) ||
		    (recovery.ended_at_us && recovery.ended_at_us < since_us))
			continue;
		agent_tell_recovery(agent, agent->board[i]);
		told++;
	}
}

static void on_welcome(struct agent *agent, const struct wire_welcome *welcome)
{
	log_info("agent", "welcome to farm %s, %zu runs to go on with", welcome->farm, welcome->run_count);
	agent->welcomed = true;
	for (size_t i = 0; i < agent->board_count; i++)
		board_farm_back(agent->board[i]);
	for (size_t i = 0; i < welcome->run_count; i++)
		resume_run(agent, &welcome->runs[i]);
	tell_recoveries(agent);
	link_wake(agent->link);
}

bool agent_assign(struct agent *agent, const struct wire_assign *assign, enum wire_rejection *ret_why)
{
	struct board *board = find_board(agent, assign->board);

	*ret_why = WIRE_REJECT_UNKNOWN_BOARD;
	return board && board_assign(board, assign, ret_why);
}

static void on_assign(struct agent *agent, const struct wire_assign *assign)
{
	struct wire_message rejected = {.type = WIRE_REJECTED,
					.as.rejected = {.run = assign->run, .fence = assign->fence}};
	struct board *same = agent_board_of_run(agent, assign->run);

	/* Said twice, since the farm cannot know what arrived before a connection broke. */
	if (same && run_fence(board_run(same)) == assign->fence)
		return;
	if (agent_assign(agent, assign, &rejected.as.rejected.reason))
		return;
	log_warn("agent", "run %" PRId64 " on %s is not taken: %s", assign->run, assign->board,
		 wire_rejection_name(rejected.as.rejected.reason));
	link_send(agent->link, &rejected);
}

static void on_cancel(struct agent *agent, const struct wire_cancel *cancel)
{
	struct board *board = agent_board_of_run(agent, cancel->run);

	if (!board || run_fence(board_run(board)) != cancel->fence)
		return;
	log_info("agent", "run %" PRId64 " is cancelled: %s", cancel->run, cancel->reason);
	if (cancel->cause == CAUSE_PREEMPTED)
		board_preempt(board);
	else
		board_cancel(board, false);
}

static void on_extend(struct agent *agent, const struct wire_extend *extend)
{
	struct board *board = agent_board_of_run(agent, extend->run);

	if (!board || run_fence(board_run(board)) != extend->fence)
		return;
	log_info("agent", "run %" PRId64 " is held for another %" PRId64 " s", extend->run, extend->hold_ms / 1000);
	board_hold_for(board, extend->hold_ms);
}

static void on_ack(struct agent *agent, const struct wire_ack *ack)
{
	struct spool_run *run = spool_find(agent->spool, ack->run);

	if (run && run->ended && ack->n >= run->last && !agent_board_of_run(agent, ack->run))
		settle_run(agent, run);
}

static void on_stale(struct agent *agent, const struct wire_stale *stale)
{
	struct spool_run *run = spool_find(agent->spool, stale->run);

	if (run && run->fence == stale->fence)
		drop_run(agent, stale->run, "its lease has gone to somebody else");
}

static void on_recover(struct agent *agent, const struct wire_recover *recover)
{
	struct board *board = find_board(agent, recover->board);

	if (!board)
		return;
	log_info(recover->board, "the farm wants it taken up again: %s", recover->reason);
	board_take_up(board, recover->reason);
}

/* One board that is unplugged would keep the whole rack out. The refusal itself is the link's to tell. */
static void on_refused(struct agent *agent, const struct wire_refused *refused)
{
	if (strstr(refused->expected, "absent: found an unknown field"))
		agent->farm_is_older = true;
}

void agent_on_farm_message(void *context, const struct wire_message *message)
{
	struct agent *agent = context;

	if (agent->deaf && message->type != WIRE_WELCOME)
		return;
	switch (message->type) {
	case WIRE_WELCOME:
		on_welcome(agent, &message->as.welcome);
		break;
	case WIRE_ASSIGN:
		on_assign(agent, &message->as.assign);
		break;
	case WIRE_CANCEL:
		on_cancel(agent, &message->as.cancel);
		break;
	case WIRE_EXTEND:
		on_extend(agent, &message->as.extend);
		break;
	case WIRE_ACK:
		on_ack(agent, &message->as.ack);
		break;
	case WIRE_STALE:
		on_stale(agent, &message->as.stale);
		break;
	case WIRE_RECOVER:
		on_recover(agent, &message->as.recover);
		break;
	case WIRE_REFUSED:
		on_refused(agent, &message->as.refused);
		break;
	default:
		break;
	}
}
