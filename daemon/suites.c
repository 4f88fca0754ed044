/* SPDX-License-Identifier: Apache-2.0 */
/* The suites that come with the farm: files of --suites-dir, put at every start where they differ from what is kept. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/doc.h"
#include "core/base/log.h"
#include "daemon/daemon.h"

static void on_put(void *context, const struct err *err)
{
	char *name = (char *)context;

	if (err)
		log_warn("suites", "%s was not kept: %s", name, err->text);
	else
		log_info("suites", "%s put", name);
	free(name);
}

/* Whether the farm holds this very text. */
static bool suite_same(struct daemon *daemon, const struct principal *who, const char *name, const struct buf *text)
{
	json_t *suite = farm_suite_json(daemon->farm, who, name);
	const char *held = json_string_value(json_object_get(suite, "text"));
	bool same = held && strcmp(held, buf_text(text)) == 0;

	json_decref(suite);
	return same;
}

static void suite_put(struct daemon *daemon, const char *name, const char *path, const struct buf *text)
{
	struct principal who = {.org = ORG_DEFAULT, .name = "assayd", .role = ROLE_ADMIN};
	struct doc_problems problems;
	struct err err = {0};
	char *context = strdup(name);

	if (!context || suite_same(daemon, &who, name, text)) {
		free(context);
		return;
	}
	int rc = farm_put_suite(daemon->farm, &who, name, path, buf_text(text), text->len, on_put, context, &problems,
				&err);
	if (!rc)
		return;
	if (rc == ERR_INVALID)
		doc_problems_err(&problems, &err);
	log_warn("suites", "%s: %s", path, err.text);
	free(context);
}

void daemon_load_suites(struct daemon *daemon)
{
	const char *dir = daemon->config.suites_dir;
	DIR *folder = dir[0] ? opendir(dir) : NULL;
	struct dirent *entry;

	if (!folder) {
		if (dir[0])
			log_info("suites", "none come from %s: there is no such folder", dir);
		return;
	}
	while ((entry = readdir(folder)) != NULL) {
		char path[CONFIG_TEXT_MAX + 300], name[FARM_NAME_MAX];
		const char *suffix = strrchr(entry->d_name, '.');
		struct err err = {0};
		struct buf text;

		if (entry->d_name[0] == '.' || !suffix || strcmp(suffix, ".yaml") != 0)
			continue;
		if ((size_t)(suffix - entry->d_name) >= sizeof(name)) {
			log_warn("suites", "%s/%s: a suite's name has at most %zu bytes", dir, entry->d_name,
				 sizeof(name) - 1);
			continue;
		}
		snprintf(name, sizeof(name), "%.*s", (int)(suffix - entry->d_name), entry->d_name);
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		buf_init(&text, DOC_MAX_BYTES);
		if (config_read_file(path, &text, &err))
			log_warn("suites", "%s", err.text);
		else
			suite_put(daemon, name, path, &text);
		buf_finish(&text);
	}
	closedir(folder);
}
