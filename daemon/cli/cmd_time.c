/* SPDX-License-Identifier: Apache-2.0 */
/* assay boards NAME --time, assay farm --time: what boards' time goes into, a bar a day, a board type or a rack. */
#include <inttypes.h>
#include <stdio.h>

#include "daemon/cli/api.h"
#include "daemon/cli/cmd_time.h"
#include "daemon/cli/table.h"
#include "daemon/cli/text.h"
#include "daemon/cli/time_bar.h"

static void add_amounts(struct table *table, const json_t *row)
{
	const json_t *us = json_object_get(row, "us");
	char bar[TIME_BAR_COLUMNS + 1], scratch[400];

	time_bar(us, bar);
	table_cell(table, TONE_DIM, text_duration(api_int(row, "sum_us"), scratch, sizeof scratch));
	table_cell(table, TONE_PLAIN, bar);
	table_cell(table, TONE_PLAIN, time_bar_shares(us, scratch, sizeof scratch));
}

static int finish(struct table *table)
{
	int code = table_print(table, stdout);

	table_destroy(table);
	printf("%s\n", time_bar_legend);
	return code ? CLI_INFRASTRUCTURE : CLI_PASSED;
}

static int print_days(struct cli *cli, const json_t *times)
{
	static const char *const headings[] = {"DAY (UTC)", ">OF", "TIME", "SHARES", NULL};
	struct table *table = table_create(&cli->style, headings);
	const json_t *day;
	size_t i;

	if (!table)
		return CLI_INFRASTRUCTURE;
	json_array_foreach(json_object_get(times, "days"), i, day)
	{
		table_cell(table, TONE_STRONG, api_text(day, "day"));
		add_amounts(table, day);
	}
	return finish(table);
}

static void add_sum(struct table *table, const char *what, const json_t *sum)
{
	table_cell(table, TONE_DIM, what);
	table_cell(table, TONE_STRONG, api_text(sum, "name"));
	table_cellf(table, TONE_PLAIN, "%" PRId64, api_int(sum, "boards"));
	add_amounts(table, sum);
}

static int print_sums(struct cli *cli, const json_t *times)
{
	static const char *const headings[] = {"BY", "NAME", ">BOARDS", ">OF", "TIME", "SHARES", NULL};
	struct table *table = table_create(&cli->style, headings);
	const json_t *sum;
	size_t i;

	if (!table)
		return CLI_INFRASTRUCTURE;
	add_sum(table, "all", json_object_get(times, "total"));
	json_array_foreach(json_object_get(times, "by_type"), i, sum) add_sum(table, "type", sum);
	json_array_foreach(json_object_get(times, "by_rack"), i, sum) add_sum(table, "rack", sum);
	return finish(table);
}

static int show(struct cli *cli, const char *path, int (*print)(struct cli *cli, const json_t *times))
{
	json_t *answer;
	int status = cli_get(cli, path, &answer);

	if (status)
		return status;
	status = cli->json ? cli_print_json(answer) : print(cli, answer);
	json_decref(answer);
	return status;
}

int cmd_board_time(struct cli *cli, const char *path)
{
	return show(cli, path, print_days);
}

int cmd_farm_time(struct cli *cli, int64_t days)
{
	char path[64];

	snprintf(path, sizeof path, "/farm/time?days=%" PRId64, days);
	return show(cli, path, print_sums);
}
