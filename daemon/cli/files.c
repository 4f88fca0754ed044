/* SPDX-License-Identifier: Apache-2.0 */
/* Reading files a person hands in. */
#include "daemon/cli/files.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/cli/cli.h"

static int read_all(FILE *file, const char *path, struct buf *out, struct err *err)
{
	char piece[16384];
	size_t len;

	while ((len = fread(piece, 1, sizeof piece, file)) > 0) {
		if (buf_append(out, piece, len))
			return err_set(err, ERR_TOO_BIG, "%s is bigger than %zu KiB", path, out->max >> 10);
	}
	return ferror(file) ? err_set_errno(err, errno, "cannot read %s", path) : 0;
}

int files_read(const char *path, struct buf *out, struct err *err)
{
	bool standard = strcmp(path, "-") == 0;
	FILE *file = standard ? stdin : fopen(path, "re");
	int code;

	if (!file)
		return err_set_errno(err, errno, "cannot read %s", path);
	code = read_all(file, standard ? "standard input" : path, out, err);
	if (!standard)
		fclose(file);
	return code;
}

int files_print_problems(const struct doc_problems *problems)
{
	struct buf text;

	buf_init(&text, 1 << 20);
	doc_problems_format(problems, &text);
	fprintf(stderr, "assay: %s is not accepted:\n%s", problems->file, buf_text(&text));
	if (text.len && text.data[text.len - 1] != '\n')
		fputc('\n', stderr);
	buf_finish(&text);
	return CLI_USAGE;
}
