/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger of every board's time: moved by its states and its run's steps, kept with changes of state and ends of
 * runs.
 *
 * Happy path: a board changes its state, or its run a step -> the ledger moves on, in memory. Its state changed, its
 * run ended, or a day is over -> one row of its time goes with the change that is being made: the days that are over,
 * and today with the kind that is open and since when.
 * After a restart, or a rewind: the kind that was open as it was last stored went on until the last sign of life (the
 * last durable event, or the store's orderly end), and from then on the board was offline, as nobody knows better. So
 * steps of a run that were not followed by a row are told as what the row said; nothing is lost or counted twice.
 * The clock that people read is put forward, or the machine slept: the board was in its kind for as long as the
 * monotonic clock went on, and offline for the rest. Put back: nothing is told until it has caught up.
 * A board that the store has no row of begins its ledger when the farm takes it up. */
#include <stdlib.h>
#include <string.h>

#include "core/base/civil.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "core/farm/farm_state.h"
#include "core/farm/state_board.h"
#include "core/farm/state_job.h"
#include "core/farm/state_run.h"

#define TIME_JUMP_US INT64_C(2000000) /* by less the clock of people may be set without a word of it */

struct keeper {
	struct farm *farm;
	struct board *board;
};

static struct board_time_record *add_record(struct farm *farm, const struct board *board, const struct time_day *day)
{
	struct board_time_record *record = change_add(farm->open, RECORD_BOARD_TIME);

	mem_text_into(record->board, sizeof(record->board), board->record.name);
	mem_text_into(record->org, sizeof(record->org), board->record.org);
	record->day = *day;
	return record;
}

static void on_day_over(void *context, const struct time_day *day)
{
	struct keeper *keeper = context;

	(void)add_record(keeper->farm, keeper->board, day);
	board_time_keep(keeper->farm, keeper->board);
}

/* By the clock of people: until when the board was seen in its kind; now, unless that clock was put forward. */
static int64_t seen_us(const struct farm *farm, const struct board *board)
{
	int64_t now_us = farm_unix(farm), had_us = farm_now(farm) - board->time_moved_us;

	return now_us - board->time.since_us - had_us > TIME_JUMP_US ? board->time.since_us + had_us : now_us;
}

static void move(struct farm *farm, struct board *board, enum time_kind kind, int64_t at_us)
{
	struct keeper keeper = {farm, board};

	time_ledger_move(&board->time, kind, at_us, on_day_over, &keeper);
}

static void move_now(struct farm *farm, struct board *board, enum time_kind kind)
{
	/* in this order: what goes by between the two must not look like a clock that was put forward */
	int64_t moved_us = farm_now(farm), now_us = farm_unix(farm), until_us = seen_us(farm, board);

	if (until_us < now_us)
		move(farm, board, TIME_OFFLINE, until_us);
	move(farm, board, kind, now_us);
	board->time_moved_us = moved_us;
}

static enum time_kind kind_of(const struct board *board)
{
	const struct run *run = board->run;
	bool is_looked_into =
		run && (run->job->record.kind == JOB_IS_CHECK || run->job->record.kind == JOB_IS_DIAGNOSIS);

	return time_kind_of(board->record.state, is_looked_into, run && run->step_open ? run->step.step : NULL);
}

void board_time_look(struct farm *farm, struct board *board)
{
	enum time_kind kind = kind_of(board);

	if (!board->time.begun) {
		time_ledger_finish(&board->time);
		board->time_moved_us = farm_now(farm);
		time_ledger_begin(&board->time, kind, farm_unix(farm));
		board_time_keep(farm, board);
	} else if (kind != board->time.kind) {
		move_now(farm, board, kind);
	}
}

void board_time_keep(struct farm *farm, struct board *board)
{
	if (list_empty(&board->time_link))
		list_append(&farm->times, &board->time_link);
}

void board_times_write(struct farm *farm)
{
	while (!list_empty(&farm->times)) {
		struct board *board = list_container(farm->times.next, struct board, time_link);
		struct board_time_record *record;

		list_remove(&board->time_link);
		if (!board->time.begun)
			continue;
		record = add_record(farm, board, &board->time.today);
		record->kind = board->time.kind;
		record->since_us = board->time.since_us;
	}
}

void board_times_load(struct farm *farm, const struct farm_records *records)
{
	for (size_t i = 0; i < records->time_count; i++) {
		const struct board_time_record *record = &records->times[i];
		struct board *board = board_find(farm, record->board);

		if (!board)
			continue;
		if (!record->since_us) {
			time_ledger_restore_past(&board->time, &record->day);
			continue;
		}
		time_ledger_restore_open(&board->time, &record->day, record->kind, record->since_us);
		move(farm, board, TIME_OFFLINE, records->last_at_us);
		board->time_moved_us = farm_now(farm);
		board_time_keep(farm, board);
	}
}

/* --- as JSON --- */

static json_t *amounts_json(const struct time_day *day)
{
	json_t *us = json_object(), *object = json_object();

	for (int i = 0; i < TIME_KIND_COUNT; i++)
		json_put(&us, time_kind_name((enum time_kind)i), json_integer(day->us[i]));
	json_put(&object, "sum_us", json_integer(time_day_sum_us(day)));
	json_put(&object, "us", us);
	return object;
}

static json_t *day_json(const struct time_day *day)
{
	struct civil_date date;
	json_t *object = amounts_json(day);

	civil_from_days(day->day, &date);
	json_put(&object, "day", json_sprintf("%04lld-%02d-%02d", (long long)date.year, date.month, date.day));
	return object;
}

json_t *farm_board_time_json(const struct farm *farm, const struct principal *who, const char *name, size_t days)
{
	const struct board *board = board_find(farm, name);
	struct time_day day[TIME_DAYS_KEPT];
	json_t *object, *list;
	int64_t until_us;
	size_t count;

	if (!board || !principal_sees_shared(who, board->record.org))
		return NULL;
	count = time_ledger_days(&board->time, seen_us(farm, board), farm_unix(farm), days, day, &until_us);
	list = json_array();
	for (size_t i = 0; i < count; i++)
		json_push(&list, day_json(&day[i]));
	object = json_object();
	json_put(&object, "board", json_string(name));
	json_put(&object, "kind", json_string(time_kind_name(board->time.kind)));
	json_put(&object, "since_us", json_integer(board->time.since_us));
	json_put(&object, "until_us", json_integer(until_us));
	json_put(&object, "days", list);
	return object;
}

/* What boards of one name, a type's or a rack's, add up to. */
struct time_sum {
	const char *name;
	int64_t boards;
	struct time_day all;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct time_sum *)a)->name, ((const struct time_sum *)b)->name);
}

static json_t *sum_json(const struct time_sum *sum)
{
	json_t *object = amounts_json(&sum->all);

	json_put(&object, "name", json_string(sum->name));
	json_put(&object, "boards", json_integer(sum->boards));
	return object;
}

static void add_up(struct time_sum *sum, const struct time_sum *other)
{
	sum->boards += other->boards;
	for (int i = 0; i < TIME_KIND_COUNT; i++)
		sum->all.us[i] += other->all.us[i];
}

/* Sorts the sums, and adds those of one name up. */
static json_t *sums_json(struct time_sum *sums, size_t count)
{
	json_t *list = json_array();
	size_t next;

	qsort(sums, count, sizeof(*sums), by_name);
	for (size_t i = 0; i < count; i = next) {
		for (next = i + 1; next < count && strcmp(sums[i].name, sums[next].name) == 0; next++)
			add_up(&sums[i], &sums[next]);
		json_push(&list, sum_json(&sums[i]));
	}
	return list;
}

static struct time_sum sum_of(const struct farm *farm, const struct board *board, size_t days, int64_t now_us)
{
	struct time_sum sum = {.boards = 1};
	struct time_day day[TIME_DAYS_KEPT];
	int64_t until_us;
	size_t count = time_ledger_days(&board->time, seen_us(farm, board), now_us, days, day, &until_us);

	for (size_t i = 0; i < count; i++) {
		for (int kind = 0; kind < TIME_KIND_COUNT; kind++)
			sum.all.us[kind] += day[i].us[kind];
	}
	return sum;
}

json_t *farm_time_json(const struct farm *farm, const struct principal *who, size_t days)
{
	struct time_sum *types = mem_alloc_array(farm->boards.count, sizeof(*types));
	struct time_sum *racks = mem_alloc_array(farm->boards.count, sizeof(*racks));
	struct time_sum total = {.name = "farm"};
	int64_t now_us = farm_unix(farm);
	json_t *object = json_object();
	size_t count = 0;

	for (struct map_node *node = map_next(&farm->boards, NULL); node; node = map_next(&farm->boards, node)) {
		const struct board *board = map_container(node, const struct board, node);

		if (!principal_sees_shared(who, board->record.org))
			continue;
		types[count] = racks[count] = sum_of(farm, board, days, now_us);
		types[count].name = board->record.type;
		racks[count].name = board->record.agent;
		add_up(&total, &types[count++]);
	}
	json_put(&object, "days", json_integer((json_int_t)days));
	json_put(&object, "until_us", json_integer(now_us));
	json_put(&object, "total", sum_json(&total));
	json_put(&object, "by_type", sums_json(types, count));
	json_put(&object, "by_rack", sums_json(racks, count));
	free(types);
	free(racks);
	return object;
}
