/* SPDX-License-Identifier: Apache-2.0 */
/* The table of commands, the help, and what all commands have in common. */
#include "daemon/cli/cli.h"

#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/json.h"
#include "core/base/wrap.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/text.h"

/* In the order in which help shows them. */
const struct cli_command cli_commands[] = {
	{"submit", cmd_submit, "hand in a job file; with --wait, see it through to its verdict"},
	{"jobs", cmd_jobs, "list jobs, the latest first"},
	{"job", cmd_job, "show one job with its runs"},
	{"queue", cmd_queue, "list the runs that wait, and why"},
	{"run", cmd_run, "show one run with its steps and cases"},
	{"watch", cmd_watch, "follow the farm, a board, a job or a run as it happens"},
	{"console", cmd_console, "print what a board printed; with --follow, as it comes"},
	{"lease", cmd_lease, "get a board for yourself for a time: gdb and console"},
	{"reserve", cmd_reserve, "have a board promised from a time on"},
	{"gdb", cmd_gdb, "run gdb on a leased board"},
	{"core", cmd_core, "fetch the core file of a run that failed, or its backtrace"},
	{"cancel", cmd_cancel, "cancel a job"},
	{"report", cmd_report, "write a job's or run's report as text, JSON, XML or a page"},
	{"flakes", cmd_flakes, "list cases that pass and fail on the same image"},
	{"seal", cmd_seal, "seal a finished job: all that is kept of it, signed"},
	{"verify", cmd_verify, "check sealed evidence, without a farm"},
	{"keys", cmd_keys, "list the public keys that evidence is checked with"},
	{"boards", cmd_boards, "list boards and what they are doing; take them out of service"},
	{"images", cmd_images, "list images held for what they did to boards, or release one"},
	{"golden", cmd_golden, "list, set or remove the golden images that boards are checked with"},
	{"racks", cmd_racks, "list racks and hubs; drain one, and take it back into service"},
	{"org", cmd_org, "list organisations; say what one may have, and its members"},
	{"health", cmd_health, "show what helps boards that do not answer, and how often"},
	{"suites", cmd_suites, "list suites, show one, or store one"},
	{"waiver", cmd_waiver, "list, give and withdraw waivers of known defects"},
	{"baseline", cmd_baseline, "list what measurements are held against, and accept a job's"},
	{"schedule", cmd_schedule, "list, store, pause and begin jobs by calendar"},
	{"drop", cmd_drop, "drop images under a name, for schedules to take"},
	{"nights", cmd_nights, "list, show, accept and compare what schedules came to"},
	{"bisect", cmd_bisect, "find the first bad one of a row of images, on many boards at once"},
	{"secret", cmd_secret, "keep what webhooks are signed with"},
	{"tokens", cmd_tokens, "list, make and remove tokens"},
	{"farm", cmd_farm, "show how the farm is"},
	{"help", cmd_help, "show how a command is used"},
	{NULL, NULL, NULL},
};

/* With the row that ends them. */
enum { COMMON_ROWS = 7 };

static void common_rows(struct cli *cli, struct option_row rows[COMMON_ROWS])
{
	const struct option_row table[] = {
		{"url", 0, "URL", "where assayd is (else ASSAY_URL, else the state directory)", OPTION_TEXT,
		 &cli->address_options.url},
		{"token-file", 0, "FILE", "the token to show (else ASSAY_TOKEN, else admin.token there)", OPTION_TEXT,
		 &cli->address_options.token_file},
		{"state-dir", 0, "DIR", "state directory of an assayd on this machine", OPTION_TEXT,
		 &cli->address_options.state_dir},
		{"ca-file", 0, "FILE", "https: trust these authorities (else ASSAY_CA_FILE, else the system's)",
		 OPTION_TEXT, &cli->address_options.ca_file},
		{"json", 0, NULL, "print JSON, as the API gives it", OPTION_FLAG, &cli->json},
		{"no-color", 0, NULL, "no colours, even on a terminal", OPTION_FLAG, &cli->no_colour},
		{NULL, 0, NULL, NULL, OPTION_FLAG, NULL},
	};

	memcpy(rows, table, sizeof table);
}

static void print_help(const struct command_help *help, const struct option_row *rows, const struct option_row *common)
{
	printf("usage: ");
	usage_print(help->usage, stdout);
	printf("\n");
	wrap_print(stdout, help->about, 0, 0, WRAP_COLUMNS);
	if (rows && rows->name) {
		printf("\nOptions:\n");
		options_print(rows, stdout);
	}
	printf("\nCommon options:\n");
	options_print(common, stdout);
}

bool cli_options(struct cli *cli, const struct command_help *help, const struct option_row *rows, int argc, char **argv,
		 struct operands *ret_operands, int *ret_status)
{
	struct option_row common[COMMON_ROWS];

	common_rows(cli, common);
	switch (options_parse(help, rows, common, argc, argv, ret_operands)) {
	case OPTIONS_HELP_WANTED:
		print_help(help, rows, common);
		*ret_status = CLI_PASSED;
		return false;
	case OPTIONS_WRONG:
		*ret_status = CLI_USAGE;
		return false;
	case OPTIONS_GO_ON:
		break;
	}
	style_init(&cli->style, stdout, cli->no_colour);
	return true;
}

struct client *cli_client(struct cli *cli, struct err *err)
{
	if (cli->client)
		return cli->client;
	if (address_find(&cli->address_options, &cli->address, err))
		return NULL;
	cli->client = client_create(&cli->address);
	if (!cli->client)
		err_set(err, ERR_NOMEM, "out of memory");
	return cli->client;
}

static int fail_status(enum err_code code)
{
	switch (code) {
	case ERR_UNREACHABLE:
	case ERR_DENIED:
	case ERR_CLOSED:
		return CLI_UNREACHABLE;
	case ERR_INVALID:
	case ERR_NOT_FOUND:
	case ERR_EXISTS:
	case ERR_TOO_BIG:
		return CLI_USAGE;
	default:
		return CLI_INFRASTRUCTURE;
	}
}

static const char *text_of(const json_t *problem, const char *key)
{
	const char *text = json_string_value(json_object_get(problem, key));

	return text ? text : "";
}

static void print_problem(const json_t *problem)
{
	json_int_t line = json_integer_value(json_object_get(problem, "line"));
	const char *file = text_of(problem, "file"), *field = text_of(problem, "field");
	const char *found = text_of(problem, "found"), *expected = text_of(problem, "expected");

	fprintf(stderr, "  %s", file);
	if (line > 0)
		fprintf(stderr, ":%" JSON_INTEGER_FORMAT, line);
	fprintf(stderr, "%s%s%s", *file || line > 0 ? ": " : "", field, *field ? ": " : "");
	if (*found)
		fprintf(stderr, "found %s%s", found, *expected ? ", " : "");
	if (*expected)
		fprintf(stderr, "expected %s", expected);
	fputc('\n', stderr);
}

int cli_fail(struct cli *cli, const struct err *err)
{
	bool may_list = err->code == ERR_INVALID || err->code == ERR_NOT_FOUND;
	const json_t *problems = cli->client && may_list ? client_problems(cli->client) : NULL;
	const json_t *problem;
	size_t i;

	if (json_array_size(problems) == 0) {
		fprintf(stderr, "assay: %s\n", err->text);
		return fail_status(err->code);
	}
	fprintf(stderr, "assay: the farm does not accept this:\n");
	json_array_foreach(problems, i, problem) print_problem(problem);
	return fail_status(err->code);
}

int cli_usage_of(const struct command_help *help)
{
	fprintf(stderr, "assay: these words do not go together\nusage: ");
	usage_print(help->usage, stderr);
	return CLI_USAGE;
}

int cli_usage(const char *format, ...)
{
	va_list args;

	fputs("assay: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return CLI_USAGE;
}

int cli_get(struct cli *cli, const char *path, json_t **ret_value)
{
	struct err err = {0};
	struct client *client = cli_client(cli, &err);

	if (!client || client_get(client, path, ret_value, &err))
		return cli_fail(cli, &err);
	return 0;
}

static int get_numbered(struct cli *cli, const char *kind, int64_t number, json_t **ret_answer)
{
	char path[64];

	snprintf(path, sizeof path, "/%ss/%" PRId64, kind, number);
	return cli_get(cli, path, ret_answer);
}

int cli_check(struct cli *cli, const char *kind, int64_t number)
{
	json_t *answer = NULL;
	int status = get_numbered(cli, kind, number, &answer);

	json_decref(answer);
	return status;
}

int cli_show(struct cli *cli, const struct command_help *help, int argc, char **argv, const char *kind,
	     int (*print)(struct cli *cli, json_t *object))
{
	struct operands operands;
	json_t *answer;
	int64_t number;
	int status;

	if (!cli_options(cli, help, NULL, argc, argv, &operands, &status))
		return status;
	if (!cli_number(operands.word[0], kind, &number))
		return CLI_USAGE;
	status = get_numbered(cli, kind, number, &answer);
	if (status)
		return status;
	status = cli->json ? cli_print_json(cli_object(answer, kind)) : print(cli, cli_object(answer, kind));
	json_decref(answer);
	return status;
}

int cli_print_json(const json_t *value)
{
	if (json_dumpf(value, stdout, JSON_INDENT(2) | JSON_ENCODE_ANY) || fputc('\n', stdout) == EOF)
		return CLI_INFRASTRUCTURE;
	return CLI_PASSED;
}

bool cli_number(const char *text, const char *what, int64_t *ret_number)
{
	char *end;
	long long number;

	errno = 0;
	number = strtoll(text, &end, 10);
	if (errno || end == text || *end || number < 1) {
		cli_usage("\"%s\" is no %s number: expected a number from 1", text, what);
		return false;
	}
	*ret_number = number;
	return true;
}

int cli_verdict_status(const char *verdict)
{
	static const struct {
		const char *verdict;
		int status;
	} table[] = {{"passed", CLI_PASSED}, {"failed", CLI_FAILED}, {"cancelled", CLI_CANCELLED}};

	for (size_t i = 0; verdict && i < sizeof table / sizeof table[0]; i++) {
		if (strcmp(table[i].verdict, verdict) == 0)
			return table[i].status;
	}
	return CLI_INFRASTRUCTURE;
}

json_t *cli_list(const json_t *answer, const char *key)
{
	json_t *list = json_is_array(answer) ? (json_t *)(uintptr_t)answer : json_object_get(answer, key);

	return json_is_array(list) ? list : NULL;
}

json_t *cli_object(json_t *answer, const char *key)
{
	json_t *inner = json_object_get(answer, key);

	return json_is_object(inner) ? inner : answer;
}

static void print_overview(void)
{
	printf("usage: assay COMMAND [options]\n\nThe command line of the Assay test farm.\n\nCommands:\n");
	for (const struct cli_command *command = cli_commands; command->name; command++)
		printf("  %-9s %s\n", command->name, command->summary);
	printf("\n`assay help COMMAND` tells more. Exit status:\n");
#define X(name, status, text) printf("  %3d  %s\n", status, text);
	CLI_EXITS(X)
#undef X
}

static const struct cli_command *find_command(const char *name)
{
	for (const struct cli_command *command = cli_commands; command->name; command++) {
		if (strcmp(command->name, name) == 0)
			return command;
	}
	return NULL;
}

int cmd_help(struct cli *cli, int argc, char **argv)
{
	char help[] = "--help";
	char *help_argv[] = {NULL, help, NULL};
	const struct cli_command *command;

	if (argc < 2 || argv[1][0] == '-' || strcmp(argv[1], "help") == 0) {
		print_overview();
		return CLI_PASSED;
	}
	command = find_command(argv[1]);
	if (!command)
		return cli_usage("there is no command \"%s\"; `assay --help` lists them", argv[1]);
	help_argv[0] = argv[1];
	return command->run(cli, 2, help_argv);
}

static const struct option_row *find_common(const struct option_row *rows, const char *word, size_t len)
{
	for (; rows->name; rows++) {
		if (strlen(rows->name) == len && strncmp(word, rows->name, len) == 0)
			return rows;
	}
	return NULL;
}

/* Common options may stand before the command too: takes them and returns where the first other word is. */
static int skip_common(struct cli *cli, int argc, char **argv)
{
	struct option_row rows[COMMON_ROWS];
	int at = 1;

	common_rows(cli, rows);
	for (; at < argc && strncmp(argv[at], "--", 2) == 0; at++) {
		size_t len = strcspn(argv[at] + 2, "=");
		const struct option_row *row = find_common(rows, argv[at] + 2, len);
		bool has_value = row && argv[at][2 + len] == '=';

		if (!row || (row->kind != OPTION_FLAG && !has_value && at + 1 == argc))
			return at;
		if (row->kind == OPTION_FLAG)
			*(bool *)row->target = true;
		else
			*(const char **)row->target = has_value ? argv[at] + 3 + len : argv[++at];
	}
	return at;
}

static int dispatch(struct cli *cli, int argc, char **argv)
{
	int at = skip_common(cli, argc, argv);
	const char *word = at < argc ? argv[at] : "";
	const struct cli_command *command = find_command(word);

	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
		print_overview();
		return CLI_PASSED;
	}
	if (strcmp(word, "--version") == 0) {
		printf("assay " ASSAY_VERSION "\n");
		return CLI_PASSED;
	}
	if (!*word)
		return cli_usage("which command? `assay --help` lists them");
	if (*word == '-')
		return cli_usage("unknown option %s before the command, or its value is missing", word);
	if (!command)
		return cli_usage("there is no command \"%s\"; `assay --help` lists them", word);
	return command->run(cli, argc - at, argv + at);
}

/* A reader that has seen enough (`assay watch | head`) is no error: ends by SIGPIPE, as other programs do, also where a
 * library had that signal ignored. Returns when stdout has a reader. */
static void end_as_others_do(void)
{
	struct pollfd reader = {.fd = STDOUT_FILENO, .events = POLLOUT};

	if (poll(&reader, 1, 0) == 1 && (reader.revents & POLLERR)) {
		signal(SIGPIPE, SIG_DFL);
		raise(SIGPIPE);
	}
}

int cli_main(int argc, char **argv)
{
	struct cli cli = {0};
	int status;

	if (!setlocale(LC_CTYPE, "") || MB_CUR_MAX == 1)
		setlocale(LC_CTYPE, "C.UTF-8"); /* boards and files speak UTF-8 whatever the terminal does */
	status = dispatch(&cli, argc, argv);
	client_destroy(cli.client);
	if (fflush(stdout) || ferror(stdout)) {
		end_as_others_do();
		fprintf(stderr, "assay: cannot write the output\n");
		return status == CLI_PASSED ? CLI_INFRASTRUCTURE : status;
	}
	return status;
}
