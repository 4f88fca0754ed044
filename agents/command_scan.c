/* SPDX-License-Identifier: Apache-2.0 */
/* assay-agent scan: writes a rack file of what is attached. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agents/base/files.h"
#include "agents/commands.h"
#include "agents/scan/write.h"

_Static_assert(SCAN_NAME_MAX == RACK_NAME_MAX && SCAN_MAX_BOARDS == RACK_MAX_BOARDS, "what a rack file may have");

/* The host's name, made one of a rack. */
static void rack_name(char *ret_name, size_t size)
{
	size_t len = 0;

	if (gethostname(ret_name, size - 1))
		ret_name[0] = '\0';
	ret_name[size - 1] = '\0';
	for (const char *at = ret_name; *at && *at != '.'; at++)
		ret_name[len++] = (char)(isalnum((unsigned char)*at) ? tolower((unsigned char)*at) : '-');
	ret_name[len] = '\0';
	if (len == 0)
		(void)snprintf(ret_name, size, "rack");
}

static int say(const struct err *err)
{
	fprintf(stderr, "assay-agent: %s\n", err->text);
	return EXIT_TROUBLE;
}

static int put(const struct options *options, const struct buf *text, size_t boards)
{
	struct err err = {0};

	if (!options->rack[0]) {
		fputs(buf_text(text), stdout);
		return EXIT_DONE;
	}
	if (files_write(options->rack, buf_text(text), text->len, &err))
		return say(&err);
	printf("%s: %zu boards; to be read over, then: assay-agent --check %s\n", options->rack, boards, options->rack);
	return EXIT_DONE;
}

int command_scan(const struct options *options)
{
	char name[RACK_NAME_MAX + 1];
	struct scan_options scan = {.rack = name, .types_dir = options->types_dir, .asks = options->probe};
	struct usb_tree tree;
	struct err err = {0};
	struct buf text;
	size_t boards;
	int status;

	if (options->rack[0] && !options->force && access(options->rack, F_OK) == 0) {
		fprintf(stderr, "assay-agent: %s is there already; --force overwrites it\n", options->rack);
		return EXIT_BAD_INPUT;
	}
	if (usb_tree_read(options->sysfs, options->dev, &tree, &err))
		return say(&err);
	rack_name(name, sizeof(name));
	buf_init(&text, 1u << 20);
	boards = scan_write(&tree, &scan, &text);
	if (boards == 0) {
		fprintf(stderr, "assay-agent: no debug probe among %zu USB devices; nothing is written\n", tree.count);
		status = EXIT_TROUBLE;
	} else {
		status = put(options, &text, boards);
	}
	buf_finish(&text);
	usb_tree_finish(&tree);
	return status;
}
