/* SPDX-License-Identifier: Apache-2.0 */
/* A run's messages. */
#include "agents/run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "agents/base/clock.h"
#include "agents/tools.h"
#include "core/base/json.h"
#include "core/base/log.h"

struct run {
	struct spool_run *spooled;
	int64_t number;
	int64_t fence;
	char image_sha256[65];
	char image_name[WIRE_MAX_NAME + 1];
	int64_t image_size_bytes;
	int64_t hold_ms;
	struct asked asked;
	run_on_message_fn on_message;
	void *context;
	char trouble[400];
	uint64_t console_lost; /* bytes that could not be told to the farm for want of room */
	char name[32];         /* "run 12", for the log */
};

/* Encodes and spools one event, then tells the link. */
static int append(struct spool_run *spooled, struct wire_event *event, struct err *err)
{
	struct wire_message message = {.type = WIRE_EVENT};
	struct buf text;
	int rc;

	event->run = spooled->run;
	event->fence = spooled->fence;
	event->n = spooled->last + 1;
	if (event->at_us == 0)
		event->at_us = clock_rack_us();
	message.as.event = *event;
	buf_init(&text, WIRE_MAX_BYTES);
	rc = wire_encode(&message, &text, err);
	if (rc == 0)
		rc = spool_append(spooled, text.data, text.len, event->kind == WIRE_EVENT_RUN_ENDED, err);
	buf_finish(&text);
	return rc;
}

static void emit(struct run *run, struct wire_event *event)
{
	struct err err = {0};
	int64_t before = run->spooled->last;

	if (append(run->spooled, event, &err) && !run->trouble[0]) {
		log_error(run->name, "%s", err.text);
		snprintf(run->trouble, sizeof run->trouble, "%.399s", err.text);
	}
	if (run->spooled->last > before)
		run->on_message(run->context, run);
}

struct run *run_create(struct spool *spool, const struct wire_assign *assign, run_on_message_fn on_message,
		       void *context, struct err *err)
{
	struct run *run = calloc(1, sizeof *run);
	struct err disk = {0};

	if (!run) {
		err_set(err, ERR_NOMEM, "out of memory");
		return NULL;
	}
	run->number = assign->run;
	run->fence = assign->fence;
	run->image_size_bytes = assign->image_size_bytes;
	run->hold_ms = assign->hold_ms;
	run->on_message = on_message;
	run->context = context;
	snprintf(run->image_sha256, sizeof run->image_sha256, "%s", assign->image_sha256);
	snprintf(run->image_name, sizeof run->image_name, "%s", assign->image_name);
	snprintf(run->name, sizeof run->name, "run %" PRId64, assign->run);
	asked_init(&run->asked);
	if (asked_copy(&run->asked, &assign->asked)) {
		err_set(err, ERR_NOMEM, "out of memory");
		run_destroy(run);
		return NULL;
	}
	if (spool_create(spool, assign->run, assign->fence, assign->board, &run->spooled, &disk))
		snprintf(run->trouble, sizeof run->trouble, "%.399s", disk.text);
	if (!run->spooled) {
		if (err)
			*err = disk;
		run_destroy(run);
		return NULL;
	}
	run->spooled->open = true;
	return run;
}

void run_destroy(struct run *run)
{
	if (!run)
		return;
	asked_finish(&run->asked);
	free(run);
}

struct spool_run *run_spool(struct run *run)
{
	return run->spooled;
}

int64_t run_number(const struct run *run)
{
	return run->number;
}

int64_t run_fence(const struct run *run)
{
	return run->fence;
}

const char *run_trouble(const struct run *run)
{
	return run->trouble;
}

struct bench_job run_job(const struct run *run)
{
	return (struct bench_job){.image_sha256 = run->image_sha256,
				  .image_name = run->image_name,
				  .image_size_bytes = run->image_size_bytes,
				  .require = &run->asked.require,
				  .end = &run->asked.end,
				  .waivers = &run->asked.waivers,
				  .limits = &run->asked.limits,
				  .hold_ms = run->hold_ms};
}

void run_step_begun(struct run *run, size_t row, enum step_phase phase, const char *name)
{
	struct wire_event event = {.kind = WIRE_EVENT_STEP_BEGUN,
				   .as.step = {.step = name, .phase = phase, .row = (int64_t)row, .text = ""}};

	emit(run, &event);
}

void run_step_ended(struct run *run, size_t row, enum step_phase phase, const char *name,
		    const struct step_result *result, int64_t took_us)
{
	struct wire_event event = {.kind = WIRE_EVENT_STEP_ENDED,
				   .as.step = {.step = name,
					       .phase = phase,
					       .row = (int64_t)row,
					       .cause = result->cause,
					       .text = result->text,
					       .took_us = took_us,
					       .flash = result->flash}};

	if (cause_verdict(result->cause) != RUN_INFRASTRUCTURE)
		log_debug(run->name, "%s: %s (%.1f ms)", name, result->text, (double)took_us / 1000);
	else
		log_info(run->name, "%s: %s: %s", name, cause_name(result->cause), result->text);
	emit(run, &event);
}

void run_console(struct run *run, uint64_t offset, const uint8_t *data, size_t size_bytes, int64_t at_us)
{
	struct wire_event event = {.kind = WIRE_EVENT_CONSOLE,
				   .at_us = at_us,
				   .as.console = {.offset = (int64_t)offset, .data = data, .size_bytes = size_bytes}};

	/* Without a disk what room there is belongs to the run's end. */
	if (run->trouble[0])
		run->console_lost += size_bytes;
	else
		emit(run, &event);
}

void run_case(struct run *run, const struct case_result *result)
{
	struct wire_event event = {.kind = WIRE_EVENT_CASE, .as.result = wire_case_of(result)};

	emit(run, &event);
}

/* A file that cannot be kept is not told of: nobody waits for it. */
void run_artefact(struct run *run, const struct bench_artefact *artefact)
{
	struct wire_event event = {.kind = WIRE_EVENT_ARTEFACT,
				   .as.artefact = {.name = artefact->name,
						   .kind = artefact->kind,
						   .size_bytes = (int64_t)artefact->size_bytes,
						   .sha256 = artefact->sha256,
						   .text = artefact->text}};
	uint8_t hash[crypto_hash_sha256_BYTES];
	char sha256[65];
	struct err err = {0};

	if (run->trouble[0] || artefact->size_bytes == 0)
		return;
	if (artefact->text) {
		crypto_hash_sha256(hash, (const uint8_t *)artefact->text, artefact->size_bytes);
		sodium_bin2hex(sha256, sizeof sha256, hash, sizeof hash);
		event.as.artefact.sha256 = sha256;
	} else if (spool_add_file(run->spooled, artefact->path, artefact->name, &err)) {
		log_warn(run->name, "%s", err.text);
		return;
	}
	emit(run, &event);
}

/* A run whose messages could not be kept never passes or fails: its record has holes. */
static void apply_trouble(const struct run *run, struct wire_run_ended *ended, char *scratch, size_t size)
{
	if (!run->trouble[0])
		return;
	snprintf(scratch, size, "the agent cannot keep the run's record: %s", run->trouble);
	ended->cause = CAUSE_INTERNAL;
	ended->verdict = RUN_INFRASTRUCTURE;
	ended->text = scratch;
}

/* What the bench has read, and with which programs. NULL when it has read nothing. */
static json_t *identity_of(const json_t *read)
{
	json_t *identity = read ? json_deep_copy(read) : NULL, *tools;

	if (!identity)
		return NULL;
	tools = tools_versions();
	json_put(&tools, "agent", json_string(ASSAY_VERSION));
	json_put(&identity, "tools", tools);
	return identity;
}

void run_ended(struct run *run, const struct bench_outcome *outcome)
{
	enum cause cause = outcome->cause == CAUSE_NONE ? CAUSE_INTERNAL : outcome->cause;
	const struct run_judgement *counts = &outcome->counts;
	struct wire_event event = {
		.kind = WIRE_EVENT_RUN_ENDED,
		.as.ended = {.verdict = cause_verdict(cause),
			     .cause = cause,
			     .text = outcome->text,
			     .counts = {counts->passed, counts->failed, counts->ignored, counts->missing,
					counts->crashed, counts->error, counts->waived, counts->expected},
			     .cases_total = (int64_t)outcome->cases_total,
			     .console_bytes = (int64_t)outcome->console_bytes,
			     .console_dropped = (int64_t)(outcome->console_dropped + run->console_lost),
			     .console_sha256 = outcome->console_sha256,
			     .measurements = outcome->measurements,
			     .measurement_count = outcome->measurement_count,
			     .core = outcome->core}};
	json_t *facts, *identity;
	char scratch[500];

	event.as.ended.facts = facts = outcome->facts ? run_facts_to_json(outcome->facts) : NULL;
	event.as.ended.identity = identity = identity_of(outcome->identity);
	apply_trouble(run, &event.as.ended, scratch, sizeof scratch);
	log_info(run->name, "%s: %s: %s", run_verdict_name(event.as.ended.verdict), cause_name(event.as.ended.cause),
		 event.as.ended.text);
	emit(run, &event);
	json_decref(facts);
	json_decref(identity);
}

int run_end_abandoned(struct spool_run *spooled, struct err *err)
{
	struct wire_event event = {.kind = WIRE_EVENT_RUN_ENDED,
				   .as.ended = {.verdict = RUN_INFRASTRUCTURE,
						.cause = CAUSE_AGENT_RESTARTED,
						.text = "the agent was restarted while the run was under way",
						.console_sha256 = WIRE_SHA256_UNKNOWN}};

	return append(spooled, &event, err);
}
