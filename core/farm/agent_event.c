/* SPDX-License-Identifier: Apache-2.0 */
/* What agents report of runs. Each run's events are numbered; one that came before changes nothing. */
#include <stdio.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/mem.h"
#include "core/farm/event.h"
#include "core/farm/farm_state.h"
#include "core/farm/outbox.h"
#include "core/farm/state_board.h"
#include "core/farm/state_hold.h"
#include "core/farm/state_image.h"
#include "core/farm/state_job.h"
#include "core/farm/state_rack.h"
#include "core/farm/state_run.h"

static void take_step_begun(struct farm *farm, struct run *run, const struct agent_event *event)
{
	struct step_record *step = &run->step;

	memset(step, 0, sizeof(*step));
	step->run = run->record.id;
	mem_text_into(step->org, sizeof(step->org), run->record.org);
	step->serial = event->n;
	mem_text_into(step->step, sizeof(step->step), event->as.step.step);
	step->phase = event->as.step.phase;
	step->row = event->as.step.row;
	step->begun_at_us = event->at_us;
	run->step_open = true;
	*(struct step_record *)change_add(farm->open, RECORD_STEP) = *step;
	event_step(farm, EVENT_STEP_BEGUN, run, step, event->at_us);
	board_time_look(farm, run->board);
	if (run->job->hold && step->phase == STEP_FORWARD && strcmp(step->step, HOLD_STEP) == 0)
		hold_granted(farm, run);
}

static void take_step_ended(struct farm *farm, struct run *run, const struct agent_event *event)
{
	struct step_record *record = change_add(farm->open, RECORD_STEP), *step = &run->step, alone;

	if (!run->step_open || strcmp(step->step, event->as.step.step) != 0) {
		/* Ended without having begun, as what the firmware asked for while it was listened to: it gets a row
		 * of its own, and the open one stays open. */
		step = &alone;
		memset(step, 0, sizeof(*step));
		step->run = run->record.id;
		mem_text_into(step->org, sizeof(step->org), run->record.org);
		step->serial = event->n;
		mem_text_into(step->step, sizeof(step->step), event->as.step.step);
		step->phase = event->as.step.phase;
		step->row = event->as.step.row;
		step->begun_at_us = event->at_us - event->as.step.took_us;
	}
	if (step != &alone) {
		run->step_open = false;
		board_time_look(farm, run->board);
	}
	*record = *step;
	record->ended = true;
	record->cause = event->as.step.cause;
	record->text = change_line(farm->open, event->as.step.text);
	record->took_us = event->as.step.took_us;
	record->flash_written = event->as.step.flash != NULL;
	if (record->flash_written)
		board_flashed(farm, run->board, event->as.step.flash);
	event_step(farm, EVENT_STEP_ENDED, run, record, event->at_us);
	if (record->phase == STEP_FORWARD && record->cause == CAUSE_NONE && strcmp(record->step, "flash") == 0)
		image_flashed(farm, run);
}

/* Bytes behind a hole are kept where they belong, and the hole is counted as lost. */
static void take_console(struct farm *farm, struct run *run, const struct agent_event *event)
{
	const struct agent_console *said = &event->as.console;
	struct console_record *console;
	uint64_t end = said->offset + said->size_bytes;

	if (end < said->offset || end > farm->config.console_max_bytes) {
		run->record.console_dropped += said->size_bytes;
		return;
	}
	if (said->offset > run->record.console_bytes)
		run->record.console_dropped += said->offset - run->record.console_bytes;
	if (end > run->record.console_bytes)
		run->record.console_bytes = end;
	console = change_add(farm->open, RECORD_CONSOLE);
	console->run = run->record.id;
	console->offset = said->offset;
	console->at_us = event->at_us;
	console->data = change_copy(farm->open, said->data, said->size_bytes);
	console->size_bytes = said->size_bytes;
	farm->ports.publish_console(farm->ports.context, console, run->record.job, run->record.org, run->record.board);
}

/* of: the case, or NULL. */
static void take_measurements(struct farm *farm, const struct run *run, int64_t serial, const struct agent_case *of,
			      const struct measurement *measurements, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct measurement_record *record = change_add(farm->open, RECORD_MEASUREMENT);

		record->run = run->record.id;
		mem_text_into(record->org, sizeof(record->org), run->record.org);
		mem_text_into(record->board_type, sizeof(record->board_type), run->record.board_type);
		record->serial = serial;
		record->index = (uint32_t)i;
		record->group = change_text(farm->open, of ? of->group : "");
		record->name = change_text(farm->open, of ? of->name : "");
		record->measured = measurements[i];
	}
}

static void take_artefact(struct farm *farm, const struct run *run, const struct agent_event *event)
{
	const struct agent_artefact *said = &event->as.artefact;
	struct artefact_record *record = change_add(farm->open, RECORD_ARTEFACT);

	record->run = run->record.id;
	mem_text_into(record->org, sizeof(record->org), run->record.org);
	mem_text_into(record->name, sizeof(record->name), said->name);
	mem_text_into(record->kind, sizeof(record->kind), said->kind);
	mem_text_into(record->sha256, sizeof(record->sha256), said->sha256);
	record->size_bytes = said->size_bytes;
	record->text = said->text ? mem_text(said->text) : NULL;
	record->created_at_us = event->at_us;
	farm->open->size_bytes += said->text ? strlen(said->text) : 0;
}

static void take_case(struct farm *farm, struct run *run, const struct agent_event *event)
{
	const struct agent_case *said = &event->as.result;
	struct case_record *result = change_add(farm->open, RECORD_CASE);

	result->run = run->record.id;
	mem_text_into(result->org, sizeof(result->org), run->record.org);
	result->serial = event->n;
	result->group = change_text(farm->open, said->group);
	result->name = change_text(farm->open, said->name);
	result->message = change_text(farm->open, said->message);
	result->verdict = said->verdict;
	result->required = said->required;
	result->waived_ignore = said->waived_ignore;
	result->category = said->category;
	result->standing = said->standing;
	result->waiver = said->waiver;
	result->offset = said->offset;
	result->end = said->end;
	result->begun_at_us = said->begun_at_us;
	result->ended_at_us = said->ended_at_us;
	take_measurements(farm, run, event->n, said, said->measurements, said->measurement_count);
	diagnosis_note_case(run, said);
	event_case(farm, run, result, said->measurements, said->measurement_count, event->at_us);
}

/* On the heap; NULL when there is nothing. */
static char *text_of(struct farm *farm, const json_t *object)
{
	char *text = object ? json_compact(object) : NULL;

	farm->open->size_bytes += text ? strlen(text) : 0;
	return text;
}

/* In a row of their own: they are the change's alone, and the farm never needs them. */
static void keep_facts(struct farm *farm, const struct run *run, const struct agent_run_ended *said)
{
	struct run_record *record;

	if (!said->facts && !said->identity)
		return;
	record = change_add(farm->open, RECORD_RUN);
	*record = run->record;
	record->facts = text_of(farm, said->facts);
	record->identity = text_of(farm, said->identity);
}

/* The verdict follows from the cause; an agent that says otherwise, or a cancel that no person asked for (the run
 * passed its limits, the agent was shut down), is nobody's verdict on the product. */
static void take_run_ended(struct farm *farm, struct run *run, const struct agent_event *event)
{
	const struct agent_run_ended *said = &event->as.ended;
	struct run_record *record = &run->record;
	enum cause cause = said->cause;
	char text[FARM_TEXT_MAX];

	mem_text_into(text, sizeof(text), said->text);
	if (said->verdict != cause_verdict(cause) || said->verdict == RUN_NONE) {
		log_error(record->agent, "run %lld: verdict %s does not go with cause %s", (long long)record->id,
			  run_verdict_name(said->verdict), cause_name(cause));
		(void)snprintf(text, sizeof(text), "its agent reported verdict %s with cause %s",
			       run_verdict_name(said->verdict), cause_name(cause));
		cause = CAUSE_INTERNAL;
	} else if (cause == CAUSE_PREEMPTED && run->job->record.cancel_wanted) {
		cause = CAUSE_CANCELLED;
	} else if (cause == CAUSE_CANCELLED && !run->job->record.cancel_wanted && run->yields) {
		mem_text_into(text, sizeof(text), "pre-empted: its board was needed for a job of a higher band");
		cause = CAUSE_PREEMPTED;
	} else if (cause == CAUSE_CANCELLED && !run->job->record.cancel_wanted) {
		mem_text_into(text, sizeof(text),
			      run->overdue ? "cancelled by the farm: it passed all its limits"
					   : "cancelled by its agent, which nobody had asked for");
		cause = run->overdue ? CAUSE_STEP_LIMIT : CAUSE_AGENT_RESTARTED;
	}
	if (cause == CAUSE_LEASE_ENDED && run->job->why_cancelled)
		mem_text_into(text, sizeof(text), run->job->why_cancelled);
	record->counts = said->counts;
	record->cases_total = said->cases_total;
	record->console_dropped += said->console_dropped;
	mem_text_into(record->console_sha256, sizeof(record->console_sha256), said->console_sha256);
	mem_text_into(record->core, sizeof(record->core), said->core);
	take_measurements(farm, run, event->n, NULL, said->measurements, said->measurement_count);
	keep_facts(farm, run, said);
	run_finish(farm, run, cause, text, true);
}

static void take(struct farm *farm, struct run *run, const struct agent_event *event)
{
	bool first = run->record.state == RUN_IS_ASSIGNED;

	if (first)
		run_started(farm, run);
	run->record.have = event->n;
	switch (event->kind) {
	case AGENT_STEP_BEGUN:
		take_step_begun(farm, run, event);
		break;
	case AGENT_STEP_ENDED:
		take_step_ended(farm, run, event);
		break;
	case AGENT_CONSOLE:
		take_console(farm, run, event);
		break;
	case AGENT_CASE:
		take_case(farm, run, event);
		break;
	case AGENT_ARTEFACT:
		take_artefact(farm, run, event);
		break;
	case AGENT_RUN_ENDED:
		take_run_ended(farm, run, event);
		return; /* kept with its end */
	}
	if (first)
		run_keep(farm, run);
	else
		run_keep_progress(farm, run);
}

/* Whether the event is of a run that this agent holds under this number. */
static bool is_current(const struct run *run, const char *agent, const struct agent_event *event)
{
	return run && !run->frozen && run->record.fence == event->fence && strcmp(run->record.agent, agent) == 0 &&
	       (run->record.state != RUN_IS_FINISHED || run->ended_by_agent);
}

int farm_agent_event(struct farm *farm, const char *name, const struct agent_event *event, struct err *err)
{
	struct agent *agent = agent_find(farm, name);
	struct run *run = run_find(farm, event->run);
	int rc = 0;

	if (!agent || !agent->record.online)
		return err_set(err, ERR_PROTOCOL, "agent %s has not said hello", name);
	if (event->n < 1)
		return err_set(err, ERR_PROTOCOL, "event %lld of run %lld: they count from 1", (long long)event->n,
			       (long long)event->run);
	farm_enter(farm);
	if (!is_current(run, name, event)) {
		outbox_stale(farm, name, event->run, event->fence);
	} else if (event->n <= run->record.have) {
		if (event->n <= run->durable)
			outbox_ack(farm, run, run->durable);
	} else if (event->n > run->record.have + 1 || run->record.state == RUN_IS_FINISHED) {
		rc = err_set(err, ERR_PROTOCOL, "event %lld of run %lld came after %lld", (long long)event->n,
			     (long long)event->run, (long long)run->record.have);
	} else {
		/* First: the end of a job's last run makes the farm forget both. */
		outbox_ack(farm, run, event->n);
		take(farm, run, event);
	}
	farm_leave(farm);
	return rc;
}
