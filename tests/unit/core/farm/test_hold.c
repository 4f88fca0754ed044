/* SPDX-License-Identifier: Apache-2.0 */
/* Leases of people: what may be asked for, who may do what with one, and when it ends. */
#include <string.h>

#include "tests/unit/core/farm/support_farm.h"

#define SECOND INT64_C(1000000)
#define MINUTE (60 * SECOND)

static const struct principal max = {.org = "default", .name = "max", .role = ROLE_MEMBER};
static struct doc_problems problems;

static struct lease_wish hour(void)
{
	return (struct lease_wish){.board_type = "microbit", .for_ms = 3600000, .grace_ms = 0, .priority = -1};
}

static int ask(struct farm_world *w, const struct principal *who, const struct lease_wish *wish)
{
	return farm_lease(w->farm, who, wish, on_submitted, w, &problems, &w->err);
}

/* Mary has a board for an hour, and its agent has begun to hold it with event 1. */
static void lease_one(struct farm_world *w, int64_t grace_ms)
{
	struct lease_wish wish = hour();

	wish.grace_ms = grace_ms;
	if (ask(w, &mary, &wish))
		fail_msg("%s", w->err.text);
	commit_all(w);
	assert_int_equal(w->assigns, 1);
	assert_int_equal(tell_step_named(w, 1, HOLD_STEP, false), 0);
	commit_all(w);
}

static json_t *lease(struct farm_world *w, const char *field)
{
	static json_t *object;

	json_decref(object);
	object = farm_lease_json(w->farm, &mary, w->job);
	return json_object_get(object, field);
}

static const char *state_of(struct farm_world *w)
{
	const char *word = json_string_value(lease(w, "state"));

	return word ? word : "none";
}

static void pass(struct farm_world *w, int64_t us)
{
	w->now_us += us;
	farm_tick(w->farm);
	commit_all(w);
}

static bool heard(const struct farm_world *w, const char *type)
{
	return strstr(w->heard, type) != NULL;
}

/* --- asking --- */

static void expect_problem(struct farm_world *w, const struct lease_wish *wish, const char *field, const char *words)
{
	assert_int_equal(ask(w, &mary, wish), ERR_INVALID);
	assert_int_equal(problems.count, 1);
	if (strcmp(problems.item[0].field, field) != 0 || !strstr(w->err.text, words))
		fail_msg("%s: %s", problems.item[0].field, w->err.text);
}

static void test_mistakes_are_told_by_field(void **state)
{
	struct farm_world *w = *state;
	struct lease_wish wish = hour();

	wish.board = "mb1";
	expect_problem(w, &wish, "type", "either a type (any board of it) or one board");
	wish.board_type = NULL;
	wish.board = "nosuch";
	expect_problem(w, &wish, "board", "the name of a board of this farm");
	wish = hour();
	wish.board_type = "nosuch";
	expect_problem(w, &wish, "type", "a board type of this farm");
	wish = hour();
	wish.for_ms = 9 * 3600000;
	expect_problem(w, &wish, "for_ms", "found 9 h, expected 1 min to 8 h");
	wish = hour();
	wish.for_ms = 1000;
	expect_problem(w, &wish, "for_ms", "found 1 s");
	wish = hour();
	wish.tags = "scope";
	expect_problem(w, &wish, "type", "it has no tag scope");
	wish = hour();
	wish.image_sha256 = "00";
	expect_problem(w, &wish, "image", "sha256:<64 hex digits>");
	wish = hour();
	wish.why = "two\nlines";
	expect_problem(w, &wish, "why", "one line of text");
	wish = hour();
	assert_int_equal(ask(w, &vera, &wish), ERR_DENIED);
}

static void test_the_board_of_an_agent_that_knows_no_leases_is_not_had(void **state)
{
	struct farm_world *w = *state;
	const struct agent_board old = {"old1", "microbit", BOARD_FREE, "", "", true, NULL, false};
	struct agent_hello hello = hello_of(w, "rack2", &old, 1);
	struct agent_refusal refusal;
	struct lease_wish wish = hour();

	hello.leases = false;
	assert_int_equal(farm_agent_hello(w->farm, &rack, &hello, &refusal, &w->err), 0);
	wish.board_type = NULL;
	wish.board = "old1";
	expect_problem(w, &wish, "board", "its agent knows no leases");
	wish.board = "mb2";
	assert_int_equal(ask(w, &mary, &wish), 0);
	commit_all(w);
	assert_string_equal(w->assigned_board, "mb2");
}

static void test_it_waits_its_turn_like_any_run(void **state)
{
	struct farm_world *w = *state;
	struct lease_wish wish = hour();

	submit_one(w);
	submit_one(w);
	commit_all(w);
	assert_int_equal(w->assigns, 2);
	assert_int_equal(ask(w, &mary, &wish), 0);
	commit_all(w);
	assert_string_equal(state_of(w), "waiting");
	assert_int_equal(json_integer_value(json_object_get(lease(w, "waits"), "position")), 0);
	w->assigned_run = 2;
	assert_int_equal(tell_step(w, 1, false), 0);
	assert_int_equal(tell_end(w, 2, CAUSE_ALL_REQUIRED_SEEN), 0);
	commit_all(w);
	assert_string_equal(state_of(w), "starting");
	assert_false(heard(w, "lease.granted"));
	assert_int_equal(tell_step_named(w, 1, "power-on", false), 0);
	assert_int_equal(tell_step_named(w, 2, HOLD_STEP, false), 0);
	assert_false(heard(w, "lease.granted")); /* not durable yet */
	commit_all(w);
	assert_true(heard(w, "lease.granted"));
	assert_string_equal(state_of(w), "held");
	assert_true(json_integer_value(lease(w, "until_us")) == w->now_us + 60 * MINUTE);
}

/* --- whose it is --- */

static void test_only_the_holder_may(void **state)
{
	struct farm_world *w = *state;
	struct lease_place place;
	int64_t client = 0;

	lease_one(w, 0);
	assert_int_equal(farm_lease_attach(w->farm, &max, w->job, &client, &w->err), ERR_DENIED);
	assert_string_equal(w->err.text, "lease 1 is mary's");
	assert_int_equal(farm_lease_attach(w->farm, &boss, w->job, &client, &w->err), ERR_DENIED);
	assert_int_equal(farm_lease_attach(w->farm, &bob, w->job, &client, &w->err), ERR_NOT_FOUND);
	assert_int_equal(farm_lease_extend(w->farm, &max, w->job, 60000, on_done, w, &w->err), ERR_DENIED);
	assert_int_equal(farm_lease_hand_over(w->farm, &max, w->job, "max", on_done, w, &w->err), ERR_DENIED);
	assert_int_equal(farm_lease_end(w->farm, &bob, w->job, on_done, w, &w->err), ERR_NOT_FOUND);
	assert_int_equal(farm_lease_end(w->farm, &vera, w->job, on_done, w, &w->err), ERR_DENIED);
	assert_int_equal(farm_lease_attach(w->farm, &mary, w->job, &client, &w->err), 0);
	assert_int_equal(farm_lease_place(w->farm, w->job, client, &place, &w->err), 0);
	assert_string_equal(place.agent, "rack1");
	assert_int_equal(place.fence, w->assigned_fence);
	assert_int_equal(place.run, w->assigned_run);
	assert_int_equal(farm_lease_place(w->farm, w->job, client + 1, &place, &w->err), ERR_NOT_FOUND);
}

static void test_handed_over_the_old_holder_is_out(void **state)
{
	struct farm_world *w = *state;
	struct lease_place place;
	int64_t old = 0, new = 0;

	lease_one(w, 120000);
	assert_int_equal(farm_lease_attach(w->farm, &mary, w->job, &old, &w->err), 0);
	assert_int_equal(farm_lease_hand_over(w->farm, &mary, w->job, "mary", on_done, w, &w->err), ERR_INVALID);
	assert_int_equal(farm_lease_hand_over(w->farm, &mary, w->job, "max", on_done, w, &w->err), 0);
	assert_int_equal(w->cuts, 1);
	assert_string_equal(w->cut_text, "from mary to max");
	commit_all(w);
	assert_true(w->done && heard(w, "lease.handed-over"));
	assert_int_equal(farm_lease_place(w->farm, w->job, old, &place, &w->err), ERR_NOT_FOUND);
	assert_int_equal(farm_lease_attach(w->farm, &mary, w->job, &old, &w->err), ERR_DENIED);
	assert_int_equal(farm_lease_extend(w->farm, &mary, w->job, 60000, on_done, w, &w->err), ERR_DENIED);
	assert_int_equal(farm_lease_attach(w->farm, &max, w->job, &new, &w->err), 0);
	assert_int_equal(farm_lease_place(w->farm, w->job, new, &place, &w->err), 0);
	assert_int_equal(place.fence, w->assigned_fence);
	farm_lease_detach(w->farm, w->job, old); /* late, of the time before */
	pass(w, 5 * MINUTE);
	assert_string_equal(state_of(w), "held");
}

/* --- how long --- */

static void test_it_is_extended_up_to_the_longest(void **state)
{
	struct farm_world *w = *state;

	lease_one(w, 0);
	pass(w, 10 * MINUTE);
	assert_int_equal(farm_lease_extend(w->farm, &mary, w->job, 30 * 60000, on_done, w, &w->err), 0);
	assert_int_equal(w->extends, 0); /* not durable yet */
	commit_all(w);
	assert_int_equal(w->extends, 1);
	assert_int_equal(w->extended_ms, 80 * 60000);
	assert_true(heard(w, "lease.extended"));
	assert_int_equal(farm_lease_extend(w->farm, &mary, w->job, 7 * 3600000, on_done, w, &w->err), ERR_INVALID);
	assert_non_null(strstr(w->err.text, "expected 1 s to 390 min: the farm's leases are 8 h long at most"));
	assert_int_equal(farm_lease_extend(w->farm, &boss, w->job, 390 * 60000, on_done, w, &w->err), 0);
	assert_int_equal(farm_lease_extend(w->farm, &mary, w->job, 1000, on_done, w, &w->err), ERR_INVALID);
}

/* The clock that people read is put forward by a day, or back by an hour: the board is held as long as was promised. */
static void test_it_lasts_as_long_whatever_the_clock_says(void **state)
{
	static const int64_t jumps[] = {86400 * SECOND, -3600 * SECOND};
	const struct agent_held_run held = {1, 1, 1, false};
	struct farm_world *w = *state;
	int64_t until_us;

	lease_one(w, 0);
	for (size_t i = 0; i < sizeof(jumps) / sizeof(jumps[0]); i++) {
		w->jumped_us = 0;
		until_us = json_integer_value(lease(w, "until_us"));
		w->jumped_us = jumps[i];
		pass(w, MINUTE);
		assert_false(heard(w, "lease.expiring"));
		assert_int_equal(json_integer_value(lease(w, "until_us")), until_us + jumps[i]);
		farm_agent_gone(w->farm, "rack1");
		assert_int_equal(say_hello(w, "rack1", &held, 1, NULL), 0);
		commit_all(w);
		assert_int_equal(w->extended_ms, 59 * 60000);
		assert_int_equal(farm_lease_extend(w->farm, &mary, w->job, 60000, on_done, w, &w->err), 0);
		commit_all(w);
		assert_int_equal(w->extended_ms, 3600000); /* a minute passed, a minute more */
		assert_int_equal(json_integer_value(lease(w, "until_us")), until_us + jumps[i] + MINUTE);
	}
	pass(w, 55 * MINUTE);
	assert_true(heard(w, "lease.expiring"));
}

static void test_its_end_is_told_twice_before(void **state)
{
	struct farm_world *w = *state;
	size_t len;

	lease_one(w, 0);
	pass(w, 54 * MINUTE);
	assert_false(heard(w, "lease.expiring"));
	pass(w, MINUTE);
	assert_true(heard(w, "lease.expiring"));
	len = strlen(w->heard);
	pass(w, 3 * MINUTE);
	assert_int_equal(strlen(w->heard), len);
	pass(w, MINUTE);
	assert_non_null(strstr(w->heard + len, "lease.expiring"));
	assert_string_equal(state_of(w), "held");
}

static void test_the_timer_is_set_for_what_comes_next(void **state)
{
	struct farm_world *w = *state;
	int64_t client = 0;

	lease_one(w, 120000);
	assert_int_equal(farm_lease_attach(w->farm, &mary, w->job, &client, &w->err), 0);
	pass(w, MINUTE);
	assert_true(w->timer_us == 1 * SECOND + 55 * MINUTE); /* granted at 1 s */
	farm_lease_detach(w->farm, w->job, client);
	assert_true(w->timer_us == w->now_us + 2 * MINUTE);
}

static void test_its_agent_ends_it(void **state)
{
	struct farm_world *w = *state;

	lease_one(w, 0);
	w->now_us += 60 * MINUTE;
	assert_int_equal(tell_step_named(w, 2, HOLD_STEP, true), 0);
	assert_int_equal(tell_end(w, 3, CAUSE_LEASE_ENDED), 0);
	commit_all(w);
	assert_true(heard(w, "lease.ended") && heard(w, "job.finished"));
	assert_string_equal(w->cut_text, "so it ended");
	assert_string_equal(state_of(w), "none");
	assert_int_equal(w->cancels, 0);
}

static void test_an_agent_that_does_not_end_it_is_told_to_and_then_fenced_off(void **state)
{
	struct farm_world *w = *state;

	lease_one(w, 0);
	pass(w, 60 * MINUTE + 10 * SECOND);
	assert_int_equal(w->cancels, 0);
	pass(w, 10 * SECOND);
	assert_int_equal(w->cancels, 1);
	pass(w, 2 * MINUTE);
	assert_int_equal(w->stales, 1);
	assert_true(heard(w, "lease.ended"));
	assert_string_equal(state_of(w), "none");
}

/* --- the client --- */

static void test_without_its_client_it_ends(void **state)
{
	struct farm_world *w = *state;
	int64_t one = 0, two = 0;

	lease_one(w, 120000);
	assert_int_equal(farm_lease_attach(w->farm, &mary, w->job, &one, &w->err), 0);
	assert_int_equal(farm_lease_attach(w->farm, &mary, w->job, &two, &w->err), 0);
	farm_lease_detach(w->farm, w->job, one);
	pass(w, 5 * MINUTE);
	assert_int_equal(w->cancels, 0);
	farm_lease_detach(w->farm, w->job, two);
	pass(w, MINUTE);
	assert_int_equal(farm_lease_attach(w->farm, &mary, w->job, &one, &w->err), 0);
	pass(w, 5 * MINUTE);
	assert_int_equal(w->cancels, 0);
	farm_lease_detach(w->farm, w->job, one);
	pass(w, 2 * MINUTE);
	assert_int_equal(w->cancels, 1);
	assert_string_equal(w->cancel_reason, "its client was gone for 120 s");
	assert_string_equal(state_of(w), "ending");
	assert_int_equal(farm_lease_extend(w->farm, &mary, w->job, 60000, on_done, w, &w->err), ERR_BUSY);
	assert_int_equal(tell_end(w, 2, CAUSE_LEASE_ENDED), 0);
	commit_all(w);
	assert_string_equal(w->cut_text, "its client was gone for 120 s");
}

static void test_nobody_waits_for_a_client_that_is_gone(void **state)
{
	struct farm_world *w = *state;
	struct lease_wish wish = hour();

	submit_one(w);
	submit_one(w);
	wish.grace_ms = -1;
	assert_int_equal(ask(w, &mary, &wish), 0);
	commit_all(w);
	pass(w, MINUTE);
	assert_string_equal(state_of(w), "waiting");
	pass(w, MINUTE);
	assert_string_equal(state_of(w), "none");
	assert_true(heard(w, "lease.ended"));
}

static void test_given_back_by_anybody_who_may_cancel(void **state)
{
	struct farm_world *w = *state;

	lease_one(w, 0);
	assert_int_equal(farm_lease_end(w->farm, &max, w->job, on_done, w, &w->err), 0);
	commit_all(w);
	assert_string_equal(w->cancel_reason, "given back by max");
	assert_int_equal(tell_end(w, 2, CAUSE_LEASE_ENDED), 0);
	commit_all(w);
	assert_string_equal(w->cut_text, "given back by max");
	assert_int_equal(farm_lease_end(w->farm, &mary, w->job, on_done, w, &w->err), ERR_NOT_FOUND);
}

/* --- what goes wrong --- */

static void test_an_agent_that_comes_back_is_told_again_how_long(void **state)
{
	struct farm_world *w = *state;
	const struct agent_held_run held = {1, 1, 1, false};

	lease_one(w, 0);
	farm_agent_gone(w->farm, "rack1");
	pass(w, 30 * SECOND);
	assert_string_equal(state_of(w), "held");
	assert_int_equal(say_hello(w, "rack1", &held, 1, NULL), 0);
	commit_all(w);
	assert_true(w->known[0].known);
	assert_int_equal(w->extends, 1);
	assert_int_equal(w->extended_ms, 3600000 - 30000);
}

static void test_nobody_is_handed_another_board(void **state)
{
	struct farm_world *w = *state;

	lease_one(w, 0);
	assert_int_equal(tell_end(w, 2, CAUSE_PROBE), 0);
	commit_all(w);
	assert_int_equal(w->assigns, 1);
	assert_true(heard(w, "lease.ended"));
}

static void test_one_that_cannot_be_got_ready_is_got_elsewhere(void **state)
{
	struct farm_world *w = *state;
	struct lease_wish wish = hour();

	assert_int_equal(ask(w, &mary, &wish), 0);
	commit_all(w);
	assert_int_equal(tell_step_named(w, 1, "attach", false), 0);
	assert_int_equal(tell_end(w, 2, CAUSE_ATTACH), 0);
	commit_all(w);
	assert_int_equal(w->assigns, 2);
	assert_string_equal(state_of(w), "starting");
	assert_false(heard(w, "lease.ended"));
}

/* --- ahead of time --- */

#define DAY (24 * 60 * MINUTE)

static int reserve(struct farm_world *w, const char *board, int64_t from_us, int64_t grace_ms)
{
	struct lease_wish wish = hour();
	int rc;

	wish.board_type = NULL;
	wish.board = board;
	wish.from_us = from_us;
	wish.grace_ms = grace_ms;
	rc = ask(w, &mary, &wish);
	commit_all(w);
	return rc;
}

static void test_a_reserved_board_is_there_at_its_time(void **state)
{
	struct farm_world *w = *state;
	int64_t from_us = w->now_us + DAY;

	assert_int_equal(reserve(w, "mb1", from_us, 120000), 0);
	assert_string_equal(state_of(w), "reserved");
	assert_int_equal(w->assigns, 0);
	/* the same board at that time is promised to nobody else; the other one is */
	assert_int_equal(reserve(w, "mb1", from_us + 30 * MINUTE, 0), ERR_EXISTS);
	assert_non_null(strstr(w->err.text, "the earliest from_us is"));
	assert_int_equal(reserve(w, "mb1", w->now_us - 1, 0), ERR_INVALID);
	assert_int_equal(reserve(w, "mb2", from_us, 0), 0);
	w->job = 1;
	/* without a client: nobody need be there before */
	pass(w, 60 * MINUTE);
	assert_string_equal(state_of(w), "reserved");
	w->now_us = from_us;
	farm_tick(w->farm);
	commit_all(w);
	assert_int_equal(w->assigns, 2);
	assert_string_equal(state_of(w), "starting");
	pass(w, 2 * MINUTE);
	assert_int_equal(w->cancels, 1); /* nobody came */
}

static void test_what_is_reserved_is_not_given_away_before(void **state)
{
	struct farm_world *w = *state;
	struct lease_wish wish = hour();

	assert_int_equal(reserve(w, "mb1", w->now_us + 30 * MINUTE, 0), 0);
	assert_int_equal(reserve(w, "mb2", w->now_us + 30 * MINUTE, 0), 0);
	assert_int_equal(ask(w, &max, &wish), 0); /* an hour: too long for what is left of either */
	commit_all(w);
	assert_int_equal(w->assigns, 0);
	submit_one(w); /* a minute, with its slack: it fits */
	commit_all(w);
	assert_int_equal(w->assigns, 1);
}

static void test_nobody_extends_into_a_reservation(void **state)
{
	struct farm_world *w = *state;

	lease_one(w, 0);
	assert_int_equal(reserve(w, w->assigned_board, w->now_us + 120 * MINUTE, 0), 0);
	w->job = 1;
	assert_int_equal(farm_lease_extend(w->farm, &mary, w->job, 60 * 60000, on_done, w, &w->err), ERR_EXISTS);
	assert_non_null(strstr(w->err.text, "the board is reserved for another then"));
	assert_int_equal(farm_lease_extend(w->farm, &mary, w->job, 30 * 60000, on_done, w, &w->err), 0);
}

static void test_a_reservation_whose_board_is_lost_says_so(void **state)
{
	struct farm_world *w = *state;

	assert_int_equal(reserve(w, "mb1", w->now_us + 30 * MINUTE, 0), 0);
	farm_agent_gone(w->farm, "rack1");
	pass(w, 31 * MINUTE);
	assert_true(heard(w, "lease.late"));
	assert_string_equal(state_of(w), "waiting");
	assert_int_equal(say_hello(w, "rack1", NULL, 0, NULL), 0);
	commit_all(w);
	assert_int_equal(w->assigns, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_rack, teardown_farm)
	const struct CMUnitTest tests[] = {
		TEST(test_mistakes_are_told_by_field),
		TEST(test_the_board_of_an_agent_that_knows_no_leases_is_not_had),
		TEST(test_it_waits_its_turn_like_any_run),
		TEST(test_only_the_holder_may),
		TEST(test_handed_over_the_old_holder_is_out),
		TEST(test_it_is_extended_up_to_the_longest),
		TEST(test_it_lasts_as_long_whatever_the_clock_says),
		TEST(test_its_end_is_told_twice_before),
		TEST(test_the_timer_is_set_for_what_comes_next),
		TEST(test_its_agent_ends_it),
		TEST(test_an_agent_that_does_not_end_it_is_told_to_and_then_fenced_off),
		TEST(test_without_its_client_it_ends),
		TEST(test_nobody_waits_for_a_client_that_is_gone),
		TEST(test_given_back_by_anybody_who_may_cancel),
		TEST(test_an_agent_that_comes_back_is_told_again_how_long),
		TEST(test_nobody_is_handed_another_board),
		TEST(test_one_that_cannot_be_got_ready_is_got_elsewhere),
		TEST(test_a_reserved_board_is_there_at_its_time),
		TEST(test_what_is_reserved_is_not_given_away_before),
		TEST(test_nobody_extends_into_a_reservation),
		TEST(test_a_reservation_whose_board_is_lost_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
