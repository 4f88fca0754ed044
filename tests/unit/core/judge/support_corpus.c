/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the corpus of consoles: the logs, and what each is judged by. */
#include "tests/unit/core/judge/support_corpus.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void append_string(char ***strings, size_t *count, const char *text)
{
	*strings = realloc(*strings, (*count + 1) * sizeof(**strings));
	assert_non_null(*strings);
	(*strings)[(*count)++] = strdup(text);
}

static enum capture_end capture_of(const char *word)
{
	static const char *const names[] = {"open",   "complete", "silence", "limit",
					    "reboot", "crashed",  "lost",    "cancelled"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], word) == 0)
			return (enum capture_end)i;
	}
	fail_msg("no such capture end: %s", word);
	return CAPTURE_OPEN;
}

static void read_require(struct requirements *require, const char *text)
{
	char word[256];
	unsigned number = 0;

	if (sscanf(text, "case %255[^\n]", word) == 1) {
		append_string(&require->cases, &require->case_count, word);
	} else if (sscanf(text, "group %255s %u", word, &number) == 2) {
		require->groups = realloc(require->groups, (require->group_count + 1) * sizeof(*require->groups));
		require->groups[require->group_count++] =
			(struct required_group){.name = strdup(word), .min_cases = number};
	} else if (sscanf(text, "tests %u", &number) == 1) {
		require->tests = number;
	} else if (sscanf(text, "summaries %u", &number) == 1) {
		require->summaries = number;
	} else if (sscanf(text, "resets %u", &number) == 1) {
		require->resets = number;
	} else if (strcmp(text, "banner") == 0) {
		require->banner = true;
	} else {
		fail_msg("require what? %s", text);
	}
}

/* Reads one line of .expect that says what the log is judged by; false when it is of another kind. */
static bool read_setting(struct scenario *scenario, const char *line)
{
	char word[200];
	unsigned long long number;

	if (strncmp(line, "require ", 8) == 0) {
		read_require(&scenario->require, line + 8);
	} else if (sscanf(line, "ignored-ok %199s", word) == 1) {
		append_string(&scenario->require.ignored_ok, &scenario->require.ignored_ok_count, word);
	} else if (sscanf(line, "end %199s", word) == 1) {
		scenario->end.when = strcmp(word, "summary") == 0   ? END_SUMMARY
				     : strcmp(word, "silence") == 0 ? END_SILENCE
								    : END_REQUIRED;
	} else if (sscanf(line, "capture %199s", word) == 1) {
		scenario->facts.capture = capture_of(word);
	} else if (sscanf(line, "image %64s", scenario->facts.expected_build_id) == 1) {
		return true;
	} else if (sscanf(line, "dropped %llu", &number) == 1) {
		scenario->facts.console_dropped = number;
	} else if (sscanf(line, "probe-resets %llu", &number) == 1) {
		scenario->facts.probe_resets = (uint32_t)number;
	} else if (sscanf(line, "faulted %159[^\n]", scenario->facts.core_text) == 1) {
		scenario->facts.core_faulted = true;
	} else {
		return false;
	}
	return true;
}

void corpus_read_file(const char *path, struct buf *out)
{
	FILE *file = fopen(path, "rb");
	char piece[4096];
	size_t len;

	buf_init(out, CORPUS_MAX_TEXT);
	if (!file)
		fail_msg("cannot open %s", path);
	while ((len = fread(piece, 1, sizeof(piece), file)) > 0)
		assert_int_equal(buf_append(out, piece, len), 0);
	fclose(file);
}

void scenario_read(const char *path, struct scenario *scenario, struct buf *expected)
{
	struct buf text;
	char *line, *rest;

	corpus_read_file(path, &text);
	buf_init(expected, CORPUS_MAX_TEXT);
	buf_append(&text, "", 1);
	rest = text.data;
	while ((line = strsep(&rest, "\n"))) {
		if (line[0] == '#' || line[0] == '\0' || read_setting(scenario, line))
			continue;
		buf_appendf(expected, "%s\n", line);
	}
	buf_finish(&text);
}

void scenario_finish(struct scenario *scenario)
{
	requirements_finish(&scenario->require);
}

static int is_log(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > 4 && strcmp(entry->d_name + len - 4, ".log") == 0;
}

int corpus_list(struct dirent ***ret_entries)
{
	return scandir(CORPUS_DIR, ret_entries, is_log, alphasort);
}
