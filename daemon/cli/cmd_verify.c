/* SPDX-License-Identifier: Apache-2.0 */
/* assay verify: whether sealed evidence holds. Needs no farm. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/json.h"
#include "daemon/cli/cli.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/files.h"
#include "daemon/cli/verify.h"

static const struct command_help help = {
	"verify BUNDLE --key PUB",
	"Checks the evidence of a job without a farm: the signature, every byte of the archive, the console's hash\n"
	"chain, and whether each verdict follows from the console. The exit status is 0 when all of it holds, 1 when\n"
	"something does not, 2 when it cannot be checked.\n",
	1,
	1,
};

/* What was told, for --json. */
struct told {
	const struct cli *cli;
	json_t *checks;
};

static void on_told(void *context, enum verify_word word, const char *what, const char *text)
{
	static const char *const words[] = {[VERIFY_HOLDS] = "ok", [VERIFY_BROKEN] = "BROKEN", [VERIFY_NOTE] = "note"};
	static const enum tone tones[] = {
		[VERIFY_HOLDS] = TONE_GOOD, [VERIFY_BROKEN] = TONE_BAD, [VERIFY_NOTE] = TONE_WARN};
	struct told *told = context;

	if (told->checks) {
		json_t *check = json_object();

		json_put(&check, "result", json_string(words[word]));
		json_put(&check, "what", json_text(what, 200));
		json_put(&check, "text", json_text(text, 2000));
		json_push(&told->checks, check);
		return;
	}
	printf("%s%-6s%s %s: %s\n", style_on(&told->cli->style, tones[word]), words[word], style_off(&told->cli->style),
	       what, text);
}

static int read_key(const char *file, struct minisig_public *ret_key, struct err *err)
{
	struct buf text;
	int rc;

	buf_init(&text, 4096);
	rc = files_read(file, &text, err);
	if (!rc && minisig_public_read(buf_text(&text), text.len, ret_key, err))
		rc = err_prefix(err, "%s", file);
	buf_finish(&text);
	return rc;
}

int cmd_verify(struct cli *cli, int argc, char **argv)
{
	const char *key_file = NULL;
	const struct option_row rows[] = {
		{"key", 'k', "PUB", "the farm's public key, as `assay keys` or minisign has it", OPTION_TEXT,
		 &key_file},
		{NULL, 0, NULL, NULL, OPTION_FLAG, NULL},
	};
	struct told told = {.cli = cli};
	struct minisig_public key;
	struct operands operands;
	struct err err = {0};
	int status, fd, rc;

	if (!cli_options(cli, &help, rows, argc, argv, &operands, &status))
		return status;
	if (!key_file)
		return cli_usage("verify needs --key: whose signature should it be?");
	if (read_key(key_file, &key, &err))
		return cli_usage("%s", err.text);
	fd = open(operands.word[0], O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		err_set_errno(&err, errno, "cannot read %s", operands.word[0]);
		return cli_usage("%s", err.text);
	}
	told.checks = cli->json ? json_array() : NULL;
	rc = verify_bundle(fd, &key, on_told, &told, &err);
	close(fd);
	if (cli->json) {
		json_t *answer = json_pack("{s:b,s:o}", "holds", rc == 0, "checks", told.checks);

		cli_print_json(answer);
		json_decref(answer);
	} else if (rc == 0) {
		printf("the evidence holds\n");
	}
	if (rc == ERR_CORRUPT)
		fprintf(stderr, "assay: %s: %s\n", operands.word[0], err.text);
	if (rc && rc != ERR_CORRUPT)
		return cli_usage("%s: %s", operands.word[0], err.text);
	return rc ? CLI_FAILED : CLI_PASSED;
}
