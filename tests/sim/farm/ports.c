/* SPDX-License-Identifier: Apache-2.0 */
/* The farm's ports: letters to agents, changes to the store, events to the world; each held against what may be told.
 */
#include <string.h>

#include "core/base/mem.h"
#include "tests/sim/farm/sim.h"

/* --- the farm's ports towards agents --- */

static struct letter *post(struct world *world, const char *name, enum letter_kind kind, int64_t run, int64_t fence)
{
	struct agent_model *agent = &world->agents[sim_agent_index(name)];
	struct letter *letter = mem_alloc(sizeof(*letter));

	CHECK(world, agent->connected, "a message to %s, who is not connected", name);
	letter->kind = kind;
	letter->run = run;
	letter->fence = fence;
	list_append(&agent->inbox, &letter->link);
	return letter;
}

static void send_welcome(void *context, const char *agent, const char *farm_id, const struct agent_known_run *runs,
			 size_t run_count)
{
	struct letter *letter = post(context, agent, LETTER_WELCOME, 0, 0);

	(void)farm_id;
	letter->known = mem_copy(runs, run_count * sizeof(*runs));
	letter->known_count = run_count;
}

static void send_assign(void *context, const char *agent, const struct agent_assign *assign)
{
	struct world *world = context;
	struct stored_board *board = &world->store.boards[sim_board_index(assign->board)];
	struct letter *letter = post(context, agent, LETTER_ASSIGN, assign->run, assign->fence);

	CHECK(world, board->lease_run == assign->run && board->lease_fence == assign->fence,
	      "run %lld is assigned before its lease is durable", (long long)assign->run);
	CHECK(world, assign->hold_ms > 0 || (assign->asked->end.limit_ms > 0 && assign->image_sha256[0]), "run %lld",
	      (long long)assign->run);
	letter->hold = assign->hold_ms > 0;
	mem_text_into(letter->board, sizeof(letter->board), assign->board);
}

static void send_cancel(void *context, const char *agent, int64_t run, int64_t fence, enum cause cause,
			const char *reason)
{
	struct world *world = context;

	(void)reason;
	CHECK(world,
	      cause == CAUSE_CANCELLED ||
		      (cause == CAUSE_PREEMPTED && world->store.jobs[world->store.runs[run].record.job].preemptible),
	      "run %lld is cancelled for %s", (long long)run, cause_name(cause));
	post(world, agent, LETTER_CANCEL, run, fence)->cause = cause;
}

static void send_ack(void *context, const char *agent, int64_t run, int64_t n)
{
	struct world *world = context;

	CHECK(world, world->store.runs[run].record.have >= n, "run %lld: %lld is acknowledged, %lld is durable",
	      (long long)run, (long long)n, (long long)world->store.runs[run].record.have);
	post(world, agent, LETTER_ACK, run, 0)->n = n;
}

static void send_extend(void *context, const char *agent, int64_t run, int64_t fence, int64_t hold_ms)
{
	(void)agent;
	(void)fence;
	CHECK(context, run > 0 && hold_ms > 0, "run %lld is extended by nothing", (long long)run);
}

static void send_stale(void *context, const char *agent, int64_t run, int64_t fence)
{
	(void)post(context, agent, LETTER_STALE, run, fence);
}

static void lease_cut(void *context, int64_t job, const char *text)
{
	CHECK(context, job > 0 && text[0], "lease %lld is cut without a word", (long long)job);
}

static void send_recover(void *context, const char *agent, const char *board, const char *reason)
{
	const struct world *world = context;

	(void)reason;
	CHECK(world, world->store.boards[sim_board_index(board)].record.recover_wanted,
	      "%s is to be taken up again and that is not durable", board);
	mem_text_into(post(context, agent, LETTER_RECOVER, 0, 0)->board, FARM_NAME_MAX, board);
}

/* --- the other ports --- */

static int64_t now_us(void *context)
{
	return ((struct world *)context)->now_us;
}

static int64_t unix_us(void *context)
{
	return SIM_EPOCH_S * 1000000 + ((struct world *)context)->now_us;
}

static void set_timer(void *context, int64_t due_us)
{
	((struct world *)context)->timer_us = due_us;
}

static void commit(void *context, struct change *change)
{
	struct world *world = context;

	list_append(&world->store.queue, &change->link);
	world->store.queued++;
}

static void publish(void *context, const struct event_record *event)
{
	struct world *world = context;

	CHECK(world, event->seq > world->published, "event %lld is published after %lld", (long long)event->seq,
	      (long long)world->published);
	CHECK(world, event->seq <= world->store.last_seq, "event %lld is published, %lld is durable",
	      (long long)event->seq, (long long)world->store.last_seq);
	world->published = event->seq;
}

static void publish_console(void *context, const struct console_record *console, int64_t job, const char *org,
			    const char *board)
{
	(void)org;
	CHECK(context, job > 0 && board[0] && console->size_bytes > 0, "run %lld", (long long)console->run);
}

static void health(void *context, const struct err *err)
{
	struct world *world = context;

	CHECK(world, world->unhealthy != (err != NULL), "health is told without a change");
	world->unhealthy = err != NULL;
}

static void flow(void *context, bool wait)
{
	((struct world *)context)->flow_waits = wait;
}

static const struct image *image(void *context, const struct principal *who, const char *sha256, struct err *err)
{
	(void)who;
	(void)sha256;
	(void)err;
	return &((struct world *)context)->image;
}

static int job_verdict(void *context, const struct principal *who, int64_t id, enum run_verdict *ret_verdict,
		       struct err *err)
{
	struct world *world = context;
	const struct job_record *job = &world->store.jobs[id < SIM_MAX_JOBS ? id : 0].record;

	if (id >= SIM_MAX_JOBS || job->id != id || !principal_sees(who, job->org))
		return err_set(err, ERR_NOT_FOUND, "there is no such job");
	*ret_verdict = job->verdict;
	return 0;
}

struct farm_ports sim_ports(struct world *world)
{
	return (struct farm_ports){.context = world,
				   .now_us = now_us,
				   .unix_us = unix_us,
				   .set_timer = set_timer,
				   .commit = commit,
				   .publish = publish,
				   .publish_console = publish_console,
				   .health = health,
				   .flow = flow,
				   .image = image,
				   .send_welcome = send_welcome,
				   .send_assign = send_assign,
				   .send_cancel = send_cancel,
				   .job_verdict = job_verdict,
				   .send_extend = send_extend,
				   .send_ack = send_ack,
				   .send_stale = send_stale,
				   .lease_cut = lease_cut,
				   .send_recover = send_recover};
}
