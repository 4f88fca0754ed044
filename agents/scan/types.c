/* SPDX-License-Identifier: Apache-2.0 */
/* Looks through the board types. What cannot be read is none of them: `--check` tells of that. */
#include "agents/scan/types.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agents/base/files.h"
#include "core/base/doc.h"
#include "core/base/mem.h"
#include "core/image/board_type.h"

static bool has_dpidr(const struct board_type *type, uint32_t dpidr)
{
	for (size_t i = 0; i < type->identity_count; i++)
		if (type->identity[i].is_dpidr)
			return ((type->identity[i].value ^ dpidr) & type->identity[i].mask) == 0;
	return false;
}

static bool read_type(const char *path, struct board_type *type)
{
	struct doc_problems *problems = mem_alloc(sizeof(*problems));
	struct doc *doc = NULL;
	char *text = NULL;
	struct err err = {0};
	bool is_good = false;
	size_t len;

	doc_problems_init(problems, path);
	if (files_read(path, DOC_MAX_BYTES, &text, &len, &err) == 0 && doc_parse(path, text, len, &doc, problems) == 0)
		is_good = board_type_read(doc->root, type, problems);
	doc_destroy(doc);
	free(text);
	free(problems);
	return is_good;
}

size_t types_with_dpidr(const char *types_dir, uint32_t dpidr, struct buf *ret_names)
{
	struct board_type *type = mem_alloc(sizeof(*type));
	DIR *dir = opendir(types_dir);
	struct dirent *entry;
	char path[PATH_MAX];
	size_t count = 0;

	while (dir && (entry = readdir(dir)) != NULL) {
		const char *end = strrchr(entry->d_name, '.');

		if (!end || strcmp(end, ".yaml") != 0 ||
		    (size_t)snprintf(path, sizeof(path), "%s/%s", types_dir, entry->d_name) >= sizeof(path))
			continue;
		if (read_type(path, type) && has_dpidr(type, dpidr))
			(void)buf_appendf(ret_names, "%s%s", count++ ? " " : "", type->name);
	}
	if (dir)
		(void)closedir(dir);
	free(type);
	return count;
}
