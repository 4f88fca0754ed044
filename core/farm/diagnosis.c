/* SPDX-License-Identifier: Apache-2.0 */
/* Board or firmware? When a test fails on a type of board that has a golden image, further runs are made to tell: the
 * same image on a sibling, in another rack if there is one, and on the same board; the golden image on the same board
 * and on a neighbour. They are a job of kind diagnosis in the lowest band that gives its boards back to anything, so
 * they use gaps only. When it is over, the failed run has an origin, with the runs that it rests on. What has found no
 * gap for DIAGNOSIS_WAIT_US, as its board is leased for days, is left out: the origin is told from the others.
 *
 * At most DIAGNOSES_PER_JOB failures of a job are looked into, and farm_config.diagnoses_per_hour of all. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/farm/event.h"
#include "core/farm/farm_state.h"
#include "core/farm/planning.h"
#include "core/farm/state_board.h"
#include "core/farm/state_image.h"
#include "core/farm/state_job.h"
#include "core/farm/state_org.h"
#include "core/farm/state_run.h"

#define DIAGNOSES_PER_JOB 2
#define HOUR_US           INT64_C(3600000000)
#define DIAGNOSIS_WAIT_US (6 * HOUR_US)

void diagnosis_note_case(struct run *run, const struct agent_case *said)
{
	bool is_failure = said->verdict == CASE_FAIL || said->verdict == CASE_MISSING ||
			  said->verdict == CASE_CRASHED || said->verdict == CASE_ERROR;
	char name[402]; /* as long as a case is called */

	if (!is_failure || said->standing == STANDING_WAIVED || said->standing == STANDING_EXPECTED)
		return;
	(void)snprintf(name, sizeof(name), "%s.%s", said->group, said->name);
	run->failing += map_hash_text(name); /* the sum, as the order does not matter */
}

/* --- begun --- */

static bool in_service(const struct board *board)
{
	return board->record.state == BOARD_FREE || board->record.state == BOARD_RUNNING ||
	       board->record.state == BOARD_LEASED;
}

/* Another board that the run might have had; better one that is free, and in another rack (or in the same, for a
 * neighbour). */
static struct board *other_board(struct farm *farm, const struct run *run, const struct board *than, bool same_rack)
{
	struct plan_selector selector = run_selector(farm, run);
	const struct plan_org *org = &org_get(farm, run->record.org)->plan;
	struct board *best = NULL;
	int best_rank = -1;

	selector.board = NULL;
	list_for_each (link, &pool_of(than)->boards) {
		struct board *board = list_container(link, struct board, pool_link);
		bool is_same = board->agent == than->agent;
		int rank = board->record.state == BOARD_LEASED
				   ? 0 /* perhaps for days */
				   : 1 + (board->record.state == BOARD_FREE) + 2 * (is_same == same_rack);

		if (board == than || !in_service(board) || (same_rack && !is_same) || rank <= best_rank ||
		    board_fits(&selector, org, board).reason != PLAN_WHY_NONE)
			continue;
		best = board;
		best_rank = rank;
	}
	return best;
}

/* One entry for each board that is asked for: twice the run's, twice the golden image's. NULL: what is stored is
 * damaged. */
static struct job_spec *spec_of(const struct run *run, const struct golden_entry *golden, const char *name)
{
	json_t *one = job_spec_to_json(run->job->spec), *two = json_loads(golden->record.spec, 0, NULL);
	json_t *entry = json_array_get(json_object_get(one, "runs"), run->record.spec);
	json_t *last = json_array_get(json_object_get(two, "runs"), 0);
	json_t *runs = entry && last ? json_pack("[O,O,O,O]", entry, entry, last, last) : NULL;
	json_t *merged = json_copy(two);
	struct job_spec *spec = NULL;

	if (runs && merged && json_object_set_new(merged, "runs", runs) == 0 &&
	    json_object_set_new(merged, "name", json_string(name)) == 0 && job_spec_from_json(merged, &spec, NULL))
		spec = NULL;
	json_decref(one);
	json_decref(two);
	json_decref(merged);
	return spec;
}

static int64_t add(struct farm *farm, struct job *job, uint32_t spec, const struct run_image *image,
		   const struct board *board)
{
	if (!board)
		return 0;
	return own_job_run(farm, job, spec, image, board->record.type, board->record.name)->record.id;
}

static void keep(struct farm *farm, const struct diagnosis_record *record)
{
	*(struct diagnosis_record *)change_add(farm->open, RECORD_DIAGNOSIS) = *record;
}

static struct run_image image_of(const struct run *run)
{
	struct run_image image = {.size_bytes = run->record.image_bytes};

	mem_text_into(image.sha256, sizeof(image.sha256), run->record.image_sha256);
	mem_text_into(image.name, sizeof(image.name), run->record.image_name);
	mem_text_into(image.build_id, sizeof(image.build_id), run->record.build_id);
	return image;
}

static void begin(struct farm *farm, struct run *run, struct board *board, struct board *sibling)
{
	const struct golden_entry *golden = golden_of(farm, board);
	struct run_image image = image_of(run);
	struct diagnosis_record record = {.run = run->record.id, .cause = run->record.cause};
	struct job_spec *spec;
	struct job *job;
	char name[101];

	(void)snprintf(name, sizeof(name), "board or firmware? run %lld on %.60s", (long long)run->record.id,
		       board->record.name);
	spec = spec_of(run, golden, name);
	if (!spec)
		return;
	spec->priority = 0;
	spec->retries = 0;
	spec->preemptible = true;
	instant_format(farm_unix(farm) + DIAGNOSIS_WAIT_US, spec->when.deadline, sizeof(spec->when.deadline));
	job = own_job_add(farm, JOB_IS_DIAGNOSIS, run->record.org, name, run->job->record.suite, spec);
	record.job = job->record.id;
	mem_text_into(record.org, sizeof(record.org), run->record.org);
	record.failing = (int64_t)run->failing;
	record.failing_known = run->failing_known;
	record.sibling = add(farm, job, 0, &image, sibling);
	record.again = add(farm, job, 1, &image, board);
	record.golden = add(farm, job, 2, &golden->record.image, board);
	record.neighbour = add(farm, job, 3, &golden->record.image, other_board(farm, run, board, true));
	job->diagnosis = mem_copy(&record, sizeof(record));
	keep(farm, &record);
	own_job_tell(farm, job);
	list_for_each (link, &job->runs)
		run_queue(farm, list_container(link, struct run, job_link));
}

static bool may_look(struct farm *farm, struct job *job)
{
	int64_t now_us = farm_now(farm);

	if (now_us - farm->diagnosed_since_us >= HOUR_US) {
		farm->diagnosed_since_us = now_us;
		farm->diagnosed = 0;
	}
	if (job->diagnosed >= DIAGNOSES_PER_JOB || farm->diagnosed >= farm->config.diagnoses_per_hour)
		return false;
	job->diagnosed++;
	farm->diagnosed++;
	return true;
}

void diagnosis_begin(struct farm *farm, struct run *run, struct board *board)
{
	struct board *sibling;

	if (run->job->record.kind != JOB_IS_TEST || run->record.verdict != RUN_FAILED || !run->ended_by_agent ||
	    farm_degraded(farm) || !golden_of(farm, board))
		return;
	sibling = other_board(farm, run, board, false);
	if (sibling && may_look(farm, run->job))
		begin(farm, run, board, sibling);
}

/* --- over --- */

/* Of a run that did not come to a verdict about its image: whether that tells of its board. A tool that died does not,
 * and neither does another image than the one that boards of the type are proven with. */
static bool tells_of_board(const struct diagnosis_record *about, const struct run *run)
{
	if (run->record.id != about->golden && run->record.id != about->neighbour)
		return false;
	switch (run->record.cause) {
	case CAUSE_POWER:
	case CAUSE_ATTACH:
	case CAUSE_IDENTITY:
	case CAUSE_FLASH:
	case CAUSE_VERIFY:
	case CAUSE_RESET:
		return true;
	default:
		return false;
	}
}

/* How the run of a number ended, next to the failure that is looked into. */
static enum origin_run end_of(const struct job *job, int64_t id)
{
	const struct diagnosis_record *about = job->diagnosis;

	list_for_each (link, &job->runs) {
		const struct run *run = list_container(link, const struct run, job_link);
		bool is_known = about->failing_known && run->failing_known;

		if (run->record.id != id)
			continue;
		if (run->record.verdict == RUN_PASSED)
			return ORIGIN_RUN_PASSED;
		if (run->record.verdict == RUN_FAILED)
			return run->record.cause == about->cause &&
					       (!is_known || (int64_t)run->failing == about->failing)
				       ? ORIGIN_RUN_SAME
				       : ORIGIN_RUN_OTHER;
		return run->ended_by_agent && tells_of_board(about, run) ? ORIGIN_RUN_OTHER : ORIGIN_RUN_NONE;
	}
	return ORIGIN_RUN_NONE;
}

json_t *diagnosis_json(const struct diagnosis_record *record)
{
	json_t *object = json_object(), *runs = json_object();
	const struct {
		const char *name;
		int64_t run;
	} rows[] = {{"sibling", record->sibling},
		    {"again", record->again},
		    {"golden", record->golden},
		    {"neighbour", record->neighbour}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		json_put(&runs, rows[i].name, rows[i].run ? json_integer(rows[i].run) : json_null());
	json_put(&object, "origin", json_string(origin_name(record->origin)));
	json_put(&object, "text", json_string(origin_text(record->origin)));
	json_put(&object, "job", json_integer(record->job));
	json_put(&object, "runs", runs);
	return object;
}

/* A board at fault must pass its check before anything else; it may be busy with another run until then. */
static void doubt_board(struct farm *farm, const struct job *job, const struct diagnosis_record *record)
{
	const struct run *again = run_find(farm, record->again);
	struct board *board = again ? board_find(farm, again->record.wanted_board) : NULL;
	char why[BOARD_UNPROVEN_MAX];

	if (!board || record->origin != ORIGIN_BOARD)
		return;
	(void)snprintf(why, sizeof(why), "run %lld fails here and not elsewhere, job %lld tells",
		       (long long)record->run, (long long)job->record.id);
	board_doubt(farm, board, why);
	board_update(farm, board);
}

void diagnosis_end(struct farm *farm, struct job *job)
{
	struct diagnosis_record *record = job->diagnosis;
	struct origin_facts facts;
	json_t *body;

	if (!record)
		return;
	facts = (struct origin_facts){.sibling = end_of(job, record->sibling),
				      .again = end_of(job, record->again),
				      .golden = end_of(job, record->golden),
				      .neighbour = end_of(job, record->neighbour)};
	record->origin = origin_of(&facts);
	keep(farm, record);
	body = json_object();
	json_put(&body, "about", json_integer(record->run));
	json_put(&body, "origin", diagnosis_json(record));
	doubt_board(farm, job, record);
	event_append(farm, EVENT_RUN_EXPLAINED, record->org, job, NULL, NULL, body);
}

void diagnosis_load(struct farm *farm, const struct diagnosis_record *record)
{
	struct job *job = job_find(farm, record->job);

	if (job && !job->diagnosis)
		job->diagnosis = mem_copy(record, sizeof(*record));
}

void diagnosis_count(struct farm *farm, const struct diagnosis_record *record)
{
	struct run *run = run_find(farm, record->run);

	if (run)
		run->job->diagnosed++;
}
