/* SPDX-License-Identifier: Apache-2.0 */
/* `assayd keys list|rotate [options]`: the farm's keys, also while no daemon is running. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "daemon/daemon.h"
#include "daemon/evidence/keys.h"

#define EXIT_BAD_USAGE 2

static void print_key(const json_t *key, const char *what)
{
	const char *id = json_string_value(json_object_get(key, "id"));
	const char *text = json_string_value(json_object_get(key, "public"));
	const char *line = text ? strchr(text, '\n') : NULL;

	printf("%-8s %s  %s", what, id ? id : "", line ? line + 1 : "\n");
}

static int list(const char *dir, struct err *err)
{
	json_t *keys = NULL, *key;
	size_t i;
	int rc = keys_list(dir, &keys, err);

	if (rc)
		return rc;
	print_key(json_object_get(keys, "current"), "current");
	json_array_foreach(json_object_get(keys, "past"), i, key)
	{
		print_key(key, "past");
	}
	json_decref(keys);
	return 0;
}

int daemon_keys(int argc, char *argv[])
{
	static struct config config;
	const char *what = argc > 2 ? argv[2] : "";
	char dir[CONFIG_TEXT_MAX + 8];
	enum config_wish wish;
	struct err err = {0};
	struct buf story;
	int rc;

	if (strcmp(what, "list") != 0 && strcmp(what, "rotate") != 0) {
		fprintf(stderr, "usage: assayd keys list|rotate [--state-dir DIR] [--config FILE]\n");
		return EXIT_BAD_USAGE;
	}
	buf_init(&story, 1u << 20);
	rc = config_read(&config, argc - 2, argv + 2, &wish, &story);
	if (rc)
		fputs(buf_text(&story), stderr);
	buf_finish(&story);
	if (rc)
		return EXIT_BAD_USAGE;
	if (sodium_init() < 0)
		return EXIT_FAILURE;
	snprintf(dir, sizeof(dir), "%s/keys", config.state_dir);
	rc = keys_prepare(dir, &err);
	if (!rc && strcmp(what, "rotate") == 0)
		rc = keys_rotate(dir, &err);
	if (!rc)
		rc = list(dir, &err);
	if (rc)
		fprintf(stderr, "assayd: %s\n", err.text);
	return rc ? EXIT_FAILURE : EXIT_SUCCESS;
}
