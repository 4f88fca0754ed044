/* SPDX-License-Identifier: Apache-2.0 */
/* Recordings: jobs of a farm are simulated as they came; what is no recording is refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/recording.h"
#include "support_load.h"

#define GOLDEN ASSAY_SOURCE_DIR "/tests/unit/daemon/report/golden/"

#define MINUTE INT64_C(60000000)

#define RUN(board, queued, started, finished)                                                                          \
	"{\"board\": \"" board "\", \"board_type\": \"t\", \"queued_at_us\": " queued ", \"started_at_us\": " started  \
	", \"finished_at_us\": " finished "}"
#define JOB(owner, runs) "{\"org\": \"default\", \"owner\": \"" owner "\", \"priority\": 50, \"runs\": [" runs "]}\n"

static int read_text(const char *text, struct load *load, struct recording **ret_recording, struct err *err)
{
	char path[] = "/tmp/assay-recording-XXXXXX";
	int fd = mkstemp(path), code;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	code = recording_read(path, load, ret_recording, err);
	unlink(path);
	return code;
}

/* Two boards, three runs that came at once: the third waits for the shorter of the first. */
static void test_what_was_is_done_again(void **state)
{
	static const char *const text = JOB("ann", RUN("b1", "1000000000", "1060000000", "1660000000") "," RUN(
							   "b2", "1000000000", "1060000000", "1360000000"))
		JOB("bob",
		    RUN("b1", "1000000000", "1700000000", "1820000000") "," RUN("", "1000000000", "0", "1820000000"));
	struct load *load = load_create("recorded");
	struct recording *recording;
	struct result *result;
	struct err err = {0};

	(void)state;
	assert_int_equal(read_text(text, load, &recording, &err), 0);
	assert_int_equal(recording->run_count, 3);
	assert_int_equal(recording->skipped, 1);
	assert_int_equal(load->org_count, 1);
	assert_int_equal(load->orgs[0].members, 2);
	assert_int_equal(load->group_count, 1);
	assert_int_equal(load->groups[0].count, 2);
	result = simulate(load, recording, "recorded");
	assert_int_equal(result->finished, 3);
	assert_true(result->board_us == (double)(17 * MINUTE));
	assert_int_equal(result->streams[0].wait.max_us, 2 * MINUTE);
	result_destroy(result);
	recording_destroy(recording);
	load_destroy(load);
}

#define NAMED(board, queued, finished)                                                                                 \
	"{\"board\": \"" board "\", \"wanted_board\": \"" board "\", \"board_type\": \"t\", \"queued_at_us\": " queued \
	", \"started_at_us\": " queued ", \"finished_at_us\": " finished "}"

/* Three boards; what was asked of one by its name waits for that one. */
static void test_a_board_that_was_named(void **state)
{
	static const char *const text =
		JOB("ann", RUN("b1", "1000000000", "1000000000", "1060000000") "," RUN(
				   "b3", "1000000000", "1000000000",
				   "1060000000") "," NAMED("b2", "1000000000",
							   "1060000000") "," NAMED("b2", "1000000000", "1060000000"));
	struct load *load = load_create("recorded");
	struct recording *recording;
	struct result *result;
	struct err err = {0};

	(void)state;
	assert_int_equal(read_text(text, load, &recording, &err), 0);
	assert_int_equal(load->groups[0].count, 3);
	result = simulate(load, recording, "recorded");
	assert_int_equal(result->finished, 4);
	assert_int_equal(result->streams[0].wait.max_us, MINUTE);
	assert_int_equal(result->makespan_us, 2 * MINUTE);
	result_destroy(result);
	recording_destroy(recording);
	load_destroy(load);
}

static void test_a_job_as_the_farm_tells_it(void **state)
{
	struct load *load = load_create("recorded");
	struct recording *recording;
	struct result *result;
	struct err err = {0};

	(void)state;
	if (recording_read(GOLDEN "mixed.job.json", load, &recording, &err))
		fail_msg("%s", err.text);
	result = simulate(load, recording, "recorded");
	assert_true(result->finished > 0);
	assert_int_equal(result->finished, recording->run_count);
	result_destroy(result);
	recording_destroy(recording);
	load_destroy(load);
}

static void refused(const char *text, const char *expected)
{
	struct load *load = load_create("recorded");
	struct recording *recording;
	struct err err = {0};

	assert_true(read_text(text, load, &recording, &err) != 0);
	if (!strstr(err.text, expected))
		fail_msg("told \"%s\"", err.text);
	load_destroy(load);
}

static void test_what_is_no_recording(void **state)
{
	(void)state;
	refused("", "no run in it had a board and ended");
	refused("{\"org\": \"o\"", "value 1: line ");
	refused("[{\"org\": \"o\", \"priority\": 1}]", "value 1: [0]: ");
	refused(JOB("a", "{}"), "value 1: runs[0]: ");
	refused(JOB("a", RUN("b", "0", "1", "2")) "17", "value 2: ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_was_is_done_again),
		cmocka_unit_test(test_a_board_that_was_named),
		cmocka_unit_test(test_a_job_as_the_farm_tells_it),
		cmocka_unit_test(test_what_is_no_recording),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
