/* SPDX-License-Identifier: Apache-2.0 */
/* The world: one random step after the other, then a calm in which everything must come to its end. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "tests/sim/farm/sim.h"

#define CALM_MAX_US (INT64_C(2) * 86400 * 1000000)

void sim_fail(const struct world *world, const char *what, const char *file, int line, const char *format, ...)
{
	va_list args;

	(void)fprintf(stderr, "%s:%d: %s does not hold (seed %llu, step %llu): ", file, line, what,
		      (unsigned long long)world->seed, (unsigned long long)world->step);
	va_start(args, format);
	(void)vfprintf(stderr, format, args);
	va_end(args);
	(void)fprintf(stderr, "\n");
	abort();
}

uint64_t sim_random(struct world *world, uint64_t below)
{
	uint64_t x = world->random;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	world->random = x;
	return below ? (x * 0x2545f4914f6cdd1du >> 11) % below : 0;
}

bool sim_chance(struct world *world, unsigned percent)
{
	return sim_random(world, 100) < percent;
}

void sim_board_name(int board, char name[FARM_NAME_MAX])
{
	(void)snprintf(name, FARM_NAME_MAX, "board%d", board);
}

int sim_board_index(const char *name)
{
	return (int)strtol(name + strlen("board"), NULL, 10);
}

int sim_agent_index(const char *name)
{
	return (int)strtol(name + strlen("rack"), NULL, 10);
}

static const char *const type_names[SIM_TYPES] = {"alpha", "beta", "gamma"};

const char *sim_type_of(int board)
{
	return type_names[board % SIM_TYPES];
}

static void init_types(struct world *world)
{
	static uint8_t code[256];

	for (int i = 0; i < SIM_TYPES; i++) {
		struct board_type *type = &world->types[i];

		mem_text_into(type->name, sizeof(type->name), type_names[i]);
		mem_text_into(type->arch, sizeof(type->arch), "armv7-m");
		mem_text_into(type->mcu, sizeof(type->mcu), "none");
		type->region[0] =
			(struct memory_region){.kind = MEMORY_FLASH, .address = 0x08000000, .size_bytes = 1 << 20};
		type->region[1] =
			(struct memory_region){.kind = MEMORY_RAM, .address = 0x20000000, .size_bytes = 1 << 16};
		type->region_count = 2;
		type->vectors_address = 0x08000000;
		type->baud = 115200;
		mem_text_into(type->openocd_config[0], sizeof(type->openocd_config[0]), "target/none.cfg");
		type->openocd_config_count = 1;
	}
	/* initial SP 0x20001000, reset 0x08000041 */
	memcpy(code, (const uint8_t[]){0x00, 0x10, 0x00, 0x20, 0x41, 0x00, 0x00, 0x08}, 8);
	mem_text_into(world->image.arch, sizeof(world->image.arch), "armv7-m");
	world->image.file_bytes = sizeof(code);
	world->image.segment[0] = (struct image_segment){0x08000000, sizeof(code), code};
	world->image.segment_count = 1;
}

static void start_farm(struct world *world)
{
	struct farm_config config = farm_config_default;
	struct farm_ports ports = sim_ports(world);
	struct farm_records records;
	struct err err = {0};

	config.max_uncommitted_bytes = 256 << 10;
	config.image_trial_boards = SIM_TRIAL;
	store_records(&world->store, &records);
	world->timer_us = -1;
	world->flow_waits = world->unhealthy = false;
	CHECK(world, farm_create(&ports, &config, &records, &world->farm, &err) == 0, "%s", err.text);
	farm_records_finish(&records);
}

struct world *world_create(uint64_t seed)
{
	struct world *world = mem_alloc(sizeof(*world));

	world->seed = seed;
	world->random = seed * 0x9e3779b97f4a7c15u + 1;
	world->now_us = 1000000;
	store_init(&world->store);
	agents_init(world);
	init_types(world);
	start_farm(world);
	return world;
}

void world_destroy(struct world *world)
{
	farm_destroy(world->farm);
	agents_finish(world);
	store_finish(&world->store);
	free(world);
}

/* Such a job never was and its number is given again; or its cancel was lost. */
static void forget_refused(struct world *world)
{
	for (int64_t i = 1; i < SIM_MAX_JOBS; i++) {
		if (i > world->store.last_job || !world->store.jobs[i].record.cancel_wanted)
			world->refused[i] = false;
	}
}

static void drop_connections(struct world *world)
{
	for (int i = 0; i < SIM_AGENTS; i++) {
		agent_disconnect(world, i, false);
		world->gone_us[i] = world->now_us; /* the farm's grace begins anew */
	}
}

/* The store takes some changes, and will never take the next one. */
static void refuse(struct world *world)
{
	struct change_refusal refusal;
	struct farm_records records;
	struct err err = {0};

	if (world->store.failing || world->store.queued == 0)
		return;
	store_commit_some(world, sim_random(world, world->store.queued), true);
	if (!store_refuse(world, &refusal))
		return;
	drop_connections(world);
	store_records(&world->store, &records);
	CHECK(world, farm_rewind(world->farm, &records, &refusal, &err) == 0, "%s", err.text);
	farm_records_finish(&records);
	forget_refused(world);
	world->counts.refusals++;
}

/* Everybody hears that the farm is gone, and all of it is durable: what is built from that is the same farm. */
static struct farm_lines *tell_before(struct world *world)
{
	if (world->store.failing || sim_chance(world, 50))
		return NULL;
	for (int i = 0; i < SIM_AGENTS; i++)
		agent_disconnect(world, i, true);
	farm_tick(world->farm); /* what is due is looked at anew at a start as well */
	while (!world->store.failing && world->store.queued > 0)
		store_commit_some(world, world->store.queued, true);
	return same_tell(world);
}

static void check_same(struct world *world, struct farm_lines *before)
{
	struct farm_lines *after = same_tell(world);

	same_check(world, before, after);
	same_finish(before);
	same_finish(after);
	world->counts.compared++;
}

/* kill -9 of the daemon: what was not durable is gone, and so is everyone's connection. */
static void crash(struct world *world)
{
	struct farm_lines *before = tell_before(world);

	/* now and then the last commit was durable but the farm never heard of it */
	if (!world->store.failing && sim_chance(world, 50))
		store_commit_some(world, sim_random(world, world->store.queued + 1), false);
	farm_destroy(world->farm);
	world->farm = NULL;
	store_crash(&world->store);
	forget_refused(world);
	world->store.failing = false;
	drop_connections(world);
	start_farm(world);
	world->counts.crashes++;
	if (before)
		check_same(world, before);
}

/* A run of an agent that stays away is not held open beyond the grace. */
static void check_grace(struct world *world)
{
	int64_t grace_us = 1000 * farm_config_default.agent_grace_ms;

	if (world->store.queued > 0)
		return;
	for (int i = 0; i < SIM_BOARDS; i++) {
		int agent = i / SIM_AGENT_BOARDS;

		CHECK(world,
		      !world->store.boards[i].lease_fence || world->agents[agent].connected ||
			      world->now_us <= world->gone_us[agent] + grace_us,
		      "board %d is leased to an agent that has been gone for %lld s", i,
		      (long long)((world->now_us - world->gone_us[agent]) / 1000000));
	}
}

/* What a board's time went into is all the time since its first stored moment, over days, crashes and rewinds. */
static void check_times(struct world *world)
{
	static const struct principal root = {.org = "default", .name = "admin", .role = ROLE_ADMIN};
	int64_t now_us = SIM_EPOCH_S * 1000000 + world->now_us;

	for (int i = 0; i < SIM_BOARDS; i++) {
		const struct stored_board *board = &world->store.boards[i];
		int64_t sum_us = 0, until_us;
		char name[FARM_NAME_MAX];
		json_t *times, *day;
		size_t at;

		if (!board->time_count)
			continue;
		sim_board_name(i, name);
		times = farm_board_time_json(world->farm, &root, name, TIME_DAYS_KEPT);
		until_us = json_integer_value(json_object_get(times, "until_us"));
		json_array_foreach(json_object_get(times, "days"), at, day) sum_us +=
			json_integer_value(json_object_get(day, "sum_us"));
		CHECK(world, until_us == now_us, "%s: told up to %lld", name, (long long)(until_us - now_us));
		CHECK(world, sum_us == now_us - board->first_us, "%s: %lld of %lld us are told of", name,
		      (long long)sum_us, (long long)(now_us - board->first_us));
		json_decref(times);
	}
}

/* In the calm nothing is slow: what somebody is at takes as long as it takes, and then time goes on to what is due. */
static int64_t pause_us(struct world *world)
{
	if (!world->calm)
		return (int64_t)sim_random(world, sim_chance(world, 2) ? 90000000 : 50000);
	for (int i = 0; i < SIM_AGENTS; i++) {
		if (!agent_waits(world, i))
			return (int64_t)sim_random(world, 20000);
	}
	return (int64_t)sim_random(world, world->store.queued ? 20000 : 90000000);
}

static void let_time_pass(struct world *world)
{
	world->now_us += pause_us(world);
	if (world->step % 64 == 0)
		check_times(world);
	if (world->timer_us >= 0 && world->timer_us <= world->now_us) {
		world->timer_us = -1;
		farm_tick(world->farm);
	}
	check_grace(world);
}

static void store_step(struct world *world)
{
	if (!world->store.failing) {
		store_commit_some(world, 1 + sim_random(world, 8), true);
		return;
	}
	if (world->calm || sim_chance(world, 10)) {
		world->store.failing = false;
		farm_trouble(world->farm, NULL);
	}
}

static void trouble(struct world *world)
{
	struct err err;

	if (world->store.failing || world->store.queued == 0)
		return;
	(void)err_set(&err, ERR_NO_SPACE, "no space left on the simulated disk");
	world->store.failing = true;
	world->counts.troubles++;
	farm_trouble(world->farm, &err);
	farm_trouble(world->farm, &err); /* and once more, when tried again */
}

static void agents_step(struct world *world, int agent)
{
	switch (sim_random(world, 4)) {
	case 0:
		agent_read(world, agent);
		break;
	case 1:
	case 2:
		agent_work(world, agent);
		break;
	default:
		agent_send(world, agent);
		break;
	}
}

static void one_step(struct world *world)
{
	int agent = (int)sim_random(world, SIM_AGENTS);
	uint64_t dice = sim_random(world, 10000);

	world->step++;
	world->counts.steps++;
	let_time_pass(world);
	if (dice < 6500)
		agents_step(world, agent);
	else if (dice < 8800)
		store_step(world);
	else if (dice < 9100 && world->store.last_job < SIM_MAX_JOBS - 100 &&
		 world->store.last_run < SIM_MAX_RUNS - 1000)
		people_submit(world);
	else if (dice < 9150)
		people_cancel(world);
	else if (dice < 9250 && world->store.last_job < SIM_MAX_JOBS - 100)
		people_lease(world);
	else if (dice < 9270)
		people_administer(world);
	else if (dice < 9800)
		agent_connect(world, agent);
	else if (dice < 9880)
		agent_disconnect(world, agent, true);
	else if (dice < 9910)
		agent_restart(world, agent);
	else if (dice < 9915)
		agent_amnesia(world, agent);
	else if (dice < 9950)
		agent_quarantine(world, agent);
	else if (dice < 9957)
		sim_chance(world, 30) ? people_golden(world) : people_order(world);
	else if (dice < 9963)
		trouble(world);
	else if (dice >= 9985)
		images_release(world, sim_chance(world, 20));
	else if (dice < 9970)
		crash(world);
	else if (dice < 9985)
		refuse(world);
}

/* --- the calm --- */

static bool boards_idle(const struct world *world)
{
	static const struct principal root = {.org = "default", .name = "admin", .role = ROLE_ADMIN};
	json_t *status = farm_status_json(world->farm, &root);
	json_int_t idle = json_integer_value(json_object_get(json_object_get(status, "boards"), "free"));

	json_decref(status);
	return idle == SIM_BOARDS;
}

static bool all_ended(const struct world *world)
{
	const struct store_model *store = &world->store;

	if (!list_empty((struct list *)&store->queue))
		return false;
	for (int64_t i = 1; i <= store->last_job; i++) {
		if (store->jobs[i].record.id && store->jobs[i].record.state != JOB_FINISHED)
			return false;
	}
	for (int i = 0; i < SIM_AGENTS; i++) {
		if (!agent_idle(world, i))
			return false;
	}
	return boards_idle(world);
}

/* What is free and what waits for it come together: nobody is left over because nothing happens any more that would
 * have the plan look again. */
static void check_progress(const struct world *world, int64_t until_us)
{
	static const struct principal root = {.org = "default", .name = "admin", .role = ROLE_ADMIN};
	json_t *queue;

	if (world->now_us < until_us)
		return;
	queue = farm_queue_json(world->farm, &root, 1);
	CHECK(world, json_array_size(queue) == 0, "after two quiet days run %lld waits: %s",
	      (long long)json_integer_value(json_object_get(json_array_get(queue, 0), "run")),
	      json_string_value(json_object_get(json_array_get(queue, 0), "waits")));
	sim_fail(world, "quiet", __FILE__, __LINE__, "after two quiet days nothing waits, and not all is over");
}

static void calm_down(struct world *world)
{
	int64_t until_us = world->now_us + CALM_MAX_US;

	world->calm = true;
	for (int i = 0; i < SIM_AGENTS; i++)
		agent_connect(world, i);
	for (int turn = 0; !all_ended(world); turn++) {
		int agent = (int)sim_random(world, SIM_AGENTS);

		world->step++;
		let_time_pass(world);
		check_progress(world, until_us);
		if (!world->agents[agent].connected)
			agent_connect(world, agent);
		agents_step(world, agent);
		if (turn % 4 == 0)
			store_step(world);
		if (turn % 64 == 0)
			agent_quarantine(world, agent);
		if (turn % 32 == 0)
			people_give_back(world);
		if (turn % 512 == 0)
			people_release(world);
		if (turn % 512 == 0)
			images_release(world, false);
		if (turn % 256 == 0)
			people_administer(world);
	}
}

/* The verdict follows from the last attempt of each of the job's runs. */
static void check_job(const struct world *world, int64_t id)
{
	const struct job_record *job = &world->store.jobs[id].record;
	enum run_verdict verdicts[64];
	size_t count = 0;

	for (int64_t i = 1; i <= world->store.last_run; i++) {
		const struct run_record *run = &world->store.runs[i].record;

		if (run->job != id || run->id == 0)
			continue;
		CHECK(world, run->state == RUN_IS_FINISHED, "run %lld is open for ever", (long long)i);
		CHECK(world, run->index < 64, "run %lld", (long long)i);
		verdicts[run->index] = run->verdict;
		if (run->index >= count)
			count = run->index + 1;
	}
	CHECK(world, count > 0 && job->verdict == run_verdict_combine(verdicts, count), "job %lld is %s", (long long)id,
	      run_verdict_name(job->verdict));
	CHECK(world, (job->kind == JOB_IS_LEASE) == world->store.jobs[id].ended, "job %lld, of kind %s", (long long)id,
	      job_kind_name(job->kind));
	CHECK(world, cause_verdict(job->cause) == job->verdict, "job %lld: cause %s", (long long)id,
	      cause_name(job->cause));
}

/* Whether a run of it ever had a board; if not it may also have ended by itself, as by its deadline. */
static bool was_leased(const struct world *world, int64_t job)
{
	for (int64_t i = 1; i <= world->store.last_run; i++) {
		if (world->store.runs[i].record.job == job && world->store.runs[i].record.fence > 0)
			return true;
	}
	return false;
}

static void check_end(struct world *world)
{
	static const struct principal root = {.org = "default", .name = "admin", .role = ROLE_ADMIN};
	json_t *queue = farm_queue_json(world->farm, &root, 10);
	json_t *status = farm_status_json(world->farm, &root);

	CHECK(world, all_ended(world), "not everything came to its end");
	CHECK(world, json_array_size(queue) == 0, "something waits");
	CHECK(world, json_integer_value(json_object_get(status, "jobs")) == 0, "jobs are left in memory");
	CHECK(world, json_integer_value(json_object_get(status, "seq")) == world->store.last_seq, "the last event");
	json_decref(queue);
	json_decref(status);
	for (int i = 0; i < SIM_BOARDS; i++)
		CHECK(world, world->store.boards[i].lease_fence == 0, "board %d is leased for ever", i);
	for (int64_t i = 1; i <= world->store.last_job; i++) {
		if (world->store.jobs[i].record.id)
			check_job(world, i);
		CHECK(world, !world->acknowledged[i] || world->store.jobs[i].record.id, "job %lld was lost",
		      (long long)i);
		CHECK(world, !world->refused[i] || world->store.jobs[i].record.cancel_wanted || !was_leased(world, i),
		      "job %lld was refused and ran", (long long)i);
	}
}

void world_run(struct world *world, uint64_t steps)
{
	for (int i = 0; i < SIM_AGENTS; i++)
		agent_connect(world, i);
	store_step(world);
	for (uint64_t i = 0; i < steps; i++)
		one_step(world);
	calm_down(world);
	check_end(world);
}
