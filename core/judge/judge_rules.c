/* SPDX-License-Identifier: Apache-2.0 */
/* The rules that rest on what was seen, and the order of them all (judge.h): each says whether it holds and why; the
 * first one wins. What rests on something absent is in judge_absent.c. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/judge/judge_private.h"
#include "core/parse/parse_text.h"

#define NAMES_TOLD 3 /* of a list of cases; the rest are counted */

bool judge_explain(const struct judging *judging, const char *format, ...)
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

uint32_t judge_list(const struct collector *collector, result_filter_fn wanted, size_t *ret_first, char *names,
		    size_t size)
{
	uint32_t count = 0;
	size_t len = 0;

	names[0] = '\0';
	for (size_t i = 0; i < collector->count; i++) {
		if (!wanted(collector, i))
			continue;
		if (count == 0 && ret_first)
			*ret_first = i;
		if (count++ < NAMES_TOLD && len < size)
			len += (size_t)snprintf(names + len, size - len, "%s%.60s", count > 1 ? ", " : "",
						collector->states[i].key);
	}
	if (count > NAMES_TOLD && len < size)
		snprintf(names + len, size - len, " and %u more", count - NAMES_TOLD);
	return count;
}

static bool is_failure(const struct collector *collector, size_t at)
{
	return collector->results[at].verdict == CASE_FAIL && collector->states[at].fault == CAUSE_NONE &&
	       !result_excused(&collector->results[at]);
}

static bool is_unexpected_pass(const struct collector *collector, size_t at)
{
	return collector->results[at].standing == STANDING_UNEXPECTED_PASS;
}

static bool is_contradiction(const struct collector *collector, size_t at)
{
	return collector->states[at].origin == RESULT_CONTRADICTED && !result_excused(&collector->results[at]);
}

static bool is_past_limit(const struct collector *collector, size_t at)
{
	return collector->states[at].fault == CAUSE_LIMIT && !result_excused(&collector->results[at]);
}

static bool is_regression(const struct collector *collector, size_t at)
{
	return collector->states[at].fault == CAUSE_REGRESSION && !result_excused(&collector->results[at]);
}

static bool is_waived(const struct collector *collector, size_t at)
{
	return collector->results[at].standing == STANDING_WAIVED;
}

static bool is_expected(const struct collector *collector, size_t at)
{
	return collector->results[at].standing == STANDING_EXPECTED;
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

bool judge_rule_internal(const struct judging *judging)
{
	return judging->collector->no_memory &&
	       judge_explain(judging, "out of memory while the results were collected");
}

bool judge_rule_wrong_image(const struct judging *judging)
{
	const struct collector *collector = judging->collector;

	return collector->wrong_image &&
	       judge_explain(
		       judging,
		       "the image that runs says it is %s (banner at console byte %llu), but %s was flashed; nothing "
		       "it "
		       "printed is judged",
		       collector->banner_image, wide(collector->banner_offset), collector->expected_image);
}

bool judge_rule_crash(const struct judging *judging)
{
	const struct judge_facts *facts = judging->facts;
	bool core = facts->core_faulted || facts->capture == CAPTURE_CRASHED;
	const char *why = facts->core_text[0] ? facts->core_text : "the core faulted";

	if (judging->open && core)
		return judge_explain(judging, "%.120s began at console byte %llu and never ended: %s",
				     judging->open_key, wide(judging->open_case.offset), why);
	if (judging->open && judging->open_case.fault[0])
		return judge_explain(
			judging,
			"%.120s began at console byte %llu and never ended; at byte %llu the board said: %.160s",
			judging->open_key, wide(judging->open_case.offset), wide(judging->open_case.fault_offset),
			judging->open_case.fault);
	if (!core)
		return false;
	return judge_explain(judging, "%s, with no case open, after %u result%s and %llu bytes of console", why,
			     judging->collector->results_seen, PLURAL(judging->collector->results_seen),
			     wide(facts->console_bytes));
}

bool judge_rule_reboot(const struct judging *judging)
{
	const struct collector *collector = judging->collector;
	uint32_t seen =
		collector->reboots > judging->facts->probe_resets ? collector->reboots : judging->facts->probe_resets;
	uint32_t allowed = collector->require->resets;
	const char *restarts = seen == 1 ? "restart" : "restarts";
	size_t at;

	if (seen <= allowed && judging->facts->capture != CAPTURE_REBOOT)
		return false;
	if (first_result(collector, CASE_CRASHED, &at))
		return judge_explain(
			judging,
			"the board started again by itself in %.120s, which began at console byte %llu; %u %s seen, "
			"%u allowed",
			collector->states[at].key, wide(collector->results[at].offset), seen, restarts, allowed);
	if (judging->open)
		return judge_explain(
			judging,
			"the board started again by itself in %.120s, which began at console byte %llu; %u %s seen, "
			"%u allowed",
			judging->open_key, wide(judging->open_case.offset), seen, restarts, allowed);
	if (collector->reboots)
		return judge_explain(judging,
				     "the board started again by itself at console byte %llu, after %u result%s; %u "
				     "%s seen, %u allowed",
				     wide(collector->reboot_offset), collector->results_seen,
				     PLURAL(collector->results_seen), seen, restarts, allowed);
	return judge_explain(judging, "the probe saw the board reset itself %u time%s, %u allowed; %u result%s came",
			     seen, PLURAL(seen), allowed, collector->results_seen, PLURAL(collector->results_seen));
}

/* "A.a failed at console byte 12: why", or how many did. */
static bool tell_cases(const struct judging *judging, result_filter_fn wanted, const char *one, const char *many)
{
	const struct collector *collector = judging->collector;
	const struct case_result *first;
	char names[240];
	size_t at = 0;
	uint32_t count = judge_list(collector, wanted, &at, names, sizeof(names));

	if (count == 0)
		return false;
	first = &collector->results[at];
	if (count == 1)
		return judge_explain(judging, "%.120s %s at console byte %llu%s%.220s", collector->states[at].key, one,
				     wide(first->offset), first->message[0] ? ": " : "", first->message);
	return judge_explain(judging, "%u cases %s: %s; the first at console byte %llu: %.160s", count, many, names,
			     wide(first->offset), first->message);
}

bool judge_rule_failed(const struct judging *judging)
{
	return tell_cases(judging, is_failure, "failed", "failed");
}

bool judge_rule_unexpected_pass(const struct judging *judging)
{
	const struct collector *collector = judging->collector;

	if (tell_cases(judging, is_unexpected_pass, "was expected to fail and passed",
		       "were expected to fail and passed"))
		return true;
	return collector->require->stage == STAGE_BASELINE && collector->unnamed_passes &&
	       judge_explain(judging, "%u case%s without a name passed, and every case was expected to fail",
			     collector->unnamed_passes, PLURAL(collector->unnamed_passes));
}

bool judge_rule_duplicate(const struct judging *judging)
{
	return tell_cases(judging, is_contradiction, "has results that disagree", "have results that disagree");
}

bool judge_rule_limit(const struct judging *judging)
{
	return tell_cases(judging, is_past_limit, "is past a limit", "are past a limit");
}

bool judge_rule_regression(const struct judging *judging)
{
	return tell_cases(judging, is_regression, "is worse than the baseline allows",
			  "are worse than the baseline allows");
}

bool judge_rule_bailed(const struct judging *judging)
{
	const struct finding *finding = &judging->collector->bailed;

	return finding->count && judge_explain(judging, "%.380s", finding->text);
}

bool judge_rule_cut_by_boot(const struct judging *judging)
{
	const struct collector *collector = judging->collector;
	size_t at;

	return first_result(collector, CASE_CRASHED, &at) &&
	       judge_explain(judging,
			     "%.120s began at console byte %llu and was cut off by a reset that is allowed, but it did "
			     "not run again",
			     collector->states[at].key, wide(collector->results[at].offset));
}

bool judge_rule_cancelled(const struct judging *judging)
{
	return judging->facts->capture == CAPTURE_CANCELLED &&
	       judge_explain(judging, "cancelled after %u result%s", judging->collector->results_seen,
			     PLURAL(judging->collector->results_seen));
}

bool judge_rule_passed_waived(const struct judging *judging)
{
	const struct collector *collector = judging->collector;
	char names[240];
	uint32_t count = judge_list(collector, is_waived, NULL, names, sizeof(names));

	return count &&
	       judge_explain(judging, "%u result%s; %u of them did not pass and %s waived: %s", collector->results_seen,
			     PLURAL(collector->results_seen), count, count == 1 ? "is" : "are", names);
}

bool judge_rule_passed_expected(const struct judging *judging)
{
	const struct collector *collector = judging->collector;
	char names[240];
	uint32_t count = judge_list(collector, is_expected, NULL, names, sizeof(names));

	return count && judge_explain(judging, "%u result%s; %u case%s failed as expected: %s", collector->results_seen,
				      PLURAL(collector->results_seen), count, PLURAL(count), names);
}

/* Says what was held against what, and leaves out what nobody asked for: "22 results, none failed; required and seen:
 * 22 cases, 5 groups, 1 of 1 summaries". */
bool judge_rule_passed(const struct judging *judging)
{
	const struct collector *collector = judging->collector;
	const struct requirements *require = collector->require;
	char what[240] = "";
	size_t len = 0;

	if (require->case_count || require->group_count)
		len += (size_t)snprintf(what + len, sizeof what - len, ", %zu case%s in %zu group%s",
					(size_t)collector->cases_wanted, PLURAL(collector->cases_wanted),
					(size_t)collector->groups_wanted, PLURAL(collector->groups_wanted));
	if (require->tests)
		len += (size_t)snprintf(what + len, sizeof what - len, ", %u result%s", require->tests,
					PLURAL(require->tests));
	if (require->summaries)
		len += (size_t)snprintf(what + len, sizeof what - len, ", %u of %u summar%s", require->summaries,
					collector->summaries, collector->summaries == 1 ? "y" : "ies");
	if (require->banner)
		len += (size_t)snprintf(what + len, sizeof what - len, ", the image's id");
	if (require->line_count)
		snprintf(what + len, sizeof what - len, ", %zu line%s", require->line_count,
			 PLURAL(require->line_count));
	return judge_explain(judging, "%u result%s, none failed%s%s", collector->results_seen,
			     PLURAL(collector->results_seen), what[0] ? "; required and seen: " : "",
			     what[0] ? what + 2 : "");
}

const char *judge_lost_words(const struct judge_facts *facts)
{
	switch (facts->capture) {
	case CAPTURE_LOST:
		return "the console was lost";
	case CAPTURE_OPEN:
		return "listening broke off";
	default:
		return "console bytes were lost";
	}
}

/* In the order of judge.h. absence: it rests on something that did not come, which proves nothing when bytes were
 * lost. */
static const struct {
	enum cause cause;
	bool (*holds)(const struct judging *judging);
	bool absence;
} rules[] = {
	{CAUSE_INTERNAL, judge_rule_internal, false},
	{CAUSE_WRONG_IMAGE, judge_rule_wrong_image, false},
	{CAUSE_CRASH, judge_rule_crash, false},
	{CAUSE_REBOOT, judge_rule_reboot, false},
	{CAUSE_HANG, judge_rule_hang_seen, false},
	{CAUSE_CASE_FAILED, judge_rule_failed, false},
	{CAUSE_UNEXPECTED_PASS, judge_rule_unexpected_pass, false},
	{CAUSE_DUPLICATE_RESULT, judge_rule_duplicate, false},
	{CAUSE_LIMIT, judge_rule_limit, false},
	{CAUSE_REGRESSION, judge_rule_regression, false},
	{CAUSE_GAVE_UP, judge_rule_bailed, false},
	{CAUSE_CRASH, judge_rule_cut_by_boot, false},
	{CAUSE_CANCELLED, judge_rule_cancelled, false},
	{CAUSE_NO_OUTPUT, judge_rule_no_output, true},
	{CAUSE_HANG, judge_rule_hang, true},
	{CAUSE_UNTERMINATED, judge_rule_unterminated, true},
	{CAUSE_CASE_MISSING, judge_rule_missing, true},
	{CAUSE_CASE_IGNORED, judge_rule_ignored, false},
	{CAUSE_MEASURE_MISSING, judge_rule_measure_missing, true},
	{CAUSE_OUT_OF_ORDER, judge_rule_out_of_order, true},
	{CAUSE_UNASKED_RESULT, judge_rule_unasked, true},
	{CAUSE_COUNT_MISMATCH, judge_rule_mismatch, true},
	{CAUSE_SUMMARY_MISSING, judge_rule_no_summary, true},
	{CAUSE_BANNER_MISSING, judge_rule_no_banner, true},
	{CAUSE_LINE_MISSING, judge_rule_no_line, true},
	{CAUSE_NO_RESULT, judge_rule_no_result, true},
	{CAUSE_PASSED_WAIVED, judge_rule_passed_waived, false},
	{CAUSE_PASSED_EXPECTED, judge_rule_passed_expected, false},
	{CAUSE_ALL_REQUIRED_SEEN, judge_rule_passed, false},
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
		judge_explain(judging, "%s, so this proves nothing: %s", judge_lost_words(judging->facts), why);
		return CAUSE_CONSOLE_LOST;
	}
	return CAUSE_INTERNAL;
}
