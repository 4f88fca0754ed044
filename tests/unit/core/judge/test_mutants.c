/* SPDX-License-Identifier: Apache-2.0 */
/* No damage makes a verdict better than the truth: the corpus, with pieces dropped, repeated, moved, damaged, cut off
 * or taken from another log, is read and judged, and then
 *   - a case passes only when its pass stands in the bytes: the one the undamaged log gave it, where it was, or its
 *     name with a PASS behind it that no FAIL or IGNORE and no other name comes before;
 *   - a failure whose lines are untouched is not a pass and not a passed run, whatever stands around it;
 *   - a run passes only when every required case passed (or may be ignored), as many different results came as are
 *     required, no result is bad, the board did not start more often than it may, and no summary tells of failures or
 *     of more tests than came.
 * These are looked up in the bytes here, not in the parser. Arguments: how many mutants, and the first one's number;
 * without them a number that takes seconds. A mutant is made by its number alone, so it comes again. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/parse/parse.h"
#include "core/parse/parse_text.h"
#include "tests/unit/core/judge/support_corpus.h"
#include "tests/unit/core/judge/support_mutate.h"

#define MUTANTS  20000
#define SHOWN    5
#define EVIDENCE 64 /* passes and failures of a log that are followed */
#define LOGS_MAX 400
#define BIG      20000 /* bytes; logs over it are few and slow */
#define KEY_MAX  420
#define PIECES   6 /* a name may come in, with log lines between */

/* A description takes digits for its own that damage cut off log numbers, a few of each log line. */
#define TAP_PIECES 16

/* A verdict of the undamaged log and the bytes it rests on: of a failure its whole lines, of a pass the word. */
struct evidence {
	char key[KEY_MAX];
	bool passed;
	size_t name_at, from, to;
};

struct source {
	char name[128];
	struct buf log;
	struct scenario scenario;
	struct evidence evidence[EVIDENCE];
	size_t count;
	bool tap;
};

/* What a mutant was judged to be. */
struct outcome {
	struct collector *collector;
	struct run_judgement judgement;
	const struct case_result *results;
	size_t count;
	bool restarted; /* once too often: what came behind that is not judged */
};

static struct source sources[LOGS_MAX];
static size_t source_count;
static struct buf bare = {.max = CORPUS_MAX_TEXT}; /* of the mutant that is looked at */
static unsigned long mutants = MUTANTS, first_mutant = 1;

static void key_of(char key[KEY_MAX], const char *group, const char *name)
{
	snprintf(key, KEY_MAX, "%s%s%s", group, group[0] ? "." : "", name);
}

/* The last PASS of [from, to), or TAP's ok at its beginning. */
static void find_pass(const struct buf *log, struct evidence *evidence, size_t from, size_t to)
{
	evidence->from = from;
	evidence->to = from + 2 < to ? from + 2 : to;
	for (size_t at = to; at >= from + 4; at--) {
		if (memcmp(log->data + at - 4, "PASS", 4) == 0) {
			evidence->from = at - 4;
			evidence->to = at;
			return;
		}
	}
}

static void find_lines(const struct buf *log, struct evidence *evidence, size_t from, size_t to)
{
	while (from > 0 && log->data[from - 1] != '\n')
		from--;
	while (to < log->len && log->data[to] != '\n')
		to++;
	evidence->from = from;
	evidence->to = to < log->len ? to + 1 : to;
}

static void on_source_event(void *context, const struct parse_event *event)
{
	struct source *source = context;
	struct evidence *evidence = &source->evidence[source->count];

	if (event->kind != PARSE_CASE_ENDED || source->count == EVIDENCE || event->verdict == CASE_IGNORED)
		return;
	*evidence = (struct evidence){.passed = event->verdict == CASE_PASS, .name_at = event->offset};
	key_of(evidence->key, event->group, event->name);
	if (evidence->passed)
		find_pass(&source->log, evidence, event->offset, event->end);
	else
		find_lines(&source->log, evidence, event->offset, event->end);
	source->count++;
}

static void load_source(const char *file)
{
	struct source *source = &sources[source_count];
	struct parser *parser;
	struct buf expected;
	char path[512];

	snprintf(source->name, sizeof(source->name), "%.*s", (int)strlen(file) - 4, file);
	snprintf(path, sizeof(path), CORPUS_DIR "/%s.log", source->name);
	corpus_read_file(path, &source->log);
	if (source->log.len == 0 || source->log.len > BIG) {
		buf_finish(&source->log);
		return;
	}
	snprintf(path, sizeof(path), CORPUS_DIR "/%s.expect", source->name);
	scenario_read(path, &source->scenario, &expected);
	buf_finish(&expected);
	source->tap = memmem(source->log.data, source->log.len, "TAP version", 11) != NULL;
	parser = parser_create(on_source_event, source);
	parser_feed(parser, (const uint8_t *)source->log.data, source->log.len);
	parser_end(parser);
	parser_destroy(parser);
	source_count++;
}

static void on_event(void *context, const struct parse_event *event)
{
	collector_feed(context, event, 0);
}

static void judge_mutant(const struct scenario *scenario, const struct buf *bytes, struct outcome *outcome)
{
	struct judge_facts facts = scenario->facts;
	struct parser *parser;

	outcome->collector = collector_create(&scenario->require, &scenario->end, NULL, NULL);
	collector_expect_image(outcome->collector, facts.expected_build_id);
	parser = parser_create(on_event, outcome->collector);
	parser_feed(parser, (const uint8_t *)bytes->data, bytes->len);
	parser_end(parser);
	parser_destroy(parser);
	facts.console_bytes = bytes->len;
	if (facts.capture == CAPTURE_OPEN)
		facts.capture = collector_complete(outcome->collector) ? CAPTURE_COMPLETE : CAPTURE_SILENCE;
	outcome->restarted = collector_reboots(outcome->collector) > scenario->require.resets;
	collector_judge(outcome->collector, &facts, &outcome->judgement);
	outcome->results = collector_results(outcome->collector, &outcome->count);
}

static const char *find(const char *from, const char *to, const char *what)
{
	return from < to ? memmem(from, (size_t)(to - from), what, strlen(what)) : NULL;
}

/* What a person may see of the bytes, without blanks and what a name cannot hold; with or without the lines
 * that a logger printed. */
static void write_bare(const struct buf *bytes, bool logged)
{
	char text[PARSE_LINE_MAX];
	uint64_t at[PARSE_LINE_MAX];

	bare.len = 0;
	for (size_t from = 0; from < bytes->len;) {
		const char *line = bytes->data + from;
		size_t left = bytes->len - from < PARSE_LINE_MAX ? bytes->len - from : PARSE_LINE_MAX;
		size_t to = 0;
		size_t len;

		while (to < left && line[to] != '\n' && line[to] != '\r')
			to++;
		len = text_clean((const uint8_t *)line, to, 0, text, at);
		if (!logged)
			len = text_find_log_head(text, len, 0, -1);
		for (size_t i = 0; i < len; i++) {
			if (text[i] == ' ' && i > 0 && text[i - 1] == ':')
				buf_append_text(&bare, "\n"); /* ": FAIL" is no verdict */
			else if (!strchr(" \"\\*", text[i]))
				buf_append(&bare, text + i, 1);
		}
		buf_append_text(&bare, "\n");
		from += to < left ? to + 1 : to;
	}
}

/* Where the text goes on behind a token that stands in it in at most that many pieces, with something between; NULL
 * when it does not. */
static const char *behind_token(const char *from, const char *end, const char *token, int pieces)
{
	char piece[2 * KEY_MAX + 10];

	for (size_t len = strlen(token); len > 0 && pieces > 0; len--) {
		const char *at, *behind;

		snprintf(piece, sizeof(piece), "%.*s", (int)len, token);
		at = find(from, end, piece);
		if (!at)
			continue;
		behind = token[len] ? behind_token(at + len, end, token + len, pieces - 1) : at + len;
		if (behind)
			return behind;
	}
	return *token ? NULL : from;
}

/* "TEST(G, c)" and then, before another name, PASS and no FAIL or IGNORE in front of it. */
static bool fixture_supports(const struct case_result *result)
{
	const char *end = bare.data + bare.len;
	char token[2 * KEY_MAX + 10];

	snprintf(token, sizeof(token), "%s:PASS", result->name);
	if (find(bare.data, end, token))
		return true;
	snprintf(token, sizeof(token), "TEST(%s,%s)", result->group, result->name);
	for (const char *at = bare.data; (at = find(at, end, "TEST(")); at++) {
		size_t same = 0; /* as much as stands here; the rest may come later */
		const char *behind;
		const char *next, *pass;

		while (token[same] && at + same < end && at[same] == token[same])
			same++;
		behind = behind_token(at + same, end, token + same, PIECES - 1);
		if (!behind)
			continue;
		next = find(behind, end, "TEST(");
		next = next ? next : end;
		pass = find(behind, next, "PASS");
		if (!pass)
			pass = behind_token(behind, next, "PASS", 2);
		/* What an INFO says may be anything. */
		if (pass &&
		    (find(behind, pass, ":INFO") || (!find(behind, pass, ":FAIL") && !find(behind, pass, ":IGNORE"))))
			return true;
	}
	return false;
}

/* The name, and in front of it, as of one line, an ok that is no "not ok". */
static bool tap_supports(const struct case_result *result)
{
	const char *end = bare.data + bare.len;
	char name[KEY_MAX];
	size_t len = 0;

	for (const char *c = strncmp(result->name, "test_", 5) == 0 ? "" : result->name; *c; c++) {
		if (!strchr("_,()", *c))
			name[len++] = *c;
	}
	name[len] = '\0';
	for (const char *ok = bare.data; (ok = find(ok, end, "ok")); ok += 2) {
		char line[2 * KEY_MAX];

		if (ok - bare.data >= 3 && memcmp(ok - 3, "not", 3) == 0)
			continue;
		len = 0;
		for (const char *c = ok; c < end && len + 1 < sizeof(line); c++) {
			if (!strchr("_,()\n", *c))
				line[len++] = *c;
		}
		line[len] = '\0';
		if (behind_token(line, line + len, name, TAP_PIECES))
			return true;
	}
	return false;
}

/* The pass that the undamaged log gave the case is there: where its name began, and the word. */
static bool source_supports(const struct mutant *mutant, const struct source *source, const char *key)
{
	size_t name_at, word_at;

	for (size_t i = 0; i < source->count; i++) {
		const struct evidence *evidence = &source->evidence[i];

		if (!evidence->passed || strcmp(evidence->key, key) != 0)
			continue;
		if (mutant_holds(mutant, &source->log, evidence->name_at, evidence->name_at + 1, 0, &name_at) &&
		    mutant_holds(mutant, &source->log, evidence->from, evidence->to, name_at, &word_at))
			return true;
	}
	return false;
}

static const struct case_result *find_result(const struct outcome *outcome, const char *key)
{
	char name[KEY_MAX];

	for (size_t i = 0; i < outcome->count; i++) {
		key_of(name, outcome->results[i].group, outcome->results[i].name);
		if (strcmp(name, key) == 0)
			return &outcome->results[i];
	}
	return NULL;
}

static char complaint[800];

static const char *complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

static const char *complain(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(complaint, sizeof(complaint), format, args);
	va_end(args);
	return complaint;
}

static bool bytes_support(const struct buf *bytes, const struct case_result *result)
{
	for (int logged = 0; logged < 2; logged++) {
		write_bare(bytes, logged);
		if (fixture_supports(result) || tap_supports(result))
			return true;
	}
	return false;
}

static const char *check_passes(const struct mutant *mutant, const struct source *const used[2],
				const struct buf *bytes, const struct outcome *outcome)
{
	char key[KEY_MAX];

	for (size_t i = 0; i < outcome->count; i++) {
		const struct case_result *result = &outcome->results[i];

		if (result->verdict != CASE_PASS)
			continue;
		key_of(key, result->group, result->name);
		if (!source_supports(mutant, used[0], key) && !source_supports(mutant, used[1], key) &&
		    !bytes_support(bytes, result))
			return complain("%s passed, and nothing in the bytes says so", key);
	}
	return NULL;
}

static bool run_passed(const struct outcome *outcome)
{
	return cause_verdict(outcome->judgement.cause) == RUN_PASSED;
}

static const char *check_failures(const struct mutant *mutant, const struct source *source, const struct buf *bytes,
				  const struct outcome *outcome)
{
	for (size_t i = 0; i < source->count; i++) {
		const struct evidence *evidence = &source->evidence[i];
		const struct case_result *result;
		size_t at;

		if (evidence->passed)
			continue;
		/* A test point means something only behind all that TAP printed before. */
		if (!mutant_holds(mutant, &source->log, source->tap ? 0 : evidence->from, evidence->to, 0, &at))
			continue;
		if (at > 0 && (source->tap || bytes->data[at - 1] != '\n'))
			continue;
		if (run_passed(outcome))
			return complain("%s failed, at byte %zu, and the run passed", evidence->key, at);
		result = find_result(outcome, evidence->key);
		if (result && result->verdict == CASE_PASS && !outcome->restarted)
			return complain("%s failed, at byte %zu, and is a pass", evidence->key, at);
	}
	return NULL;
}

/* What the lines of the bytes say, each by itself. */
struct lines {
	unsigned banners;
	unsigned failing_summaries;
	unsigned long most_tests;
};

static bool is_banner(const char *line)
{
	char board[64], version[64], hex[41], whole[300];

	for (const char *c = line; *c; c++) {
		if (*c < ' ')
			return false; /* damaged: a terminal would swallow something */
	}
	if (sscanf(line, "ASSAY %63s %63s image %40[0-9a-f]", board, version, hex) != 3 || strlen(hex) != 40)
		return false;
	snprintf(whole, sizeof(whole), "ASSAY %s %s image %s", board, version, hex);
	return strcmp(whole, line) == 0 && !strstr("measure progress alive mark ask", board);
}

static struct lines read_lines(const struct buf *bytes)
{
	struct lines lines = {0};
	char line[300];

	for (size_t from = 0, to; from < bytes->len; from = to + 1) {
		unsigned long tests;
		char failures[10], ignored[10]; /* digits: a sign is damage */
		int read = 0;
		const char *newline = memchr(bytes->data + from, '\n', bytes->len - from);

		to = newline ? (size_t)(newline - bytes->data) : bytes->len;
		if (!newline || to - from >= sizeof(line))
			continue;
		memcpy(line, bytes->data + from, to - from);
		line[to - from] = '\0';
		if (memchr(line, '\0', to - from) || !isascii(line[0]))
			continue;
		line[strcspn(line, "\r")] = '\0';
		lines.banners += is_banner(line);
		if (line[0] >= '0' && line[0] <= '9' &&
		    sscanf(line, "%9lu Tests %9[0-9] Failures %9[0-9] Ignored%n", &tests, failures, ignored, &read) >=
			    3 &&
		    read > 0) {
			lines.failing_summaries += strtoul(failures, NULL, 10) > 0;
			if (tests > lines.most_tests)
				lines.most_tests = tests;
		}
	}
	return lines;
}

static const char *check_run(const struct scenario *scenario, const struct buf *bytes, const struct outcome *outcome)
{
	const struct requirements *require = &scenario->require;
	const struct run_judgement *judgement = &outcome->judgement;
	struct lines lines = read_lines(bytes);
	size_t named_passes = 0, named_ignored = 0, different;

	if (!run_passed(outcome))
		return NULL;
	if (scenario->facts.core_faulted)
		return "the core faulted, and the run passed";
	for (size_t i = 0; i < outcome->count; i++) {
		const struct case_result *result = &outcome->results[i];

		named_passes += result->verdict == CASE_PASS;
		named_ignored += result->verdict == CASE_IGNORED;
		if (result->verdict == CASE_FAIL || result->verdict == CASE_CRASHED || result->verdict == CASE_ERROR)
			return complain("%s.%s is %s, and the run passed", result->group, result->name,
					case_verdict_name(result->verdict));
	}
	for (size_t i = 0; i < require->case_count; i++) {
		const struct case_result *result = find_result(outcome, require->cases[i]);

		if (!result || (result->verdict != CASE_PASS && !result->waived_ignore))
			return complain("%s is required and did not pass, and the run did", require->cases[i]);
	}
	different = outcome->count + judgement->passed - named_passes + judgement->ignored - named_ignored;
	if (different < require->tests)
		return complain("%zu different results, %u required, and the run passed", different, require->tests);
	if (lines.banners > require->resets + 1)
		return complain("%u banners, and the run passed", lines.banners);
	if (lines.failing_summaries)
		return "a summary tells of failures, and the run passed";
	if (lines.most_tests > different)
		return complain("a summary tells of %lu tests, %zu different results came, and the run passed",
				lines.most_tests, different);
	return NULL;
}

static const char *try_mutant(unsigned long number, struct buf *bytes, struct mutant *mutant, bool *ret_passed)
{
	uint64_t random = number * 0x9e3779b97f4a7c15u;
	const struct source *used[2];
	const struct scenario *scenario;
	struct outcome outcome;
	const char *wrong;
	uint32_t changes;

	mutate_random(&random, 2);
	used[0] = &sources[mutate_random(&random, (uint32_t)source_count)];
	used[1] = &sources[mutate_random(&random, (uint32_t)source_count)];
	scenario = &used[0]->scenario;
	changes = 1 + mutate_random(&random, 4);
	mutant_begin(mutant, &used[0]->log);
	for (uint32_t i = 0; i < changes; i++)
		mutant_change(mutant, &used[1]->log, &random);
	mutant_write(mutant, bytes);
	judge_mutant(scenario, bytes, &outcome);
	wrong = check_passes(mutant, used, bytes, &outcome);
	if (!wrong)
		wrong = check_failures(mutant, used[0], bytes, &outcome);
	if (!wrong)
		wrong = check_failures(mutant, used[1], bytes, &outcome);
	if (!wrong)
		wrong = check_run(scenario, bytes, &outcome);
	*ret_passed = run_passed(&outcome);
	if (wrong)
		print_error("mutant %lu of %s and %s: %s\n%s\n%s: %s\n----\n%s\n----\n", number, used[0]->name,
			    used[1]->name, wrong, mutant->story, cause_name(outcome.judgement.cause),
			    outcome.judgement.text, buf_text(bytes));
	collector_destroy(outcome.collector);
	return wrong;
}

static void test_mutants_are_never_better(void **state)
{
	struct mutant *mutant = malloc(sizeof(*mutant));
	unsigned long bad = 0, passed = 0;
	struct buf bytes;

	(void)state;
	buf_init(&bytes, CORPUS_MAX_TEXT);
	for (unsigned long i = 0; i < mutants && bad < SHOWN; i++) {
		bool run;

		bad += try_mutant(first_mutant + i, &bytes, mutant, &run) != NULL;
		passed += run;
	}
	print_message("%lu mutants of %zu logs, %lu of them passed, %lu judged better than they are\n", mutants,
		      source_count, passed, bad);
	buf_finish(&bytes);
	free(mutant);
	assert_int_equal(bad, 0);
	assert_true(passed > 0); /* else nothing was tried */
}

static int load_sources(void **state)
{
	struct dirent **entries;
	int count = corpus_list(&entries);

	(void)state;
	for (int i = 0; i < count; i++) {
		if (source_count < LOGS_MAX)
			load_source(entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return source_count > 0 ? 0 : -1;
}

static int drop_sources(void **state)
{
	(void)state;
	buf_finish(&bare);
	for (size_t i = 0; i < source_count; i++) {
		scenario_finish(&sources[i].scenario);
		buf_finish(&sources[i].log);
	}
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_mutants_are_never_better)};

	if (argc > 1)
		mutants = strtoul(argv[1], NULL, 10);
	if (argc > 2)
		first_mutant = strtoul(argv[2], NULL, 10);
	return cmocka_run_group_tests(tests, load_sources, drop_sources);
}
