/* SPDX-License-Identifier: Apache-2.0 */
/* A report of a job of any size is written in the same memory: what it takes for a hundred times as many cases, every
 * hundredth of them loud and every fiftieth with a measured value, is what it took before. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/report/report.h"
#include "tests/unit/core/base/cmocka_all.h"
#include "tests/unit/daemon/report/json_reader.h"

/* What a run's row and a few tables may differ by; a case alone is some hundred bytes. */
#define SLACK_BYTES (256u << 10)

struct big {
	json_t *job;
	size_t cases;
	size_t most; /* heap in use, seen while rows went by */
};

static void look(struct big *big)
{
	struct mallinfo2 info = mallinfo2();
	size_t used = info.uordblks + info.hblkhd;

	if (used > big->most)
		big->most = used;
}

static int read_job(void *context, json_t **ret_job, struct err *err)
{
	const struct big *big = context;

	(void)err;
	*ret_job = json_incref(big->job);
	return 0;
}

static json_t *case_of(size_t i)
{
	char name[40], group[40];
	json_t *row, *measured;

	snprintf(name, sizeof name, "case_%zu", i);
	snprintf(group, sizeof group, "Group%zu", i / 1000);
	row = json_pack("{s:s, s:s, s:s, s:s, s:b, s:i, s:i}", "group", group, "name", name, "verdict",
			i % 100 == 3 ? "fail" : "pass", "message", i % 100 == 3 ? "Expected 1 Was 2" : "", "required",
			1, "offset", (int)i * 40, "end", (int)i * 40 + 40);
	if (i % 50 == 7) {
		measured = json_pack("[{s:s, s:s, s:f, s:s, s:n, s:f, s:s, s:i, s:i}]", "name", "latency", "unit", "us",
				     "value", 12.5, "verdict", "ok", "low", "high", 14.0, "basis", "", "offset", 0,
				     "end", 0);
		json_object_set_new(row, "measurements", measured);
	}
	return row;
}

static int read_cases(void *context, int64_t run, reader_row_fn on_row, void *row_context, struct err *err)
{
	struct big *big = context;
	int rc = 0;

	(void)run;
	for (size_t i = 0; i < big->cases && !rc; i++) {
		json_t *row = case_of(i);

		rc = on_row(row_context, row, err);
		look(big);
		json_decref(row);
	}
	return rc;
}

static int no_rows(void *context, int64_t run, reader_row_fn on_row, void *row_context, struct err *err)
{
	(void)context;
	(void)run;
	(void)on_row;
	(void)row_context;
	(void)err;
	return 0;
}

static int read_console(void *context, int64_t run, uint64_t from, void *buffer, size_t size, size_t *ret_len,
			struct err *err)
{
	(void)context;
	(void)run;
	(void)from;
	(void)err;
	memset(buffer, 'x', size);
	*ret_len = size;
	return 0;
}

static int no_flake(void *context, int64_t run, const char *group, const char *name, struct flake *ret_flake,
		    struct err *err)
{
	(void)context;
	(void)run;
	(void)group;
	(void)name;
	(void)err;
	*ret_flake = (struct flake){0};
	return 0;
}

static int no_values(void *context, int64_t run, const char *group, const char *name,
		     const struct measurement *measured, struct reader_value *values, size_t *ret_count,
		     struct err *err)
{
	(void)context;
	(void)run;
	(void)group;
	(void)name;
	(void)measured;
	(void)values;
	(void)err;
	*ret_count = 0;
	return 0;
}

static int no_post_mortem(void *context, int64_t run, char **ret_text, struct err *err)
{
	(void)context;
	(void)run;
	(void)err;
	*ret_text = NULL;
	return 0;
}

static int no_run_records(void *context, int64_t run, json_t **ret_records, struct err *err)
{
	(void)context;
	(void)run;
	(void)err;
	*ret_records = json_object();
	return 0;
}

/* The heap that writing about so many cases takes at most. */
static size_t cost(const char *format, size_t cases)
{
	struct big big = {.cases = cases};
	struct job_reader reader = {.context = &big,
				    .job = read_job,
				    .steps = no_rows,
				    .cases = read_cases,
				    .console = read_console,
				    .flake = no_flake,
				    .values = no_values,
				    .post_mortem = no_post_mortem,
				    .run_records = no_run_records};
	struct job_writer writer;
	struct err err = {0};
	FILE *out = fopen("/dev/null", "w");
	size_t before;

	big.job = json_pack("{s:i, s:s, s:s, s:s, s:[{s:i, s:s, s:s, s:s}]}", "id", 7, "name", "big", "verdict",
			    "failed", "cause", "case-failed", "runs", "id", 1, "board_type", "microbit", "verdict",
			    "failed", "cause", "case-failed");
	look(&big);
	before = big.most;
	assert_int_equal(report_writer(format, &writer, &err), 0);
	if (writer.write(writer.context, &reader, 0, out, &err))
		fail_msg("%s: %s", format, err.text);
	fclose(out);
	json_decref(big.job);
	return big.most - before;
}

static void test_memory_does_not_grow(void **state)
{
	static const char *const formats[] = {"text", "json", "junit", "idt-device", "idt-frq", "html"};

	(void)state;
	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
		size_t few = cost(formats[i], 1000), many = cost(formats[i], 100000);

		printf("%-10s %zu bytes for 1,000 cases, %zu for 100,000\n", formats[i], few, many);
		if (many > few + SLACK_BYTES)
			fail_msg("%s: %zu bytes for 100,000 cases, %zu for 1,000", formats[i], many, few);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_memory_does_not_grow)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
