/* SPDX-License-Identifier: Apache-2.0 */
/* assay secret: what webhooks are signed with. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "core/base/buf.h"
#include "daemon/cli/api.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/files.h"
#include "daemon/cli/list_table.h"
#include "daemon/cli/text.h"

#define SECRET_BYTES 32
#define SECRET_MAX   1024 /* of what is read; the farm says what is too long */

static const struct command_help help = {
	"secret list | add NAME [--from FILE] [--replace] | remove NAME",
	"Lists the names of secrets, keeps one, or removes it. Webhooks are signed with them. A new one is made up "
	"and\n"
	"printed, once, unless it is read from a file (- for standard input): 16 to 128 bytes without spaces. One "
	"that\n"
	"is there is only replaced with --replace: what is posted is signed with the new one from then on.\n",
	0,
	2,
};

static void add_row(struct table *table, const json_t *secret)
{
	char scratch[64];

	table_cell(table, TONE_STRONG, api_text(secret, "name"));
	table_cell(table, TONE_DIM,
		   text_time(api_int(secret, "created_at_us"), text_now_us(), scratch, sizeof scratch));
	table_cell(table, TONE_DIM, api_text(secret, "author"));
}

static int list_secrets(struct cli *cli)
{
	static const char *const headings[] = {"SECRET", "WHEN", "BY", NULL};
	static const struct list_table list = {"/secrets", "secrets", headings, add_row, "no secrets"};

	return list_table_show(cli, &list);
}

static int read_value(const char *file, struct buf *value)
{
	unsigned char bytes[SECRET_BYTES];
	char hex[2 * SECRET_BYTES + 1];
	struct err err = {0};

	if (!file) {
		if (sodium_init() < 0)
			return cli_usage("no good random numbers on this machine");
		randombytes_buf(bytes, sizeof bytes);
		sodium_bin2hex(hex, sizeof hex, bytes, sizeof bytes);
		return buf_append_text(value, hex) ? CLI_INFRASTRUCTURE : CLI_PASSED;
	}
	if (files_read(file, value, &err))
		return cli_usage("%s", err.text);
	while (value->len && strchr("\r\n", value->data[value->len - 1]))
		value->len--;
	return CLI_PASSED;
}

static int put_secret(struct cli *cli, const char *name, const struct buf *value, bool replace)
{
	struct err err = {0};
	struct client *client = cli_client(cli, &err);
	json_t *body = json_pack("{s:s%, s:b}", "value", value->data, value->len, "replace", replace), *answer = NULL;
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	char path[512] = "/secrets/";
	int status = CLI_PASSED;

	if (!text || !client_append_escaped(path, sizeof path, name))
		status = cli_usage("a secret is one line of text, and has a short name");
	else if (!client || client_put_text(client, path, "application/json", text, strlen(text), &answer, &err))
		status = cli_fail(cli, &err);
	free(text);
	json_decref(body);
	json_decref(answer);
	return status;
}

static int add_secret(struct cli *cli, const char *name, const char *file, bool replace)
{
	struct buf value;
	int status;

	buf_init(&value, SECRET_MAX);
	status = read_value(file, &value);
	if (!status)
		status = put_secret(cli, name, &value, replace);
	if (!status && !file)
		printf("%s\n", buf_text(&value));
	else if (!status)
		printf("secret %s: kept\n", name);
	buf_finish(&value);
	return status;
}

static int remove_secret(struct cli *cli, const char *name)
{
	struct err err = {0};
	struct client *client = cli_client(cli, &err);
	json_t *answer = NULL;
	char path[512] = "/secrets/";

	if (!client_append_escaped(path, sizeof path, name))
		return cli_usage("\"%s\" is too long for a secret's name", name);
	if (!client || client_delete(client, path, &answer, &err))
		return cli_fail(cli, &err);
	json_decref(answer);
	printf("secret %s: removed\n", name);
	return CLI_PASSED;
}

int cmd_secret(struct cli *cli, int argc, char **argv)
{
	const char *from = NULL;
	bool replace = false;
	const struct option_row rows[] = {
		{"from", 0, "FILE", "add: read it from FILE; - is standard input", OPTION_TEXT, &from},
		{"replace", 0, NULL, "add: in place of the one of that name", OPTION_FLAG, &replace},
		{NULL, 0, NULL, NULL, OPTION_FLAG, NULL},
	};
	struct operands operands;
	const char *word;
	int status;

	if (!cli_options(cli, &help, rows, argc, argv, &operands, &status))
		return status;
	word = operands.count ? operands.word[0] : "list";
	if (operands.count < 2 && strcmp(word, "list") == 0)
		return list_secrets(cli);
	if (operands.count == 2 && strcmp(word, "add") == 0)
		return add_secret(cli, operands.word[1], from, replace);
	if (operands.count == 2 && strcmp(word, "remove") == 0)
		return remove_secret(cli, operands.word[1]);
	return cli_usage_of(&help);
}
