/* SPDX-License-Identifier: Apache-2.0 */
/* The rules, in the order of judge.h, each of which says whether it holds and why; the first one wins. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/farm/judge_private.h"
#include "core/farm/parse_text.h"

#define NAMES_TOLD 3 /* of a list of cases; the rest are counted */

static bool explain(const struct judging *judging, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool explain(const struct judging *judging, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(judging->text, judging->text_size, format, args);
	va_end(args);
	text_repair(judging->text);
	return true;
}

static unsigned long long wide(uint64_t value)
{
	return value;
}

/* "A.a, A.b, A.c and 4 more" of the results with that verdict; returns how many there are. required: only those that
 * are, and, of ignored ones, that are not waived. */
static uint32_t list_cases(const struct collector *collector, enum case_verdict verdict, bool required, char *names,
			   size_t size)
{
	uint32_t count = 0;
	size_t len = 0;

	names[0] = '\0';
	for (size_t i = 0; i < collector->count; i++) {
		const struct case_result *result = &collector->results[i];

		if (result->verdict != verdict || (required && (!result->required || result->waived_ignore)))
			continue;
		if (count++ < NAMES_TOLD && len < size)
			len += (size_t)snprintf(names + len, size - len, "%s%.60s", count > 1 ? ", " : "",
						collector->keys[i]);
	}
	if (count > NAMES_TOLD && len < size)
		snprintf(names + len, size - len, " and %u more", count - NAMES_TOLD);
	return count;
}

static const struct case_result *first_result(const struct collector *collector, enum case_verdict verdict,
					      size_t *ret_at)
{
	for (size_t i = 0; i < collector->count; i++) {
		if (collector->results[i].verdict == verdict) {
			*ret_at = i;
			return &collector->results[i];
		}
	}
	return NULL;
}

static bool rule_internal(const struct judging *judging)
{
	return judging->collector->no_memory && explain(judging, "out of memory while the results were collected");
}

static bool rule_wrong_image(const struct judging *judging)
{
	const struct collector *collector = judging->collector;

	return collector->wrong_image &&
	       explain(judging,
		       "the image that runs says it is %s (banner at console byte %llu), but %s was flashed; nothing "
		       "it "
		       "printed is judged",
		       collector->banner_image, wide(collector->banner_offset), collector->expected_image);
}

static bool rule_crash(const struct judging *judging)
{
	const struct judge_facts *facts = judging->facts;
	bool core = facts->core_faulted || facts->capture == CAPTURE_CRASHED;
	const char *why = facts->core_text[0] ? facts->core_text : "the core faulted";

	if (judging->open && core)
		return explain(judging, "%.120s began at console byte %llu and never ended: %s", judging->open_key,
			       wide(judging->open_case.offset), why);
	if (judging->open && judging->open_case.fault[0])
		return explain(judging,
			       "%.120s began at console byte %llu and never ended; at byte %llu the board said: %.160s",
			       judging->open_key, wide(judging->open_case.offset),
			       wide(judging->open_case.fault_offset), judging->open_case.fault);
	if (!core)
		return false;
	return explain(judging, "%s, with no case open, after %u results and %llu bytes of console", why,
		       judging->collector->results_seen, wide(facts->console_bytes));
}

static bool rule_reboot(const struct judging *judging)
{
	const struct collector *collector = judging->collector;
	uint32_t seen =
		collector->reboots > judging->facts->probe_resets ? collector->reboots : judging->facts->probe_resets;
	size_t at;

	if (seen <= collector->require->resets && judging->facts->capture != CAPTURE_REBOOT)
		return false;
	if (first_result(collector, CASE_CRASHED, &at))
		return explain(judging,
			       "the board started again by itself in %.120s, which began at console byte %llu; %u "
			       "restarts seen, %u allowed",
			       collector->keys[at], wide(collector->results[at].offset), seen,
			       collector->require->resets);
	if (judging->open)
		return explain(judging,
			       "the board started again by itself in %.120s, which began at console byte %llu; %u "
			       "restarts seen, %u allowed",
			       judging->open_key, wide(judging->open_case.offset), seen, collector->require->resets);
	if (collector->reboots)
		return explain(judging,
			       "the board started again by itself at console byte %llu, after %u results; %u "
			       "restarts seen, %u allowed",
			       wide(collector->reboot_offset), collector->results_seen, seen,
			       collector->require->resets);
	return explain(judging, "the probe saw the board reset itself %u times, %u allowed; %u results came", seen,
		       collector->require->resets, collector->results_seen);
}

static bool rule_hang(const struct judging *judging)
{
	const char *end = judging->facts->capture == CAPTURE_LIMIT  ? "the run's limit came"
			  : judging->facts->capture == CAPTURE_LOST ? "the console was lost"
								    : "the console fell silent";

	return judging->open &&
	       explain(judging, "%.120s began at console byte %llu and had not ended when %s, at byte %llu",
		       judging->open_key, wide(judging->open_case.offset), end, wide(judging->facts->console_bytes));
}

static bool rule_hang_seen(const struct judging *judging)
{
	return !judging->lossy && rule_hang(judging);
}

static bool rule_failed(const struct judging *judging)
{
	const struct collector *collector = judging->collector;
	char names[240];
	size_t at;
	uint32_t count;

	if (!first_result(collector, CASE_FAIL, &at))
		return false;
	count = list_cases(collector, CASE_FAIL, false, names, sizeof(names));
	if (count == 1)
		return explain(judging, "%.120s failed at console byte %llu%s%.220s", collector->keys[at],
			       wide(collector->results[at].offset), collector->results[at].message[0] ? ": " : "",
			       collector->results[at].message);
	return explain(judging, "%u cases failed: %s; the first at console byte %llu: %.120s", count, names,
		       wide(collector->results[at].offset), collector->results[at].message);
}

static bool rule_duplicate(const struct judging *judging)
{
	const struct finding *finding = &judging->collector->contradiction;

	return finding->count && explain(judging, "%.380s", finding->text);
}

static bool rule_cut_by_boot(const struct judging *judging)
{
	const struct collector *collector = judging->collector;
	size_t at;

	return first_result(collector, CASE_CRASHED, &at) &&
	       explain(judging,
		       "%.120s began at console byte %llu and was cut off by a reset that is allowed, but it did "
		       "not run again",
		       collector->keys[at], wide(collector->results[at].offset));
}

static bool rule_cancelled(const struct judging *judging)
{
	return judging->facts->capture == CAPTURE_CANCELLED &&
	       explain(judging, "cancelled after %u results", judging->collector->results_seen);
}

static bool rule_no_output(const struct judging *judging)
{
	return judging->facts->console_bytes == 0 && explain(judging, "the board printed nothing at all");
}

static bool rule_unterminated(const struct judging *judging)
{
	const struct finding *finding = &judging->collector->unterminated;

	return finding->count && explain(judging, "%.380s", finding->text);
}

/* How many of a group's cases may count: those that ran, and those whose ignoring is waived. */
static uint32_t group_results(const struct collector *collector, const char *group, uint32_t *ret_ignored)
{
	uint32_t count = 0;

	for (size_t i = 0; i < collector->count; i++) {
		const struct case_result *result = &collector->results[i];

		if (strcmp(result->group, group) != 0)
			continue;
		if (result->verdict == CASE_PASS || result->verdict == CASE_FAIL || result->waived_ignore)
			count++;
		else if (result->verdict == CASE_IGNORED)
			++*ret_ignored;
	}
	return count;
}

/* A required group with too few results; ignored: only because of ignored ones. */
static bool group_short(const struct judging *judging, bool ignored)
{
	const struct requirements *require = judging->collector->require;

	for (size_t i = 0; i < require->group_count; i++) {
		const struct required_group *group = &require->groups[i];
		uint32_t wanted = group->min_cases ? group->min_cases : 1;
		uint32_t skipped = 0;
		uint32_t count = group_results(judging->collector, group->name, &skipped);

		if (count >= wanted || ignored != (count + skipped >= wanted))
			continue;
		return explain(judging, "of group %.80s %u results are required; %u came, and %u were ignored",
			       group->name, wanted, count, skipped);
	}
	return false;
}

/* Cases of the whole run that were ignored without leave; those that passed or failed are counted into *ret_ran. */
static uint32_t ignored_results(const struct collector *collector, uint32_t *ret_ran)
{
	uint32_t count = collector_waives(collector, "") ? 0 : collector->unnamed_ignored;

	*ret_ran = collector->unnamed_passes;
	for (size_t i = 0; i < collector->count; i++) {
		const struct case_result *result = &collector->results[i];

		count += result->verdict == CASE_IGNORED && !result->waived_ignore;
		*ret_ran += result->verdict == CASE_PASS || result->verdict == CASE_FAIL;
	}
	return count;
}

static bool rule_missing(const struct judging *judging)
{
	const struct collector *collector = judging->collector;
	char names[240];
	uint32_t count = list_cases(collector, CASE_MISSING, true, names, sizeof(names));

	if (count)
		return explain(judging,
			       "%u of %zu required cases did not run: %s; %u results came in %llu bytes of console",
			       count, collector->required_cases.count, names, collector->results_seen,
			       wide(judging->facts->console_bytes));
	if (group_short(judging, false))
		return true;
	return collector->results_seen < collector->require->tests &&
	       explain(judging, "%u results are required; %u came in %llu bytes of console", collector->require->tests,
		       collector->results_seen, wide(judging->facts->console_bytes));
}

static bool rule_ignored(const struct judging *judging)
{
	const struct collector *collector = judging->collector;
	uint32_t ran, ignored = ignored_results(collector, &ran);
	char names[240];
	uint32_t count = 0;

	for (size_t i = 0; i < collector->count; i++) {
		uint32_t at;

		count += collector->results[i].verdict == CASE_IGNORED && !collector->results[i].waived_ignore &&
			 name_index_get(&collector->required_cases, collector->keys[i], &at);
	}
	list_cases(collector, CASE_IGNORED, false, names, sizeof(names));
	if (count)
		return explain(judging,
			       "%u required cases were ignored by the board and ignored-ok does not cover them; "
			       "ignored: %s",
			       count, names);
	if (group_short(judging, true))
		return true;
	return ignored && !ran &&
	       explain(judging, "%u results came and every one of them was ignored%s%s", collector->results_seen,
		       names[0] ? ": " : "", names);
}

static bool rule_mismatch(const struct judging *judging)
{
	const struct finding *finding = &judging->collector->mismatch;

	if (judging->collector->overflow)
		return explain(judging, "more than %d different cases were printed", JUDGE_MAX_CASES);
	return finding->count && explain(judging, "%.380s", finding->text);
}

static bool rule_no_summary(const struct judging *judging)
{
	const struct collector *collector = judging->collector;
	uint32_t wanted = collector->require->summaries;

	if (collector->end->when == END_SUMMARY && wanted == 0)
		wanted = 1;
	return collector->summaries < wanted &&
	       explain(judging, "%u summary blocks are required, %u came; %u results in %llu bytes of console", wanted,
		       collector->summaries, collector->results_seen, wide(judging->facts->console_bytes));
}

static bool rule_no_banner(const struct judging *judging)
{
	return judging->collector->require->banner && !judging->collector->banner &&
	       explain(judging,
		       "the image did not print its build id, so nothing proves which image gave the %u results",
		       judging->collector->results_seen);
}

static bool rule_no_result(const struct judging *judging)
{
	return judging->collector->results_seen == 0 &&
	       explain(judging, "%llu bytes of console, and no test result in them",
		       wide(judging->facts->console_bytes));
}

/* Says what was held against what, and leaves out what nobody asked for: "22 results, none failed; required and seen:
 * 22 cases, 5 groups, 1 of 1 summaries". */
static bool rule_passed(const struct judging *judging)
{
	const struct collector *collector = judging->collector;
	const struct requirements *require = collector->require;
	char what[240] = "";
	size_t len = 0;

	if (require->case_count || require->group_count)
		len += (size_t)snprintf(what + len, sizeof what - len, ", %zu cases in %zu groups",
					collector->required_cases.count, collector->required_groups.count);
	if (require->tests)
		len += (size_t)snprintf(what + len, sizeof what - len, ", %u results", require->tests);
	if (require->summaries)
		len += (size_t)snprintf(what + len, sizeof what - len, ", %u of %u summaries", require->summaries,
					collector->summaries);
	if (require->banner)
		snprintf(what + len, sizeof what - len, ", the image's id");
	return explain(judging, "%u results, none failed%s%s", collector->results_seen,
		       what[0] ? "; required and seen: " : "", what[0] ? what + 2 : "");
}

/* In the order of judge.h. absence: it rests on something that did not come, which proves nothing when bytes were
 * lost. */
static const struct {
	enum cause cause;
	bool (*holds)(const struct judging *judging);
	bool absence;
} rules[] = {
	{CAUSE_INTERNAL, rule_internal, false},
	{CAUSE_WRONG_IMAGE, rule_wrong_image, false},
	{CAUSE_CRASH, rule_crash, false},
	{CAUSE_REBOOT, rule_reboot, false},
	{CAUSE_HANG, rule_hang_seen, false},
	{CAUSE_CASE_FAILED, rule_failed, false},
	{CAUSE_DUPLICATE_RESULT, rule_duplicate, false},
	{CAUSE_CRASH, rule_cut_by_boot, false},
	{CAUSE_CANCELLED, rule_cancelled, false},
	{CAUSE_NO_OUTPUT, rule_no_output, true},
	{CAUSE_HANG, rule_hang, true},
	{CAUSE_UNTERMINATED, rule_unterminated, true},
	{CAUSE_CASE_MISSING, rule_missing, true},
	{CAUSE_CASE_IGNORED, rule_ignored, false},
	{CAUSE_COUNT_MISMATCH, rule_mismatch, true},
	{CAUSE_SUMMARY_MISSING, rule_no_summary, true},
	{CAUSE_BANNER_MISSING, rule_no_banner, true},
	{CAUSE_NO_RESULT, rule_no_result, true},
	{CAUSE_ALL_REQUIRED_SEEN, rule_passed, false},
};

enum cause judge_apply_rules(const struct judging *judging)
{
	char why[300];

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (!rules[i].holds(judging))
			continue;
		if (!rules[i].absence || !judging->lossy)
			return rules[i].cause;
		snprintf(why, sizeof(why), "%.*s", (int)sizeof(why) - 1, judging->text);
		explain(judging, "%s, so this proves nothing: %s",
			judging->facts->capture == CAPTURE_LOST ? "the console was lost" : "console bytes were lost",
			why);
		return CAUSE_CONSOLE_LOST;
	}
	return CAUSE_INTERNAL;
}
