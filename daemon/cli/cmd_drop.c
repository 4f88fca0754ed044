/* SPDX-License-Identifier: Apache-2.0 */
/* assay drop: images dropped under a name, for schedules to take. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "daemon/cli/api.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/drop_watch.h"
#include "daemon/cli/job_images.h"
#include "daemon/cli/list_table.h"
#include "daemon/cli/text.h"

static const struct command_help help = {
	"drop list | NAME FILE... | NAME --watch FOLDER",
	"Drops images under a name, all together as its next version: schedules that name drop:NAME (or, of several\n"
	"files, drop:NAME/FILE) run the last one. With --watch, drops the files of a folder now and whenever they "
	"changed, until it is\n"
	"interrupted; files whose names begin with a dot are passed over. Without a name, lists what was dropped.\n",
	0,
	OPERANDS_MAX,
};

static void add_row(struct table *table, const json_t *drop)
{
	const json_t *files = json_object_get(drop, "files");
	char scratch[64], names[400] = "";
	const char *file;
	json_t *hash;

	json_object_foreach((json_t *)(uintptr_t)files, file, hash)
	{
		size_t len = strlen(names);

		snprintf(names + len, sizeof names - len, "%s%s", len ? ", " : "", file);
	}
	table_cell(table, TONE_STRONG, api_text(drop, "name"));
	table_cellf(table, TONE_PLAIN, "%" PRId64, api_int(drop, "version"));
	table_cell(table, TONE_DIM, text_time(api_int(drop, "created_at_us"), text_now_us(), scratch, sizeof scratch));
	table_cell(table, TONE_DIM, api_text(drop, "author"));
	table_cell(table, TONE_PLAIN, names);
}

static int list_drops(struct cli *cli)
{
	static const char *const headings[] = {"DROP", ">VERSION", "WHEN", "BY", "FILES", NULL};
	static const struct list_table list = {"/drops", "drops", headings, add_row, "nothing was dropped"};

	return list_table_show(cli, &list);
}

int drop_send(struct cli *cli, const char *name, const json_t *files)
{
	struct err err = {0};
	struct client *client = cli_client(cli, &err);
	char path[512] = "/drops/";
	json_t *body = json_pack("{s:O}", "files", files), *answer = NULL;
	int status = CLI_PASSED;

	if (!client_append_escaped(path, sizeof path, name))
		status = cli_usage("\"%s\" is too long for a name", name);
	else if (!client || client_post(client, path, body, &answer, &err))
		status = cli_fail(cli, &err);
	else if (cli->json)
		status = cli_print_json(answer);
	else
		printf("drop %s: version %" PRId64 ", %zu file%s\n", name,
		       api_int(cli_object(answer, "drop"), "version"), json_object_size(files),
		       json_object_size(files) == 1 ? "" : "s");
	json_decref(body);
	json_decref(answer);
	return status;
}

static int drop_files(struct cli *cli, const char *name, const struct operands *operands)
{
	json_t *files = json_object();
	int status = CLI_PASSED;

	for (size_t i = 1; i < operands->count && !status; i++) {
		const char *slash = strrchr(operands->word[i], '/');
		const char *file = slash ? slash + 1 : operands->word[i];
		struct client *client;
		struct err err = {0};
		char sha256[65];

		client = cli_client(cli, &err);
		if (json_object_get(files, file))
			status = cli_usage("two of the files are called %s", file);
		else if (!client || job_image_bring(operands->word[i], client, sha256, &err))
			status = cli_fail(cli, &err);
		else
			json_put(&files, file, json_string(sha256));
	}
	if (!status)
		status = drop_send(cli, name, files);
	json_decref(files);
	return status;
}

int cmd_drop(struct cli *cli, int argc, char **argv)
{
	const char *folder = NULL;
	int64_t settle_s = 2;
	const struct option_row rows[] = {
		{"watch", 0, "FOLDER", "drop what is in FOLDER, whenever it changed", OPTION_TEXT, &folder},
		{"settle", 0, "SECONDS", "with --watch: once nothing changed for so long (default 2)", OPTION_NUMBER,
		 &settle_s},
		{NULL, 0, NULL, NULL, OPTION_FLAG, NULL},
	};
	struct operands operands;
	int status;

	if (!cli_options(cli, &help, rows, argc, argv, &operands, &status))
		return status;
	if (operands.count == 0 || (operands.count == 1 && strcmp(operands.word[0], "list") == 0))
		return list_drops(cli);
	if (operands.count == 1 && folder && settle_s >= 0 && settle_s <= 3600)
		return drop_watch(cli, operands.word[0], folder, settle_s);
	if (operands.count == 1 || folder)
		return cli_usage_of(&help);
	return drop_files(cli, operands.word[0], &operands);
}
