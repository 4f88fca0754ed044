/* SPDX-License-Identifier: Apache-2.0 */
/* Events: what happened, numbered, as the one JSON text that store, live view and API all show. */
#include <stdlib.h>
#include <string.h>

#include "core/base/json_text.h"
#include "core/base/mem.h"
#include "core/farm/event.h"
#include "core/farm/farm_state.h"
#include "core/farm/outbox.h"
#include "core/farm/state_board.h"
#include "core/farm/state_hold.h"
#include "core/farm/state_job.h"
#include "core/farm/state_rack.h"
#include "core/farm/state_run.h"
#include "core/farm/state_standard.h"

#define EVENT_MAX_BYTES   (256u << 10)
#define EVENT_MAX_TEXT    4000
#define EVENT_USUAL_BYTES 600

/* An event as its text is written: the common members are there, its own come next, none of which is called as a common
 * one. With thirty events a run, objects that live only to be written would be most of what the farm does. */
struct telling {
	struct event_record *event;
	struct buf text;
	size_t common; /* of the text */
	struct json_writer body;
};

static void tell(struct farm *farm, enum event_type type, const char *org, const struct job *job, const struct run *run,
		 const char *board, struct telling *ret_telling)
{
	struct event_record *event = change_add(farm->open, RECORD_EVENT);
	struct json_writer *body = &ret_telling->body;

	event->seq = ++farm->last_seq;
	event->at_us = farm_unix(farm);
	event->type = type;
	mem_text_into(event->org, sizeof(event->org), org);
	event->job = job ? job->record.id : 0;
	event->run = run ? run->record.id : 0;
	mem_text_into(event->board, sizeof(event->board), board);
	ret_telling->event = event;
	buf_init(&ret_telling->text, EVENT_MAX_BYTES);
	if (!buf_reserve(&ret_telling->text, EVENT_USUAL_BYTES))
		mem_exhausted();
	json_begin(body, &ret_telling->text);
	json_add_int(body, "seq", event->seq);
	json_add_int(body, "at_us", event->at_us);
	json_add_text(body, "type", event_type_name(event->type), EVENT_MAX_TEXT);
	json_add_text(body, "org", event->org, EVENT_MAX_TEXT);
	if (event->job)
		json_add_int(body, "job", event->job);
	if (event->run)
		json_add_int(body, "run", event->run);
	if (event->board[0])
		json_add_text(body, "board", event->board, EVENT_MAX_TEXT);
	ret_telling->common = ret_telling->text.len;
}

/* What does not fit is left out. */
static void told(struct farm *farm, struct telling *telling)
{
	struct buf *text = &telling->text;

	json_end(&telling->body);
	if (telling->body.failed) {
		text->data[telling->common] = '}';
		text->len = telling->common + 1;
		text->data[text->len] = '\0';
	}
	telling->event->body = change_copy(farm->open, text->data, text->len + 1);
	buf_finish(text);
	outbox_publish(farm, telling->event);
}

void event_append(struct farm *farm, enum event_type type, const char *org, const struct job *job,
		  const struct run *run, const char *board, json_t *body)
{
	struct telling telling;

	tell(farm, type, org, job, run, board, &telling);
	json_add_members(&telling.body, body);
	told(farm, &telling);
}

void event_job(struct farm *farm, enum event_type type, const struct job *job)
{
	const struct job_record *record = &job->record;
	json_t *body = json_object();

	json_put(&body, "name", json_text(record->name, EVENT_MAX_TEXT));
	json_put(&body, "kind", json_string(job_kind_name(record->kind)));
	if (type == EVENT_JOB_SUBMITTED) {
		json_put(&body, "owner", json_string(record->owner));
		json_put(&body, "suite", json_string(record->suite));
		json_put(&body, "priority", json_integer(record->priority));
		json_put(&body, "runs", json_integer((json_int_t)job->open_runs));
	} else if (type == EVENT_JOB_CANCELLED) {
		json_put(&body, "text", json_text(job->why_cancelled, EVENT_MAX_TEXT));
	} else {
		json_put(&body, "verdict", json_string(run_verdict_name(record->verdict)));
		json_put(&body, "cause", json_string(cause_name(record->cause)));
		json_put(&body, "text", json_text(record->text, EVENT_MAX_TEXT));
	}
	event_append(farm, type, record->org, job, NULL, NULL, body);
}

static void tell_counts(struct json_writer *body, const struct run_counts *counts)
{
	json_open(body, "counts");
	json_add_int(body, "passed", counts->passed);
	json_add_int(body, "failed", counts->failed);
	json_add_int(body, "ignored", counts->ignored);
	json_add_int(body, "missing", counts->missing);
	json_add_int(body, "crashed", counts->crashed);
	json_add_int(body, "error", counts->error);
	json_add_int(body, "waived", counts->waived);
	json_add_int(body, "expected", counts->expected);
	json_close(body);
}

void event_run(struct farm *farm, enum event_type type, const struct run *run)
{
	const struct run_record *record = &run->record;
	struct telling telling;
	struct json_writer *body = &telling.body;

	tell(farm, type, record->org, run->job, run, record->board, &telling);
	json_add_int(body, "index", record->index);
	json_add_int(body, "attempt", record->attempt);
	json_add_text(body, "board_type", record->board_type, EVENT_MAX_TEXT);
	if (type == EVENT_RUN_QUEUED) {
		json_add_text(body, "wanted_board", record->wanted_board, EVENT_MAX_TEXT);
		json_add_text(body, "image", record->image_name, EVENT_MAX_TEXT);
	} else {
		json_add_text(body, "agent", record->agent, EVENT_MAX_TEXT);
	}
	if (type == EVENT_RUN_ASSIGNED)
		json_add_int(body, "fence", record->fence);
	if (type == EVENT_RUN_FINISHED) {
		json_add_text(body, "verdict", run_verdict_name(record->verdict), EVENT_MAX_TEXT);
		json_add_text(body, "cause", cause_name(record->cause), EVENT_MAX_TEXT);
		json_add_text(body, "text", record->text, EVENT_MAX_TEXT);
		tell_counts(body, &record->counts);
		json_add_int(body, "console_bytes", (int64_t)record->console_bytes);
		json_add_text(body, "core", record->core, EVENT_MAX_TEXT);
	}
	told(farm, &telling);
}

void event_step(struct farm *farm, enum event_type type, const struct run *run, const struct step_record *step,
		int64_t rack_at_us)
{
	struct telling telling;
	struct json_writer *body = &telling.body;

	tell(farm, type, run->record.org, run->job, run, run->record.board, &telling);
	json_add_int(body, "rack_at_us", rack_at_us);
	json_add_text(body, "step", step->step, EVENT_MAX_TEXT);
	json_add_text(body, "phase", step->phase == STEP_BACK ? "back" : "forward", EVENT_MAX_TEXT);
	json_add_int(body, "row", step->row);
	if (type == EVENT_STEP_ENDED) {
		json_add_text(body, "cause", cause_name(step->cause), EVENT_MAX_TEXT);
		json_add_text(body, "text", step->text ? step->text : "", EVENT_MAX_TEXT);
		json_add_int(body, "took_us", step->took_us);
	}
	told(farm, &telling);
}

/* Of the lease's run too, once it has one. */
void event_hold(struct farm *farm, enum event_type type, const struct hold *hold, const char *text)
{
	const struct hold_record *record = &hold->record;
	const struct run *run = hold_run(hold);
	json_t *body = json_object();

	json_put(&body, "holder", json_string(record->holder));
	json_put(&body, "granted_at_us", json_integer(record->granted_at_us));
	json_put(&body, "until_us", json_integer(record->until_us));
	json_put(&body, "text", json_text(text, EVENT_MAX_TEXT));
	event_append(farm, type, record->org, hold->job, run, run ? run->record.board : NULL, body);
}

void event_case(struct farm *farm, const struct run *run, const struct case_record *result,
		const struct measurement *measurements, size_t measurement_count, int64_t rack_at_us)
{
	json_t *measured = json_array();
	struct telling telling;
	struct json_writer *body = &telling.body;

	for (size_t i = 0; i < measurement_count; i++)
		json_push(&measured, measurement_to_json(&measurements[i]));
	tell(farm, EVENT_CASE_ENDED, run->record.org, run->job, run, run->record.board, &telling);
	json_add_int(body, "rack_at_us", rack_at_us);
	json_add_text(body, "group", result->group, EVENT_MAX_TEXT);
	json_add_text(body, "name", result->name, EVENT_MAX_TEXT);
	json_add_text(body, "verdict", case_verdict_name(result->verdict), EVENT_MAX_TEXT);
	json_add_text(body, "message", result->message, EVENT_MAX_TEXT);
	json_add_bool(body, "required", result->required);
	json_add_text(body, "category", case_category_name(result->category), EVENT_MAX_TEXT);
	json_add_text(body, "standing", case_standing_name(result->standing), EVENT_MAX_TEXT);
	json_add_int(body, "waiver", result->waiver);
	json_add(body, "measurements", measured);
	json_add_int(body, "offset", (int64_t)result->offset);
	json_add_int(body, "end", (int64_t)result->end);
	json_add_int(body, "begun_at_us", result->begun_at_us);
	json_add_int(body, "ended_at_us", result->ended_at_us);
	told(farm, &telling);
}

void event_board(struct farm *farm, const struct board *board)
{
	const struct board_record *record = &board->record;
	struct telling telling;
	struct json_writer *body = &telling.body;

	tell(farm, EVENT_BOARD_CHANGED, record->org, NULL, NULL, record->name, &telling);
	json_add_text(body, "board_type", record->type, EVENT_MAX_TEXT);
	json_add_text(body, "agent", record->agent, EVENT_MAX_TEXT);
	json_add_text(body, "state", board_state_name(record->state), EVENT_MAX_TEXT);
	json_add_text(body, "reason", record->reason, EVENT_MAX_TEXT);
	if (board->run) {
		json_add_int(body, "leased_run", board->run->record.id);
		json_add_int(body, "leased_job", board->run->record.job);
	}
	told(farm, &telling);
}

void event_board_hold(struct farm *farm, enum event_type type, const struct board *board, const char *by,
		      const char *why)
{
	json_t *body = json_object();

	json_put(&body, "by", json_string(by));
	json_put(&body, "why", json_text(why, EVENT_MAX_TEXT));
	event_append(farm, type, board->record.org, NULL, NULL, board->record.name, body);
}

void event_worn(struct farm *farm, const struct board *board, uint32_t endurance)
{
	json_t *body = json_object();

	json_put(&body, "board_type", json_string(board->record.type));
	json_put(&body, "agent", json_string(board->record.agent));
	json_put(&body, "address", json_integer(board->wear.worst_address));
	json_put(&body, "erases", json_integer(board->wear.worst));
	json_put(&body, "endurance", json_integer(endurance));
	event_append(farm, EVENT_BOARD_WORN, board->record.org, NULL, NULL, board->record.name, body);
}

static json_t *recovery_body(const struct board *board, const struct agent_recovery *said)
{
	json_t *body = json_object();

	json_put(&body, "board_type", json_string(board->record.type));
	json_put(&body, "agent", json_string(board->record.agent));
	json_put(&body, "begun_at_us", json_integer(said->begun_at_us));
	return body;
}

void event_recovery_begun(struct farm *farm, const struct board *board, const struct agent_recovery *said)
{
	json_t *body = recovery_body(board, said);

	json_put(&body, "cause", json_string(cause_name(said->cause)));
	json_put(&body, "text", json_text(said->text, EVENT_MAX_TEXT));
	event_append(farm, EVENT_RECOVERY_BEGUN, board->record.org, NULL, NULL, board->record.name, body);
}

void event_recovery_rung(struct farm *farm, const struct board *board, const struct agent_recovery *said,
			 const struct ladder_try *entry)
{
	json_t *body = recovery_body(board, said);

	json_put(&body, "rung", json_string(recovery_rung_name(entry->rung)));
	json_put(&body, "result", json_string(rung_result_name(entry->result)));
	json_put(&body, "cause", json_string(cause_name(entry->cause)));
	json_put(&body, "text", json_text(entry->text, EVENT_MAX_TEXT));
	json_put(&body, "took_us", json_integer(entry->took_us));
	event_append(farm, EVENT_RECOVERY_RUNG, board->record.org, NULL, NULL, board->record.name, body);
}

void event_recovery_ended(struct farm *farm, const struct board *board, const struct agent_recovery *said,
			  const struct ladder_try *helper)
{
	json_t *body = recovery_body(board, said);

	json_put(&body, "state", json_string(ladder_end_name(said->end)));
	json_put(&body, "helped_by", json_string(helper ? recovery_rung_name(helper->rung) : ""));
	json_put(&body, "took_us",
		 json_integer(said->ended_at_us > said->begun_at_us ? said->ended_at_us - said->begun_at_us : 0));
	event_append(farm, EVENT_RECOVERY_ENDED, board->record.org, NULL, NULL, board->record.name, body);
}

void event_agent(struct farm *farm, enum event_type type, const struct agent *agent)
{
	json_t *body = json_object();

	json_put(&body, "agent", json_string(agent->record.name));
	json_put(&body, "version", json_string(agent->record.version));
	event_append(farm, type, agent->record.org, NULL, NULL, NULL, body);
}

void event_suite(struct farm *farm, const struct suite_entry *suite)
{
	json_t *body = json_object();

	json_put(&body, "suite", json_string(suite->record.name));
	json_put(&body, "version", json_string(suite->record.version));
	event_append(farm, EVENT_SUITE_CHANGED, suite->record.org, NULL, NULL, NULL, body);
}
