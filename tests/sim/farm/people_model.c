/* SPDX-License-Identifier: Apache-2.0 */
/* People who submit and cancel, and remember what they were promised. */
#include <stdio.h>
#include <string.h>

#include "core/base/mem.h"
#include "tests/sim/farm/sim.h"

static const struct principal person[] = {{.org = "default", .name = "mary", .role = ROLE_MEMBER},
					  {.org = "default", .name = "max", .role = ROLE_MEMBER},
					  {.org = SIM_PARTNER, .name = "pete", .role = ROLE_MEMBER},
					  {.org = "elsewhere", .name = "ella", .role = ROLE_MEMBER}};
static const struct principal boss = {.org = "default", .name = "boss", .role = ROLE_ADMIN};

/* Of the two or three that are new at the moment. */
static void pick_image(struct world *world, char ret_sha256[SHA256_HEX])
{
	images_sha((int)((uint64_t)world->store.last_job / 40 + sim_random(world, 2)) % SIM_IMAGES, ret_sha256);
}

static void on_submitted(void *context, int64_t job, const struct err *err)
{
	struct world *world = context;

	if (err) {
		world->refused[job] = true;
		return;
	}
	CHECK(world, world->store.jobs[job].record.id == job, "job %lld is acknowledged and not durable",
	      (long long)job);
	CHECK(world, !world->refused[job], "job %lld is answered twice", (long long)job);
	world->acknowledged[job] = true;
}

static void on_done(void *context, const struct err *err)
{
	struct world *world = context;

	if (!err)
		world->counts.cancels++;
}

static void on_heard(void *context, const struct err *err)
{
	(void)context;
	(void)err;
}

/* A job of hours has a deadline too: the calm does not wait for another day. */
static int write_hours(struct world *world, char *text, size_t size)
{
	int minute = (int)((SIM_EPOCH_S + world->now_us / 1000000) / 60 + (int64_t)sim_random(world, 40)) % 1440;
	int until = (minute + 5 + (int)sim_random(world, 20)) % 1440;

	if (sim_chance(world, 40))
		return snprintf(text, size, "not-before: +%ds\n", 1 + (int)sim_random(world, 400));
	return snprintf(text, size, "window: \"%02d:%02d-%02d:%02d\"\ndeadline: +%dm\n", minute / 60, minute % 60,
			until / 60, until % 60, 1 + (int)sim_random(world, 60));
}

static int write_terms(struct world *world, char *text, size_t size)
{
	int len = 0;

	text[0] = '\0';
	if (sim_chance(world, 15))
		len += snprintf(text + len, size - (size_t)len, "together: true\n");
	if (sim_chance(world, 30))
		len += snprintf(text + len, size - (size_t)len, "preemptible: true\n");
	if (sim_chance(world, 15))
		len += write_hours(world, text + len, size - (size_t)len);
	else if (sim_chance(world, 10))
		len += snprintf(text + len, size - (size_t)len, "deadline: +%ds\n", 1 + (int)sim_random(world, 300));
	if (sim_chance(world, 15) && world->store.last_job > 3)
		len += snprintf(text + len, size - (size_t)len, "after: [%d, %d]\nwhen: %s\n",
				(int)world->store.last_job - (int)sim_random(world, 3),
				(int)world->store.last_job - (int)sim_random(world, 3),
				sim_chance(world, 50) ? "passed" : "finished");
	return len;
}

/* Runs that belong together never need three boards of the rack that bears two at a time: they would wait for ever. */
static int write_job(struct world *world, char *text, size_t size)
{
	int len = snprintf(text, size, "name: job\npriority: %d\nretries: %d\nrequire: {tests: 1}\nend: {limit: 1m}\n",
			   (int)sim_random(world, 101), (int)sim_random(world, 4));
	int runs = 1 + (int)sim_random(world, 3);
	bool together;
	char sha[SHA256_HEX];

	len += write_terms(world, text + len, size - (size_t)len);
	len += snprintf(text + len, size - (size_t)len, "runs:\n");
	together = strstr(text, "together");
	for (int i = 0; i < runs; i++) {
		char board[FARM_NAME_MAX];
		int number = (int)sim_random(world, SIM_BOARDS);

		sim_board_name(number, board);
		pick_image(world, sha);
		if (sim_chance(world, 25) && !(together && number / SIM_AGENT_BOARDS == SIM_LIMITED))
			len += snprintf(text + len, size - (size_t)len, "  - {board: %s, image: \"sha256:%s\"}\n",
					board, sha);
		else
			len += snprintf(text + len, size - (size_t)len,
					"  - {type: %s, image: \"sha256:%s\", %s: %d}\n",
					world->types[sim_random(world, SIM_TYPES)].name, sha,
					!together && sim_chance(world, 10) ? "boards" : "count",
					1 + (int)sim_random(world, together ? 2 : 3));
	}
	return len;
}

void people_submit(struct world *world)
{
	char text[1024];
	struct submission submission = {.file = "job.yaml", .text = text};
	struct doc_problems *problems = mem_alloc(sizeof(*problems));
	struct err err = {0};
	int rc;

	submission.len = (size_t)write_job(world, text, sizeof(text));
	rc = farm_submit(world->farm, &person[sim_random(world, sizeof(person) / sizeof(person[0]))], &submission,
			 on_submitted, world, problems, &err);
	/* boards are known once their agent was there for the first time, and not all are everybody's */
	CHECK(world, rc == 0 || rc == ERR_INVALID || rc == ERR_NO_SPACE || rc == ERR_BUSY, "submit: %s", err.text);
	world->counts.submits_refused += rc != 0;
	free(problems);
}

static void set_cap(struct world *world, const char *org, uint32_t cap)
{
	struct org_record wanted = farm_org_wanted(world->farm, org);
	struct err err = {0};
	int rc;

	wanted.cap = cap;
	rc = farm_set_org(world->farm, &boss, &wanted, on_heard, world, &err);
	CHECK(world, rc == 0 || rc == ERR_NO_SPACE || rc == ERR_BUSY, "organisation %s: %s", org, err.text);
	world->counts.caps += rc == 0 && cap > 0;
}

static void set_drained(struct world *world, int agent, bool draining)
{
	struct drain_record wanted = {.draining = draining, .why = "so it is"};
	struct err err = {0};
	int rc;

	mem_text_into(wanted.agent, sizeof(wanted.agent), world->agents[agent].name);
	rc = farm_drain(world->farm, &boss, &wanted, on_heard, world, &err);
	CHECK(world, rc == 0 || rc == ERR_NO_SPACE || rc == ERR_BUSY || rc == ERR_NOT_FOUND, "drain: %s", err.text);
	world->counts.drains += rc == 0 && draining;
}

void people_administer(struct world *world)
{
	static const char *const orgs[SIM_ORGS] = {ORG_DEFAULT, SIM_PARTNER, "elsewhere"};

	if (sim_chance(world, 50))
		set_cap(world, orgs[sim_random(world, SIM_ORGS)],
			world->calm ? 0 : (uint32_t)sim_random(world, 4) * (uint32_t)sim_random(world, 4));
	else
		set_drained(world, (int)sim_random(world, SIM_AGENTS), !world->calm && sim_chance(world, 40));
}

void people_cancel(struct world *world)
{
	int64_t job = 1 + (int64_t)sim_random(world, (uint64_t)world->store.last_job + 1);
	struct err err = {0};
	int rc = farm_cancel_job(world->farm, &boss, job, "not needed", on_done, world, &err);

	CHECK(world, rc == 0 || rc == ERR_NOT_FOUND, "cancel: %s", err.text);
	if (rc == ERR_NOT_FOUND && job <= world->store.last_job)
		CHECK(world, world->store.jobs[job].record.state == JOB_FINISHED || world->store.queued > 0,
		      "job %lld is open and not known", (long long)job);
}

/* --- leases --- */

static void ask_lease(struct world *world)
{
	struct lease_wish wish = {.for_ms = 60000 + (int64_t)sim_random(world, 600000), .priority = -1};
	struct doc_problems *problems = mem_alloc(sizeof(*problems));
	char board[FARM_NAME_MAX], sha[SHA256_HEX];
	struct err err = {0};
	int rc;

	pick_image(world, sha);
	sim_board_name((int)sim_random(world, SIM_BOARDS), board);
	if (sim_chance(world, 50))
		wish.board = board;
	else
		wish.board_type = world->types[sim_random(world, SIM_TYPES)].name;
	if (sim_chance(world, 30))
		wish.image_sha256 = sha;
	wish.grace_ms = sim_chance(world, 50) ? 0 : 30000;
	if (sim_chance(world, 30))
		wish.from_us = 1700000000000000 + world->now_us + (int64_t)sim_random(world, 600000000);
	rc = farm_lease(world->farm, &person[sim_random(world, sizeof(person) / sizeof(person[0]))], &wish,
			on_submitted, world, problems, &err);
	CHECK(world, rc == 0 || rc == ERR_INVALID || rc == ERR_NO_SPACE || rc == ERR_BUSY || rc == ERR_EXISTS,
	      "lease: %s", err.text);
	world->counts.leases += rc == 0;
	world->counts.reserved += rc == 0 && wish.from_us;
	free(problems);
}

/* Whoever it is, and whatever the lease's state: refused, or done. */
static void change_lease(struct world *world)
{
	int64_t last = world->store.last_job, job = 1 + last - (int64_t)sim_random(world, (uint64_t)last % 40 + 1),
		client;
	const struct principal *who = sim_chance(world, 30) ? &boss : &person[sim_random(world, 2)];
	struct lease_place place;
	struct err err = {0};

	switch (sim_random(world, 4)) {
	case 0:
		(void)farm_lease_extend(world->farm, who, job, 60000, on_done, world, &err);
		break;
	case 1:
		world->counts.hand_overs +=
			farm_lease_hand_over(world->farm, who, job, person[sim_random(world, 2)].name, on_done, world,
					     &err) == 0;
		break;
	case 2:
		(void)farm_lease_end(world->farm, who, job, on_done, world, &err);
		break;
	default:
		if (farm_lease_attach(world->farm, who, job, &client, &err))
			break;
		if (farm_lease_place(world->farm, job, client, &place, &err) == 0)
			CHECK(world, place.fence > 0 && place.run > 0, "lease %lld is nowhere", (long long)job);
		farm_lease_detach(world->farm, job, client);
		break;
	}
}

void people_lease(struct world *world)
{
	if (sim_chance(world, 40))
		ask_lease(world);
	else
		change_lease(world);
}

void people_give_back(struct world *world)
{
	int64_t job = 1 + (int64_t)sim_random(world, (uint64_t)world->store.last_job);
	struct err err = {0};

	if (world->store.jobs[job].record.kind == JOB_IS_LEASE && world->store.jobs[job].record.state == JOB_QUEUED)
		(void)farm_lease_end(world->farm, &boss, job, on_done, world, &err);
}

static const struct principal *owner_of(int board)
{
	static const struct principal partner = {.org = SIM_PARTNER, .name = "pete", .role = ROLE_MEMBER};

	return board >= SIM_BOARDS - SIM_AGENT_BOARDS ? &partner : &boss;
}

static void order(struct world *world, int board, enum board_order order)
{
	char name[FARM_NAME_MAX];
	struct err err = {0};
	int rc;

	sim_board_name(board, name);
	rc = farm_order_board(world->farm, owner_of(board), name, order, "so said", on_done, world, &err);
	CHECK(world, rc == 0 || rc == ERR_NOT_FOUND || rc == ERR_STALE || rc == ERR_NO_SPACE || rc == ERR_BUSY, "%s",
	      err.text);
}

void people_order(struct world *world)
{
	static const enum board_order orders[] = {BOARD_ORDER_QUARANTINE, BOARD_ORDER_RELEASE,  BOARD_ORDER_RELEASE,
						  BOARD_ORDER_RETIRE,     BOARD_ORDER_UNRETIRE, BOARD_ORDER_UNRETIRE};

	order(world, (int)sim_random(world, SIM_BOARDS), orders[sim_random(world, 6)]);
}

void people_release(struct world *world)
{
	for (int i = 0; i < SIM_BOARDS; i++) {
		order(world, i, BOARD_ORDER_RELEASE);
		order(world, i, BOARD_ORDER_UNRETIRE);
	}
}

void people_golden(struct world *world)
{
	const char *type = world->types[sim_random(world, SIM_TYPES)].name;
	struct doc_problems *problems = mem_alloc(sizeof(*problems));
	char text[256], sha[SHA256_HEX];
	struct submission submission = {.file = "golden.yaml", .text = text};
	struct err err = {0};
	int rc;

	pick_image(world, sha);
	submission.len = (size_t)snprintf(text, sizeof(text),
					  "name: golden\nrequire: {tests: 1}\nend: {limit: 1m}\n"
					  "runs: [{type: %s, image: \"sha256:%s\"}]\n",
					  type, sha);
	if (sim_chance(world, 70))
		rc = farm_set_golden(world->farm, &boss, &submission, on_done, world, problems, &err);
	else
		rc = farm_remove_golden(world->farm, &boss, type, on_done, world, &err);
	CHECK(world, rc == 0 || rc == ERR_INVALID || rc == ERR_NOT_FOUND || rc == ERR_NO_SPACE || rc == ERR_BUSY,
	      "golden: %s", err.text);
	free(problems);
}
