/* SPDX-License-Identifier: Apache-2.0 */
/* Events in words, one row a type. */
#include "daemon/cli/event_line.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "daemon/cli/api.h"
#include "daemon/cli/text.h"

#define STORY_MAX 8192

static void add_word(struct buf *out, const struct style *style, const char *word)
{
	buf_appendf(out, "%s%s %s%s", style_on(style, style_word_tone(word)), style_word_sign(style, word), word,
		    style_off(style));
}

static void add_text(struct buf *out, const char *before, const char *text)
{
	if (!*text)
		return;
	buf_append_text(out, before);
	text_append_clean(out, text);
}

static void tell_submitted(struct buf *out, const struct style *style, const json_t *event)
{
	(void)style;
	buf_append_text(out, "submitted");
	add_text(out, ": ", api_text(event, "name"));
}

static void tell_finished(struct buf *out, const struct style *style, const json_t *event)
{
	add_word(out, style, api_text(event, "verdict"));
	add_text(out, ": ", api_reason(event));
}

static void tell_cancelled(struct buf *out, const struct style *style, const json_t *event)
{
	(void)style;
	buf_append_text(out, "cancel asked for");
	add_text(out, ": ", api_text(event, "text"));
}

static void tell_queued(struct buf *out, const struct style *style, const json_t *event)
{
	(void)style;
	buf_append_text(out, api_int(event, "attempt") > 1 ? "waits for another attempt" : "waits");
	add_text(out, ", for a ", api_text(event, "board_type"));
	add_text(out, ": ", api_reason(event));
}

static void tell_assigned(struct buf *out, const struct style *style, const json_t *event)
{
	(void)style;
	add_text(out, "given to ", api_text(event, "agent"));
}

static void tell_started(struct buf *out, const struct style *style, const json_t *event)
{
	(void)event;
	add_word(out, style, "running");
}

static void tell_step_begun(struct buf *out, const struct style *style, const json_t *event)
{
	(void)style;
	text_append_clean(out, api_text(event, "step"));
	buf_append_text(out, " …");
}

static void tell_step_ended(struct buf *out, const struct style *style, const json_t *event)
{
	const char *cause = api_text(event, "cause");
	bool good = api_is_good(cause);
	char scratch[64];

	text_append_clean(out, api_text(event, "step"));
	buf_appendf(out, ": %s%s%s in %s", style_on(style, good ? TONE_GOOD : TONE_BAD), good ? "ok" : cause,
		    style_off(style), text_duration(api_int(event, "took_us"), scratch, sizeof scratch));
	add_text(out, ": ", api_text(event, "text"));
}

static void tell_case(struct buf *out, const struct style *style, const json_t *event)
{
	add_word(out, style, api_text(event, "verdict"));
	buf_append_text(out, " ");
	add_text(out, "", api_text(event, "group"));
	add_text(out, *api_text(event, "group") ? "." : "", api_text(event, "name"));
	add_text(out, ": ", api_text(event, "message"));
}

static void tell_board(struct buf *out, const struct style *style, const json_t *event)
{
	add_word(out, style, api_text(event, "state"));
	add_text(out, ": ", api_text(event, "reason"));
}

static void tell_agent(struct buf *out, const struct style *style, const json_t *event)
{
	bool online = strcmp(api_text(event, "type"), "agent.online") == 0;

	add_text(out, "", api_text(event, "agent"));
	buf_append_text(out, " ");
	add_word(out, style, online ? "online" : "offline");
	add_text(out, ": ", api_text(event, "reason"));
}

static void tell_suite(struct buf *out, const struct style *style, const json_t *event)
{
	(void)style;
	add_text(out, "suite ", api_text(event, "suite"));
	add_text(out, " ", api_text(event, "version"));
	buf_append_text(out, " stored");
}

static void tell_recovery_begun(struct buf *out, const struct style *style, const json_t *event)
{
	(void)style;
	buf_append_text(out, "does not answer; recovering");
	add_text(out, ": ", api_text(event, "text"));
}

static void tell_rung(struct buf *out, const struct style *style, const json_t *event)
{
	add_text(out, "", api_text(event, "rung"));
	buf_append_text(out, " ");
	add_word(out, style, api_text(event, "result"));
	add_text(out, ": ", api_text(event, "text"));
}

static void tell_recovery_ended(struct buf *out, const struct style *style, const json_t *event)
{
	const char *helper = api_text(event, "helped_by");

	buf_append_text(out, "recovery ");
	add_word(out, style, api_text(event, "state"));
	add_text(out, helper[0] ? " by " : "", helper);
}

static void tell_worn(struct buf *out, const struct style *style, const json_t *event)
{
	(void)style;
	buf_appendf(out, "worn: a sector of its flash was erased %lld times, of %lld that it bears",
		    (long long)api_int(event, "erases"), (long long)api_int(event, "endurance"));
}

static const struct {
	const char *type;
	void (*tell)(struct buf *out, const struct style *style, const json_t *event);
} types[] = {
	{"job.submitted", tell_submitted},       {"job.cancelled", tell_cancelled},
	{"job.finished", tell_finished},         {"run.queued", tell_queued},
	{"run.assigned", tell_assigned},         {"run.started", tell_started},
	{"run.finished", tell_finished},         {"step.begun", tell_step_begun},
	{"step.ended", tell_step_ended},         {"case.ended", tell_case},
	{"board.changed", tell_board},           {"agent.online", tell_agent},
	{"agent.offline", tell_agent},           {"suite.changed", tell_suite},
	{"recovery.begun", tell_recovery_begun}, {"recovery.rung", tell_rung},
	{"recovery.ended", tell_recovery_ended}, {"board.worn", tell_worn},
};

static void add_time(struct buf *out, const struct style *style, int64_t at_us)
{
	time_t seconds = (time_t)(at_us / 1000000);
	struct tm local;
	char text[32] = "--:--:--";

	if (localtime_r(&seconds, &local))
		strftime(text, sizeof text, "%H:%M:%S", &local);
	buf_appendf(out, "%s%s.%03d%s  ", style_on(style, TONE_DIM), text, (int)(at_us / 1000 % 1000),
		    style_off(style));
}

/* "run 12 mb1", "job 3", "mb1": what it is about, in a column of its own. */
static void add_subject(struct buf *out, const struct style *style, const json_t *event)
{
	int64_t run = api_int(event, "run"), job = api_int(event, "job");
	const char *board = api_text(event, "board");
	char subject[160] = "";
	struct buf clean;
	size_t columns;

	buf_init(&clean, 1024);
	if (run)
		snprintf(subject, sizeof subject, "run %-4" PRId64 " %s", run, board);
	else if (job)
		snprintf(subject, sizeof subject, "job %" PRId64, job);
	else
		snprintf(subject, sizeof subject, "%s", board);
	text_append_clean(&clean, subject);
	columns = text_columns(buf_text(&clean));
	buf_appendf(out, "%s%s%s%*s ", style_on(style, TONE_STRONG), buf_text(&clean), style_off(style),
		    columns < 20 ? (int)(20 - columns) : 0, "");
	buf_finish(&clean);
}

int event_line_append(const json_t *event, const struct style *style, struct buf *out)
{
	const char *type = api_text(event, "type");
	struct buf line;
	size_t i = 0;
	int code;

	buf_init(&line, STORY_MAX);
	add_time(&line, style, api_int(event, "at_us"));
	add_subject(&line, style, event);
	while (i < sizeof types / sizeof types[0] && strcmp(types[i].type, type) != 0)
		i++;
	if (i < sizeof types / sizeof types[0])
		types[i].tell(&line, style, event);
	else
		text_append_clean(&line, type); /* a newer farm's event: its name is better than nothing */
	code = buf_append(out, buf_text(&line), line.len);
	buf_finish(&line);
	return code ? code : buf_append(out, "\n", 1);
}
