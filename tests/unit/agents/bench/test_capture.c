/* SPDX-License-Identifier: Apache-2.0 */
/* Listening to a run: every way it ends, and that no byte is lost or told twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <unistd.h>

#include "agents/bench/capture.h"

struct seen {
	uv_loop_t loop;
	struct capture *capture;
	struct requirements require;
	struct end_rule rule;
	uint8_t told[200000];
	uint64_t told_len;
	int cases, overs, asks;
	enum parse_ask ask;
	uint32_t ask_ms;
	enum capture_end end;
};

static void on_chunk(void *context, uint64_t offset, const uint8_t *data, size_t size_bytes, int64_t at_us)
{
	struct seen *seen = context;

	assert_true(at_us > 0);
	assert_int_equal(offset, seen->told_len);
	assert_true(size_bytes > 0 && size_bytes <= CAPTURE_CHUNK_BYTES);
	memcpy(seen->told + offset, data, size_bytes);
	seen->told_len += size_bytes;
}

static void on_case(void *context, const struct case_result *result)
{
	struct seen *seen = context;

	seen->cases++;
	assert_true(result->end <= seen->told_len); /* the bytes came first */
}

static void on_over(void *context, enum capture_end end)
{
	struct seen *seen = context;

	seen->overs++;
	seen->end = end;
	uv_stop(&seen->loop);
}

static void on_ask(void *context, enum parse_ask ask, uint32_t ask_ms)
{
	struct seen *seen = context;

	seen->asks++;
	seen->ask = ask;
	seen->ask_ms = ask_ms;
}

static int set_up(void **state)
{
	struct seen *seen = calloc(1, sizeof *seen);
	struct capture_events events = {
		.context = seen, .on_chunk = on_chunk, .on_case = on_case, .on_over = on_over, .on_ask = on_ask};

	seen->capture = calloc(1, sizeof *seen->capture);
	uv_loop_init(&seen->loop);
	requirements_init(&seen->require);
	seen->require.summaries = 1;
	seen->rule = (struct end_rule){.when = END_SUMMARY, .silence_ms = 20000, .limit_ms = 30000, .settle_ms = 5};
	capture_init(seen->capture, &seen->loop, &events);
	*state = seen;
	return 0;
}

static void on_closed(uv_handle_t *handle)
{
	(void)handle;
}

static int tear_down(void **state)
{
	struct seen *seen = *state;

	capture_finish(seen->capture, on_closed, seen);
	/* A stop asked for outside the loop ends the next run of it at once. */
	while (uv_run(&seen->loop, UV_RUN_DEFAULT))
		;
	assert_int_equal(uv_loop_close(&seen->loop), 0);
	requirements_finish(&seen->require);
	free(seen->capture);
	free(seen);
	return 0;
}

static void begin(struct seen *seen, uint64_t max_bytes)
{
	assert_int_equal(capture_begin(seen->capture, &seen->require, &seen->rule, "", max_bytes, NULL), 0);
}

static void say(struct seen *seen, const char *text)
{
	capture_data(seen->capture, (const uint8_t *)text, strlen(text), 1000000);
}

static void expect_end(struct seen *seen, enum capture_end end)
{
	uv_run(&seen->loop, UV_RUN_DEFAULT);
	assert_int_equal(seen->overs, 1);
	assert_int_equal(seen->end, end);
	capture_close(seen->capture);
	assert_int_equal(seen->told_len, seen->capture->bytes);
}

static const char GOOD[] = "TEST(G, a) PASS\r\nTEST(G, b) PASS\r\n\r\n-----------------------\r\n"
			   "2 Tests 0 Failures 0 Ignored \r\nOK\r\n";

static void ends_when_the_summary_was_seen_and_keeps_the_tail(void **state)
{
	struct seen *seen = *state;
	char hash[65];

	say(seen, "from before reset was released");
	begin(seen, 1u << 20);
	for (size_t i = 0; i < sizeof GOOD - 1; i++) {
		char byte[2] = {GOOD[i], '\0'};

		say(seen, byte);
	}
	say(seen, "tail");
	expect_end(seen, CAPTURE_COMPLETE);
	assert_int_equal(seen->cases, 2);
	assert_int_equal(seen->told_len, sizeof GOOD - 1 + 4);
	assert_memory_equal(seen->told, GOOD, sizeof GOOD - 1);
	say(seen, "after the end");
	assert_int_equal(seen->told_len, sizeof GOOD - 1 + 4);
	capture_hash(seen->capture, hash);
	capture_reset(seen->capture);
	assert_int_equal(strlen(hash), 64);
	capture_hash(seen->capture, hash);
	assert_string_equal(hash, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* Lines that a board says one by one, each a while after the one before. */
struct later {
	uv_timer_t timer;
	struct seen *seen;
	int left; /* the last one tells of a test */
};

static void on_later(uv_timer_t *timer)
{
	struct later *later = timer->data;

	if (--later->left == 0) {
		say(later->seen, "TEST(G, c) PASS\r\n");
		uv_timer_stop(timer);
	} else {
		say(later->seen, "still at work\r\n");
	}
}

static void listen_while_it_talks(struct seen *seen, int64_t settle_ms, uint64_t turn_ms, int lines)
{
	struct later later = {.seen = seen, .left = lines};

	seen->rule.settle_ms = settle_ms;
	begin(seen, 1u << 20);
	say(seen, GOOD);
	uv_timer_init(&seen->loop, &later.timer);
	later.timer.data = &later;
	uv_timer_start(&later.timer, on_later, turn_ms, turn_ms);
	expect_end(seen, CAPTURE_COMPLETE);
	uv_close((uv_handle_t *)&later.timer, NULL);
	uv_run(&seen->loop, UV_RUN_DEFAULT);
}

static void what_is_told_after_the_end_is_heard_while_it_talks(void **state)
{
	struct seen *seen = *state;

	listen_while_it_talks(seen, 300, 50, 20); /* the case comes when three times settle have passed */
	assert_int_equal(seen->cases, 3);
}

static void a_board_that_talks_on_after_its_end_is_not_listened_to_for_ever(void **state)
{
	struct seen *seen = *state;

	listen_while_it_talks(seen, 40, 2, 1000000);
	assert_int_equal(seen->cases, 2);
}

static void ends_by_silence_and_by_limit(void **state)
{
	struct seen *seen = *state;

	seen->rule.silence_ms = 30;
	begin(seen, 1u << 20);
	say(seen, "TEST(G, a)");
	expect_end(seen, CAPTURE_SILENCE);
	capture_reset(seen->capture);
	seen->overs = 0;
	seen->told_len = 0;
	seen->rule.silence_ms = 20000;
	seen->rule.limit_ms = 30;
	begin(seen, 1u << 20);
	expect_end(seen, CAPTURE_LIMIT);
}

static void on_waking(uv_timer_t *timer)
{
	say(timer->data, GOOD);
}

/* The board printed while the agent stood still; nothing of that is silence. */
static void a_stall_of_the_agent_is_not_silence(void **state)
{
	struct seen *seen = *state;
	uv_timer_t waking = {.data = seen};

	seen->rule.silence_ms = 50;
	begin(seen, 1u << 20);
	usleep(800000); /* this is the fault itself: the whole process stands still */
	uv_update_time(&seen->loop);
	uv_timer_init(&seen->loop, &waking);
	uv_timer_start(&waking, on_waking, 1, 0);
	expect_end(seen, CAPTURE_COMPLETE);
	uv_close((uv_handle_t *)&waking, NULL);
	uv_run(&seen->loop, UV_RUN_NOWAIT);
}

static void the_first_reason_stays(void **state)
{
	struct seen *seen = *state;

	begin(seen, 1u << 20);
	capture_stop(seen->capture, CAPTURE_CRASHED);
	capture_reset_seen(seen->capture);
	capture_stop(seen->capture, CAPTURE_LOST);
	expect_end(seen, CAPTURE_CRASHED);
	capture_stop(seen->capture, CAPTURE_CANCELLED);
	assert_int_equal(seen->overs, 1);
}

static void resets_count_up_to_what_is_allowed(void **state)
{
	struct seen *seen = *state;

	seen->require.resets = 2;
	begin(seen, 1u << 20);
	capture_reset_seen(seen->capture);
	capture_reset_seen(seen->capture);
	assert_int_equal(seen->capture->ending, CAPTURE_OPEN);
	capture_reset_seen(seen->capture);
	expect_end(seen, CAPTURE_REBOOT);
	assert_int_equal(seen->capture->probe_resets, 3);
}

static void a_board_that_prints_for_ever_is_bounded(void **state)
{
	struct seen *seen = *state;
	static char much[CAPTURE_CHUNK_BYTES * 2 + 17];

	memset(much, 'x', sizeof much - 1);
	begin(seen, sizeof much + 100);
	say(seen, much);
	say(seen, much);
	expect_end(seen, CAPTURE_LIMIT);
	assert_int_equal(seen->capture->bytes, sizeof much + 100);
	/* What nobody listened to is not lost: the limit is the verdict, not a hole in the console. */
	assert_int_equal(seen->capture->unheard, 2 * (sizeof much - 1) - (sizeof much + 100));
	assert_int_equal(seen->capture->dropped, 0);
	capture_bytes_lost(seen->capture, 5);
	assert_int_equal(seen->capture->dropped, 5);
}

static void a_cancel_ends_it_at_once(void **state)
{
	struct seen *seen = *state;

	begin(seen, 1u << 20);
	say(seen, "half a line");
	capture_stop(seen->capture, CAPTURE_CANCELLED);
	assert_int_equal(seen->end, CAPTURE_CANCELLED);
	capture_close(seen->capture);
	assert_int_equal(seen->told_len, 11);
}

/* The restart was not allowed, and what comes after it is no result; which image it is counts all the same. */
static void another_image_behind_a_restart_is_seen(void **state)
{
	struct seen *seen = *state;

	assert_int_equal(capture_begin(seen->capture, &seen->require, &seen->rule, "aabbccdd01020304", 1u << 20, NULL),
			 0);
	say(seen, "ASSAY mb1 1.0 image aabbccdd01020304\r\nTEST(G, a) PASS\r\nTEST(G, b)");
	say(seen, "ASSAY mb1 1.0 image 0011223344556677\r\nTEST(G, a) PASS\r\nTEST(G, c) PASS\r\n");
	expect_end(seen, CAPTURE_REBOOT);
	assert_true(collector_wrong_image(seen->capture->collector));
	assert_int_equal(seen->cases, 2); /* a, and b that the restart broke off */
}

/* Nobody asks for the run's requirements any more: they may be freed. */
static void a_closed_capture_waits_for_nothing(void **state)
{
	struct seen *seen = *state;

	begin(seen, 1u << 20);
	say(seen, "TEST(G, a)");
	capture_close(seen->capture);
	assert_int_equal(seen->told_len, 10);
	assert_false(uv_is_active((uv_handle_t *)&seen->capture->timer));
	assert_false(uv_is_active((uv_handle_t *)&seen->capture->chunk_timer));
	seen->capture->require = NULL;
	seen->capture->rule = NULL;
	capture_reset_seen(seen->capture);
	capture_stop(seen->capture, CAPTURE_LOST);
	say(seen, "too late");
	assert_int_equal(seen->overs, 0);
}

static void what_may_be_asked_for_is_told_and_no_silence_meanwhile(void **state)
{
	struct seen *seen = *state;

	seen->rule.asks = 2;
	seen->rule.silence_ms = 10;
	seen->rule.limit_ms = 100;
	begin(seen, 1u << 20);
	say(seen, "TEST(G, a)\r\nASSAY ask power-cycle 250\r\n");
	assert_int_equal(seen->asks, 1);
	assert_int_equal(seen->ask, PARSE_ASK_POWER_CYCLE);
	assert_int_equal(seen->ask_ms, 250);
	expect_end(seen, CAPTURE_LIMIT); /* the longer of the two: silence was not counted */
	assert_false(seen->capture->self_resets);
}

static void silence_counts_again_once_it_was_answered(void **state)
{
	struct seen *seen = *state;

	seen->rule.asks = 2;
	seen->rule.silence_ms = 10;
	begin(seen, 1u << 20);
	say(seen, "TEST(G, a)\r\nASSAY ask reset\r\n");
	assert_int_equal(seen->ask, PARSE_ASK_RESET);
	capture_answered(seen->capture, false);
	expect_end(seen, CAPTURE_SILENCE);
}

static void what_may_not_be_asked_for_is_not_told(void **state)
{
	struct seen *seen = *state;

	seen->rule.asks = 1;
	begin(seen, 1u << 20);
	say(seen, "TEST(G, a)\r\nASSAY ask self-reset\r\nASSAY ask reset\r\n");
	assert_int_equal(seen->asks, 1);
	assert_int_equal(seen->ask, PARSE_ASK_SELF_RESET);
	capture_stop(seen->capture, CAPTURE_CANCELLED);
}

/* One reset that was told of; the next one is the firmware's fault, whoever sees it. */
static void a_reset_of_its_own_is_excused_once(void **state)
{
	struct seen *seen = *state;

	seen->rule.asks = 1;
	begin(seen, 1u << 20);
	say(seen, "ASSAY ask self-reset\r\n");
	capture_reset_seen(seen->capture);
	assert_int_equal(seen->capture->probe_resets, 0);
	say(seen, GOOD);
	expect_end(seen, CAPTURE_COMPLETE);
	capture_resets_counted(seen->capture, 1);
	assert_int_equal(seen->capture->end, CAPTURE_COMPLETE);
	capture_resets_counted(seen->capture, 2);
	assert_int_equal(seen->capture->end, CAPTURE_REBOOT);
	assert_int_equal(seen->capture->probe_resets, 1);
}

/* An agent that stood still hears of the reset first. The next one is not excused by that. */
static void a_reset_of_its_own_is_excused_when_told_late(void **state)
{
	struct seen *seen = *state;

	seen->rule.asks = 1;
	begin(seen, 1u << 20);
	capture_reset_seen(seen->capture);
	assert_int_equal(seen->capture->ending, CAPTURE_REBOOT);
	say(seen, "ASSAY ask self-reset\r\n");
	assert_int_equal(seen->capture->ending, CAPTURE_OPEN);
	assert_int_equal(seen->capture->probe_resets, 0);
	capture_reset_seen(seen->capture);
	expect_end(seen, CAPTURE_REBOOT);
	assert_int_equal(seen->capture->probe_resets, 1);
}

/* What a held board says has no end and no cases, whatever it says; only so much of it is kept. */
static void what_nobody_judges_is_only_recorded(void **state)
{
	static const char text[] =
		"suite.c:1:Group.case:PASS\n\n-----------------------\n1 Tests 0 Failures 0 Ignored \nOK\n";
	struct seen *seen = *state;
	struct capture *capture = seen->capture;
	char hash[65], again[65];

	capture_record(capture, 2 * (sizeof text - 1) + 5);
	for (int i = 0; i < 4; i++) {
		capture_data(capture, (const uint8_t *)text, sizeof text - 1, 1);
		capture_reset_seen(capture);
		capture_stop(capture, CAPTURE_CRASHED);
	}
	capture_close(capture);
	assert_int_equal(seen->told_len, 2 * (sizeof text - 1) + 5);
	assert_memory_equal(seen->told, text, sizeof text - 1);
	assert_int_equal(capture->unheard, 2 * (sizeof text - 1) - 5);
	assert_true(seen->cases == 0 && seen->overs == 0 && capture->end == CAPTURE_OPEN);
	capture_hash(capture, hash);
	capture_record(capture, 1000);
	seen->told_len = 0;
	capture->chunks = CAPTURE_RECORD_MAX - 1;
	for (int i = 0; i < 2; i++) {
		capture_data(capture, (const uint8_t *)text, 3, 1);
		while (capture->chunk_len)
			uv_run(&seen->loop, UV_RUN_ONCE);
	}
	assert_int_equal(seen->told_len, 3);
	assert_int_equal(capture->unheard, 3);
	capture_close(capture);
	capture_hash(capture, again);
	assert_string_not_equal(hash, again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(ends_when_the_summary_was_seen_and_keeps_the_tail, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_told_after_the_end_is_heard_while_it_talks, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_board_that_talks_on_after_its_end_is_not_listened_to_for_ever, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(ends_by_silence_and_by_limit, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_stall_of_the_agent_is_not_silence, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_first_reason_stays, set_up, tear_down),
		cmocka_unit_test_setup_teardown(resets_count_up_to_what_is_allowed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_board_that_prints_for_ever_is_bounded, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_cancel_ends_it_at_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(another_image_behind_a_restart_is_seen, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_closed_capture_waits_for_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_may_be_asked_for_is_told_and_no_silence_meanwhile, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(silence_counts_again_once_it_was_answered, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_may_not_be_asked_for_is_not_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_reset_of_its_own_is_excused_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_reset_of_its_own_is_excused_when_told_late, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_nobody_judges_is_only_recorded, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
