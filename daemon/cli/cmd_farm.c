/* SPDX-License-Identifier: Apache-2.0 */
/* assay farm: whether the farm is well and what it is doing, in a few lines. */
#include <inttypes.h>
#include <stdio.h>

#include "daemon/cli/api.h"
#include "daemon/cli/cli.h"
#include "daemon/cli/cmd_time.h"
#include "daemon/cli/commands.h"

static const struct command_help help = {
	"farm [--time]",
	"Shows how the farm is: degraded or well, its boards by state, runs that wait and run.\n"
	"Status 3 while it is degraded. --time shows what the boards' time went into, by board type and rack.\n",
	0,
	0,
};

/* "2 free, 1 running" of an object of numbers. */
static void print_numbers(const struct cli *cli, const char *what, const json_t *numbers)
{
	const char *key, *between = "";
	const json_t *number;

	printf("%-9s", what);
	json_object_foreach((json_t *)(uintptr_t)numbers, key, number)
	{
		if (!json_integer_value(number))
			continue;
		printf("%s%s%" JSON_INTEGER_FORMAT " %s%s", between, style_on(&cli->style, style_word_tone(key)),
		       json_integer_value(number), key, style_off(&cli->style));
		between = ", ";
	}
	printf("%s\n", *between ? "" : "none");
}

static int print_farm(struct cli *cli, const json_t *farm)
{
	const json_t *kept = json_object_get(farm, "kept");
	const char *degraded = api_text(farm, "degraded"), *word = *degraded ? "degraded" : "online";

	printf("%-9s%s\n", "farm", api_text(farm, "id"));
	printf("%-9s%s\n", "at", cli->address.url);
	printf("%-9s%s%s %s%s%s%s\n", "state", style_on(&cli->style, style_word_tone(word)),
	       style_word_sign(&cli->style, word), word, style_off(&cli->style), *degraded ? ": " : "", degraded);
	print_numbers(cli, "boards", json_object_get(farm, "boards"));
	print_numbers(cli, "runs", json_object_get(farm, "runs"));
	printf("%-9s%" PRId64 "\n", "events", api_int(farm, "seq"));
	if (json_is_object(kept))
		printf("%-9s%" PRId64 " nights, %" PRId64 " deliveries, %" PRId64 " drop versions, %" PRId64
		       " recoveries; database %.1f MB\n",
		       "kept", api_int(kept, "nights"), api_int(kept, "deliveries"), api_int(kept, "drop_versions"),
		       api_int(kept, "recoveries"), (double)api_int(kept, "database_bytes") / 1e6);
	return *degraded ? CLI_INFRASTRUCTURE : CLI_PASSED;
}

int cmd_farm(struct cli *cli, int argc, char **argv)
{
	int64_t days = TIME_USUAL_DAYS;
	bool time = false;
	const struct option_row rows[] = {
		{"time", 't', NULL, "what the boards' time went into, instead", OPTION_FLAG, &time},
		{"days", 'd', "N", "with --time: of so many days, 1 to 31; else 7", OPTION_NUMBER, &days},
		{NULL, 0, NULL, NULL, OPTION_FLAG, NULL},
	};
	struct operands operands;
	json_t *answer;
	int status;

	if (!cli_options(cli, &help, rows, argc, argv, &operands, &status))
		return status;
	if (time)
		return cmd_farm_time(cli, days);
	status = cli_get(cli, "/farm", &answer);
	if (status)
		return status;
	status = cli->json ? cli_print_json(answer) : print_farm(cli, cli_object(answer, "farm"));
	json_decref(answer);
	return status;
}
