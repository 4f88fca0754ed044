/* SPDX-License-Identifier: Apache-2.0 */
/* Every log of the corpus gives the events and the verdict written down beside it, however its bytes are cut.
 *
 * corpus/NAME.log is a console as it came; corpus/NAME.expect says, a line each, first what it is judged by:
 *     require case G.c | group G N | tests N | summaries N | resets N | banner
 *     ignored-ok PATTERN          end required|summary|silence
 *     capture complete|silence|limit|reboot|crashed|lost|cancelled   (default: complete when it is, else silence)
 *     image HEX      dropped N      faulted WORDS      probe-resets N
 * then the events in their order ("begun G.c", "pass G.c", "fail G.c: words", "summary 3 1 0 fail", "boot" ...), then
 *     cause NAME                  counts PASSED FAILED IGNORED MISSING CRASHED ERROR
 * With a file as argument the program prints what that log gives, in the same form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "tests/unit/core/judge/support_corpus.h"

#define CUTS 60 /* random ways to cut each log, beside byte by byte */

/* What one reading of a log gives. */
struct reading {
	struct buf events; /* as in .expect */
	struct buf exact;  /* the same with offsets, to compare cuts */
	struct collector *collector;
};

static void on_event(void *context, const struct parse_event *event)
{
	static const char *const kinds[] = {"begun", "ended",  "summary", "banner",   "boot",
					    "start", "finish", "fault",   "measure",  "progress",
					    "alive", "mark",   "ask",     "disorder", "bail"};
	static const char *const asks[] = {"reset", "power-cycle", "power-cut", "self-reset"};
	static const char *const verdicts[] = {"pass", "fail", "ignored"};
	struct reading *reading = context;
	size_t from = reading->events.len;
	struct buf *out = &reading->events;

	switch (event->kind) {
	case PARSE_CASE_BEGUN:
		buf_appendf(out, "%s %s.%s\n", event->cut ? "cut" : "begun", event->group, event->name);
		break;
	case PARSE_CASE_ENDED:
		buf_appendf(out, "%s %s.%s%s%s\n", verdicts[event->verdict], event->group, event->name,
			    event->message[0] ? ": " : "", event->message);
		break;
	case PARSE_SUMMARY:
		buf_appendf(out, "summary %u %u %u %s", event->tests, event->failures, event->ignored,
			    !event->word ? "-"
			    : event->ok  ? "ok"
					 : "fail");
		if (event->marks)
			buf_appendf(out, " marks %u", event->marks);
		buf_append_text(out, "\n");
		break;
	case PARSE_BANNER:
		buf_appendf(out, "banner %s %s %s\n", event->board, event->version,
			    event->build_id[0] ? event->build_id : "unknown");
		break;
	case PARSE_FAULT:
	case PARSE_DISORDER:
	case PARSE_BAIL:
		buf_appendf(out, "%s %s\n", kinds[event->kind], event->message);
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
		buf_appendf(out, "ask %s %u\n", asks[event->ask], event->ask_ms);
		break;
	default:
		buf_appendf(out, "%s\n", kinds[event->kind]);
		break;
	}
	buf_appendf(&reading->exact, "%llu-%llu %s", (unsigned long long)event->offset, (unsigned long long)event->end,
		    out->data + from);
	collector_feed(reading->collector, event, 0);
}

static void reading_init(struct reading *reading, const struct scenario *scenario)
{
	buf_init(&reading->events, CORPUS_MAX_TEXT);
	buf_init(&reading->exact, CORPUS_MAX_TEXT);
	reading->collector = collector_create(&scenario->require, &scenario->end, NULL, NULL);
	assert_non_null(reading->collector);
	collector_expect_image(reading->collector, scenario->facts.expected_build_id);
}

static void reading_finish(struct reading *reading)
{
	collector_destroy(reading->collector);
	buf_finish(&reading->events);
	buf_finish(&reading->exact);
}

/* A fixed generator, so that a failing cut comes again. */
static uint32_t random_next(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

/* Feeds the log in pieces of at most max_piece bytes; 0: in one. */
static void feed(const struct buf *log, struct reading *reading, size_t max_piece, uint32_t seed)
{
	struct parser *parser = parser_create(on_event, reading);
	size_t at = 0;

	assert_non_null(parser);
	while (at < log->len) {
		size_t piece = max_piece ? 1 + random_next(&seed) % max_piece : log->len;
		uint8_t *copy;

		if (piece > log->len - at)
			piece = log->len - at;
		copy = malloc(piece); /* exact, so that a sanitizer sees any look beyond it */
		memcpy(copy, log->data + at, piece);
		parser_feed(parser, copy, piece);
		free(copy);
		at += piece;
	}
	parser_end(parser);
	parser_destroy(parser);
}

static void judge_into(struct reading *reading, const struct scenario *scenario, struct buf *out, char *ret_text)
{
	struct judge_facts facts = scenario->facts;
	struct run_judgement judgement;

	if (facts.capture == CAPTURE_OPEN)
		facts.capture = collector_complete(reading->collector) ? CAPTURE_COMPLETE : CAPTURE_SILENCE;
	collector_judge(reading->collector, &facts, &judgement);
	buf_appendf(out, "cause %s\n", cause_name(judgement.cause));
	buf_appendf(out, "counts %u %u %u %u %u %u\n", judgement.passed, judgement.failed, judgement.ignored,
		    judgement.missing, judgement.crashed, judgement.error);
	assert_true(strlen(judgement.text) > 0);
	snprintf(ret_text, sizeof(judgement.text), "%s", judgement.text);
}

/* Returns whether all cuts gave the same. */
static bool check_cuts(const char *name, const struct buf *log, const struct scenario *scenario, const char *exact)
{
	bool good = true;

	for (uint32_t cut = 0; cut < CUTS && good; cut++) {
		size_t max_piece = cut == 0 ? 1 : 1 + ((size_t)1 << (cut % 10));
		struct reading reading;

		reading_init(&reading, scenario);
		feed(log, &reading, max_piece, cut * 7919u);
		if (strcmp(buf_text(&reading.exact), exact) != 0) {
			print_error("%s: cut %u (pieces up to %zu) gives other events:\n%s\ninstead of:\n%s\n", name,
				    cut, max_piece, buf_text(&reading.exact), exact);
			good = false;
		}
		reading_finish(&reading);
	}
	return good;
}

/* Returns whether the log gives what is written down; every log is tried before the test fails. */
static bool check_log(const char *name)
{
	struct scenario scenario = {.facts = {.capture = CAPTURE_OPEN}};
	char path[512];
	char text[400];
	struct buf log, expected;
	struct reading reading;
	bool good;

	snprintf(path, sizeof(path), CORPUS_DIR "/%s.log", name);
	corpus_read_file(path, &log);
	snprintf(path, sizeof(path), CORPUS_DIR "/%s.expect", name);
	scenario_read(path, &scenario, &expected);
	scenario.facts.console_bytes = log.len;

	reading_init(&reading, &scenario);
	feed(&log, &reading, 0, 0);
	good = check_cuts(name, &log, &scenario, buf_text(&reading.exact));
	judge_into(&reading, &scenario, &reading.events, text);
	if (strcmp(buf_text(&reading.events), buf_text(&expected)) != 0) {
		print_error("%s: got\n%s(%s)\ninstead of\n%s\n", name, buf_text(&reading.events), text,
			    buf_text(&expected));
		good = false;
	}
	reading_finish(&reading);
	scenario_finish(&scenario);
	buf_finish(&expected);
	buf_finish(&log);
	return good;
}

static void test_every_log(void **state)
{
	struct dirent **entries;
	int bad = 0;
	int count = corpus_list(&entries);

	(void)state;
	assert_true(count >= 120);
	for (int i = 0; i < count; i++) {
		char name[256];

		snprintf(name, sizeof(name), "%.*s", (int)strlen(entries[i]->d_name) - 4, entries[i]->d_name);
		bad += !check_log(name);
		free(entries[i]);
	}
	free(entries);
	assert_int_equal(bad, 0);
	print_message("%d logs, each cut in %d ways\n", count, CUTS + 1);
}

/* For whoever adds a log: shows what it gives. */
static int print_log(const char *path)
{
	struct scenario scenario = {.facts = {.capture = CAPTURE_OPEN}};
	char expect_path[512];
	char text[400];
	struct buf log, expected;
	struct reading reading;

	snprintf(expect_path, sizeof(expect_path), "%.*s.expect", (int)strlen(path) - 4, path);
	corpus_read_file(path, &log);
	if (access(expect_path, R_OK) == 0) {
		scenario_read(expect_path, &scenario, &expected);
		buf_finish(&expected);
	}
	scenario.facts.console_bytes = log.len;
	reading_init(&reading, &scenario);
	feed(&log, &reading, 0, 0);
	check_cuts(path, &log, &scenario, buf_text(&reading.exact));
	judge_into(&reading, &scenario, &reading.events, text);
	printf("%s# %s\n", buf_text(&reading.events), text);
	reading_finish(&reading);
	scenario_finish(&scenario);
	buf_finish(&log);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_log)};

	if (argc > 1)
		return print_log(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
