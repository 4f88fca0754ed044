/* SPDX-License-Identifier: Apache-2.0 */
/* Rendering and painting the block of a job under way. */
#include "daemon/cli/progress.h"

#include <inttypes.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "daemon/cli/text.h"

#define BAR_CELLS  PROGRESS_STEPS
#define STEP_WIDTH 12
#define LINE_MAX   1024

static bool is_finished(const struct follow_run *run)
{
	return strcmp(run->state, "finished") == 0;
}

/* Appends text padded or cut to exactly columns. */
static void append_field(struct buf *out, const char *text, size_t columns)
{
	struct buf clean;
	size_t width;

	buf_init(&clean, LINE_MAX);
	text_append_clean(&clean, text);
	width = text_columns(buf_text(&clean));
	text_append_cut(out, buf_text(&clean), columns);
	if (width < columns)
		buf_appendf(out, "%*s", (int)(columns - width), "");
	buf_finish(&clean);
}

static void append_bar(struct buf *out, const struct style *style, unsigned done)
{
	const char *full = style->unicode ? "━" : "#", *rest = style->unicode ? "─" : ".";

	buf_append_text(out, style_on(style, TONE_BUSY));
	for (unsigned i = 0; i < BAR_CELLS; i++) {
		if (i == done)
			buf_appendf(out, "%s%s", style_off(style), style_on(style, TONE_DIM));
		buf_append_text(out, i < done ? full : rest);
	}
	buf_append_text(out, style_off(style));
}

static void cases_text(const struct follow_run *run, char *text, size_t size)
{
	text[0] = '\0';
	if (run->failed)
		snprintf(text, size, "%u passed, %u not", run->passed, run->failed);
	else if (run->passed)
		snprintf(text, size, "%u passed", run->passed);
}

/* The step, the bar, the time and the cases of a run under way, as far as there is room. */
static void append_work(struct buf *out, const struct follow_run *run, const struct style *style, const char *took,
			size_t room)
{
	char cases[64], story[192];

	append_field(out, run->step, room < STEP_WIDTH ? room : STEP_WIDTH);
	if (room < STEP_WIDTH + 1 + BAR_CELLS)
		return;
	buf_append_text(out, " ");
	append_bar(out, style, run->steps_done < BAR_CELLS ? run->steps_done : BAR_CELLS);
	cases_text(run, cases, sizeof cases);
	snprintf(story, sizeof story, "  %s  %s", took, cases);
	text_append_cut(out, story, room - STEP_WIDTH - 1 - BAR_CELLS);
}

/* How a run stands that is not under way: the word, and why. */
static void append_word(struct buf *out, const struct follow_run *run, const struct style *style, const char *took,
			size_t room)
{
	const char *word = is_finished(run) ? run->verdict : run->state;
	struct buf story;

	buf_init(&story, LINE_MAX);
	buf_appendf(&story, " %s  ", took);
	text_append_clean(&story, run->text);
	buf_append_text(out, style_on(style, style_word_tone(word)));
	append_field(out, word, room < STEP_WIDTH ? room : STEP_WIDTH);
	buf_append_text(out, style_off(style));
	text_append_cut(out, buf_text(&story), room > STEP_WIDTH ? room - STEP_WIDTH : 0);
	buf_finish(&story);
}

static void append_run(struct buf *out, const struct follow *follow, const struct follow_run *run,
		       const struct style *style, int64_t now_us)
{
	const char *word = is_finished(run) ? run->verdict : run->state;
	int64_t begun_us = run->started_at_us ? run->started_at_us : run->queued_at_us;
	int64_t end_us = is_finished(run) ? run->finished_at_us : follow_farm_time(follow, now_us);
	size_t columns = (size_t)style->columns, board_width = columns < 60 ? 6 : 14, used;
	char took[64] = "", number[48];

	if (begun_us)
		text_duration(end_us > begun_us ? end_us - begun_us : 0, took, sizeof took);
	snprintf(number, sizeof number, "run %-5" PRId64, run->id);
	buf_appendf(out, "%s%s%s %s ", style_on(style, style_word_tone(word)), style_word_sign(style, word),
		    style_off(style), number);
	append_field(out, *run->board ? run->board : run->type, board_width);
	buf_append_text(out, " ");
	used = 2 + strlen(number) + 1 + board_width + 1;
	if (strcmp(run->state, "running") == 0)
		append_work(out, run, style, took, columns > used ? columns - used - 1 : 0);
	else
		append_word(out, run, style, took, columns > used ? columns - used - 1 : 0);
	buf_append_text(out, "\n");
}

static size_t append_rest(struct buf *out, const struct follow *follow, size_t finished_hidden, size_t open_hidden,
			  const struct style *style)
{
	char line[192];

	if (!finished_hidden && !open_hidden)
		return 0;
	snprintf(line, sizeof line, "  and %zu finished, %zu open; %zu passed, %zu failed in all", finished_hidden,
		 open_hidden, follow_count(follow, "finished", "passed"), follow_count(follow, "finished", "failed"));
	buf_append_text(out, style_on(style, TONE_DIM));
	text_append_cut(out, line, (size_t)style->columns - 1);
	buf_appendf(out, "%s\n", style_off(style));
	return 1;
}

size_t progress_render(const struct follow *follow, const struct style *style, size_t max_lines, int64_t now_us,
		       struct buf *out)
{
	size_t open = follow->run_count - follow_count(follow, "finished", NULL);
	size_t room = max_lines > 1 ? max_lines - 1 : 1; /* the last line is for what is not shown */
	size_t open_room = open < room ? open : room;
	size_t finished_room = room - open_room, finished = follow->run_count - open;
	size_t skip = finished > finished_room ? finished - finished_room : 0; /* the oldest are hidden */
	size_t finished_hidden = 0, open_hidden = 0, lines = 0;

	for (size_t i = 0; i < follow->run_count; i++) {
		const struct follow_run *run = &follow->runs[i];

		if (is_finished(run) && finished_hidden < skip) {
			finished_hidden++;
		} else if (!is_finished(run) && open_room == 0) {
			open_hidden++;
		} else {
			open_room -= !is_finished(run);
			append_run(out, follow, run, style, now_us);
			lines++;
		}
	}
	return lines + append_rest(out, follow, finished_hidden, open_hidden, style);
}

static size_t terminal_rows(FILE *out)
{
	struct winsize size = {0};

	return ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_row > 4 ? size.ws_row : 24;
}

void painter_paint(struct painter *painter, const struct follow *follow, const struct style *style, int64_t now_us,
		   const char *notice, FILE *out)
{
	struct buf block;
	const char *line;
	size_t lines;

	buf_init(&block, 1 << 20);
	lines = progress_render(follow, style, terminal_rows(out) - 2, now_us, &block);
	if (painter->lines)
		fprintf(out, "\033[%zuA", painter->lines);
	if (notice)
		fprintf(out, "\r%s\033[K\n", notice);
	/* Each line clears what was behind it, so that nothing flickers. */
	for (line = buf_text(&block); *line;) {
		size_t len = strcspn(line, "\n");

		fprintf(out, "%.*s\033[K\n", (int)len, line);
		line += len + (line[len] == '\n');
	}
	fputs("\033[J", out);
	fflush(out);
	painter->lines = lines;
	buf_finish(&block);
}
