/* SPDX-License-Identifier: Apache-2.0 */
/* The step engine's simulator: every way a row can go, at every row, on the way there and back, with a cancel at every
 * instant; exhaustive for one thing going wrong each way, random beyond. Prints counts; ends with 1 at the first broken
 * promise, naming what leads to it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/sim/world.h"

#define ROW(row_name, ...)                                                                                             \
	{                                                                                                              \
		.name = row_name, .start = world_start, __VA_ARGS__                                                    \
	}
#define SOFT              .abort = world_abort, .kill = world_kill
#define BACK(name, limit) .undo = world_undo, .undo_name = name, .undo_limit_ms = limit

/* As long as the agent's table, with every kind of row in it. */
static const struct step_row bench[] = {
	ROW("power-on", .limit_ms = 5000, .limit_cause = CAUSE_POWER, .undo_refused = true, SOFT,
	    BACK("power-off", 4000)),
	ROW("console-open", .limit_ms = 3000, .kill = world_kill, BACK("console-close", 1000)),
	ROW("attach", .limit_ms = 10000, .limit_cause = CAUSE_ATTACH, SOFT, BACK("detach", 2000)),
	ROW("identify", .limit_ms = 5000, SOFT),
	ROW("flash", .limit_ms = 60000, .abort = world_abort),
	ROW("verify", .limit_ms = 20000, .undo_refused = true, SOFT),
	ROW("reset", 0),
	ROW("capture", .limit_ms = 120000, SOFT, BACK("drain", 0)),
	ROW("snapshot", .limit_ms = 8000, .always = true, .needs_row = "capture", SOFT),
	ROW("judge", .limit_ms = 1000, .always = true, .needs_row = "attach"),
};

static const struct step_row small[] = {
	ROW("power-on", .limit_ms = 100, .undo_refused = true, SOFT, BACK("power-off", 100)),
	ROW("attach", .limit_ms = 200, SOFT, BACK("detach", 200)),
	ROW("judge", .limit_ms = 300, .always = true, SOFT, BACK("forget", 50)),
};

static const struct step_row bare[] = {ROW("only", .limit_ms = 100)};

static struct {
	struct world world;
	unsigned long long runs, calls;
	uint64_t seed;
	int shown;
} sim;

static void print_scenario(const struct scenario *scenario)
{
	printf("  cancel at instant ");
	if (scenario->cancel_at == NO_CANCEL)
		printf("never");
	else
		printf("%zu", scenario->cancel_at);
	printf(", %s first\n", scenario->timer_first ? "timer" : "completion");
	for (size_t i = 0; i < scenario->row_count; i++)
		printf("  %zu %-14s %-12s back: %s\n", i, scenario->rows[i].name, behaviour_name(scenario->forward[i]),
		       scenario->rows[i].undo ? behaviour_name(scenario->back[i]) : "-");
}

static void play(const struct scenario *scenario)
{
	bool good = world_play(&sim.world, scenario);

	sim.runs++;
	sim.calls += sim.world.call_count;
	if (good)
		return;
	printf("BROKEN: %s\n", sim.world.complaint);
	print_scenario(scenario);
	exit(1);
}

/* The scenario without a cancel, and with one at each of its instants, in both orders of timer and completion. */
static void play_cancels(struct scenario *scenario)
{
	for (int order = 0; order < 2; order++) {
		size_t instants;

		scenario->timer_first = order;
		scenario->cancel_at = NO_CANCEL;
		play(scenario);
		/* A cancel lets a run take another way, with instants of its own; those behind it do not matter. */
		instants = sim.world.instants;
		for (scenario->cancel_at = 0; scenario->cancel_at < instants; scenario->cancel_at++)
			play(scenario);
	}
}

static struct scenario scenario_of(const struct step_row *rows, size_t count)
{
	return (struct scenario){.rows = rows, .row_count = count, .cancel_at = NO_CANCEL};
}

/* Every combination of behaviours there and back. */
static void play_all(const struct step_row *rows, size_t count)
{
	struct scenario scenario = scenario_of(rows, count);
	size_t total = 1;

	for (size_t i = 0; i < 2 * count; i++)
		total *= i < count || rows[i - count].undo ? BEHAVIOUR_COUNT : 1;
	for (size_t number = 0; number < total; number++) {
		size_t rest = number;

		for (size_t i = 0; i < count; i++, rest /= BEHAVIOUR_COUNT)
			scenario.forward[i] = (enum behaviour)(rest % BEHAVIOUR_COUNT);
		for (size_t i = 0; i < count; i++) {
			if (!rows[i].undo)
				continue;
			scenario.back[i] = (enum behaviour)(rest % BEHAVIOUR_COUNT);
			rest /= BEHAVIOUR_COUNT;
		}
		scenario.timer_first = number & 1;
		scenario.cancel_at = number % 29; /* all cancels would take too long here */
		play(&scenario);
		scenario.cancel_at = NO_CANCEL;
		play(&scenario);
	}
}

static void play_pair(const struct step_row *rows, size_t count, size_t there, size_t back)
{
	for (unsigned number = 0; number < BEHAVIOUR_COUNT * BEHAVIOUR_COUNT; number++) {
		struct scenario scenario = scenario_of(rows, count);

		scenario.forward[there] = (enum behaviour)(number % BEHAVIOUR_COUNT);
		scenario.back[back] = (enum behaviour)(number / BEHAVIOUR_COUNT);
		play_cancels(&scenario);
	}
}

/* One row there and one row back going every way, all others well, with every cancel. */
static void play_pairs(const struct step_row *rows, size_t count)
{
	for (size_t there = 0; there < count; there++) {
		for (size_t back = 0; back < count; back++) {
			if (rows[back].undo || back == there)
				play_pair(rows, count, there, back);
		}
	}
}

static uint64_t random_next(void)
{
	sim.seed ^= sim.seed << 13;
	sim.seed ^= sim.seed >> 7;
	sim.seed ^= sim.seed << 17;
	return sim.seed;
}

static bool chance(unsigned of)
{
	return random_next() % of == 0;
}

/* A row of any shape. */
static struct step_row random_row(size_t i, const struct step_row *earlier)
{
	static const char *const row_names[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l",
						"m", "n", "o", "p", "q", "r", "s", "t", "u", "v", "w", "x"};
	struct step_row row = {.name = row_names[i], .start = world_start};

	row.limit_ms = (int64_t)(random_next() % 5) * 700;
	if (chance(2)) {
		row.undo = world_undo;
		row.undo_name = "back";
		row.undo_limit_ms = (int64_t)(random_next() % 4) * 900;
	}
	row.abort = chance(3) ? NULL : world_abort;
	row.kill = chance(4) ? NULL : world_kill;
	row.limit_cause = chance(2) ? CAUSE_NONE : CAUSE_FLASH;
	row.undo_refused = chance(3);
	row.always = chance(4);
	if (row.always && i > 0 && chance(2))
		row.needs_row = earlier[random_next() % i].name;
	return row;
}

static void play_random(unsigned long runs)
{
	for (unsigned long run = 0; run < runs; run++) {
		struct step_row rows[STEPS_MAX];
		size_t count = 1 + random_next() % STEPS_MAX;
		struct scenario scenario = scenario_of(rows, count);

		for (size_t i = 0; i < count; i++) {
			rows[i] = random_row(i, rows);
			scenario.forward[i] = chance(6) ? (enum behaviour)(random_next() % BEHAVIOUR_COUNT) : BEHAVE_OK;
			scenario.back[i] = chance(3) ? (enum behaviour)(random_next() % BEHAVIOUR_COUNT) : BEHAVE_OK;
		}
		scenario.timer_first = chance(2);
		scenario.cancel_at = chance(2) ? random_next() % (6 * count + 8) : NO_CANCEL;
		play(&scenario);
	}
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void report(const char *what, double begin)
{
	static unsigned long long before;
	double took = seconds() - begin;

	printf("%-34s %9llu runs  %6.2f s  %8.0f runs/s\n", what, sim.runs - before, took,
	       (double)(sim.runs - before) / took);
	before = sim.runs;
}

/* steps_sim [random runs [seed]] */
int main(int argc, char **argv)
{
	unsigned long runs = argc > 1 ? strtoul(argv[1], NULL, 10) : 300000;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : (uint64_t)time(NULL);
	double begin = seconds();
	double all = begin;

	sim.seed = seed ? seed : 1;
	play_pairs(bare, 1);
	play_cancels(&(struct scenario){.rows = bare, .row_count = 1});
	play_cancels(&(struct scenario){.rows = small, .row_count = 0});
	play_pairs(small, sizeof(small) / sizeof(small[0]));
	report("3 rows, two ways, each cancel", begin);

	begin = seconds();
	play_pairs(bench, sizeof(bench) / sizeof(bench[0]));
	report("10 rows, two ways, each cancel", begin);

	begin = seconds();
	play_all(small, 2);
	report("2 rows, every combination", begin);

	begin = seconds();
	printf("random tables, seed %llu\n", (unsigned long long)seed);
	play_random(runs);
	report("random", begin);

	printf("%llu runs, %llu calls of rows, %.2f s: every promise kept\n", sim.runs, sim.calls, seconds() - all);
	return 0;
}
