/* SPDX-License-Identifier: Apache-2.0 */
/* Collecting: takes the parser's events in and keeps what the verdict will rest on. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/err.h"
#include "core/judge/judge_private.h"
#include "core/parse/parse_text.h"

void finding_add(struct finding *finding, const char *format, ...)
{
	va_list args;

	if (finding->count++ > 0)
		return;
	va_start(args, format);
	vsnprintf(finding->text, sizeof(finding->text), format, args);
	va_end(args);
	text_repair(finding->text);
}

/* A name that broke off: the one required case it can be, if there is just one. */
static const char *guess_cut_name(const struct collector *collector, const struct open_case *open)
{
	const char *guess = NULL;
	char begin[COLLECTOR_NAME_MAX];
	size_t len;

	snprintf(begin, sizeof(begin), "%s%s%s", open->group, open->name[0] ? "." : "", open->name);
	len = strlen(begin);
	for (size_t i = 0; i < collector->require->case_count && len; i++) {
		if (collector->case_seen[i] || strncmp(collector->require->cases[i], begin, len) != 0)
			continue;
		if (guess)
			return NULL;
		guess = collector->require->cases[i];
	}
	return guess;
}

/* Gives an open case whose name broke off the name it is told by. */
static void complete_cut_name(const struct collector *collector, struct open_case *open)
{
	const char *guess = guess_cut_name(collector, open);
	const char *dot = guess ? strchr(guess, '.') : NULL;

	open->cut = false;
	if (dot && (size_t)(dot - guess) < sizeof(open->group)) {
		snprintf(open->group, sizeof(open->group), "%.*s", (int)(dot - guess), guess);
		snprintf(open->name, sizeof(open->name), "%s", dot + 1);
	} else {
		size_t len = strlen(open->name);

		if (len > sizeof(open->name) - 4)
			len = sizeof(open->name) - 4;
		memcpy(open->name + len, "...", 4); /* "TEST(Flash, er" is told as Flash.er... */
	}
}

void collector_end_open(struct collector *collector, enum case_verdict verdict, enum result_origin origin,
			const char *message)
{
	struct open_case *open = &collector->open;
	struct measure_list measures;
	struct case_result result;

	if (open->cut)
		complete_cut_name(collector, open);
	result = (struct case_result){
		.group = open->group,
		.name = open->name,
		.verdict = verdict,
		.message = (char *)message,
		.offset = open->offset,
		.end = open->offset,
		.begun_us = open->begun_us,
	};
	measures = collector_take_measures(collector);
	open->set = false;
	collector_put(collector, &result, origin, &measures);
}

/* The next thing began although the open case has no verdict. */
static void end_unterminated(struct collector *collector, const char *what, uint64_t offset)
{
	struct open_case *open = &collector->open;
	char text[COLLECTOR_TEXT_MAX];

	if (!open->set)
		return;
	snprintf(text, sizeof(text), "no verdict before %s at console byte %llu", what, (unsigned long long)offset);
	finding_add(&collector->unterminated, "%s.%s began at console byte %llu and had no verdict before %s",
		    open->group, open->name, (unsigned long long)open->offset, what);
	collector_end_open(collector, CASE_ERROR, RESULT_UNTERMINATED, text);
}

/* A case that asked for a boot is printed again when it goes on. */
static bool resumes(struct collector *collector, const struct parse_event *event)
{
	struct open_case *open = &collector->open;
	bool same = open->set && open->resumed && !event->cut && strcmp(open->group, event->group) == 0 &&
		    strcmp(open->name, event->name) == 0;

	open->resumed = false;
	return same;
}

/* Cases of a fixed order: one that begins for the first time behind one that stands after it. */
static void note_order(struct collector *collector, const struct parse_event *event)
{
	char key[COLLECTOR_NAME_MAX];
	uint32_t at;

	case_key(key, event->group, event->name);
	if (event->cut || !name_index_get(&collector->listed_cases, key, &at))
		return;
	if (collector->require->ordered && at < collector->order_at && !collector->case_begun[at])
		finding_add(&collector->disorder,
			    "%.120s began at console byte %llu, after %.120s, which stands behind it", key,
			    (unsigned long long)event->offset, collector->require->cases[collector->order_at - 1]);
	collector->case_begun[at] = true;
	if (at >= collector->order_at)
		collector->order_at = at + 1;
}

static void on_begun(struct collector *collector, const struct parse_event *event, int64_t now_us)
{
	if (resumes(collector, event))
		return;
	end_unterminated(collector, "the next case", event->offset);
	note_order(collector, event);
	free(collector->open.measures.item);
	collector->open =
		(struct open_case){.set = true, .cut = event->cut, .offset = event->offset, .begun_us = now_us};
	snprintf(collector->open.group, sizeof(collector->open.group), "%s", event->group);
	snprintf(collector->open.name, sizeof(collector->open.name), "%s", event->name);
}

/* A case counts once among the results, and once in each block: Unity runs none twice before it sums up, so what comes
 * again was repeated by something else and makes up for no other case. */
static void count_result(struct collector *collector, const struct case_result *result)
{
	char key[COLLECTOR_NAME_MAX];
	struct result_state *state;
	uint32_t at;

	case_key(key, result->group, result->name);
	if (!name_index_get(&collector->by_name, key, &at))
		return; /* too many, or out of memory: told elsewhere */
	state = &collector->states[at];
	collector->results_seen += state->block == 0;
	if (state->block == collector->blocks + 1)
		return;
	state->block = collector->blocks + 1;
	collector->block.total++;
	collector->block.failed += result->verdict == CASE_FAIL;
	collector->block.ignored += result->verdict == CASE_IGNORED;
}

/* A boot cut the case off, and the parser, which does not know what was granted, held it open over it. */
static bool was_cut_off(const struct collector *collector, const struct parse_event *event)
{
	char key[COLLECTOR_NAME_MAX];
	uint32_t at;

	case_key(key, event->group, event->name);
	return name_index_get(&collector->by_name, key, &at) && collector->states[at].origin == RESULT_CUT_BY_BOOT;
}

static void begin_block(struct collector *collector)
{
	collector->block = (struct block){0};
	collector->blocks++;
}

static void on_ended(struct collector *collector, const struct parse_event *event, int64_t now_us)
{
	bool began = collector->open.set; /* else it goes on behind a boot, or contradicts the one before */
	bool counts = began || was_cut_off(collector, event);
	struct measure_list measures;
	struct case_result result = {
		.group = (char *)event->group,
		.name = (char *)event->name,
		.verdict = event->verdict,
		.message = (char *)event->message,
		.offset = event->offset,
		.end = event->end,
		.begun_us = began ? collector->open.begun_us : now_us,
		.ended_us = now_us,
	};

	measures = collector_take_measures(collector);
	collector->open.set = false;
	collector_put(collector, &result, RESULT_ENDED, &measures);
	if (counts)
		count_result(collector, &result);
}

/* A strict suite names every case that may come; of results without a name nobody knows whose they are. */
static void note_unnamed(struct collector *collector, const struct parse_event *event, uint32_t passes,
			 uint32_t ignored)
{
	uint32_t count = passes + (collector_waives(collector, "") ? 0 : ignored);

	if (collector->require->strict && count)
		finding_add(&collector->unasked,
			    "the summary at console byte %llu counts %u result%s that %s no name, and nobody asked "
			    "for %s",
			    (unsigned long long)event->offset, count, PLURAL(count), count == 1 ? "has" : "have",
			    count == 1 ? "it" : "those");
}

static void on_summary(struct collector *collector, const struct parse_event *event)
{
	const struct block *block = &collector->block;
	/* A quiet fixture names what failed or was ignored, never what passed. */
	bool quiet = event->marks > 0 && block->total < event->tests && block->total == block->failed + block->ignored;
	uint32_t total = quiet ? event->marks : block->total;

	end_unterminated(collector, "the summary", event->offset);
	if (total != event->tests || block->failed != event->failures ||
	    (quiet ? block->ignored > event->ignored : block->ignored != event->ignored))
		finding_add(
			&collector->mismatch,
			"the summary at console byte %llu says %u tests, %u failures, %u ignored; before it came %u "
			"results, %u failed, %u ignored",
			(unsigned long long)event->offset, event->tests, event->failures, event->ignored, total,
			block->failed, block->ignored);
	else if (event->word && event->ok != (event->failures == 0))
		finding_add(&collector->mismatch, "the summary at console byte %llu says %s, with %u failure%s",
			    (unsigned long long)event->offset, event->ok ? "OK" : "FAIL", event->failures,
			    PLURAL(event->failures));
	if (quiet && event->tests <= JUDGE_MAX_CASES && event->ignored >= block->ignored &&
	    event->tests >= (uint64_t)event->failures + event->ignored) {
		uint32_t passes = event->tests - event->failures - event->ignored;
		uint32_t ignored = event->ignored - block->ignored;

		collector->results_seen += event->tests - block->total;
		collector->unnamed_passes += passes;
		collector->unnamed_ignored += ignored;
		note_unnamed(collector, event, passes, ignored);
	}
	collector->summaries += event->word;
	collector->group_unclosed = collector->group_unclosed && !event->word;
	begin_block(collector);
}

static void on_boot(struct collector *collector, const struct parse_event *event)
{
	char text[COLLECTOR_TEXT_MAX];
	bool counts;

	if (collector->asked_boots > 0) { /* it goes on where it was */
		collector->asked_boots--;
		collector->open.resumed = collector->open.set;
		return;
	}
	counts = collector->reboots <= collector->require->resets;

	if (collector->reboots++ == 0)
		collector->reboot_offset = event->offset;
	if (!counts)
		return;
	begin_block(collector);
	if (!collector->open.set)
		return;
	snprintf(text, sizeof(text),
		 "the board started again at console byte %llu, before the case had a verdict%s%.160s",
		 (unsigned long long)event->offset, collector->open.fault[0] ? "; it said: " : "",
		 collector->open.fault);
	collector_end_open(collector, CASE_CRASHED, RESULT_CUT_BY_BOOT, text);
}

/* The first banner is kept for the judge, who may be the first to know which image was flashed. */
static void on_banner(struct collector *collector, const struct parse_event *event)
{
	if (!event->build_id[0])
		return;
	if (!collector->banner) {
		collector->banner_offset = event->offset;
		snprintf(collector->banner_image, sizeof(collector->banner_image), "%s", event->build_id);
	}
	collector->banner = true;
	if (!collector->expected_image[0] || strcasecmp(event->build_id, collector->expected_image) == 0)
		return;
	collector->wrong_image = true;
	collector->banner_offset = event->offset;
	snprintf(collector->banner_image, sizeof(collector->banner_image), "%s", event->build_id);
}

static void on_fault(struct collector *collector, const struct parse_event *event)
{
	if (!collector->open.set || collector->open.fault[0])
		return;
	snprintf(collector->open.fault, sizeof(collector->open.fault), "%.200s", event->message);
	collector->open.fault_offset = event->offset;
}

/* More than it may ask for is not done. */
static void on_ask(struct collector *collector)
{
	if (collector->asks >= collector->end->asks)
		return;
	collector->asks++;
	collector->asked_boots++;
}

void collector_text(struct collector *collector, const uint8_t *data, size_t size_bytes)
{
	if (!collector->wrong_image && collector->reboots <= collector->require->resets)
		line_search_feed(collector->lines, data, size_bytes);
}

void collector_feed(struct collector *collector, const struct parse_event *event, int64_t now_us)
{
	if (collector->wrong_image)
		return;
	/* What a board prints after a restart it had no right to says nothing of the run it broke off, but
	 * for the image it names. */
	if (collector->reboots > collector->require->resets && event->kind != PARSE_BOOT && event->kind != PARSE_BANNER)
		return;
	switch (event->kind) {
	case PARSE_CASE_BEGUN:
		on_begun(collector, event, now_us);
		break;
	case PARSE_CASE_ENDED:
		on_ended(collector, event, now_us);
		break;
	case PARSE_SUMMARY:
		on_summary(collector, event);
		break;
	case PARSE_BOOT:
		on_boot(collector, event);
		break;
	case PARSE_BANNER:
		on_banner(collector, event);
		break;
	case PARSE_FAULT:
		on_fault(collector, event);
		break;
	case PARSE_MEASURE:
		collector_on_measure(collector, event);
		break;
	case PARSE_MARK:
		collector_on_mark(collector, event, now_us);
		break;
	case PARSE_ASK:
		on_ask(collector);
		break;
	case PARSE_DISORDER:
		finding_add(&collector->mismatch, "at console byte %llu: %.200s", (unsigned long long)event->offset,
			    event->message);
		break;
	case PARSE_BAIL:
		finding_add(&collector->bailed, "the suite gave up at console byte %llu: %.200s",
			    (unsigned long long)event->offset, event->message);
		break;
	case PARSE_START_MARK:
	case PARSE_FINISH_MARK:
	case PARSE_PROGRESS:
	case PARSE_ALIVE:
		break;
	}
}
