/* SPDX-License-Identifier: Apache-2.0 */
/* Asking programs for their versions. */
#include "agents/tools.h"

#include <stdio.h>
#include <string.h>

#include "agents/base/child.h"
#include "core/base/json.h"

#define LINE_MAX_BYTES 160

struct tool {
	const char *name, *program;
	struct child *child; /* while it has not answered */
	char line[LINE_MAX_BYTES];
};

static struct tool tools[] = {
	{.name = "openocd", .program = "openocd"},
	{.name = "qemu", .program = "qemu-system-arm"},
};

#define TOOL_COUNT (sizeof(tools) / sizeof(tools[0]))

static void on_line(void *context, bool is_stderr, const char *line)
{
	struct tool *tool = context;

	(void)is_stderr; /* OpenOCD says it there */
	if (!tool->line[0])
		snprintf(tool->line, sizeof tool->line, "%.*s", LINE_MAX_BYTES - 1, line);
}

static void on_ended(void *context, int status, int signal_number)
{
	struct tool *tool = context;

	if (status || signal_number)
		tool->line[0] = '\0';
	child_destroy(tool->child);
	tool->child = NULL;
}

void tools_look(uv_loop_t *loop)
{
	for (size_t i = 0; i < TOOL_COUNT; i++) {
		const char *const argv[] = {tools[i].program, "--version", NULL};
		const struct child_options options = {.argv = argv};
		const struct child_events events = {.context = &tools[i], .on_line = on_line, .on_exit = on_ended};

		tools[i].line[0] = '\0';
		if (child_start(loop, &options, &events, &tools[i].child, NULL))
			tools[i].child = NULL;
	}
}

json_t *tools_versions(void)
{
	json_t *versions = json_object();

	for (size_t i = 0; i < TOOL_COUNT; i++) {
		if (!tools[i].child && tools[i].line[0])
			json_put(&versions, tools[i].name, json_text(tools[i].line, LINE_MAX_BYTES));
	}
	return versions;
}

void tools_finish(void)
{
	for (size_t i = 0; i < TOOL_COUNT; i++) {
		child_destroy(tools[i].child);
		tools[i].child = NULL;
	}
}
