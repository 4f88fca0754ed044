/* SPDX-License-Identifier: Apache-2.0 */
/* From the wire's structs to the farm's. */
#include "daemon/link/translate.h"

#include <stdlib.h>
#include <string.h>

static enum board_state state_from_wire(enum wire_board_state state)
{
	switch (state) {
	case WIRE_BOARD_IDLE:
		return BOARD_FREE;
	case WIRE_BOARD_RUNNING:
		return BOARD_RUNNING;
	case WIRE_BOARD_RECOVERING:
		return BOARD_RECOVERING;
	case WIRE_BOARD_QUARANTINED:
		return BOARD_QUARANTINED;
	}
	return BOARD_OFFLINE;
}

struct agent_board board_from_wire(const struct wire_board *wire)
{
	return (struct agent_board){.name = wire->name,
				    .type = wire->type,
				    .state = state_from_wire(wire->state),
				    .reason = wire->reason,
				    .unique_id = wire->unique_id,
				    .absent = wire->absent,
				    .is_virtual = wire->is_virtual,
				    .equipment = &wire->equipment};
}

struct agent_recovery recovery_from_wire(const struct wire_recovery *wire)
{
	return (struct agent_recovery){.board = wire->board,
				       .begun_at_us = wire->begun_at_us,
				       .ended_at_us = wire->ended_at_us,
				       .cause = wire->cause,
				       .text = wire->text,
				       .end = wire->end,
				       .tries = wire->tries,
				       .count = wire->count};
}

int hello_from_wire(const struct wire_hello *wire, struct hello_parts *ret_parts)
{
	struct hello_parts parts = {0};

	/* One more than needed, as none may be asked for. */
	parts.boards = (struct agent_board *)calloc(wire->board_count + 1, sizeof(*parts.boards));
	parts.runs = (struct agent_held_run *)calloc(wire->run_count + 1, sizeof(*parts.runs));
	if (!parts.boards || !parts.runs) {
		hello_parts_finish(&parts);
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < wire->board_count; i++)
		parts.boards[i] = board_from_wire(&wire->boards[i]);
	for (size_t i = 0; i < wire->run_count; i++)
		parts.runs[i] = (struct agent_held_run){.run = wire->runs[i].run,
							.fence = wire->runs[i].fence,
							.last = wire->runs[i].last,
							.ended = wire->runs[i].ended};
	parts.hello = (struct agent_hello){.agent = wire->agent,
					   .version = wire->version,
					   .boot = wire->boot,
					   .types = wire->types,
					   .type_count = wire->type_count,
					   .boards = parts.boards,
					   .board_count = wire->board_count,
					   .runs = parts.runs,
					   .run_count = wire->run_count,
					   .hubs = wire->hubs,
					   .hub_count = wire->hub_count,
					   .site = wire->site,
					   .limit = wire->limit < UINT32_MAX ? (uint32_t)wire->limit : 0,
					   .leases = wire->leases,
					   .recovers = wire->recovers};
	*ret_parts = parts;
	return 0;
}

void hello_parts_finish(struct hello_parts *parts)
{
	free(parts->boards);
	free(parts->runs);
	parts->boards = NULL;
	parts->runs = NULL;
}

static struct agent_step step_from_wire(const struct wire_step *wire)
{
	return (struct agent_step){.step = wire->step,
				   .phase = wire->phase,
				   .row = (uint32_t)wire->row,
				   .cause = wire->cause,
				   .text = wire->text,
				   .took_us = wire->took_us,
				   .flash = wire->flash};
}

static struct agent_case case_from_wire(const struct wire_case *wire)
{
	return (struct agent_case){.group = wire->group,
				   .name = wire->name,
				   .message = wire->message,
				   .verdict = wire->verdict,
				   .required = wire->required,
				   .waived_ignore = wire->waived_ignore,
				   .category = wire->category,
				   .standing = wire->standing,
				   .waiver = wire->waiver,
				   .measurements = wire->measurements,
				   .measurement_count = wire->measurement_count,
				   .offset = (uint64_t)wire->offset,
				   .end = (uint64_t)wire->end,
				   .begun_at_us = wire->begun_at_us,
				   .ended_at_us = wire->ended_at_us};
}

static uint32_t count_from_wire(int64_t count)
{
	return count < 0 ? 0 : count > UINT32_MAX ? UINT32_MAX : (uint32_t)count;
}

static const char *sha256_from_wire(const char *text)
{
	return strcmp(text, WIRE_SHA256_UNKNOWN) == 0 ? "" : text;
}

static struct agent_run_ended ended_from_wire(const struct wire_run_ended *wire)
{
	return (struct agent_run_ended){.verdict = wire->verdict,
					.cause = wire->cause,
					.text = wire->text,
					.counts = {.passed = count_from_wire(wire->counts.passed),
						   .failed = count_from_wire(wire->counts.failed),
						   .ignored = count_from_wire(wire->counts.ignored),
						   .missing = count_from_wire(wire->counts.missing),
						   .crashed = count_from_wire(wire->counts.crashed),
						   .error = count_from_wire(wire->counts.error),
						   .waived = count_from_wire(wire->counts.waived),
						   .expected = count_from_wire(wire->counts.expected)},
					.cases_total = wire->cases_total,
					.console_bytes = (uint64_t)wire->console_bytes,
					.console_dropped = (uint64_t)wire->console_dropped,
					.console_sha256 = sha256_from_wire(wire->console_sha256),
					.core = wire->core,
					.measurements = wire->measurements,
					.measurement_count = wire->measurement_count,
					.facts = wire->facts,
					.identity = wire->identity};
}

struct agent_event event_from_wire(const struct wire_event *wire)
{
	struct agent_event event = {.run = wire->run, .fence = wire->fence, .n = wire->n, .at_us = wire->at_us};

	switch (wire->kind) {
	case WIRE_EVENT_STEP_BEGUN:
		event.kind = AGENT_STEP_BEGUN;
		event.as.step = step_from_wire(&wire->as.step);
		break;
	case WIRE_EVENT_STEP_ENDED:
		event.kind = AGENT_STEP_ENDED;
		event.as.step = step_from_wire(&wire->as.step);
		break;
	case WIRE_EVENT_CONSOLE:
		event.kind = AGENT_CONSOLE;
		event.as.console = (struct agent_console){.offset = (uint64_t)wire->as.console.offset,
							  .data = wire->as.console.data,
							  .size_bytes = wire->as.console.size_bytes};
		break;
	case WIRE_EVENT_CASE:
		event.kind = AGENT_CASE;
		event.as.result = case_from_wire(&wire->as.result);
		break;
	case WIRE_EVENT_ARTEFACT:
		event.kind = AGENT_ARTEFACT;
		event.as.artefact = (struct agent_artefact){.name = wire->as.artefact.name,
							    .kind = wire->as.artefact.kind,
							    .size_bytes = (uint64_t)wire->as.artefact.size_bytes,
							    .sha256 = wire->as.artefact.sha256,
							    .text = wire->as.artefact.text};
		break;
	case WIRE_EVENT_RUN_ENDED:
		event.kind = AGENT_RUN_ENDED;
		event.as.ended = ended_from_wire(&wire->as.ended);
		break;
	}
	return event;
}

enum agent_rejection rejection_from_wire(enum wire_rejection reason)
{
	switch (reason) {
	case WIRE_REJECT_OLD_FENCE:
		return AGENT_REJECT_OLD_FENCE;
	case WIRE_REJECT_BUSY:
		return AGENT_REJECT_BUSY;
	case WIRE_REJECT_UNKNOWN_BOARD:
		return AGENT_REJECT_UNKNOWN_BOARD;
	case WIRE_REJECT_QUARANTINED:
		return AGENT_REJECT_QUARANTINED;
	case WIRE_REJECT_SHUTTING_DOWN:
		return AGENT_REJECT_SHUTTING_DOWN;
	}
	return AGENT_REJECT_BUSY;
}
