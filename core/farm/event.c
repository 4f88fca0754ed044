/* SPDX-License-Identifier: Apache-2.0 */
/* Events: what happened, numbered, as the one JSON text that store, live view and API all show. */
#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/farm/farm_state.h"

#define EVENT_MAX_BYTES (256u << 10)
#define EVENT_MAX_TEXT  4000
#define NAME_LETTERS    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/+"

static void put_number(struct buf *text, const char *key, int64_t number)
{
	(void)buf_appendf(text, "\"%s\":%lld,", key, (long long)number);
}

/* A name: of letters, digits and a few signs, but for the strangest. */
static void put_name(struct buf *text, const char *key, const char *name)
{
	json_t *value;

	(void)buf_appendf(text, "\"%s\":", key);
	if (name[strspn(name, NAME_LETTERS)] == '\0') {
		(void)buf_appendf(text, "\"%s\"", name);
	} else {
		value = json_text(name, EVENT_MAX_TEXT);
		if (json_write(value, text))
			(void)buf_append_text(text, "\"\"");
		json_decref(value);
	}
	(void)buf_append_text(text, ",");
}

/* The common members first, then body's own, of which none is called as a common one. Written as text: with thirty
 * events a run, objects that live only to be written would be most of what the farm does. */
static char *write_body(const struct event_record *event, json_t *body)
{
	struct buf text;
	size_t common;

	buf_init(&text, EVENT_MAX_BYTES);
	(void)buf_append_text(&text, "{");
	put_number(&text, "seq", event->seq);
	put_number(&text, "at_us", event->at_us);
	put_name(&text, "type", event_type_name(event->type));
	put_name(&text, "org", event->org);
	if (event->job)
		put_number(&text, "job", event->job);
	if (event->run)
		put_number(&text, "run", event->run);
	if (event->board[0])
		put_name(&text, "board", event->board);
	common = text.len;
	if (json_object_size(body) == 0 || json_write(body, &text)) {
		text.data[common - 1] = '}'; /* the comma; what does not fit is left out */
	} else {
		/* without the body's own brace; with the NUL */
		memmove(text.data + common, text.data + common + 1, text.len - common);
		text.len--;
	}
	return buf_take(&text);
}

void event_add(struct farm *farm, enum event_type type, const char *org, const struct job *job, const struct run *run,
	       const char *board, json_t *body)
{
	struct event_record *event = change_add(farm->open, RECORD_EVENT);

	event->seq = ++farm->last_seq;
	event->at_us = farm_unix(farm);
	event->type = type;
	mem_text_into(event->org, sizeof(event->org), org);
	event->job = job ? job->record.id : 0;
	event->run = run ? run->record.id : 0;
	mem_text_into(event->board, sizeof(event->board), board);
	event->body = write_body(event, body);
	farm->open->size_bytes += 2 * strlen(event->body);
	json_decref(body);
	outbox_publish(farm, event);
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
	event_add(farm, type, record->org, job, NULL, NULL, body);
}

static json_t *counts_json(const struct run_counts *counts)
{
	json_t *object = json_object();

	json_put(&object, "passed", json_integer(counts->passed));
	json_put(&object, "failed", json_integer(counts->failed));
	json_put(&object, "ignored", json_integer(counts->ignored));
	json_put(&object, "missing", json_integer(counts->missing));
	json_put(&object, "crashed", json_integer(counts->crashed));
	json_put(&object, "error", json_integer(counts->error));
	json_put(&object, "waived", json_integer(counts->waived));
	json_put(&object, "expected", json_integer(counts->expected));
	return object;
}

void event_run(struct farm *farm, enum event_type type, const struct run *run)
{
	const struct run_record *record = &run->record;
	json_t *body = json_object();

	json_put(&body, "index", json_integer(record->index));
	json_put(&body, "attempt", json_integer(record->attempt));
	json_put(&body, "board_type", json_string(record->board_type));
	if (type == EVENT_RUN_QUEUED) {
		json_put(&body, "wanted_board", json_string(record->wanted_board));
		json_put(&body, "image", json_string(record->image_name));
	} else {
		json_put(&body, "agent", json_string(record->agent));
	}
	if (type == EVENT_RUN_ASSIGNED)
		json_put(&body, "fence", json_integer(record->fence));
	if (type == EVENT_RUN_FINISHED) {
		json_put(&body, "verdict", json_string(run_verdict_name(record->verdict)));
		json_put(&body, "cause", json_string(cause_name(record->cause)));
		json_put(&body, "text", json_text(record->text, EVENT_MAX_TEXT));
		json_put(&body, "counts", counts_json(&record->counts));
		json_put(&body, "console_bytes", json_integer((json_int_t)record->console_bytes));
		json_put(&body, "core", json_text(record->core, EVENT_MAX_TEXT));
	}
	event_add(farm, type, record->org, run->job, run, record->board, body);
}

void event_step(struct farm *farm, enum event_type type, const struct run *run, const struct step_record *step,
		int64_t rack_at_us)
{
	json_t *body = json_object();

	json_put(&body, "rack_at_us", json_integer(rack_at_us));
	json_put(&body, "step", json_text(step->step, EVENT_MAX_TEXT));
	json_put(&body, "phase", json_string(step->phase == STEP_BACK ? "back" : "forward"));
	json_put(&body, "row", json_integer(step->row));
	if (type == EVENT_STEP_ENDED) {
		json_put(&body, "cause", json_string(cause_name(step->cause)));
		json_put(&body, "text", json_text(step->text, EVENT_MAX_TEXT));
		json_put(&body, "took_us", json_integer(step->took_us));
	}
	event_add(farm, type, run->record.org, run->job, run, run->record.board, body);
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
	event_add(farm, type, record->org, hold->job, run, run ? run->record.board : NULL, body);
}

void event_case(struct farm *farm, const struct run *run, const struct case_record *result,
		const struct measurement *measurements, size_t measurement_count, int64_t rack_at_us)
{
	json_t *body = json_object(), *measured = json_array();

	for (size_t i = 0; i < measurement_count; i++)
		json_push(&measured, measurement_to_json(&measurements[i]));
	json_put(&body, "rack_at_us", json_integer(rack_at_us));
	json_put(&body, "group", json_text(result->group, EVENT_MAX_TEXT));
	json_put(&body, "name", json_text(result->name, EVENT_MAX_TEXT));
	json_put(&body, "verdict", json_string(case_verdict_name(result->verdict)));
	json_put(&body, "message", json_text(result->message, EVENT_MAX_TEXT));
	json_put(&body, "required", json_boolean(result->required));
	json_put(&body, "category", json_string(case_category_name(result->category)));
	json_put(&body, "standing", json_string(case_standing_name(result->standing)));
	json_put(&body, "waiver", json_integer(result->waiver));
	json_put(&body, "measurements", measured);
	json_put(&body, "offset", json_integer((json_int_t)result->offset));
	json_put(&body, "end", json_integer((json_int_t)result->end));
	json_put(&body, "begun_at_us", json_integer(result->begun_at_us));
	json_put(&body, "ended_at_us", json_integer(result->ended_at_us));
	event_add(farm, EVENT_CASE_ENDED, run->record.org, run->job, run, run->record.board, body);
}

void event_board(struct farm *farm, const struct board *board)
{
	const struct board_record *record = &board->record;
	json_t *body = json_object();

	json_put(&body, "board_type", json_string(record->type));
	json_put(&body, "agent", json_string(record->agent));
	json_put(&body, "state", json_string(board_state_name(record->state)));
	json_put(&body, "reason", json_text(record->reason, EVENT_MAX_TEXT));
	if (board->run) {
		json_put(&body, "leased_run", json_integer(board->run->record.id));
		json_put(&body, "leased_job", json_integer(board->run->record.job));
	}
	event_add(farm, EVENT_BOARD_CHANGED, record->org, NULL, NULL, record->name, body);
}

void event_board_hold(struct farm *farm, enum event_type type, const struct board *board, const char *by,
		      const char *why)
{
	json_t *body = json_object();

	json_put(&body, "by", json_string(by));
	json_put(&body, "why", json_text(why, EVENT_MAX_TEXT));
	event_add(farm, type, board->record.org, NULL, NULL, board->record.name, body);
}

void event_worn(struct farm *farm, const struct board *board, uint32_t endurance)
{
	json_t *body = json_object();

	json_put(&body, "board_type", json_string(board->record.type));
	json_put(&body, "agent", json_string(board->record.agent));
	json_put(&body, "address", json_integer(board->wear.worst_address));
	json_put(&body, "erases", json_integer(board->wear.worst));
	json_put(&body, "endurance", json_integer(endurance));
	event_add(farm, EVENT_BOARD_WORN, board->record.org, NULL, NULL, board->record.name, body);
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
	event_add(farm, EVENT_RECOVERY_BEGUN, board->record.org, NULL, NULL, board->record.name, body);
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
	event_add(farm, EVENT_RECOVERY_RUNG, board->record.org, NULL, NULL, board->record.name, body);
}

void event_recovery_ended(struct farm *farm, const struct board *board, const struct agent_recovery *said,
			  const struct ladder_try *helper)
{
	json_t *body = recovery_body(board, said);

	json_put(&body, "state", json_string(ladder_end_name(said->end)));
	json_put(&body, "helped_by", json_string(helper ? recovery_rung_name(helper->rung) : ""));
	json_put(&body, "took_us",
		 json_integer(said->ended_at_us > said->begun_at_us ? said->ended_at_us - said->begun_at_us : 0));
	event_add(farm, EVENT_RECOVERY_ENDED, board->record.org, NULL, NULL, board->record.name, body);
}

void event_agent(struct farm *farm, enum event_type type, const struct agent *agent)
{
	json_t *body = json_object();

	json_put(&body, "agent", json_string(agent->record.name));
	json_put(&body, "version", json_string(agent->record.version));
	event_add(farm, type, agent->record.org, NULL, NULL, NULL, body);
}

void event_suite(struct farm *farm, const struct suite_entry *suite)
{
	json_t *body = json_object();

	json_put(&body, "suite", json_string(suite->record.name));
	json_put(&body, "version", json_string(suite->record.version));
	event_add(farm, EVENT_SUITE_CHANGED, suite->record.org, NULL, NULL, NULL, body);
}
