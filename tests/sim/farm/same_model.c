/* SPDX-License-Identifier: Apache-2.0 */
/* A farm told in lines, so that one can be held against the one that is built from what it stored: whatever is missing
 * in the store shows. Looks inside, since what decides what comes next is not all told to people. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/farm/farm_state.h"
#include "core/farm/state_board.h"
#include "core/farm/state_hold.h"
#include "core/farm/state_image.h"
#include "core/farm/state_job.h"
#include "core/farm/state_run.h"
#include "core/farm/state_standard.h"
#include "tests/sim/farm/sim.h"

#define SAME_MAX (8 << 20)

static void tell_board(struct buf *buf, const struct board *board)
{
	const struct board_record *record = &board->record;

	(void)buf_appendf(buf, "board %s %s of %s: fence %lld, %s", record->name, record->type, record->agent,
			  (long long)record->fence, board_state_name(record->state));
	(void)buf_appendf(buf, ", hold '%s' by '%s' for '%s', unproven '%s', recover %d", board_hold_name(record->hold),
			  record->held_by, record->held_why, record->unproven, record->recover_wanted);
	(void)buf_appendf(buf, ", checks %u failed %u spoiled, busy %u, %u since, proven %lld", record->checks_failed,
			  record->checks_spoiled, record->busy, record->runs_since_pass,
			  (long long)record->proven_at_us);
	(void)buf_appendf(buf, ", fell out %d, forgiven %d, flashed by %lld: %s", record->fell_out, record->forgiven,
			  (long long)record->flashed_run, record->flashed_run ? board->flashed.sha256 : "nobody knows");
	(void)buf_appendf(buf, ", tries %s, run %lld, waiting %zu\n",
			  board->trial ? board->trial->record.board_type : "nothing",
			  board->run ? (long long)board->run->record.id : 0, board->waiting);
}

static void tell_image(struct buf *buf, const struct image_entry *entry)
{
	(void)buf_appendf(buf, "image %s of %s: standing %d, held at %lld", entry->record.sha256, entry->record.org,
			  (int)entry->suspicion.standing, (long long)entry->record.held_at_us);
	for (size_t i = 0; i < entry->suspicion.count; i++) {
		const struct image_strike *strike = &entry->suspicion.strikes[i];

		(void)buf_appendf(buf, ", %s in %lld %s", strike->board, (long long)strike->run,
				  cause_name(strike->cause));
	}
	(void)buf_append_text(buf, "\n");
}

/* One that nobody runs or holds comes and goes with what is asked. */
static void tell_trial(struct buf *buf, const struct trial *trial)
{
	if (!trial->record.known_at_us && !trial->quota.in_use && list_empty((struct list *)&trial->boards))
		return;
	(void)buf_appendf(buf, "trial of %s of %s on %s: known %lld by %lld", trial->record.sha256, trial->record.org,
			  trial->record.board_type, (long long)trial->record.known_at_us, (long long)trial->record.run);
	if (!trial->record.known_at_us)
		(void)buf_appendf(buf, ", %u of %u, %u to tell, %u excused", trial->quota.in_use, trial->quota.most,
				  trial->to_tell, trial->excused);
	(void)buf_append_text(buf, "\n");
}

static void tell_run(struct buf *buf, const struct run *run)
{
	const struct run_record *record = &run->record;

	(void)buf_appendf(buf, "run %lld of %lld, %u.%u: %s %s", (long long)record->id, (long long)record->job,
			  record->index, record->attempt, run_state_name(record->state), cause_name(record->cause));
	(void)buf_appendf(buf, ", on '%s' %lld, has %lld, %llu+%llu bytes, held back %d, rejected %u\n", record->board,
			  (long long)record->fence, (long long)record->have, (unsigned long long)record->console_bytes,
			  (unsigned long long)record->console_dropped, run->held_back, record->rejected);
}

static void tell_job(struct buf *buf, const struct job *job)
{
	(void)buf_appendf(buf, "job %lld %s %s of %s: %s, cancel %d, %zu open, waits for %zu",
			  (long long)job->record.id, job_kind_name(job->record.kind), job->record.owner,
			  job->record.org, job_state_name(job->record.state), job->record.cancel_wanted, job->open_runs,
			  job->waits_for);
	if (job->hold)
		(void)buf_appendf(buf, ", holder %s, granted %lld until %lld, warned %d", job->hold->record.holder,
				  (long long)job->hold->record.granted_at_us, (long long)job->hold->record.until_us,
				  job->hold->record.warned);
	(void)buf_append_text(buf, "\n");
}

static void tell_all(struct buf *buf, const struct farm *farm)
{
	for (struct map_node *node = map_next(&farm->boards, NULL); node; node = map_next(&farm->boards, node))
		tell_board(buf, map_container(node, struct board, node));
	for (struct map_node *node = map_next(&farm->images, NULL); node; node = map_next(&farm->images, node))
		tell_image(buf, map_container(node, struct image_entry, node));
	for (struct map_node *node = map_next(&farm->trials, NULL); node; node = map_next(&farm->trials, node))
		tell_trial(buf, map_container(node, struct trial, node));
	for (struct map_node *node = map_next(&farm->runs, NULL); node; node = map_next(&farm->runs, node))
		tell_run(buf, map_container(node, struct run, node));
	for (struct map_node *node = map_next(&farm->jobs, NULL); node; node = map_next(&farm->jobs, node))
		tell_job(buf, map_container(node, struct job, node));
	for (struct map_node *node = map_next(&farm->goldens, NULL); node; node = map_next(&farm->goldens, node)) {
		const struct golden_record *golden = &map_container(node, struct golden_entry, node)->record;

		(void)buf_appendf(buf, "golden of %s for %s: %s\n", golden->org, golden->board_type,
				  golden->image.sha256);
	}
	(void)buf_appendf(buf, "farm: job %lld, run %lld, event %lld, %zu wait, %zu images are suspect\n",
			  (long long)farm->last_job, (long long)farm->last_run, (long long)farm->last_seq,
			  farm->waiting, farm->images_suspect);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

struct farm_lines *same_tell(const struct world *world)
{
	struct farm_lines *lines = mem_alloc(sizeof(*lines));
	struct buf buf;
	char *rest = NULL;

	buf_init(&buf, SAME_MAX);
	tell_all(&buf, world->farm);
	lines->text = buf_take(&buf);
	CHECK(world, lines->text, "the farm is too big to be told");
	for (const char *at = lines->text; (at = strchr(at, '\n')); at++)
		lines->count++;
	lines->line = mem_alloc_array(lines->count, sizeof(*lines->line));
	lines->count = 0;
	for (char *line = strtok_r(lines->text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		lines->line[lines->count++] = line;
	qsort(lines->line, lines->count, sizeof(*lines->line), by_text);
	return lines;
}

void same_check(const struct world *world, const struct farm_lines *before, const struct farm_lines *after)
{
	for (size_t i = 0; i < before->count && i < after->count; i++)
		CHECK(world, strcmp(before->line[i], after->line[i]) == 0, "after a restart\n was %s\n is  %s",
		      before->line[i], after->line[i]);
	CHECK(world, before->count == after->count, "after a restart there are %zu lines, not %zu", after->count,
	      before->count);
}

void same_finish(struct farm_lines *lines)
{
	free(lines->text);
	free(lines->line);
	free(lines);
}
