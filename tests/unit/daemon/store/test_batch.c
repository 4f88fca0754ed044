/* SPDX-License-Identifier: Apache-2.0 */
/* What of a batch is not written: only what the same batch writes over, and never what the database must see happen. */
#include <stdlib.h>

#include "core/base/mem.h"
#include "daemon/store/batch.h"
#include "tests/unit/daemon/store/support.h"

struct batch {
	struct list changes;
	int64_t number;
};

static int setup(void **state)
{
	struct batch *batch = mem_alloc(sizeof(*batch));

	list_init(&batch->changes);
	*state = batch;
	return 0;
}

static int teardown(void **state)
{
	struct batch *batch = *state;

	list_for_each_safe (link, &batch->changes)
		change_destroy(list_container(link, struct change, link));
	free(batch);
	return 0;
}

/* The row of a record in a change of its own. */
static void *add(struct batch *batch, enum record_kind kind)
{
	struct change *change = change_create();

	change->number = ++batch->number;
	list_append(&batch->changes, &change->link);
	return change_add(change, kind);
}

static void check(struct batch *batch, const char *expected)
{
	char found[64] = "";
	size_t count = 0;

	batch_thin(&batch->changes);
	list_for_each (at, &batch->changes) {
		list_for_each (link, &list_container(at, struct change, link)->records)
			found[count++] = list_container(link, struct record, link)->superseded ? '-' : '+';
	}
	assert_string_equal(found, expected);
}

static void progress(struct batch *batch, int64_t run, int64_t have)
{
	*(struct progress_record *)add(batch, RECORD_PROGRESS) = (struct progress_record){.run = run, .have = have};
}

static void test_only_the_last_word_on_how_far_a_run_is(void **state)
{
	struct batch *batch = *state;
	struct run_record *run = add(batch, RECORD_RUN);

	run->id = 1;
	progress(batch, 1, 1);
	progress(batch, 2, 1);
	progress(batch, 1, 2);
	progress(batch, 2, 2);
	run = add(batch, RECORD_RUN);
	run->id = 2;
	/* the rows of runs stay: the first one makes it, and states set something off */
	check(batch, "+--+-+");
}

static void step(struct batch *batch, int64_t run, int64_t serial, bool ended)
{
	struct step_record *record = add(batch, RECORD_STEP);

	record->run = run;
	record->serial = serial;
	record->ended = ended;
}

static void test_a_step_that_ended_has_begun(void **state)
{
	struct batch *batch = *state;

	step(batch, 1, 1, false);
	step(batch, 1, 1, true);
	step(batch, 1, 3, false);
	step(batch, 2, 1, false);
	step(batch, 2, 3, true);
	check(batch, "-++++");
}

static void lease(struct batch *batch, const char *board, int64_t fence, int64_t run, int64_t ended_at_us)
{
	struct lease_record *record = add(batch, RECORD_LEASE);

	mem_text_into(record->board, sizeof(record->board), board);
	record->fence = fence;
	record->run = run;
	record->ended_at_us = ended_at_us;
}

static void board(struct batch *batch, const char *name)
{
	mem_text_into(((struct board_record *)add(batch, RECORD_BOARD))->name, FARM_NAME_MAX, name);
}

static void test_boards_and_leases(void **state)
{
	struct batch *batch = *state;

	lease(batch, "a", 7, 1, 0);
	board(batch, "a");
	board(batch, "b");
	lease(batch, "a", 7, 1, 5);
	board(batch, "a");
	lease(batch, "a", 8, 2, 0);
	lease(batch, "b", 8, 3, 0);
	check(batch, "--+++++");
}

static void test_what_only_comes_once_stays(void **state)
{
	struct batch *batch = *state;

	for (int i = 0; i < 2; i++) {
		((struct event_record *)add(batch, RECORD_EVENT))->seq = 1;
		((struct case_record *)add(batch, RECORD_CASE))->run = 1;
		((struct console_record *)add(batch, RECORD_CONSOLE))->run = 1;
		((struct job_record *)add(batch, RECORD_JOB))->id = 1;
		(void)add(batch, RECORD_AGENT);
	}
	check(batch, "++++++++++");
}

/* When a batch is refused, each change is tried alone: then it is what it was. */
static void test_marks_of_another_batch_are_taken_away(void **state)
{
	struct batch *batch = *state, alone = {.number = 0};
	struct list *first;

	progress(batch, 1, 1);
	progress(batch, 1, 2);
	check(batch, "-+");
	first = batch->changes.next;
	list_remove(first);
	list_init(&alone.changes);
	list_append(&alone.changes, first);
	check(&alone, "+");
	change_destroy(list_container(first, struct change, link));
}

static void test_many(void **state)
{
	struct batch *batch = *state;

	for (int64_t have = 1; have <= 30; have++) {
		for (int64_t run = 1; run <= 500; run++)
			progress(batch, run, have);
	}
	batch_thin(&batch->changes);
	list_for_each (at, &batch->changes) {
		const struct change *change = list_container(at, const struct change, link);
		const struct record *record = list_container(change->records.next, const struct record, link);

		assert_int_equal(record->superseded, record->as.progress->have != 30);
	}
}

static void spent(struct batch *batch, const char *board, int64_t day)
{
	struct board_time_record *record = add(batch, RECORD_BOARD_TIME);

	mem_text_into(record->board, sizeof(record->board), board);
	record->day.day = day;
}

static void test_only_the_last_word_on_a_boards_day(void **state)
{
	struct batch *batch = *state;

	spent(batch, "b1", 1);
	spent(batch, "b2", 1);
	spent(batch, "b1", 1);
	spent(batch, "b1", 2);
	spent(batch, "b1", 2);
	check(batch, "-++-+");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_only_the_last_word_on_how_far_a_run_is, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_step_that_ended_has_begun, setup, teardown),
		cmocka_unit_test_setup_teardown(test_boards_and_leases, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_only_comes_once_stays, setup, teardown),
		cmocka_unit_test_setup_teardown(test_marks_of_another_batch_are_taken_away, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many, setup, teardown),
		cmocka_unit_test_setup_teardown(test_only_the_last_word_on_a_boards_day, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
