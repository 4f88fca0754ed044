/* SPDX-License-Identifier: Apache-2.0 */
/* The store in memory. Every change is held against what must always be true of what is stored. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "tests/sim/farm/sim.h"

void store_init(struct store_model *store)
{
	list_init(&store->queue);
}

void store_crash(struct store_model *store)
{
	while (!list_empty(&store->queue)) {
		struct change *change = list_container(store->queue.next, struct change, link);

		list_remove(&change->link);
		change_destroy(change);
	}
	store->queued = 0;
	store->durable = 0; /* the next farm counts from 1 again */
}

bool store_refuse(struct world *world, struct change_refusal *ret_refusal)
{
	struct store_model *store = &world->store;
	struct change_refusal refusal = {0};
	int64_t last;

	if (list_empty(&store->queue))
		return false;
	change_subject(list_container(store->queue.next, const struct change, link), NULL, &refusal);
	if (world->blamed[refusal.run] || (refusal.job && !refusal.run))
		return false;
	world->blamed[refusal.run] = refusal.run > 0;
	refusal.number = list_container(store->queue.next, const struct change, link)->number;
	last = list_container(store->queue.prev, const struct change, link)->number;
	(void)err_set(&refusal.err, ERR_CORRUPT, "the simulated store does not like it");
	store_crash(store);
	store->durable = last;
	*ret_refusal = refusal;
	return true;
}

void store_finish(struct store_model *store)
{
	store_crash(store);
	for (int64_t i = 0; i < SIM_MAX_JOBS; i++)
		free(store->jobs[i].spec);
	for (int i = 0; i < SIM_TYPES; i++) {
		free(store->types[i].body);
		free(store->goldens[i].spec);
	}
}

static void put_job(struct world *world, const struct job_record *record)
{
	struct stored_job *job = &world->store.jobs[record->id];

	CHECK(world, record->id > 0 && record->id < SIM_MAX_JOBS, "job %lld", (long long)record->id);
	if (record->spec) {
		CHECK(world, job->record.id == 0, "job %lld is new twice", (long long)record->id);
		CHECK(world, record->id == world->store.last_job + 1, "job %lld after %lld", (long long)record->id,
		      (long long)world->store.last_job);
		job->spec = mem_text(record->spec);
		world->store.last_job = record->id;
		world->counts.jobs++;
		terms_read(world, job);
	}
	CHECK(world, record->spec || job->record.id != 0, "job %lld is not there", (long long)record->id);
	CHECK(world, job->record.state <= record->state, "job %lld goes back", (long long)record->id);
	CHECK(world, job->record.state != JOB_FINISHED, "job %lld changes after its end", (long long)record->id);
	CHECK(world,
	      record->kind != JOB_IS_LEASE || record->state != JOB_FINISHED || !job->granted || job->hold.granted_at_us,
	      "lease %lld was granted and does not know", (long long)record->id);
	job->record = *record;
	job->record.spec = NULL;
}

/* A further attempt that never got a board ends as the attempt before it did, when all boards for it are quarantined.
 */
static bool ends_as_before(const struct world *world, const struct run_record *record)
{
	if (record->attempt < 2 || record->assigned_at_us)
		return false;
	for (int64_t i = record->id - 1; i > 0; i--) {
		const struct run_record *before = &world->store.runs[i].record;

		if (before->job == record->job && before->index == record->index)
			return before->cause == record->cause;
	}
	return false;
}

/* A run that never got the one board it asks for ends when that is retired. */
static bool loses_its_board(const struct world *world, const struct run_record *record)
{
	return record->cause == CAUSE_BOARD_LOST && !record->assigned_at_us && record->wanted_board[0] &&
	       world->store.boards[sim_board_index(record->wanted_board)].record.state == BOARD_RETIRED;
}

/* A finished run ends as its agent said, or as the farm may say by itself. */
static void check_end(struct world *world, const struct stored_run *run)
{
	const struct run_record *record = &run->record;
	const struct stored_job *job = &world->store.jobs[record->job];
	bool by_farm = (record->cause == CAUSE_PREEMPTED && job->preemptible) ||
		       (record->cause == CAUSE_DEADLINE && job->terms.deadline_us <= record->finished_at_us) ||
		       (record->cause == CAUSE_DEPENDENCY && job->when.after_count > 0 && !job->when.after_any_end) ||
		       record->cause == CAUSE_AGENT_LOST || record->cause == CAUSE_AGENT_RESTARTED ||
		       record->cause == CAUSE_CANCELLED || record->cause == CAUSE_STEP_LIMIT ||
		       record->cause == CAUSE_INTERNAL || ends_as_before(world, record) ||
		       loses_its_board(world, record);
	bool as_reported = world->reported[record->id] == record->cause;

	CHECK(world, record->verdict == cause_verdict(record->cause), "run %lld", (long long)record->id);
	CHECK(world, by_farm || as_reported, "run %lld ended %s, its agent said %s", (long long)record->id,
	      cause_name(record->cause), cause_name(world->reported[record->id]));
	CHECK(world, run->steps_open == 0, "run %lld ended with %zu open steps", (long long)record->id,
	      run->steps_open);
	if (as_reported && !by_farm) {
		CHECK(world, run->cases == world->reported_cases[record->id], "run %lld has %zu of %zu cases",
		      (long long)record->id, run->cases, world->reported_cases[record->id]);
		CHECK(world, run->console_bytes == world->reported_console[record->id], "run %lld console",
		      (long long)record->id);
	}
}

static void check_attempt(struct world *world, const struct run_record *record)
{
	const struct job_record *job = &world->store.jobs[record->job].record;

	uint32_t tries = 1;

	if (record->attempt == 1)
		return;
	world->counts.retries++;
	CHECK(world, !job->cancel_wanted, "run %lld is an attempt after a cancel", (long long)record->id);
	for (int64_t i = record->id - 1; i > 0; i--) {
		const struct run_record *before = &world->store.runs[i].record;

		if (before->job != record->job || before->index != record->index)
			continue;
		CHECK(world,
		      before->attempt != record->attempt - 1 || before->verdict == RUN_INFRASTRUCTURE ||
			      before->cause == CAUSE_PREEMPTED || world->store.jobs[record->job].together,
		      "run %lld follows run %lld", (long long)record->id, (long long)before->id);
		tries += before->cause != CAUSE_PREEMPTED;
		world->counts.preemptions += before->cause == CAUSE_PREEMPTED && before->attempt == record->attempt - 1;
		if (before->attempt > 1)
			continue;
		/* of those that belong together each is tried again for any of them */
		CHECK(world, tries <= job->retries + 1 || world->store.jobs[record->job].together, "run %lld is try %u",
		      (long long)record->id, tries);
		return;
	}
	sim_fail(world, "a first attempt", __FILE__, __LINE__, "run %lld has none", (long long)record->id);
}

static void put_run(struct world *world, const struct run_record *record)
{
	struct stored_run *run = &world->store.runs[record->id];
	enum run_state before = run->record.state;

	CHECK(world, record->id > 0 && record->id < SIM_MAX_RUNS, "run %lld", (long long)record->id);
	if (run->record.id == 0) {
		CHECK(world, record->id > world->store.last_run, "run %lld", (long long)record->id);
		CHECK(world, record->have == 0 && record->fence == 0, "run %lld", (long long)record->id);
		world->store.last_run = record->id;
		check_attempt(world, record);
	} else {
		CHECK(world, before != RUN_IS_FINISHED, "run %lld changes after its end", (long long)record->id);
		CHECK(world, record->have >= run->record.have, "run %lld forgets events", (long long)record->id);
		CHECK(world, before != RUN_IS_RUNNING || record->state >= RUN_IS_RUNNING, "run %lld goes back",
		      (long long)record->id);
	}
	run->record = *record;
	run->record.asked = NULL; /* it is resolved anew where it is needed again */
	if (record->state == RUN_IS_FINISHED) {
		check_end(world, run);
		world->counts.runs++;
	}
}

static void put_progress(struct world *world, const struct progress_record *record)
{
	struct run_record *run = &world->store.runs[record->run].record;

	CHECK(world, run->id == record->run && run->state == RUN_IS_RUNNING, "run %lld goes on, but is not running",
	      (long long)record->run);
	CHECK(world, record->have == run->have + 1, "run %lld: event %lld after %lld", (long long)record->run,
	      (long long)record->have, (long long)run->have);
	run->have = record->have;
	run->console_bytes = record->console_bytes;
	run->console_dropped = record->console_dropped;
}

static void check_limit(struct world *world)
{
	int leased = 0;

	for (int i = 0; i < SIM_AGENT_BOARDS; i++)
		leased += world->store.boards[SIM_LIMITED * SIM_AGENT_BOARDS + i].lease_fence != 0;
	CHECK(world, leased <= SIM_LIMIT, "%d boards of rack%d are leased", leased, SIM_LIMITED);
}

static void put_lease(struct world *world, const struct lease_record *record)
{
	struct stored_board *board = &world->store.boards[sim_board_index(record->board)];

	if (record->ended_at_us == 0) {
		CHECK(world, board->lease_fence == 0, "%s is leased twice", record->board);
		CHECK(world, record->fence > world->store.last_fence, "%s: fence %lld after %lld", record->board,
		      (long long)record->fence, (long long)world->store.last_fence);
		CHECK(world, strcmp(board->record.org, ORG_DEFAULT) == 0 || strcmp(board->record.org, record->org) == 0,
		      "%s of %s is leased to a run of %s", record->board, board->record.org, record->org);
		board->lease_fence = world->store.last_fence = record->fence;
		board->lease_run = record->run;
		check_limit(world);
		terms_check_lease(world, record);
		images_check_lease(world, record);
		return;
	}
	CHECK(world, board->lease_fence == record->fence && board->lease_run == record->run, "%s: no such lease",
	      record->board);
	board->lease_fence = board->lease_run = 0;
}

static void put_board(struct world *world, const struct board_record *record)
{
	struct stored_board *board = &world->store.boards[sim_board_index(record->name)];

	CHECK(world, record->fence >= board->record.fence, "%s: fence goes back", record->name);
	if (record->fence > world->store.last_fence)
		world->store.last_fence = record->fence;
	board->record = *record;
	board->exists = true;
}

/* Days are whole and follow each other; nothing of what was spent is taken away. */
static void put_time(struct world *world, const struct board_time_record *record)
{
	struct stored_board *board = &world->store.boards[sim_board_index(record->board)];
	struct board_time_record *last = board->time_count ? &board->times[board->time_count - 1] : NULL;

	if (!last)
		board->first_us = record->since_us - time_day_sum_us(&record->day);
	if (!last || last->day.day != record->day.day) {
		CHECK(world, !last || (last->since_us == 0 && last->day.day + 1 == record->day.day),
		      "%s: day %lld is not the next one", record->board, (long long)record->day.day);
		CHECK(world, board->time_count < SIM_MAX_DAYS, "%s: day %zu", record->board, board->time_count);
		last = &board->times[board->time_count++];
	} else {
		CHECK(world, last->since_us, "%s: a day that was over is told again", record->board);
		for (int i = 0; i < TIME_KIND_COUNT; i++)
			CHECK(world, record->day.us[i] >= last->day.us[i], "%s: time in %s gets less", record->board,
			      time_kind_name((enum time_kind)i));
	}
	*last = *record;
}

/* A lease belongs to its job, is granted once, and its time only grows. */
static void put_hold(struct world *world, const struct hold_record *record)
{
	struct stored_job *job = &world->store.jobs[record->job];
	const struct hold_record *before = &job->hold;

	CHECK(world, job->record.id == record->job && job->record.kind == JOB_IS_LEASE, "lease %lld is no job",
	      (long long)record->job);
	CHECK(world, job->record.state != JOB_FINISHED, "lease %lld changes after its end", (long long)record->job);
	if (before->job) {
		CHECK(world, !before->granted_at_us || before->granted_at_us == record->granted_at_us,
		      "lease %lld is granted twice", (long long)record->job);
		CHECK(world, record->until_us >= before->until_us, "lease %lld gets shorter", (long long)record->job);
	}
	CHECK(world, record->until_us <= record->granted_at_us + 1000 * farm_config_default.lease_max_ms,
	      "lease %lld is too long", (long long)record->job);
	job->hold = *record;
}

static void put_lease_event(struct world *world, const struct event_record *record)
{
	struct stored_job *job = &world->store.jobs[record->job];

	if (record->type == EVENT_LEASE_GRANTED) {
		CHECK(world, !job->granted && !job->ended, "lease %lld is granted twice", (long long)record->job);
		CHECK(world, world->store.runs[record->run].record.fence > 0, "lease %lld is granted without a board",
		      (long long)record->job);
		job->granted = true;
		world->counts.grants++;
	} else if (record->type == EVENT_LEASE_ENDED) {
		CHECK(world, !job->ended, "lease %lld ends twice", (long long)record->job);
		job->ended = true;
	} else if (record->type == EVENT_LEASE_EXTENDED || record->type == EVENT_LEASE_EXPIRING) {
		CHECK(world, job->granted && !job->ended, "lease %lld is not held", (long long)record->job);
	} else if (record->type == EVENT_LEASE_HANDED_OVER) {
		CHECK(world, !job->ended, "lease %lld is over", (long long)record->job);
	}
}

static void put_golden(struct world *world, const struct golden_record *record)
{
	for (int i = 0; i < SIM_TYPES; i++) {
		struct golden_record *golden = &world->store.goldens[i];

		if (strcmp(world->types[i].name, record->board_type) != 0)
			continue;
		free(golden->spec);
		*golden = *record;
		golden->spec = record->removed ? NULL : mem_text(record->spec);
	}
}

/* Nothing but its health check is given to a board in doubt. */
static void check_doubt(struct world *world, const struct event_record *record)
{
	const char *unproven = world->store.boards[sim_board_index(record->board)].record.unproven;
	bool is_check = world->store.jobs[record->job].record.kind == JOB_IS_CHECK;

	world->counts.checks += is_check;
	CHECK(world, is_check || !unproven[0], "run %lld is given to %s, which is in doubt: %s", (long long)record->run,
	      record->board, unproven);
}

static void put_event(struct world *world, const struct event_record *record)
{
	CHECK(world, record->seq == world->store.last_seq + 1, "event %lld after %lld", (long long)record->seq,
	      (long long)world->store.last_seq);
	world->store.last_seq = record->seq;
	world->store.last_at_us = record->at_us;
	world->counts.events++;
	put_lease_event(world, record);
	if (record->type == EVENT_JOB_CANCELLED)
		world->store.jobs[record->job].cancel_event = true;
	if (record->type == EVENT_RUN_ASSIGNED)
		check_doubt(world, record);
	if (record->type == EVENT_RUN_ASSIGNED)
		CHECK(world, !world->store.jobs[record->job].cancel_event, "run %lld is assigned after the cancel",
		      (long long)record->run);
}

/* Bytes are what their place says, so that any mixing up shows. */
static void put_console(struct world *world, const struct console_record *record)
{
	struct stored_run *run = &world->store.runs[record->run];

	CHECK(world, record->offset == run->console_bytes, "run %lld: console at %llu, expected %llu",
	      (long long)record->run, (unsigned long long)record->offset, (unsigned long long)run->console_bytes);
	for (size_t i = 0; i < record->size_bytes; i++)
		CHECK(world, record->data[i] == (uint8_t)((uint64_t)record->run + record->offset + i),
		      "run %lld: a byte is wrong", (long long)record->run);
	run->console_bytes += record->size_bytes;
}

static void put_step(struct world *world, const struct step_record *record)
{
	struct stored_run *run = &world->store.runs[record->run];

	if (!record->ended) {
		CHECK(world, run->steps_open == 0, "run %lld begins a step while another one is open",
		      (long long)record->run);
		run->steps_open++;
		run->open_step = *record;
	} else if (run->steps_open && record->serial == run->open_step.serial) {
		CHECK(world, strcmp(record->step, run->open_step.step) == 0, "run %lld: %s ends as %s",
		      (long long)record->run, run->open_step.step, record->step);
		run->steps_open--;
	} else {
		CHECK(world, record->serial > run->open_step.serial, "run %lld: a step that ended ends again",
		      (long long)record->run);
	}
	run->steps++;
	run->flashed |= record->ended && record->phase == STEP_FORWARD && record->cause == CAUSE_NONE &&
			strcmp(record->step, "flash") == 0;
}

static void put(struct world *world, const struct record *record)
{
	switch (record->kind) {
	case RECORD_JOB:
		put_job(world, record->as.job);
		break;
	case RECORD_RUN:
		put_run(world, record->as.run);
		break;
	case RECORD_PROGRESS:
		put_progress(world, record->as.progress);
		break;
	case RECORD_STEP:
		put_step(world, record->as.step);
		break;
	case RECORD_CASE:
		world->store.runs[record->as.result->run].cases++;
		break;
	case RECORD_BOARD:
		put_board(world, record->as.board);
		break;
	case RECORD_BOARD_TIME:
		put_time(world, record->as.time);
		break;
	case RECORD_HOLD:
		put_hold(world, record->as.hold);
		break;
	case RECORD_LEASE:
		put_lease(world, record->as.lease);
		break;
	case RECORD_AGENT:
		world->store.agents[sim_agent_index(record->as.agent->name)] = *record->as.agent;
		break;
	case RECORD_BOARD_TYPE:
		for (int i = 0; i < SIM_TYPES; i++) {
			if (strcmp(world->types[i].name, record->as.type->name) == 0) {
				free(world->store.types[i].body);
				world->store.types[i] = *record->as.type;
				world->store.types[i].body = mem_text(record->as.type->body);
			}
		}
		break;
	case RECORD_ORG:
		terms_put_org(world, record->as.organisation);
		break;
	case RECORD_DRAIN:
		terms_put_drain(world, record->as.drain);
		break;
	case RECORD_EVENT:
		put_event(world, record->as.event);
		break;
	case RECORD_CONSOLE:
		put_console(world, record->as.console);
		break;
	case RECORD_GOLDEN:
		put_golden(world, record->as.golden);
		break;
	case RECORD_HELD_IMAGE:
		images_put_held(world, record->as.held_image);
		break;
	case RECORD_TRIED_IMAGE:
		images_put_tried(world, record->as.tried_image);
		break;
	case RECORD_SUITE:
	case RECORD_ARTEFACT:
	case RECORD_RECOVERY:
	case RECORD_WEAR:
	case RECORD_MEASUREMENT:
	case RECORD_WAIVER:
	case RECORD_MEMBER:
	case RECORD_DEBTS:
	case RECORD_DIAGNOSIS:
	case RECORD_ACCEPTED:
	case RECORD_SCHEDULE:
	case RECORD_DROP:
	case RECORD_NIGHT:
	case RECORD_SUMMARY:
	case RECORD_ACCEPTANCE:
	case RECORD_DELIVERY:
	case RECORD_SECRET:
		break;
	}
}

/* Leases and runs belong together after every change. */
static void check_leases(struct world *world)
{
	for (int i = 0; i < SIM_BOARDS; i++) {
		const struct stored_board *board = &world->store.boards[i];
		const struct run_record *run = &world->store.runs[board->lease_run].record;

		if (board->lease_fence == 0)
			continue;
		CHECK(world, run->state == RUN_IS_ASSIGNED || run->state == RUN_IS_RUNNING,
		      "board %d is leased to run %lld, which is %s", i, (long long)run->id, run_state_name(run->state));
		CHECK(world, run->fence == board->lease_fence && sim_board_index(run->board) == i,
		      "the lease of board %d is not that of run %lld", i, (long long)run->id);
		CHECK(world, board->record.fence >= board->lease_fence, "board %d remembers no fence", i);
	}
}

void store_commit_some(struct world *world, size_t count, bool tell)
{
	struct store_model *store = &world->store;

	while (count-- > 0 && !list_empty(&store->queue)) {
		struct change *change = list_container(store->queue.next, struct change, link);

		CHECK(world, change->number == store->durable + 1, "change %lld after %lld", (long long)change->number,
		      (long long)store->durable);
		list_remove(&change->link);
		store->queued--;
		list_for_each (link, &change->records)
			put(world, list_container(link, const struct record, link));
		terms_check_change(world);
		check_leases(world);
		store->durable = change->number;
		change_destroy(change);
	}
	if (tell && world->farm)
		farm_committed(world->farm, store->durable);
}

/* --- what a farm is rebuilt from --- */

static void records_of_jobs(struct store_model *store, struct farm_records *records)
{
	records->jobs = mem_alloc_array((size_t)store->last_job + 1, sizeof(*records->jobs));
	records->holds = mem_alloc_array((size_t)store->last_job + 1, sizeof(*records->holds));
	records->runs = mem_alloc_array((size_t)store->last_run + 1, sizeof(*records->runs));
	for (int64_t i = 1; i <= store->last_job; i++) {
		if (store->jobs[i].record.id == 0 || store->jobs[i].record.state == JOB_FINISHED)
			continue;
		records->jobs[records->job_count] = store->jobs[i].record;
		records->jobs[records->job_count++].spec = mem_text(store->jobs[i].spec);
		if (store->jobs[i].hold.job)
			records->holds[records->hold_count++] = store->jobs[i].hold;
	}
	for (int64_t i = 1; i <= store->last_run; i++) {
		const struct run_record *run = &store->runs[i].record;

		if (run->id && store->jobs[run->job].record.state != JOB_FINISHED)
			records->runs[records->run_count++] = *run;
	}
}

/* Only one step of a run is ever open. */
static void records_of_steps(struct store_model *store, struct farm_records *records)
{
	records->open_steps = mem_alloc_array((size_t)store->last_run + 1, sizeof(*records->open_steps));
	for (int64_t i = 1; i <= store->last_run; i++) {
		if (store->runs[i].steps_open)
			records->open_steps[records->open_step_count++] = store->runs[i].open_step;
	}
}

void store_records(struct store_model *store, struct farm_records *ret_records)
{
	memset(ret_records, 0, sizeof(*ret_records));
	mem_text_into(ret_records->farm_id, sizeof(ret_records->farm_id), "sim");
	ret_records->last_job = store->last_job;
	ret_records->last_run = store->last_run;
	ret_records->last_seq = store->last_seq;
	ret_records->last_at_us = store->last_at_us;
	records_of_jobs(store, ret_records);
	terms_records(store, ret_records);
	images_records(store, ret_records);
	records_of_steps(store, ret_records);
	ret_records->boards = mem_alloc_array(SIM_BOARDS, sizeof(*ret_records->boards));
	ret_records->agents = mem_alloc_array(SIM_AGENTS, sizeof(*ret_records->agents));
	ret_records->types = mem_alloc_array(SIM_TYPES, sizeof(*ret_records->types));
	ret_records->times = mem_alloc_array((size_t)SIM_BOARDS * SIM_MAX_DAYS, sizeof(*ret_records->times));
	for (int i = 0; i < SIM_BOARDS; i++) {
		const struct stored_board *board = &store->boards[i];

		if (board->exists)
			ret_records->boards[ret_records->board_count++] = board->record;
		for (size_t day = 0; day < board->time_count; day++)
			ret_records->times[ret_records->time_count++] = board->times[day];
	}
	for (int i = 0; i < SIM_AGENTS; i++) {
		if (store->agents[i].name[0])
			ret_records->agents[ret_records->agent_count++] = store->agents[i];
	}
	ret_records->goldens = mem_alloc_array(SIM_TYPES, sizeof(*ret_records->goldens));
	for (int i = 0; i < SIM_TYPES; i++) {
		if (!store->goldens[i].spec)
			continue;
		ret_records->goldens[ret_records->golden_count] = store->goldens[i];
		ret_records->goldens[ret_records->golden_count++].spec = mem_text(store->goldens[i].spec);
	}
	for (int i = 0; i < SIM_TYPES; i++) {
		if (!store->types[i].body)
			continue;
		ret_records->types[ret_records->type_count] = store->types[i];
		ret_records->types[ret_records->type_count++].body = mem_text(store->types[i].body);
	}
}
