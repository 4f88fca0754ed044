/* SPDX-License-Identifier: Apache-2.0 */
/* Writing down what the parser tells. */
#include "tests/unit/core/parse/support_events.h"

#include <string.h>

#include "core/base/buf.h"
#include "core/parse/parse.h"
#include "tests/unit/core/base/cmocka_all.h"

static void write_case(struct buf *out, const char *word, const struct parse_event *event)
{
	buf_appendf(out, "%s %s.%s%s%s\n", word, event->group, event->name, event->message[0] ? ": " : "",
		    event->message);
}

static void on_event(void *context, const struct parse_event *event)
{
	struct buf *out = context;

	switch (event->kind) {
	case PARSE_CASE_BEGUN:
		write_case(out, "begun", event);
		break;
	case PARSE_CASE_ENDED:
		write_case(out, case_verdict_name(event->verdict), event);
		break;
	case PARSE_MEASURE:
		buf_appendf(out, "measure %s %.10g %s\n", event->name, event->value, event->unit);
		break;
	case PARSE_PROGRESS:
		buf_appendf(out, "progress %u/%u %s\n", event->done, event->total, event->message);
		break;
	case PARSE_ALIVE:
		buf_appendf(out, "alive %s\n", event->message);
		break;
	case PARSE_MARK:
		buf_appendf(out, "mark %s %llu\n", event->name, (unsigned long long)event->target_us);
		break;
	case PARSE_ASK:
		buf_appendf(out, "ask %d %u\n", (int)event->ask, event->ask_ms);
		break;
	case PARSE_SUMMARY:
		buf_appendf(out, "summary %u %u %u\n", event->tests, event->failures, event->ignored);
		break;
	case PARSE_DISORDER:
		buf_appendf(out, "disorder %s\n", event->message);
		break;
	case PARSE_BAIL:
		buf_appendf(out, "bail %s\n", event->message);
		break;
	case PARSE_BANNER:
		buf_appendf(out, "banner %s\n", event->build_id);
		break;
	case PARSE_BOOT:
		buf_appendf(out, "boot\n");
		break;
	case PARSE_FAULT:
	case PARSE_START_MARK:
	case PARSE_FINISH_MARK:
		break;
	}
}

void expect_events(const char *text, const char *events)
{
	struct buf out;
	struct parser *parser;

	buf_init(&out, EVENTS_MAX);
	parser = parser_create(on_event, &out);
	assert_non_null(parser);
	parser_feed(parser, (const uint8_t *)text, strlen(text));
	parser_end(parser);
	parser_destroy(parser);
	if (strcmp(buf_text(&out), events) != 0)
		fail_msg("%s\ngives\n%sshould give\n%s", text, buf_text(&out), events);
	buf_finish(&out);
}
