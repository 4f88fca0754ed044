/* SPDX-License-Identifier: Apache-2.0 */
/* Collecting: takes the parser's events in and keeps what the verdict will rest on. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/err.h"
#include "core/farm/judge_private.h"
#include "core/farm/parse_text.h"

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

static int index_requirements(struct collector *collector)
{
	const struct requirements *require = collector->require;

	for (size_t i = 0; i < require->case_count; i++) {
		if (name_index_put(&collector->required_cases, require->cases[i], (uint32_t)i))
			return ERR_NOMEM;
	}
	for (size_t i = 0; i < require->group_count; i++) {
		if (name_index_put(&collector->required_groups, require->groups[i].name, (uint32_t)i))
			return ERR_NOMEM;
	}
	collector->case_seen = calloc(require->case_count + 1, sizeof(*collector->case_seen));
	collector->group_seen = calloc(require->group_count + 1, sizeof(*collector->group_seen));
	return collector->case_seen && collector->group_seen ? 0 : ERR_NOMEM;
}

struct collector *collector_create(const struct requirements *require, const struct end_rule *end,
				   void (*on_case)(void *context, const struct case_result *result), void *context)
{
	struct collector *collector = calloc(1, sizeof(*collector));

	if (!collector)
		return NULL;
	collector->require = require;
	collector->end = end;
	collector->on_case = on_case;
	collector->context = context;
	if (index_requirements(collector)) {
		collector_destroy(collector);
		return NULL;
	}
	return collector;
}

void collector_destroy(struct collector *collector)
{
	if (!collector)
		return;
	for (size_t i = 0; i < collector->count; i++) {
		free(collector->results[i].group);
		free(collector->results[i].name);
		free(collector->results[i].message);
		free(collector->keys[i]);
	}
	free(collector->results);
	free(collector->keys);
	free(collector->origins);
	free(collector->case_seen);
	free(collector->group_seen);
	name_index_finish(&collector->by_name);
	name_index_finish(&collector->required_cases);
	name_index_finish(&collector->required_groups);
	free(collector);
}

void collector_expect_image(struct collector *collector, const char *build_id)
{
	snprintf(collector->expected_image, sizeof(collector->expected_image), "%s", build_id ? build_id : "");
}

bool collector_wrong_image(const struct collector *collector)
{
	return collector->wrong_image;
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
	open->set = false;
	collector_put(collector, &result, origin);
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

static void on_begun(struct collector *collector, const struct parse_event *event, int64_t now_us)
{
	end_unterminated(collector, "the next case", event->offset);
	collector->open =
		(struct open_case){.set = true, .cut = event->cut, .offset = event->offset, .begun_us = now_us};
	snprintf(collector->open.group, sizeof(collector->open.group), "%s", event->group);
	snprintf(collector->open.name, sizeof(collector->open.name), "%s", event->name);
}

static void on_ended(struct collector *collector, const struct parse_event *event, int64_t now_us)
{
	bool began = collector->open.set; /* else it contradicts the one before */
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

	collector->open.set = false;
	if (began) {
		collector->results_seen++;
		collector->block.total++;
		collector->block.failed += event->verdict == CASE_FAIL;
		collector->block.ignored += event->verdict == CASE_IGNORED;
	}
	collector_put(collector, &result, RESULT_ENDED);
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
		finding_add(&collector->mismatch, "the summary at console byte %llu says %s, with %u failures",
			    (unsigned long long)event->offset, event->ok ? "OK" : "FAIL", event->failures);
	if (quiet && event->tests <= JUDGE_MAX_CASES && event->ignored >= block->ignored &&
	    event->tests >= (uint64_t)event->failures + event->ignored) {
		collector->results_seen += event->tests - block->total;
		collector->unnamed_passes += event->tests - event->failures - event->ignored;
		collector->unnamed_ignored += event->ignored - block->ignored;
	}
	collector->summaries += event->word;
	collector->block = (struct block){0};
}

static void on_boot(struct collector *collector, const struct parse_event *event)
{
	char text[COLLECTOR_TEXT_MAX];

	bool counts = collector->reboots <= collector->require->resets;

	if (collector->reboots++ == 0)
		collector->reboot_offset = event->offset;
	if (!counts)
		return;
	collector->block = (struct block){0};
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
	case PARSE_START_MARK:
	case PARSE_FINISH_MARK:
	case PARSE_MEASURE:
	case PARSE_PROGRESS:
	case PARSE_ALIVE:
	case PARSE_MARK:
	case PARSE_ASK:
	case PARSE_DISORDER:
	case PARSE_BAIL:
		break;
	}
}

static bool anything_required(const struct requirements *require)
{
	return require->case_count || require->group_count || require->tests || require->summaries || require->banner;
}

bool collector_complete(const struct collector *collector)
{
	const struct requirements *require = collector->require;
	uint32_t summaries = require->summaries;

	if (collector->wrong_image)
		return true;
	switch (collector->end->when) {
	case END_SILENCE:
		return false;
	case END_SUMMARY:
		return collector->summaries > 0 && collector->summaries >= summaries;
	case END_REQUIRED:
		break;
	}
	return anything_required(require) && collector->cases_seen == collector->required_cases.count &&
	       collector->groups_seen == collector->required_groups.count &&
	       collector->results_seen >= require->tests && collector->summaries >= summaries &&
	       (collector->banner || !require->banner);
}

uint32_t collector_reboots(const struct collector *collector)
{
	return collector->reboots;
}
