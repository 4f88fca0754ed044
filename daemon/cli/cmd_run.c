/* SPDX-License-Identifier: Apache-2.0 */
/* assay run N: one run with its steps and cases. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/cli/api.h"
#include "daemon/cli/cli.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/job_table.h"
#include "daemon/cli/table.h"
#include "daemon/cli/text.h"
#include "daemon/cli/waits.h"

static const struct command_help help = {
	"run N",
	"Shows run N: what it ran on, its steps with their times, its cases, its verdict and why.\n",
	1,
	1,
};

static int print_steps(struct cli *cli, const json_t *steps)
{
	static const char *const headings[] = {"STEP", "OUTCOME", ">TOOK", "WHAT HAPPENED", NULL};
	struct table *table = table_create(&cli->style, headings);
	const json_t *step;
	char scratch[64];
	size_t i;
	int code;

	if (!table)
		return ERR_NOMEM;
	json_array_foreach(steps, i, step)
	{
		const char *cause = api_text(step, "cause");
		bool ended = json_is_integer(json_object_get(step, "took_us")), good = api_is_good(cause);

		table_cellf(table, TONE_PLAIN, "%s%s", strcmp(api_text(step, "phase"), "back") == 0 ? "↩ " : "",
			    api_text(step, "step"));
		if (!ended)
			table_cell(table, TONE_BUSY, "under way");
		else
			table_cell(table, good ? TONE_GOOD : TONE_BAD, good ? "ok" : cause);
		table_cell(table, TONE_DIM,
			   ended ? text_duration(api_int(step, "took_us"), scratch, sizeof scratch) : "");
		table_cell(table, TONE_PLAIN, api_text(step, "text"));
	}
	code = table_print(table, stdout);
	table_destroy(table);
	return code;
}

static int print_cases(struct cli *cli, const json_t *cases)
{
	static const char *const headings[] = {"CASE", "VERDICT", ">TOOK", "MESSAGE", NULL};
	struct table *table = table_create(&cli->style, headings);
	const json_t *result;
	char scratch[64];
	size_t i;
	int code;

	if (!table)
		return ERR_NOMEM;
	json_array_foreach(cases, i, result)
	{
		int64_t begun_us = api_int(result, "begun_at_us"), ended_us = api_int(result, "ended_at_us");
		const char *group = api_text(result, "group"), *standing = api_text(result, "standing");

		table_cellf(table, TONE_PLAIN, "%s%s%s", group, *group ? "." : "", api_text(result, "name"));
		table_word(table,
			   *standing && strcmp(standing, "optional") != 0 ? standing : api_text(result, "verdict"));
		table_cell(table, TONE_DIM,
			   begun_us && ended_us > begun_us ? text_duration(ended_us - begun_us, scratch, sizeof scratch)
							   : "");
		table_cell(table, TONE_PLAIN, api_text(result, "message"));
	}
	code = table_print(table, stdout);
	table_destroy(table);
	return code;
}

/* "≤ 13.31 (median …)" of a measurement's limits. */
static void limits_cell(struct table *table, const json_t *measurement)
{
	const json_t *low = json_object_get(measurement, "low"), *high = json_object_get(measurement, "high");
	const char *basis = api_text(measurement, "basis");
	char text[400] = "";
	size_t len = 0;

	if (json_is_number(low))
		len += (size_t)snprintf(text + len, sizeof text - len, "≥ %.10g ", json_number_value(low));
	if (json_is_number(high))
		len += (size_t)snprintf(text + len, sizeof text - len, "≤ %.10g ", json_number_value(high));
	snprintf(text + len, sizeof text - len, "%s%s%s", len && *basis ? "(" : "", basis, len && *basis ? ")" : "");
	table_cell(table, TONE_DIM, text);
}

static int print_measurements(struct cli *cli, const json_t *cases)
{
	static const char *const headings[] = {"MEASUREMENT", "OF", "OUTCOME", ">VALUE", "UNIT", "LIMITS", NULL};
	struct table *table = table_create(&cli->style, headings);
	const json_t *result, *measurement;
	size_t i, m;
	int code;

	if (!table)
		return ERR_NOMEM;
	json_array_foreach(cases, i, result)
	{
		const char *group = api_text(result, "group");

		json_array_foreach(json_object_get(result, "measurements"), m, measurement)
		{
			const json_t *value = json_object_get(measurement, "value");

			table_cell(table, TONE_PLAIN, api_text(measurement, "name"));
			table_cellf(table, TONE_DIM, "%s%s%s", group, *group ? "." : "", api_text(result, "name"));
			table_word(table, api_text(measurement, "verdict"));
			if (json_is_number(value))
				table_cellf(table, TONE_STRONG, "%.10g", json_number_value(value));
			else
				table_cell(table, TONE_DIM, "");
			table_cell(table, TONE_PLAIN, api_text(measurement, "unit"));
			limits_cell(table, measurement);
		}
	}
	code = table_print(table, stdout);
	table_destroy(table);
	return code;
}

static bool any_measurement(const json_t *cases)
{
	const json_t *result;
	size_t i;

	json_array_foreach(cases, i, result)
	{
		if (json_array_size(json_object_get(result, "measurements")))
			return true;
	}
	return false;
}

static void print_line(const char *what, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void print_line(const char *what, const char *format, ...)
{
	char text[2048];
	struct buf clean;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	buf_init(&clean, 8192);
	text_append_clean(&clean, text);
	printf("%-8s %s\n", what, buf_text(&clean));
	buf_finish(&clean);
}

static void print_parameters(const json_t *parameters)
{
	json_t *value;
	const char *name;

	json_object_foreach((json_t *)(uintptr_t)parameters, name, value)
		print_line("with", "%s: %s", name, json_string_value(value));
}

static void print_origin(const json_t *origin)
{
	const json_t *run;
	const char *what;

	if (!json_is_object(origin))
		return;
	print_line("origin", "%s: %s", api_text(origin, "origin"), api_text(origin, "text"));
	json_object_foreach((json_t *)(uintptr_t)json_object_get(origin, "runs"), what, run)
	{
		if (json_is_integer(run))
			print_line("", "%s: run %" PRId64, what, (int64_t)json_integer_value(run));
	}
}

static void print_about(struct cli *cli, const json_t *run)
{
	const json_t *image = json_object_get(run, "image"), *console = json_object_get(run, "console");
	const char *outcome = api_outcome(run), *build_id = api_text(image, "build_id"),
		   *agent = api_text(run, "agent");
	int64_t now_us = text_now_us();
	char scratch[160], bytes[32];

	print_line("run", "%" PRId64 " of job %" PRId64 ", attempt %" PRId64, api_int(run, "id"), api_int(run, "job"),
		   api_int(run, "attempt"));
	print_line("board", "%s (%s)%s%s", *api_text(run, "board") ? api_text(run, "board") : "not chosen yet",
		   api_text(run, "board_type"), *agent ? " on " : "", agent);
	print_line("image", "%s sha256:%.16s…%s%s", api_text(image, "name"), api_text(image, "sha256"),
		   *build_id ? " build id " : "", build_id);
	print_parameters(json_object_get(run, "parameters"));
	print_line("console", "%s", text_bytes((uint64_t)api_int(console, "bytes"), bytes, sizeof bytes));
	if (api_int(run, "started_at_us"))
		print_line("took", "%s",
			   text_duration(api_took_us(run, "started_at_us", now_us), scratch, sizeof scratch));
	printf("outcome  %s%s %s%s\n", style_on(&cli->style, style_word_tone(outcome)),
	       style_word_sign(&cli->style, outcome), outcome, style_off(&cli->style));
	if (*job_table_counts(json_object_get(run, "counts"), scratch, sizeof scratch))
		print_line("cases", "%s", scratch);
	if (*api_reason(run))
		print_line("why", "%s", api_reason(run));
	print_origin(json_object_get(run, "origin"));
	if (*api_text(run, "core"))
		print_line("core", "%s", api_text(run, "core"));
}

static int print_run(struct cli *cli, json_t *run)
{
	json_t *alone = json_pack("[O]", run);
	const json_t *steps = json_object_get(run, "steps"), *cases = json_object_get(run, "cases");
	int code;

	waits_add(cli, alone);
	json_decref(alone);
	print_about(cli, run);
	if (json_array_size(steps))
		putchar('\n');
	code = print_steps(cli, steps);
	if (json_array_size(cases))
		putchar('\n');
	if (!code)
		code = print_cases(cli, cases);
	if (!code && any_measurement(cases)) {
		putchar('\n');
		code = print_measurements(cli, cases);
	}
	return code ? CLI_INFRASTRUCTURE : CLI_PASSED;
}

int cmd_run(struct cli *cli, int argc, char **argv)
{
	return cli_show(cli, &help, argc, argv, "run", print_run);
}
