/* SPDX-License-Identifier: Apache-2.0 */
/* The outbox: what the world is told once the change it rests on is durable, in the order it happened. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/farm/farm_state.h"
#include "core/farm/outbox.h"
#include "core/farm/state_board.h"
#include "core/farm/state_hold.h"
#include "core/farm/state_job.h"
#include "core/farm/state_rack.h"
#include "core/farm/state_run.h"

enum output_kind {
	OUTPUT_PUBLISH,
	OUTPUT_SUBMITTED,
	OUTPUT_DONE,
	OUTPUT_ASSIGN,
	OUTPUT_EXTEND,
	OUTPUT_CANCEL,
	OUTPUT_ACK,
	OUTPUT_STALE,
	OUTPUT_RECOVER,
	OUTPUT_FORGET_JOB,
	OUTPUT_BYTES
};

struct output {
	struct list link;
	enum output_kind kind;
	int64_t number;    /* of the change it waits for */
	struct change *of; /* held: what is published is in it */
	const struct event_record *event;
	int64_t id;    /* of a run or a job */
	int64_t value; /* a fence, n or size */
	char *name;    /* of an agent or a board */
	char *reason;
	on_submitted_fn on_submitted;
	on_done_fn on_done;
	void *context;
};

/* Inside a call what is told rests on the change that call makes; a call that changes nothing leaves it resting on
 * those before (see farm_leave: the number is then never used, and outbox_flush looks at the last one given out). */
static struct output *output_add(struct farm *farm, enum output_kind kind)
{
	struct output *output = mem_alloc(sizeof(*output));

	output->kind = kind;
	output->number = farm->open ? farm->last_change + 1 : farm->last_change;
	if (farm->open)
		farm->open->size_bytes += sizeof(*output);
	list_append(&farm->outbox, &output->link);
	return output;
}

static void output_destroy(struct output *output)
{
	list_remove(&output->link);
	change_destroy(output->of);
	free(output->name);
	free(output->reason);
	free(output);
}

void outbox_publish(struct farm *farm, const struct event_record *event)
{
	struct output *output = output_add(farm, OUTPUT_PUBLISH);

	output->of = change_hold(farm->open);
	output->event = event;
}

void outbox_submitted(struct farm *farm, int64_t job, on_submitted_fn on_submitted, void *context)
{
	struct output *output = output_add(farm, OUTPUT_SUBMITTED);

	output->id = job;
	output->on_submitted = on_submitted;
	output->context = context;
}

void outbox_done(struct farm *farm, on_done_fn on_done, void *context)
{
	struct output *output = output_add(farm, OUTPUT_DONE);

	output->on_done = on_done;
	output->context = context;
}

/* Its fence tells which lease of the run is meant: no other has it. */
static struct output *output_add_leased(struct farm *farm, enum output_kind kind, const struct run *run)
{
	struct output *output = output_add(farm, kind);

	output->id = run->record.id;
	output->value = run->record.fence;
	return output;
}

void outbox_assign(struct farm *farm, struct run *run)
{
	(void)output_add_leased(farm, OUTPUT_ASSIGN, run);
	run->assign_queued = true;
}

void outbox_extend(struct farm *farm, const struct run *run)
{
	(void)output_add_leased(farm, OUTPUT_EXTEND, run);
}

void outbox_cancel(struct farm *farm, const struct run *run, const char *reason)
{
	struct output *output = output_add_leased(farm, OUTPUT_CANCEL, run);

	output->reason = mem_text(reason);
}

void outbox_ack(struct farm *farm, const struct run *run, int64_t n)
{
	struct output *output = output_add(farm, OUTPUT_ACK);

	output->id = run->record.id;
	output->value = n;
}

void outbox_stale(struct farm *farm, const char *agent, int64_t run, int64_t fence)
{
	struct output *output = output_add(farm, OUTPUT_STALE);

	output->id = run;
	output->value = fence;
	output->name = mem_text(agent);
}

void outbox_recover(struct farm *farm, const struct board *board, const char *reason)
{
	struct output *output = output_add(farm, OUTPUT_RECOVER);

	output->name = mem_text(board->record.name);
	output->reason = mem_text(reason);
}

void outbox_forget_job(struct farm *farm, int64_t job)
{
	output_add(farm, OUTPUT_FORGET_JOB)->id = job;
}

void outbox_committed_bytes(struct farm *farm, size_t size_bytes)
{
	output_add(farm, OUTPUT_BYTES)->value = (int64_t)size_bytes;
}

/* The run, if it has the lease still that the output is of. */
static struct run *leased_run(struct farm *farm, const struct output *output)
{
	struct run *run = run_find(farm, output->id);

	return run && run->record.fence == output->value ? run : NULL;
}

/* The run may have been taken back, cancelled or ended while its assign waited. */
static void send_assign(struct farm *farm, const struct output *output)
{
	struct run *run = leased_run(farm, output);
	struct agent_assign assign;

	if (!run || run->record.state != RUN_IS_ASSIGNED)
		return;
	run->assign_queued = false;
	if (!run->board->agent->record.online)
		return; /* its hello will find it */
	assign = (struct agent_assign){.run = run->record.id,
				       .job = run->record.job,
				       .fence = run->record.fence,
				       .attempt = run->record.attempt,
				       .board = run->record.board,
				       .name = run->job->record.name,
				       .image_sha256 = run->record.image_sha256,
				       .image_bytes = run->record.image_bytes,
				       .image_name = run->record.image_name,
				       .asked = run->asked};
	if (run->job->hold) {
		assign.hold_ms = run->job->hold->record.asked_ms;
		assign.away_ms = farm->config.agent_grace_ms;
	}
	run->assign_sent = true;
	run->limit_us = run_limit_us(farm, run);
	farm_due(farm, run->limit_us);
	farm->ports.send_assign(farm->ports.context, run->record.agent, &assign);
}

/* What is durable by now counts, be it newer than what asked for this. */
static void send_extend(struct farm *farm, const struct output *output)
{
	struct run *run = leased_run(farm, output);

	if (!run || !run->board || !run->board->agent->record.online)
		return;
	farm->ports.send_extend(farm->ports.context, run->record.agent, run->record.id, run->record.fence,
				hold_left_ms(farm, run->job->hold));
}

static void send_cancel(struct farm *farm, const struct output *output)
{
	struct run *run = leased_run(farm, output);

	if (!run || !run->board || !run->board->agent->record.online)
		return;
	run->cancel_sent = true;
	farm->ports.send_cancel(farm->ports.context, run->record.agent, run->record.id, run->record.fence,
				run->yields && !run->job->record.cancel_wanted ? CAUSE_PREEMPTED : CAUSE_CANCELLED,
				output->reason);
}

/* One acknowledges all before, so they are sent at the end of a flush. */
static void note_ack(struct farm *farm, const struct output *output)
{
	struct run *run = run_find(farm, output->id);

	if (!run)
		return;
	if (output->value > run->durable)
		run->durable = output->value;
	if (list_empty(&run->ack_link))
		list_append(&farm->acks, &run->ack_link);
}

static void send_acks(struct farm *farm)
{
	while (!list_empty(&farm->acks)) {
		struct run *run = list_container(farm->acks.next, struct run, ack_link);
		struct agent *agent = agent_find(farm, run->record.agent);

		list_remove(&run->ack_link);
		if (agent && agent->record.online)
			farm->ports.send_ack(farm->ports.context, run->record.agent, run->record.id, run->durable);
	}
}

static void send_stale(struct farm *farm, const struct output *output)
{
	struct agent *agent = agent_find(farm, output->name);

	if (agent && agent->record.online)
		farm->ports.send_stale(farm->ports.context, output->name, output->id, output->value);
}

/* It may have been taken out of service, or taken up by its agent, meanwhile. */
static void send_recover(struct farm *farm, const struct output *output)
{
	const struct board *board = board_find(farm, output->name);

	if (board && board->record.recover_wanted && board->agent->record.online && board->agent->recovers)
		farm->ports.send_recover(farm->ports.context, board->record.agent, output->name, output->reason);
}

static void deliver(struct farm *farm, struct output *output)
{
	switch (output->kind) {
	case OUTPUT_PUBLISH:
		farm->durable_seq = output->event->seq;
		farm->ports.publish(farm->ports.context, output->event);
		break;
	case OUTPUT_SUBMITTED:
		output->on_submitted(output->context, output->id, NULL);
		break;
	case OUTPUT_DONE:
		output->on_done(output->context, NULL);
		break;
	case OUTPUT_ASSIGN:
		send_assign(farm, output);
		break;
	case OUTPUT_EXTEND:
		send_extend(farm, output);
		break;
	case OUTPUT_CANCEL:
		send_cancel(farm, output);
		break;
	case OUTPUT_ACK:
		note_ack(farm, output);
		break;
	case OUTPUT_STALE:
		send_stale(farm, output);
		break;
	case OUTPUT_RECOVER:
		send_recover(farm, output);
		break;
	case OUTPUT_FORGET_JOB:
		send_acks(farm);
		job_forget(farm, job_find(farm, output->id));
		break;
	case OUTPUT_BYTES:
		farm->uncommitted_bytes -= (size_t)output->value;
		break;
	}
}

void outbox_flush(struct farm *farm)
{
	struct list *link;

	while ((link = list_first(&farm->outbox))) {
		struct output *output = list_container(link, struct output, link);
		int64_t number = output->number < farm->last_change ? output->number : farm->last_change;

		if (farm->open || number > farm->durable_change)
			break;
		/* out of the list first: a callback may enter the farm and flush on its own */
		list_remove(&output->link);
		deliver(farm, output);
		output_destroy(output);
	}
	send_acks(farm);
}

void outbox_refuse(struct farm *farm, const struct err *err)
{
	struct list waiting;
	struct err later = {0};

	/* Only a job is taken back. The rest stands, and whoever asks again would have it twice. */
	(void)err_set(&later, err->code, "%s; what was asked is kept, and done as soon as it can be stored", err->text);
	list_init(&waiting);
	list_for_each_safe (link, &farm->outbox) {
		struct output *output = list_container(link, struct output, link);

		if (output->kind == OUTPUT_SUBMITTED || output->kind == OUTPUT_DONE) {
			list_remove(&output->link);
			list_append(&waiting, &output->link);
		}
	}
	while (!list_empty(&waiting)) {
		struct output *output = list_container(waiting.next, struct output, link);

		if (output->kind == OUTPUT_SUBMITTED) {
			struct job *job = job_find(farm, output->id);

			farm_enter(farm);
			if (job && job->record.state != JOB_FINISHED)
				job_cancel(farm, job, "refused at submit: it could not be stored");
			farm_leave(farm);
			output->on_submitted(output->context, output->id, err);
		} else {
			output->on_done(output->context, &later);
		}
		output_destroy(output);
	}
}

void outbox_finish(struct list *outputs, int64_t refused, const struct err *err, const struct err *err_others)
{
	while (!list_empty(outputs)) {
		struct output *output = list_container(outputs->next, struct output, link);
		const struct err *why = output->number == refused ? err : err_others;

		list_remove(&output->link);
		if (output->kind == OUTPUT_SUBMITTED)
			output->on_submitted(output->context, output->id, why);
		else if (output->kind == OUTPUT_DONE)
			output->on_done(output->context, why);
		output_destroy(output);
	}
}
