/* SPDX-License-Identifier: Apache-2.0 */
/* Events in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <locale.h>
#include <time.h>

#include "daemon/cli/event_line.h"

static void check(const char *event_text, const char *expected)
{
	const struct style style = {.columns = 80};
	json_t *event = json_loads(event_text, 0, NULL);
	struct buf out;

	assert_non_null(event);
	buf_init(&out, 65536);
	assert_int_equal(event_line_append(event, &style, &out), 0);
	assert_string_equal(buf_text(&out), expected);
	buf_finish(&out);
	json_decref(event);
}

static void test_every_type_says_what_it_is(void **state)
{
	(void)state;
	check("{\"type\":\"job.submitted\",\"at_us\":1500000,\"job\":3,\"name\":\"nightly\"}",
	      "00:00:01.500  job 3                submitted: nightly\n");
	check("{\"type\":\"job.finished\",\"at_us\":0,\"job\":3,\"verdict\":\"failed\",\"text\":\"why\"}",
	      "00:00:00.000  job 3                x failed: why\n");
	check("{\"type\":\"job.cancelled\",\"at_us\":0,\"job\":3,\"text\":\"wrong image\"}",
	      "00:00:00.000  job 3                cancel asked for: wrong image\n");
	check("{\"type\":\"run.queued\",\"at_us\":0,\"job\":3,\"run\":7,\"attempt\":2,\"board_type\":\"microbit\"}",
	      "00:00:00.000  run 7                waits for another attempt, for a microbit\n");
	check("{\"type\":\"run.assigned\",\"at_us\":0,\"job\":3,\"run\":7,\"board\":\"mb1\",\"agent\":\"rack1\"}",
	      "00:00:00.000  run 7    mb1         given to rack1\n");
	check("{\"type\":\"run.started\",\"at_us\":0,\"run\":7,\"board\":\"mb1\"}",
	      "00:00:00.000  run 7    mb1         > running\n");
	check("{\"type\":\"run.finished\",\"at_us\":0,\"run\":7,\"verdict\":\"infrastructure\",\"cause\":\"probe\"}",
	      "00:00:00.000  run 7                ! infrastructure: probe\n");
	check("{\"type\":\"step.begun\",\"at_us\":0,\"run\":7,\"step\":\"flash\"}",
	      "00:00:00.000  run 7                flash …\n");
	check("{\"type\":\"step.ended\",\"at_us\":0,\"run\":7,\"step\":\"flash\",\"cause\":\"none\",\"took_us\":12000,"
	      "\"text\":\"read back and equal\"}",
	      "00:00:00.000  run 7                flash: ok in 12 ms: read back and equal\n");
	check("{\"type\":\"step.ended\",\"at_us\":0,\"run\":7,\"step\":\"attach\",\"cause\":\"attach\",\"took_us\":12}",
	      "00:00:00.000  run 7                attach: attach in <0.1 ms\n");
	check("{\"type\":\"case.ended\",\"at_us\":0,\"run\":7,\"group\":\"Hello\",\"name\":\"boots\",\"verdict\":"
	      "\"pass\"}",
	      "00:00:00.000  run 7                + pass Hello.boots\n");
	check("{\"type\":\"board.changed\",\"at_us\":0,\"board\":\"mb1\",\"state\":\"quarantined\",\"reason\":\"3 in a "
	      "row\"}",
	      "00:00:00.000  mb1                  # quarantined: 3 in a row\n");
	check("{\"type\":\"agent.offline\",\"at_us\":0,\"agent\":\"rack1\"}",
	      "00:00:00.000                       rack1 . offline\n");
	check("{\"type\":\"suite.changed\",\"at_us\":0,\"suite\":\"reference\",\"version\":\"1\"}",
	      "00:00:00.000                       suite reference 1 stored\n");
}

static void test_an_unheard_of_event_shows_its_name(void **state)
{
	(void)state;
	check("{\"type\":\"moon.rose\",\"at_us\":0,\"board\":\"mb1\"}",
	      "00:00:00.000  mb1                  moon.rose\n");
}

static void test_board_output_cannot_reach_the_terminal(void **state)
{
	(void)state;
	check("{\"type\":\"case.ended\",\"at_us\":0,\"run\":7,\"name\":\"a\",\"verdict\":\"fail\","
	      "\"message\":\"\\u001b[2J\\nx\"}",
	      "00:00:00.000  run 7                x fail a: \\x1b[2J x\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_type_says_what_it_is),
		cmocka_unit_test(test_an_unheard_of_event_shows_its_name),
		cmocka_unit_test(test_board_output_cannot_reach_the_terminal),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
