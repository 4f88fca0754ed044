/* SPDX-License-Identifier: Apache-2.0 */
/* assay reserve: a board for oneself from a time on. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/base/doc.h"
#include "daemon/cli/api.h"
#include "daemon/cli/cli.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/lease_wish.h"
#include "daemon/cli/text.h"

static const struct command_help help = {
	"reserve TYPE|BOARD --from TIME | list | cancel N",
	"Has the farm promise a board from a time on; it begins then, sharp, whatever else is asked for. What cannot "
	"be\n"
	"promised is refused with the earliest time that can. When its time has come `assay lease attach N` comes to "
	"it;\n"
	"nobody there for --grace after that, it ends by itself. TIME is \"tomorrow 14:00\", \"14:00\", \"2027-01-31 "
	"14:00\"\n"
	"or, from now, \"+90m\".\n",
	1,
	2,
};

/* Hours and minutes at the end of text; false: there are none. */
static bool read_hours(const char *text, struct tm *moment)
{
	const char *rest;

	moment->tm_sec = 0;
	rest = strptime(text, "%H:%M", moment);
	return rest && !*rest;
}

/* Unix µs by local time; 0: it is no time. */
static int64_t read_time(const char *text)
{
	static const char tomorrow[] = "tomorrow ", today[] = "today ";
	time_t now = (time_t)(text_now_us() / 1000000), at;
	struct tm moment;
	int64_t ms;

	if (*text == '+')
		return doc_duration_ms(text + 1, &ms) ? text_now_us() + 1000 * ms : 0;
	localtime_r(&now, &moment);
	moment.tm_isdst = -1;
	if (strncmp(text, tomorrow, sizeof tomorrow - 1) == 0) {
		moment.tm_mday++;
		text += sizeof tomorrow - 1;
	} else if (strncmp(text, today, sizeof today - 1) == 0) {
		text += sizeof today - 1;
	} else if (strchr(text, '-')) {
		text = strptime(text, "%Y-%m-%d", &moment);
		if (!text || (*text != ' ' && *text != 'T'))
			return 0;
		text++;
	}
	if (!read_hours(text, &moment))
		return 0;
	at = mktime(&moment);
	return at > 0 ? (int64_t)at * 1000000 : 0;
}

/* The farm names the time in its own words; a person wants to read it. */
static int refuse(struct cli *cli, const struct err *err)
{
	static const char mark[] = "the earliest from_us is ";
	const char *at = strstr(err->text, mark);
	char time_text[32];
	long long earliest_us;

	if (!at || sscanf(at + sizeof mark - 1, "%lld", &earliest_us) != 1)
		return cli_fail(cli, err);
	return cli_usage("no board can be promised for then; the earliest time is %s",
			 text_time(earliest_us, text_now_us(), time_text, sizeof time_text));
}

static int reserve(struct cli *cli, const char *name, const char *from, const struct lease_wish_options *options)
{
	int64_t from_us = from ? read_time(from) : 0;
	struct err err = {0};
	json_t *body, *answer = NULL;
	char when[32];
	int status;

	if (!from_us)
		return cli_usage("--from: found %s%s%s, expected a time: \"tomorrow 14:00\", \"14:00\", \"2027-01-31 "
				 "14:00\" or \"+90m\"",
				 from ? "\"" : "", from ? from : "nothing", from ? "\"" : "");
	body = json_object();
	status = cli_client(cli, &err) ? lease_wish_body(cli, name, options, body) : cli_fail(cli, &err);
	json_object_set_new(body, "from_us", json_integer(from_us));
	if (!status && client_post(cli->client, "/leases", body, &answer, &err))
		status = refuse(cli, &err);
	else if (!status && cli->json)
		status = cli_print_json(answer);
	else if (!status)
		printf("lease %" PRId64 " is reserved from %s on; `assay lease attach %" PRId64 "` then comes to it\n",
		       api_int(cli_object(answer, "lease"), "id"), text_time(from_us, text_now_us(), when, sizeof when),
		       api_int(cli_object(answer, "lease"), "id"));
	json_decref(body);
	json_decref(answer);
	return status;
}

static int cancel(struct cli *cli, const char *word)
{
	struct client *client;
	struct err err = {0};
	json_t *answer = NULL;
	char path[64];
	int64_t lease;

	if (!cli_number(word, "lease", &lease))
		return CLI_USAGE;
	client = cli_client(cli, &err);
	snprintf(path, sizeof path, "/leases/%" PRId64, lease);
	if (!client || client_delete(client, path, &answer, &err))
		return cli_fail(cli, &err);
	if (cli->json)
		cli_print_json(answer);
	else
		printf("lease %" PRId64 " is given up\n", lease);
	json_decref(answer);
	return CLI_PASSED;
}

int cmd_reserve(struct cli *cli, int argc, char **argv)
{
	struct lease_wish_options options = {.priority = -1};
	const char *from = NULL;
	const struct option_row rows[] = {
		{"from", 0, "TIME", "when it begins", OPTION_TEXT, &from},
		{"for", 'f', "TIME", "how long (default 1h)", OPTION_TEXT, &options.length},
		{"tags", 0, "TAGS", "only a board that has all of these: a,b", OPTION_TEXT, &options.tags},
		{"image", 'i', "FILE", "flashed first (default: the board keeps what it has)", OPTION_TEXT,
		 &options.image},
		{"why", 0, "TEXT", "what for, for others to see", OPTION_TEXT, &options.why},
		{"grace", 0, "TIME", "how long it goes on without a client (default: the farm's)", OPTION_TEXT,
		 &options.grace},
		{NULL, 0, NULL, NULL, OPTION_FLAG, NULL},
	};
	struct operands operands;
	int status;

	if (!cli_options(cli, &help, rows, argc, argv, &operands, &status))
		return status;
	if (operands.count == 2 && strcmp(operands.word[0], "cancel") == 0)
		return cancel(cli, operands.word[1]);
	if (operands.count == 1 && strcmp(operands.word[0], "list") == 0)
		return lease_list(cli);
	if (operands.count == 1 && strcmp(operands.word[0], "cancel") != 0)
		return reserve(cli, operands.word[0], from, &options);
	return cli_usage_of(&help);
}
