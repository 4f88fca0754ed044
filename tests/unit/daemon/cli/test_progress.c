/* SPDX-License-Identifier: Apache-2.0 */
/* The block of lines that shows a job under way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <locale.h>

#include "daemon/cli/progress.h"
#include "daemon/cli/text.h"

static void add_run(struct follow *follow, int64_t id, const char *state, const char *verdict)
{
	json_t *event = json_pack("{s:s, s:i, s:I, s:s, s:s}", "type", "run.queued", "at_us", 1000000, "run",
				  (json_int_t)id, "board_type", "microbit", "board", "mb1");
	struct follow_run *run;

	assert_int_equal(follow_apply(follow, event, 1000000), 0);
	json_decref(event);
	run = &follow->runs[follow->run_count - 1];
	snprintf(run->state, sizeof run->state, "%s", state);
	snprintf(run->verdict, sizeof run->verdict, "%s", verdict);
	snprintf(run->board, sizeof run->board, "mb%d", (int)id);
	run->started_at_us = 1000000;
	run->finished_at_us = 3500000;
}

static size_t count_lines(const char *text)
{
	size_t lines = 0;

	for (; *text; text++)
		lines += *text == '\n';
	return lines;
}

static void test_each_run_has_its_line(void **state)
{
	const struct style style = {.unicode = true, .columns = 80};
	struct follow follow;
	struct buf out;

	(void)state;
	follow_init(&follow, 1);
	add_run(&follow, 1, "finished", "passed");
	add_run(&follow, 2, "running", "");
	add_run(&follow, 3, "queued", "");
	snprintf(follow.runs[1].step, sizeof follow.runs[1].step, "flash");
	follow.runs[1].steps_done = 4;
	follow.runs[1].passed = 3;
	snprintf(follow.runs[0].text, sizeof follow.runs[0].text, "all required seen");
	buf_init(&out, 65536);
	assert_int_equal(progress_render(&follow, &style, 20, 3000000, &out), 3);
	assert_string_equal(buf_text(&out), "✓ run 1     mb1            passed       2.5 s  all required seen\n"
					    "▶ run 2     mb2            flash        ━━━━───────  2.0 s  3 passed\n"
					    "… run 3     mb3            queued       2.0 s  \n");
	buf_finish(&out);
	follow_finish(&follow);
}

static void test_it_never_grows_beyond_the_terminal(void **state)
{
	struct follow follow;

	(void)state;
	follow_init(&follow, 1);
	for (int i = 1; i <= 50; i++)
		add_run(&follow, i, i <= 30 ? "finished" : "running", i <= 30 ? "failed" : "");
	for (size_t i = 0; i < follow.run_count; i++)
		memset(follow.runs[i].text, 'x', sizeof follow.runs[i].text - 1);
	for (size_t max = 1; max < 70; max++) {
		const struct style style = {.unicode = true, .columns = 20 + (int)max};
		struct buf out;
		size_t lines;

		buf_init(&out, 1 << 20);
		lines = progress_render(&follow, &style, max, 3000000, &out);
		assert_int_equal(lines, count_lines(buf_text(&out)));
		assert_true(lines <= (max > 2 ? max : 2));
		for (const char *line = buf_text(&out); *line; line = strchr(line, '\n') + 1) {
			char one[4096];

			snprintf(one, sizeof one, "%.*s", (int)strcspn(line, "\n"), line);
			assert_true(text_columns(one) <= (size_t)style.columns);
		}
		buf_finish(&out);
	}
	follow_finish(&follow);
}

static void test_painting_goes_back_up_over_the_last_block(void **state)
{
	const struct style style = {.tty = true, .columns = 80};
	struct painter painter = {0};
	struct follow follow;
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_non_null(out);
	follow_init(&follow, 1);
	add_run(&follow, 1, "running", "");
	painter_paint(&painter, &follow, &style, 2000000, NULL, out);
	assert_null(strstr(text, "\033[1A"));
	add_run(&follow, 2, "running", "");
	painter_paint(&painter, &follow, &style, 2000000, "assayd is gone", out);
	assert_non_null(strstr(text, "\033[1A\rassayd is gone\033[K\n"));
	painter_paint(&painter, &follow, &style, 2000000, NULL, out);
	assert_non_null(strstr(text, "\033[2A"));
	fclose(out);
	free(text);
	follow_finish(&follow);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_run_has_its_line),
		cmocka_unit_test(test_it_never_grows_beyond_the_terminal),
		cmocka_unit_test(test_painting_goes_back_up_over_the_last_block),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
