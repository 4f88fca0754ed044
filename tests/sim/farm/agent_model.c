/* SPDX-License-Identifier: Apache-2.0 */
/* Agents that follow the wire's rules: fences, spool, resending from where the farm stands. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "tests/sim/farm/sim.h"

#define MAX_RUNS (SIM_AGENT_BOARDS * 2)

static const char *const steps[] = {"power-on", "flash", "attach"};

static void clear_inbox(struct agent_model *agent)
{
	while (!list_empty(&agent->inbox)) {
		struct letter *letter = list_container(agent->inbox.next, struct letter, link);

		list_remove(&letter->link);
		free(letter->known);
		free(letter);
	}
}

void agents_init(struct world *world)
{
	for (int i = 0; i < SIM_AGENTS; i++) {
		struct agent_model *agent = &world->agents[i];

		(void)snprintf(agent->name, sizeof(agent->name), "rack%d", i);
		list_init(&agent->inbox);
		for (int b = 0; b < SIM_AGENT_BOARDS; b++)
			agent->state[b] = BOARD_FREE;
	}
}

void agents_finish(struct world *world)
{
	for (int i = 0; i < SIM_AGENTS; i++)
		clear_inbox(&world->agents[i]);
}

static struct agent_run *find_run(struct agent_model *agent, int64_t run, int64_t fence)
{
	for (int i = 0; i < MAX_RUNS; i++) {
		if (agent->runs[i].run == run && agent->runs[i].fence == fence && run)
			return &agent->runs[i];
	}
	return NULL;
}

static bool drives(const struct agent_model *agent, int board)
{
	for (int i = 0; i < MAX_RUNS; i++) {
		if (agent->runs[i].run && !agent->runs[i].ended && agent->runs[i].board == board)
			return true;
	}
	return false;
}

/* --- coming and going --- */

void agent_connect(struct world *world, int index)
{
	static const struct principal ours = {.org = "default", .name = "agent", .role = ROLE_AGENT},
				      theirs = {.org = SIM_PARTNER, .name = "agent", .role = ROLE_AGENT};
	struct agent_model *agent = &world->agents[index];
	struct agent_board boards[SIM_AGENT_BOARDS];
	char names[SIM_AGENT_BOARDS][FARM_NAME_MAX];
	struct agent_held_run runs[MAX_RUNS];
	struct agent_hello hello = {.agent = agent->name,
				    .version = "1",
				    .boot = "boot",
				    .types = world->types,
				    .type_count = SIM_TYPES,
				    .boards = boards,
				    .board_count = SIM_AGENT_BOARDS,
				    .runs = runs,
				    .run_count = 0,
				    .limit = index == SIM_LIMITED ? SIM_LIMIT : 0,
				    .leases = index != SIM_OLD,
				    .recovers = true};
	struct agent_refusal refusal;
	struct err err = {0};

	if (agent->connected && !sim_chance(world, 50))
		return; /* now and then a second connection replaces the first */
	clear_inbox(agent);
	for (int b = 0; b < SIM_AGENT_BOARDS; b++) {
		sim_board_name(index * SIM_AGENT_BOARDS + b, names[b]);
		boards[b] = (struct agent_board){names[b],
						 sim_type_of(index * SIM_AGENT_BOARDS + b),
						 drives(agent, b) ? BOARD_RUNNING : agent->state[b],
						 "",
						 "",
						 true,
						 NULL,
						 false};
		if (!world->calm && !drives(agent, b) && sim_chance(world, 5)) {
			boards[b].state = BOARD_RECOVERING;
			boards[b].absent = true;
		}
	}
	for (int i = 0; i < MAX_RUNS; i++) {
		const struct agent_run *run = &agent->runs[i];

		if (run->run)
			runs[hello.run_count++] = (struct agent_held_run){run->run, run->fence, run->made, run->ended};
	}
	agent->connected = true;
	agent->welcomed = false;
	if (farm_agent_hello(world->farm, index == SIM_AGENTS - 1 ? &theirs : &ours, &hello, &refusal, &err) == 0)
		return;
	CHECK(world, strcmp(refusal.field, "hello") == 0 && world->counts.refusals > 0, "%s: %s", agent->name,
	      err.text);
	agent_disconnect(world, index, true); /* it comes again */
}

void agent_disconnect(struct world *world, int index, bool tell)
{
	struct agent_model *agent = &world->agents[index];

	if (!agent->connected)
		return;
	agent->connected = agent->welcomed = false;
	world->gone_us[index] = world->now_us;
	clear_inbox(agent);
	if (tell)
		farm_agent_gone(world->farm, agent->name);
	world->counts.agent_losses++;
}

static void end_run(struct world *world, struct agent_run *run, enum cause cause)
{
	run->made++;
	run->ended = true;
	run->cause = cause;
	world->reported[run->run] = cause;
	world->reported_cases[run->run] = run->cases;
	world->reported_console[run->run] = run->console;
}

void agent_restart(struct world *world, int index)
{
	struct agent_model *agent = &world->agents[index];

	agent_disconnect(world, index, true);
	for (int i = 0; i < MAX_RUNS; i++) {
		if (agent->runs[i].run && !agent->runs[i].ended)
			end_run(world, &agent->runs[i], CAUSE_AGENT_RESTARTED);
	}
	world->counts.agent_restarts++;
}

void agent_amnesia(struct world *world, int index)
{
	agent_disconnect(world, index, true);
	memset(world->agents[index].runs, 0, sizeof(world->agents[index].runs));
	world->counts.amnesias++;
}

/* --- reading --- */

static void reject(struct world *world, const struct agent_model *agent, const struct letter *letter,
		   enum agent_rejection reason)
{
	struct err err = {0};

	CHECK(world, farm_agent_rejected(world->farm, agent->name, letter->run, letter->fence, reason, &err) == 0, "%s",
	      err.text);
}

static void take_assign(struct world *world, struct agent_model *agent, const struct letter *letter)
{
	int board = sim_board_index(letter->board) % SIM_AGENT_BOARDS;
	struct agent_run *room = NULL;

	CHECK(world, !letter->hold || agent != &world->agents[SIM_OLD], "a lease for an agent that knows none");
	if (letter->fence <= agent->fence[board]) {
		reject(world, agent, letter, AGENT_REJECT_OLD_FENCE);
		return;
	}
	for (int i = 0; i < MAX_RUNS && !room; i++)
		room = agent->runs[i].run ? NULL : &agent->runs[i];
	if (drives(agent, board) || !room || (!world->calm && sim_chance(world, 3))) {
		reject(world, agent, letter, AGENT_REJECT_BUSY);
		return;
	}
	if (agent->state[board] == BOARD_QUARANTINED) {
		reject(world, agent, letter, AGENT_REJECT_QUARANTINED);
		return;
	}
	agent->fence[board] = letter->fence;
	*room = (struct agent_run){.run = letter->run,
				   .fence = letter->fence,
				   .board = board,
				   .hold = letter->hold,
				   .plan = (int)sim_random(world, SIM_EVENTS_MAX)};
	world->reported[room->run] = CAUSE_NONE;
}

static void take_welcome(struct agent_model *agent, const struct letter *letter)
{
	agent->welcomed = true;
	for (size_t k = 0; k < letter->known_count; k++) {
		for (int i = 0; i < MAX_RUNS; i++) {
			struct agent_run *run = &agent->runs[i];

			if (run->run == 0 || run->run != letter->known[k].run)
				continue;
			run->sent = letter->known[k].have;
			run->cancel |= letter->known[k].cancel;
			if (!letter->known[k].known)
				memset(run, 0, sizeof(*run));
		}
	}
}

void agent_read(struct world *world, int index)
{
	struct agent_model *agent = &world->agents[index];
	struct letter *letter;
	struct agent_run *run;

	if (list_empty(&agent->inbox))
		return;
	letter = list_container(agent->inbox.next, struct letter, link);
	list_remove(&letter->link);
	run = find_run(agent, letter->run, letter->fence);
	switch (letter->kind) {
	case LETTER_WELCOME:
		take_welcome(agent, letter);
		break;
	case LETTER_ASSIGN:
		take_assign(world, agent, letter);
		break;
	case LETTER_CANCEL:
		if (run && !run->ended)
			run->cancel = true;
		if (run && !run->ended)
			run->cancel_cause = letter->cause;
		break;
	case LETTER_ACK:
		for (int i = 0; i < MAX_RUNS; i++) {
			run = &agent->runs[i];
			if (run->run == letter->run && run->ended && letter->n >= run->made)
				memset(run, 0, sizeof(*run));
		}
		break;
	case LETTER_RECOVER:
		agent->recover[sim_board_index(letter->board) % SIM_AGENT_BOARDS] = true;
		break;
	case LETTER_STALE:
		if (run)
			memset(run, 0, sizeof(*run));
		break;
	}
	free(letter->known);
	free(letter);
}

/* --- working --- */

/* Event n of a run is always the same, so that what is sent again is what was sent before. In a step the firmware asks
 * for another one, of which only the end is told. */
enum made { STEP_BEGUN, CONSOLE, ASKED_STEP, CASE, STEP_ENDED };

static enum made made_as(int64_t n)
{
	static const enum made cycle[] = {CONSOLE, STEP_BEGUN, CONSOLE, ASKED_STEP, CASE, STEP_ENDED};

	return cycle[n % 6];
}

static void make_event(struct agent_run *run)
{
	run->made++;
	if (made_as(run->made) == CONSOLE)
		run->console += 1 + (uint64_t)run->made;
	else if (made_as(run->made) == CASE)
		run->cases++;
}

/* Its first step is the last of a lease's way up: then a person has the board. */
static bool is_held(const struct agent_run *run)
{
	return run->hold && run->made > 0;
}

static enum cause random_cause(struct world *world)
{
	static const enum cause causes[] = {CAUSE_ALL_REQUIRED_SEEN,
					    CAUSE_ALL_REQUIRED_SEEN,
					    CAUSE_ALL_REQUIRED_SEEN,
					    CAUSE_CASE_FAILED,
					    CAUSE_HANG,
					    CAUSE_PROBE,
					    CAUSE_ATTACH,
					    CAUSE_NO_OUTPUT};

	return causes[sim_random(world, sizeof(causes) / sizeof(causes[0]))];
}

static void say(struct world *world, const struct agent_model *agent, int index, int board, enum board_state state)
{
	char name[FARM_NAME_MAX];
	struct agent_board said = {name, "", state, state == BOARD_FREE ? "" : "as told", "", true, NULL, false};
	struct err err = {0};

	sim_board_name(index * SIM_AGENT_BOARDS + board, name);
	CHECK(world, farm_agent_board(world->farm, agent->name, &said, &err) == 0, "%s", err.text);
}

/* Boards that the farm wants again, as soon as nothing drives them. */
static void take_up(struct world *world, int index)
{
	struct agent_model *agent = &world->agents[index];

	for (int b = 0; b < SIM_AGENT_BOARDS; b++) {
		if (!agent->recover[b] || drives(agent, b) || !agent->welcomed)
			continue;
		agent->recover[b] = false;
		say(world, agent, index, b, BOARD_RECOVERING);
		agent->state[b] = !world->calm && sim_chance(world, 20) ? BOARD_QUARANTINED : BOARD_FREE;
		say(world, agent, index, b, agent->state[b]);
	}
}

void agent_work(struct world *world, int index)
{
	struct agent_model *agent = &world->agents[index];
	struct agent_run *run = &agent->runs[sim_random(world, MAX_RUNS)];

	take_up(world, index);
	if (run->run == 0 || run->ended)
		return;
	if (!world->calm && sim_chance(world, 2))
		return; /* a slow one */
	if (run->cancel && sim_chance(world, 70))
		end_run(world, run,
			is_held(run)                                                    ? CAUSE_LEASE_ENDED
			: run->cancel_cause == CAUSE_PREEMPTED && sim_chance(world, 80) ? CAUSE_PREEMPTED
											: CAUSE_CANCELLED);
	else if (run->made >= run->plan)
		end_run(world, run, is_held(run) && sim_chance(world, 80) ? CAUSE_LEASE_ENDED : random_cause(world));
	else
		make_event(run);
}

/* How many console bytes were there before event n. */
static uint64_t console_before(int64_t n)
{
	uint64_t bytes = 0;

	for (int64_t i = 1; i < n; i++)
		bytes += made_as(i) == CONSOLE ? 1 + (uint64_t)i : 0;
	return bytes;
}

static void build_event(const struct agent_run *run, int64_t n, uint8_t *data, struct agent_event *event)
{
	memset(event, 0, sizeof(*event));
	event->run = run->run;
	event->fence = run->fence;
	event->n = n;
	event->at_us = n;
	if (run->ended && n == run->made) {
		event->kind = AGENT_RUN_ENDED;
		event->as.ended = (struct agent_run_ended){.verdict = cause_verdict(run->cause),
							   .cause = run->cause,
							   .text = "told by its agent",
							   .console_sha256 = "",
							   .cases_total = (int64_t)run->cases,
							   .console_bytes = run->console};
	} else if (made_as(n) == CONSOLE) {
		event->kind = AGENT_CONSOLE;
		event->as.console = (struct agent_console){console_before(n), data, (size_t)(1 + n)};
		for (int64_t i = 0; i < 1 + n; i++)
			data[i] = (uint8_t)((uint64_t)run->run + console_before(n) + (uint64_t)i);
	} else if (made_as(n) == CASE) {
		event->kind = AGENT_CASE;
		event->as.result = (struct agent_case){.group = "G", .name = "n", .message = "", .verdict = CASE_PASS};
	} else {
		event->kind = made_as(n) == STEP_BEGUN ? AGENT_STEP_BEGUN : AGENT_STEP_ENDED;
		event->as.step = (struct agent_step){.step = made_as(n) == ASKED_STEP ? "reset"
							     : run->hold && n < 7     ? HOLD_STEP
										      : steps[(n / 6) % 3],
						     .text = "",
						     .took_us = 7};
	}
}

void agent_send(struct world *world, int index)
{
	struct agent_model *agent = &world->agents[index];
	struct agent_run *run = &agent->runs[sim_random(world, MAX_RUNS)];
	struct agent_event event;
	uint8_t data[SIM_EVENTS_MAX + 8];
	struct err err = {0};

	if (!agent->welcomed || run->run == 0 || world->flow_waits)
		return;
	if (!world->calm && run->sent < run->made && sim_chance(world, 3)) {
		/* as if another one drove the board under another number: must change nothing */
		build_event(run, run->sent + 1, data, &event);
		event.fence += sim_chance(world, 50) ? 1 : -1;
		event.kind = AGENT_RUN_ENDED;
		event.as.ended = (struct agent_run_ended){
			.verdict = RUN_FAILED, .cause = CAUSE_CRASH, .text = "a lie", .console_sha256 = ""};
	} else if (!world->calm && run->sent > 0 && sim_chance(world, 5)) {
		build_event(run, 1 + (int64_t)sim_random(world, (uint64_t)run->sent), data, &event);
	} else {
		if (run->sent >= run->made)
			return;
		build_event(run, ++run->sent, data, &event);
	}
	CHECK(world, farm_agent_event(world->farm, agent->name, &event, &err) == 0, "%s: %s", agent->name, err.text);
}

void agent_quarantine(struct world *world, int index)
{
	struct agent_model *agent = &world->agents[index];
	int board = (int)sim_random(world, SIM_AGENT_BOARDS);
	char name[FARM_NAME_MAX];
	struct agent_board said = {name, "", BOARD_FREE, "", "", true, NULL, false};
	struct err err = {0};

	agent->state[board] = world->calm || agent->state[board] == BOARD_QUARANTINED ? BOARD_FREE : BOARD_QUARANTINED;
	if (!agent->connected)
		return;
	sim_board_name(index * SIM_AGENT_BOARDS + board, name);
	said.state = drives(agent, board) ? BOARD_RUNNING : agent->state[board];
	said.reason = said.state == BOARD_QUARANTINED ? "three failures" : "";
	CHECK(world, farm_agent_board(world->farm, agent->name, &said, &err) == 0, "%s", err.text);
}

bool agent_waits(const struct world *world, int index)
{
	const struct agent_model *agent = &world->agents[index];

	for (int i = 0; i < MAX_RUNS; i++) {
		if (agent->runs[i].run)
			return false;
	}
	return agent->welcomed && list_empty((struct list *)&agent->inbox);
}

bool agent_idle(const struct world *world, int index)
{
	for (int b = 0; b < SIM_AGENT_BOARDS; b++) {
		if (world->agents[index].state[b] != BOARD_FREE)
			return false;
	}
	return agent_waits(world, index);
}
