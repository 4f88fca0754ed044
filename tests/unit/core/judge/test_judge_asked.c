/* SPDX-License-Identifier: Apache-2.0 */
/* The judge on what suites say beyond names: limits, waivers, expected failures, optional cases, order, strictness,
 * boots that were asked for. Each run is a script of lines; what is asked is a suite's `require:` as JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/judge/asked.h"
#include "core/judge/judge.h"
#include "tests/unit/core/base/cmocka_all.h"

struct judged {
	struct asked asked;
	struct collector *collector;
	struct run_judgement judgement;
};

static json_t *load(const char *text)
{
	json_error_t error;
	json_t *value = json_loads(text, 0, &error);

	if (!value)
		fail_msg("%s: %s", text, error.text);
	return value;
}

/* asked: {"require":…, "waivers":[…], "limits":[…], "asks":N}; what is not there is empty. */
static void read_asked(const char *text, struct asked *asked)
{
	json_t *object = load(text);
	struct err err = {0};

	asked_init(asked);
	asked->end.asks = (uint32_t)json_integer_value(json_object_get(object, "asks"));
	if (json_object_get(object, "require") &&
	    requirements_from_json(json_object_get(object, "require"), &asked->require, &err))
		fail_msg("require: %s", err.text);
	if (json_object_get(object, "waivers") &&
	    waiver_rules_from_json(json_object_get(object, "waivers"), &asked->waivers, &err))
		fail_msg("waivers: %s", err.text);
	if (json_object_get(object, "limits") &&
	    measure_limits_from_json(json_object_get(object, "limits"), &asked->limits, &err))
		fail_msg("limits: %s", err.text);
	json_decref(object);
}

static void feed(struct collector *collector, struct parse_event event, uint64_t *offset)
{
	event.offset = *offset;
	event.end = *offset += 10;
	event.group = event.group ? event.group : "A";
	event.name = event.name ? event.name : "";
	event.message = event.message ? event.message : "";
	event.unit = event.unit ? event.unit : "";
	event.build_id = event.build_id ? event.build_id : "";
	collector_feed(collector, &event, (int64_t)*offset * 1000);
}

/* One word of a script: "one" begins, "+one" passes, "-one" fails, "~one" is ignored, "m:lat=12:us" measures, "k:c=100"
 * marks, "boot", "ask", "fault", "bail", "odd",
 * "quiet": three results without a name. */
static void play_word(struct collector *collector, char *word, uint64_t *offset)
{
	static const char signs[] = "+-~";
	static const enum case_verdict verdicts[] = {CASE_PASS, CASE_FAIL, CASE_IGNORED};
	const char *sign = strchr(signs, word[0]);
	char name[40], unit[16];
	double value;
	unsigned long long target;

	if (sscanf(word, "m:%39[^=]=%lf:%15s", name, &value, unit) == 3)
		feed(collector, (struct parse_event){.kind = PARSE_MEASURE, .name = name, .value = value, .unit = unit},
		     offset);
	else if (sscanf(word, "k:%39[^=]=%llu", name, &target) == 2)
		feed(collector, (struct parse_event){.kind = PARSE_MARK, .name = name, .target_us = target}, offset);
	else if (strcmp(word, "boot") == 0)
		feed(collector, (struct parse_event){.kind = PARSE_BOOT}, offset);
	else if (strcmp(word, "ask") == 0)
		feed(collector, (struct parse_event){.kind = PARSE_ASK}, offset);
	else if (strcmp(word, "bail") == 0)
		feed(collector, (struct parse_event){.kind = PARSE_BAIL, .message = "no rig"}, offset);
	else if (strcmp(word, "quiet") == 0)
		feed(collector,
		     (struct parse_event){.kind = PARSE_SUMMARY, .tests = 3, .marks = 3, .word = true, .ok = true},
		     offset);
	else if (strcmp(word, "odd") == 0)
		feed(collector, (struct parse_event){.kind = PARSE_DISORDER, .message = "a plan of 5"}, offset);
	else if (sign)
		feed(collector,
		     (struct parse_event){
			     .kind = PARSE_CASE_ENDED, .name = word + 1, .verdict = verdicts[sign - signs]},
		     offset);
	else
		feed(collector, (struct parse_event){.kind = PARSE_CASE_BEGUN, .name = word}, offset);
}

static void play(struct judged *judged, const char *asked, const char *script, enum capture_end end)
{
	struct judge_facts facts = {.capture = end, .console_bytes = 1000};
	char words[500], *rest = words;
	uint64_t offset = 0;

	memset(judged, 0, sizeof *judged);
	read_asked(asked, &judged->asked);
	judged->collector = collector_create(&judged->asked.require, &judged->asked.end, NULL, NULL);
	assert_non_null(judged->collector);
	collector_hold_to(judged->collector, &judged->asked.waivers, &judged->asked.limits);
	assert_true(strlen(script) < sizeof words);
	memcpy(words, script, strlen(script) + 1);
	for (char *word; (word = strtok_r(rest, " ", &rest));)
		play_word(judged->collector, word, &offset);
	collector_judge(judged->collector, &facts, &judged->judgement);
}

static void over(struct judged *judged)
{
	collector_destroy(judged->collector);
	asked_finish(&judged->asked);
}

static const struct case_result *result_of(const struct judged *judged, const char *name)
{
	size_t count;
	const struct case_result *results = collector_results(judged->collector, &count);

	for (size_t i = 0; i < count; i++) {
		if (strcmp(results[i].name, name) == 0)
			return &results[i];
	}
	fail_msg("no result of %s", name);
	return NULL;
}

#define ONE_TWO    "\"require\":{\"cases\":[\"A.one\",\"A.two\"]}"
#define BOTH_PASS  "one +one two +two"
#define WAIVE(c)   "\"waivers\":[{\"id\":7,\"case\":\"" c "\",\"intermittent\":false}]"
#define OFTEN(c)   "\"waivers\":[{\"id\":7,\"case\":\"" c "\",\"intermittent\":true}]"
#define LIMIT(...) "\"limits\":[{\"case\":\"A.one\",\"name\":\"lat\",\"unit\":\"us\"," __VA_ARGS__ "}]"

static const struct {
	const char *asked, *script;
	enum capture_end end;
	enum cause cause;
	const char *told; /* is in the text */
} table[] = {
	/* waivers */
	{"{" ONE_TWO "}", "one -one two +two", CAPTURE_COMPLETE, CAUSE_CASE_FAILED, "A.one failed"},
	{"{" ONE_TWO "," WAIVE("A.one") "}", "one -one two +two", CAPTURE_COMPLETE, CAUSE_PASSED_WAIVED, "A.one"},
	{"{" ONE_TWO "," WAIVE("A.*") "}", "one -one two -two", CAPTURE_COMPLETE, CAUSE_PASSED_WAIVED, "2 of them"},
	{"{" ONE_TWO "," WAIVE("A.one") "}", "one -one two -two", CAPTURE_COMPLETE, CAUSE_CASE_FAILED, "A.two failed"},
	{"{" ONE_TWO "," WAIVE("A.one") "}", BOTH_PASS, CAPTURE_COMPLETE, CAUSE_ALL_REQUIRED_SEEN, "2 results"},
	{"{" ONE_TWO "," WAIVE("A.one") "}", "one ~one two +two", CAPTURE_COMPLETE, CAUSE_PASSED_WAIVED, "A.one"},
	{"{" ONE_TWO "," WAIVE("A.one") "}", "one +one one -one two +two", CAPTURE_COMPLETE, CAUSE_PASSED_WAIVED, ""},
	{"{" ONE_TWO "," WAIVE("A.*") "}", "one", CAPTURE_SILENCE, CAUSE_HANG, "A.one"},
	{"{" ONE_TWO "," WAIVE("A.*") "}", "one boot", CAPTURE_REBOOT, CAUSE_REBOOT, "A.one"},
	{"{" ONE_TWO "," WAIVE("A.*") "}", "one +one", CAPTURE_SILENCE, CAUSE_CASE_MISSING, "A.two"},
	{"{" ONE_TWO "," WAIVE("A.*") "}", "one two +two", CAPTURE_SILENCE, CAUSE_UNTERMINATED, "A.one"},
	/* one that always shows, and did not */
	{"{" ONE_TWO "," WAIVE("A.one") "}", BOTH_PASS, CAPTURE_COMPLETE, CAUSE_ALL_REQUIRED_SEEN,
	 "; waiver 7 (A.one) was not needed"},
	{"{" ONE_TWO "," WAIVE("A.*") "}", BOTH_PASS, CAPTURE_COMPLETE, CAUSE_ALL_REQUIRED_SEEN, "waiver 7 (A.*) was"},
	/* limits */
	{"{" ONE_TWO "," LIMIT("\"max\":20,\"better\":\"lower\",\"basis\":\"\"") "}", "one m:lat=12:us +one two +two",
	 CAPTURE_COMPLETE, CAUSE_ALL_REQUIRED_SEEN, ""},
	{"{" ONE_TWO "," LIMIT("\"max\":20,\"better\":\"lower\",\"basis\":\"\"") "}", "one m:lat=21:us +one two +two",
	 CAPTURE_COMPLETE, CAUSE_LIMIT, "lat 21 us, at most 20"},
	{"{" ONE_TWO "," LIMIT("\"min\":5,\"better\":\"lower\",\"basis\":\"\"") "}", "one m:lat=4.5:us +one two +two",
	 CAPTURE_COMPLETE, CAUSE_LIMIT, "lat 4.5 us, at least 5"},
	{"{" ONE_TWO "," LIMIT("\"max\":20,\"better\":\"lower\",\"basis\":\"\"") "}",
	 "one m:lat=12:us m:lat=21:us m:lat=3:us +one two +two", CAPTURE_COMPLETE, CAUSE_LIMIT, "lat 21 us"},
	{"{" ONE_TWO "," LIMIT("\"max\":20,\"worst\":13,\"better\":\"lower\",\"basis\":\"median 12\"") "}",
	 "one m:lat=14:us +one two +two", CAPTURE_COMPLETE, CAUSE_REGRESSION, "lat 14 us, at most 13 (median 12)"},
	{"{" ONE_TWO "," LIMIT("\"max\":20,\"worst\":13,\"better\":\"lower\",\"basis\":\"median 12\"") "}",
	 "one m:lat=25:us +one two +two", CAPTURE_COMPLETE, CAUSE_LIMIT, "lat 25 us"},
	{"{" ONE_TWO "," LIMIT("\"worst\":13,\"better\":\"higher\",\"basis\":\"median 14\"") "}",
	 "one m:lat=12:us +one two +two", CAPTURE_COMPLETE, CAUSE_REGRESSION, "at least 13"},
	{"{" ONE_TWO "," LIMIT("\"better\":\"lower\",\"basis\":\"no baseline yet\"") "}",
	 "one m:lat=12:us +one two +two", CAPTURE_COMPLETE, CAUSE_ALL_REQUIRED_SEEN, ""},
	{"{" ONE_TWO "," LIMIT("\"max\":20,\"better\":\"lower\",\"basis\":\"\"") "}", BOTH_PASS, CAPTURE_COMPLETE,
	 CAUSE_MEASURE_MISSING, "lat was not printed"},
	{"{" ONE_TWO "," LIMIT("\"max\":20,\"better\":\"lower\",\"basis\":\"\"") "}", "one m:lat=12:ms +one two +two",
	 CAPTURE_COMPLETE, CAUSE_MEASURE_MISSING, "printed in ms"},
	{"{" ONE_TWO "," LIMIT("\"max\":20,\"better\":\"lower\",\"basis\":\"\"") "}",
	 "m:lat=12:us one +one two m:lat=99:us +two", CAPTURE_COMPLETE, CAUSE_MEASURE_MISSING, "A.one"},
	{"{" ONE_TWO "," LIMIT("\"max\":20,\"better\":\"lower\",\"basis\":\"\"") "}", "one m:lat=12:us -one two +two",
	 CAPTURE_COMPLETE, CAUSE_CASE_FAILED, "A.one"},
	{"{" ONE_TWO "," LIMIT("\"max\":20,\"better\":\"lower\",\"basis\":\"\"") "}", "one m:lat=30:us +one two -two",
	 CAPTURE_COMPLETE, CAUSE_CASE_FAILED, "A.two"},
	{"{" ONE_TWO "," WAIVE("A.one") "," LIMIT("\"max\":20,\"better\":\"lower\",\"basis\":\"\"") "}",
	 "one m:lat=30:us +one two +two", CAPTURE_COMPLETE, CAUSE_PASSED_WAIVED, "A.one"},
	{"{" ONE_TWO "," WAIVE("A.one") "," LIMIT("\"max\":20,\"better\":\"lower\",\"basis\":\"\"") "}", BOTH_PASS,
	 CAPTURE_COMPLETE, CAUSE_PASSED_WAIVED, "A.one"},
	/* ten thousand us of rack clock an event, so 20000 between the marks: 1 % fast */
	{"{" ONE_TWO ",\"limits\":[{\"case\":\"A.one\",\"name\":\"c\",\"unit\":\"ppm\",\"max\":9000,\"better\":"
	 "\"lower\",\"basis\":\"\"}]}",
	 "one k:c=100 m:x=1:us k:c=20300 +one two +two", CAPTURE_COMPLETE, CAUSE_LIMIT, "c 10000 ppm"},
	/* expected failures */
	{"{\"require\":{\"cases\":[{\"name\":\"A.one\",\"expect\":\"fail\"},\"A.two\"]}}", "one -one two +two",
	 CAPTURE_COMPLETE, CAUSE_PASSED_EXPECTED, "A.one"},
	{"{\"require\":{\"cases\":[{\"name\":\"A.one\",\"expect\":\"fail\"},\"A.two\"]}}", BOTH_PASS, CAPTURE_COMPLETE,
	 CAUSE_UNEXPECTED_PASS, "A.one was expected to fail"},
	{"{\"require\":{\"stage\":\"baseline\",\"cases\":[\"A.one\",\"A.two\"]}}", "one -one two -two",
	 CAPTURE_COMPLETE, CAUSE_PASSED_EXPECTED, "2 cases"},
	{"{\"require\":{\"stage\":\"baseline\",\"cases\":[\"A.one\",\"A.two\"]}}", "one -one two +two",
	 CAPTURE_COMPLETE, CAUSE_UNEXPECTED_PASS, "A.two"},
	{"{\"require\":{\"stage\":\"baseline\",\"cases\":[\"A.one\",\"A.two\"]}}", "one -one two ~two",
	 CAPTURE_COMPLETE, CAUSE_CASE_IGNORED, "A.two"},
	{"{\"require\":{\"stage\":\"baseline\",\"cases\":[\"A.one\",\"A.two\"]}}", "one -one", CAPTURE_SILENCE,
	 CAUSE_CASE_MISSING, "A.two"},
	{"{\"require\":{\"stage\":\"baseline\",\"cases\":[{\"name\":\"A.one\",\"expect\":\"pass\"},\"A.two\"]}}",
	 "one -one two -two", CAPTURE_COMPLETE, CAUSE_CASE_FAILED, "A.one"},
	{"{\"require\":{\"stage\":\"baseline\",\"groups\":[\"A\"]}}", "x -x y -y", CAPTURE_COMPLETE,
	 CAUSE_PASSED_EXPECTED, "2 cases"},
	{"{\"require\":{\"stage\":\"baseline\",\"groups\":[\"A\"]}}", "x -x y ~y", CAPTURE_COMPLETE, CAUSE_CASE_IGNORED,
	 "A.y"},
	{"{\"require\":{\"stage\":\"baseline\",\"groups\":[\"A\"],\"ignored-ok\":[\"A.y\"]}}", "x -x y ~y",
	 CAPTURE_COMPLETE, CAUSE_PASSED_EXPECTED, "A.x"},
	{"{\"require\":{\"stage\":\"baseline\",\"tests\":2}}", "x -x y +y", CAPTURE_COMPLETE, CAUSE_UNEXPECTED_PASS,
	 "A.y"},
	/* optional */
	{"{\"require\":{\"cases\":[\"A.one\",{\"name\":\"A.two\",\"optional\":true}]}}", "one +one", CAPTURE_COMPLETE,
	 CAUSE_ALL_REQUIRED_SEEN, ""},
	{"{\"require\":{\"cases\":[\"A.one\",{\"name\":\"A.two\",\"optional\":true}]}}", "one +one two ~two",
	 CAPTURE_COMPLETE, CAUSE_ALL_REQUIRED_SEEN, ""},
	{"{\"require\":{\"cases\":[\"A.one\",{\"name\":\"A.two\",\"optional\":true}]}}", "one +one two -two",
	 CAPTURE_COMPLETE, CAUSE_CASE_FAILED, "A.two"},
	{"{\"require\":{\"cases\":[\"A.one\"],\"groups\":[{\"name\":\"B\",\"optional\":true}]}}", "one +one",
	 CAPTURE_COMPLETE, CAUSE_ALL_REQUIRED_SEEN, ""},
	/* nothing ran, and all of it had leave */
	{"{\"require\":{\"cases\":[\"A.one\"],\"ignored-ok\":[\"A.*\"]}}", "one ~one", CAPTURE_COMPLETE,
	 CAUSE_NO_RESULT, "nothing was tested"},
	{"{\"require\":{\"cases\":[{\"name\":\"A.one\",\"optional\":true}]}}", "one ~one", CAPTURE_SILENCE,
	 CAUSE_NO_RESULT, "1 result came"},
	{"{\"require\":{\"cases\":[{\"name\":\"A.one\",\"optional\":true}]}}", "", CAPTURE_SILENCE, CAUSE_NO_RESULT,
	 ""},
	{"{" ONE_TWO "," WAIVE("A.*") "}", "one ~one two ~two", CAPTURE_COMPLETE, CAUSE_NO_RESULT, "2 results"},
	{"{" ONE_TWO "," WAIVE("A.*") "}", "one +one one -one two ~two", CAPTURE_COMPLETE, CAUSE_PASSED_WAIVED, ""},
	{"{\"require\":{\"cases\":[\"A.one\",\"A.two\"],\"ignored-ok\":[\"A.two\"]}}", "one +one two ~two",
	 CAPTURE_COMPLETE, CAUSE_ALL_REQUIRED_SEEN, ""},
	/* nobody heard it to its end */
	{"{" ONE_TWO "}", "one +one two", CAPTURE_LOST, CAUSE_CONSOLE_LOST, "A.two began"},
	{"{" ONE_TWO "}", "one +one", CAPTURE_OPEN, CAUSE_CONSOLE_LOST, "1 of 2 required cases were not seen"},
	{"{" ONE_TWO "}", "one -one", CAPTURE_LOST, CAUSE_CASE_FAILED, "A.one"},
	{"{" ONE_TWO "}", BOTH_PASS, CAPTURE_LOST, CAUSE_ALL_REQUIRED_SEEN, ""},
	/* order and strictness */
	{"{\"require\":{\"order\":\"fixed\",\"cases\":[\"A.one\",\"A.two\"]}}", BOTH_PASS, CAPTURE_COMPLETE,
	 CAUSE_ALL_REQUIRED_SEEN, ""},
	{"{\"require\":{\"order\":\"fixed\",\"cases\":[\"A.one\",\"A.two\"]}}", "two +two one +one", CAPTURE_COMPLETE,
	 CAUSE_OUT_OF_ORDER, "A.one began"},
	{"{" ONE_TWO "}", "two +two one +one", CAPTURE_COMPLETE, CAUSE_ALL_REQUIRED_SEEN, ""},
	{"{\"require\":{\"strict\":true,\"cases\":[\"A.one\",\"A.two\"]}}", "one +one x +x two +two", CAPTURE_COMPLETE,
	 CAUSE_UNASKED_RESULT, "A.x"},
	{"{\"require\":{\"strict\":true,\"resets\":1,\"cases\":[\"A.one\"]}}", "one +one x boot one +one x +x",
	 CAPTURE_COMPLETE, CAUSE_UNASKED_RESULT, "A.x"},
	{"{\"require\":{\"strict\":true,\"groups\":[\"A\"]}}", "one +one x +x", CAPTURE_COMPLETE,
	 CAUSE_ALL_REQUIRED_SEEN, ""},
	{"{\"require\":{\"strict\":true,\"groups\":[{\"name\":\"A\",\"cases\":[\"one\"]}]}}", "one +one x +x",
	 CAPTURE_COMPLETE, CAUSE_UNASKED_RESULT, "A.x"},
	{"{\"require\":{\"strict\":true,\"tests\":3}}", "quiet", CAPTURE_COMPLETE, CAUSE_UNASKED_RESULT,
	 "3 results that"},
	{"{\"require\":{\"tests\":3}}", "quiet", CAPTURE_COMPLETE, CAUSE_ALL_REQUIRED_SEEN, "3 results"},
	/* boots that were asked for */
	{"{" ONE_TWO ",\"asks\":1}", "one ask boot one +one two +two", CAPTURE_COMPLETE, CAUSE_ALL_REQUIRED_SEEN, ""},
	{"{" ONE_TWO ",\"asks\":1}", "one ask boot +one two +two", CAPTURE_COMPLETE, CAUSE_ALL_REQUIRED_SEEN, ""},
	{"{" ONE_TWO ",\"asks\":1}", "one ask boot two +two", CAPTURE_SILENCE, CAUSE_UNTERMINATED, "A.one"},
	{"{" ONE_TWO ",\"asks\":1}", "one ask boot one boot", CAPTURE_REBOOT, CAUSE_REBOOT, "A.one"},
	{"{" ONE_TWO "}", "one ask boot one +one two +two", CAPTURE_REBOOT, CAUSE_REBOOT, "A.one"},
	/* not granted, but within what `resets` allows: the parser tells no begin again */
	{"{\"require\":{\"tests\":2,\"resets\":1}}", "one ask boot +one two +two", CAPTURE_COMPLETE,
	 CAUSE_ALL_REQUIRED_SEEN, "2 results"},
	{"{\"require\":{\"tests\":3,\"resets\":1}}", "one ask boot +one +one two +two", CAPTURE_SILENCE,
	 CAUSE_CASE_MISSING, "2 came"},
	{"{\"require\":{\"tests\":2},\"asks\":1}", "one ask boot one +one two +two", CAPTURE_COMPLETE,
	 CAUSE_ALL_REQUIRED_SEEN, "2 results"},
	{"{" ONE_TWO ",\"asks\":1}", "one ask", CAPTURE_SILENCE, CAUSE_HANG, "A.one"},
	/* what a counting format says */
	{"{" ONE_TWO "}", BOTH_PASS " bail", CAPTURE_COMPLETE, CAUSE_GAVE_UP, "gave up"},
	{"{" ONE_TWO "}", BOTH_PASS " odd", CAPTURE_COMPLETE, CAUSE_COUNT_MISMATCH, "a plan of 5"},
};

static void test_causes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct judged judged;

		play(&judged, table[i].asked, table[i].script, table[i].end);
		if (judged.judgement.cause != table[i].cause || !strstr(judged.judgement.text, table[i].told))
			fail_msg("%s\n%s\n%s (%s), should be %s with \"%s\"", table[i].asked, table[i].script,
				 cause_name(judged.judgement.cause), judged.judgement.text, cause_name(table[i].cause),
				 table[i].told);
		over(&judged);
	}
}

static void test_standing_and_counts(void **state)
{
	struct judged judged;
	const struct case_result *result;

	(void)state;
	play(&judged,
	     "{\"require\":{\"cases\":[{\"name\":\"A.one\",\"category\":\"security\"},"
	     "{\"name\":\"A.two\",\"optional\":true},{\"name\":\"A.three\",\"expect\":\"fail\"},\"A.four\"]}," WAIVE(
		     "A.one") "}",
	     "one -one two +two three -three four +four", CAPTURE_COMPLETE);
	assert_int_equal(judged.judgement.cause, CAUSE_PASSED_WAIVED);
	assert_int_equal(judged.judgement.passed, 2);
	assert_int_equal(judged.judgement.failed, 0);
	assert_int_equal(judged.judgement.waived, 1);
	assert_int_equal(judged.judgement.expected, 1);
	result = result_of(&judged, "one");
	assert_int_equal(result->verdict, CASE_FAIL);
	assert_int_equal(result->standing, STANDING_WAIVED);
	assert_int_equal(result->category, CATEGORY_SECURITY);
	assert_int_equal(result->waiver, 7);
	assert_int_equal(result_of(&judged, "two")->standing, STANDING_OPTIONAL);
	assert_false(result_of(&judged, "two")->required);
	assert_int_equal(result_of(&judged, "three")->standing, STANDING_EXPECTED);
	assert_int_equal(result_of(&judged, "four")->standing, STANDING_PLAIN);
	assert_int_equal(result_of(&judged, "four")->waiver, 0);
	over(&judged);
}

/* A waiver of what comes and goes says nothing of a pass, nor one of which something failed, or nothing came. */
static void test_a_waiver_in_use_is_not_told(void **state)
{
	static const struct {
		const char *asked, *script;
	} quiet[] = {
		{"{" ONE_TWO "," OFTEN("A.one") "}", BOTH_PASS},
		{"{" ONE_TWO "," WAIVE("A.*") "}", "one -one two +two"},
		{"{" ONE_TWO "," WAIVE("A.*") "}", "one ~one two +two"},
		{"{" ONE_TWO "," WAIVE("B.*") "}", BOTH_PASS},
	};

	(void)state;
	for (size_t i = 0; i < sizeof quiet / sizeof quiet[0]; i++) {
		struct judged judged;

		play(&judged, quiet[i].asked, quiet[i].script, CAPTURE_COMPLETE);
		assert_int_equal(cause_verdict(judged.judgement.cause), RUN_PASSED);
		assert_null(strstr(judged.judgement.text, "not needed"));
		over(&judged);
	}
}

/* Shown as what nobody can know, not as missing or crashed, which would be the firmware's fault. */
static void test_cases_of_a_lost_console_are_not_judged(void **state)
{
	static const enum capture_end ends[] = {CAPTURE_LOST, CAPTURE_OPEN};

	(void)state;
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		struct judged judged;

		play(&judged, "{\"require\":{\"cases\":[\"A.one\",\"A.two\",\"A.three\"]}," WAIVE("A.*") "}",
		     "one +one two", ends[i]);
		assert_int_equal(judged.judgement.cause, CAUSE_CONSOLE_LOST);
		assert_int_equal(judged.judgement.passed, 1);
		assert_int_equal(judged.judgement.error, 2);
		assert_int_equal(judged.judgement.missing + judged.judgement.crashed + judged.judgement.waived, 0);
		assert_int_equal(result_of(&judged, "two")->verdict, CASE_ERROR);
		assert_int_equal(result_of(&judged, "three")->verdict, CASE_ERROR);
		assert_true(result_of(&judged, "three")->required);
		assert_memory_equal(result_of(&judged, "two")->message, "not judged: it began, and ", 26);
		assert_memory_equal(result_of(&judged, "three")->message, "not judged: ", 12);
		over(&judged);
	}
}

static void test_measurements_of_a_case(void **state)
{
	struct judged judged;
	const struct case_result *result;
	const struct measurement *loose;
	size_t count;

	(void)state;
	play(&judged, "{" ONE_TWO "," LIMIT("\"max\":20,\"worst\":13,\"better\":\"lower\",\"basis\":\"median 12\"") "}",
	     "m:early=1:s one m:lat=12.5:us m:extra=3:kB/s +one two +two", CAPTURE_COMPLETE);
	result = result_of(&judged, "one");
	assert_int_equal(result->measurement_count, 2);
	assert_string_equal(result->measurements[0].name, "lat");
	assert_int_equal(result->measurements[0].verdict, MEASURE_OK);
	assert_true(result->measurements[0].has_high && result->measurements[0].high == 13);
	assert_int_equal(result->measurements[1].verdict, MEASURE_UNJUDGED);
	assert_int_equal(result_of(&judged, "two")->measurement_count, 0);
	loose = collector_loose_measurements(judged.collector, &count);
	assert_int_equal(count, 1);
	assert_string_equal(loose[0].name, "early");
	over(&judged);
}

/* A case that an allowed reset cut off begins anew, and so do its values. */
static void test_measurements_after_a_reset(void **state)
{
	struct judged judged;

	(void)state;
	play(&judged,
	     "{\"require\":{\"resets\":1,\"cases\":[\"A.one\"]}," LIMIT(
		     "\"max\":20,\"better\":\"lower\",\"basis\":\"\"") "}",
	     "one m:lat=99:us boot one m:lat=2:us +one", CAPTURE_COMPLETE);
	assert_int_equal(judged.judgement.cause, CAUSE_ALL_REQUIRED_SEEN);
	assert_int_equal(result_of(&judged, "one")->measurement_count, 1);
	over(&judged);
}

static void count_case(void *context, const struct case_result *result)
{
	(void)result;
	++*(size_t *)context;
}

/* A suite that goes round and round: what is kept and told of a case has an end, a value past its limit is never lost.
 */
static void test_values_of_a_case_that_comes_again(void **state)
{
	struct judged judged = {0};
	struct judge_facts facts = {.capture = CAPTURE_LIMIT, .console_bytes = 1000};
	uint64_t offset = 0;
	size_t told = 0;
	char words[][12] = {"one", "m:lat=5:us", "+one", "m:lat=50:us"};

	(void)state;
	read_asked("{\"require\":{\"cases\":[\"A.one\"]}," LIMIT("\"max\":20,\"better\":\"lower\",\"basis\":\"\"") "}",
		   &judged.asked);
	judged.collector = collector_create(&judged.asked.require, &judged.asked.end, count_case, &told);
	collector_hold_to(judged.collector, &judged.asked.waivers, &judged.asked.limits);
	for (size_t i = 0; i < 3 * JUDGE_MAX_LIMITED; i++) {
		play_word(judged.collector, words[0], &offset);
		play_word(judged.collector, words[i == 2 * JUDGE_MAX_LIMITED ? 3 : 1], &offset);
		play_word(judged.collector, words[2], &offset);
	}
	assert_int_equal(result_of(&judged, "one")->measurement_count, JUDGE_MAX_LIMITED);
	assert_int_equal(told, JUDGE_MAX_LIMITED + 1);
	collector_judge(judged.collector, &facts, &judged.judgement);
	assert_int_equal(judged.judgement.cause, CAUSE_LIMIT);
	assert_non_null(strstr(judged.judgement.text, "lat 50 us"));
	over(&judged);
}

/* Lost bytes prove nothing of a value that did not come. */
static void test_lost_value(void **state)
{
	struct judged judged;
	struct judge_facts facts = {.capture = CAPTURE_COMPLETE, .console_bytes = 1000, .console_dropped = 5};
	uint64_t offset = 0;
	char words[][8] = {"one", "+one", "two", "+two"};

	(void)state;
	memset(&judged, 0, sizeof judged);
	read_asked("{" ONE_TWO "," LIMIT("\"max\":20,\"better\":\"lower\",\"basis\":\"\"") "}", &judged.asked);
	judged.collector = collector_create(&judged.asked.require, &judged.asked.end, NULL, NULL);
	collector_hold_to(judged.collector, &judged.asked.waivers, &judged.asked.limits);
	for (size_t i = 0; i < 4; i++)
		play_word(judged.collector, words[i], &offset);
	collector_judge(judged.collector, &facts, &judged.judgement);
	assert_int_equal(judged.judgement.cause, CAUSE_CONSOLE_LOST);
	over(&judged);
}

/* --- properties, over scripts made at random --- */

static uint64_t random_state = 1;

static uint32_t random_below(uint32_t limit)
{
	random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(random_state >> 33) % limit;
}

static void random_script(char *script, size_t size)
{
	static const char *const words[] = {"one",         "+one", "-one",  "~one",   "two",
					    "+two",        "-two", "~two",  "boot",   "m:lat=5:us",
					    "m:lat=50:us", "odd",  "three", "-three", "+three"};
	size_t len = 0, count = 2 + random_below(10);

	script[0] = '\0';
	for (size_t i = 0; i < count; i++)
		len += (size_t)snprintf(script + len, size - len, "%s%s", i ? " " : "",
					words[random_below(sizeof words / sizeof words[0])]);
}

static bool same_result(const struct case_result *a, const struct case_result *b)
{
	return strcmp(a->name, b->name) == 0 && a->verdict == b->verdict && a->standing == b->standing &&
	       a->required == b->required && strcmp(a->message, b->message) == 0;
}

/* Of all cases but one: the same results. */
static void check_others(const struct judged *plain, const struct judged *other, const char *but, const char *script)
{
	size_t count, other_count;
	const struct case_result *results = collector_results(plain->collector, &count);
	const struct case_result *others = collector_results(other->collector, &other_count);

	assert_int_equal(count, other_count);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(results[i].name, but) != 0 && !same_result(&results[i], &others[i]))
			fail_msg("%s: %s changed", script, results[i].name);
	}
}

static bool is_broken(const struct judged *judged)
{
	size_t count;
	const struct case_result *results = collector_results(judged->collector, &count);

	for (size_t i = 0; i < count; i++) {
		if (results[i].verdict == CASE_CRASHED || results[i].verdict == CASE_MISSING)
			return true;
	}
	return false;
}

static void test_a_waiver_touches_nothing_else(void **state)
{
	static const enum capture_end ends[] = {CAPTURE_COMPLETE, CAPTURE_SILENCE, CAPTURE_LIMIT, CAPTURE_REBOOT,
						CAPTURE_LOST};
	char script[500];

	(void)state;
	for (int round = 0; round < 20000; round++) {
		enum capture_end end = ends[random_below(5)];
		struct judged plain, waived;

		random_script(script, sizeof script);
		play(&plain, "{" ONE_TWO "}", script, end);
		play(&waived, "{" ONE_TWO "," WAIVE("A.one") "}", script, end);
		check_others(&plain, &waived, "one", script);
		if (cause_verdict(waived.judgement.cause) == RUN_PASSED && is_broken(&plain))
			fail_msg("%s: a crash or a missing case was waived", script);
		if (waived.judgement.cause == CAUSE_ALL_REQUIRED_SEEN &&
		    plain.judgement.cause != CAUSE_ALL_REQUIRED_SEEN)
			fail_msg("%s: a waived case is called passed", script);
		assert_int_equal(waived.judgement.passed, plain.judgement.passed);
		over(&plain);
		over(&waived);
	}
}

static void test_a_limit_touches_nothing_else_and_never_helps(void **state)
{
	char script[500];

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct judged plain, limited;

		random_script(script, sizeof script);
		play(&plain, "{" ONE_TWO "}", script, CAPTURE_SILENCE);
		play(&limited, "{" ONE_TWO "," LIMIT("\"max\":20,\"better\":\"lower\",\"basis\":\"\"") "}", script,
		     CAPTURE_SILENCE);
		check_others(&plain, &limited, "one", script);
		if (cause_verdict(limited.judgement.cause) == RUN_PASSED &&
		    cause_verdict(plain.judgement.cause) != RUN_PASSED)
			fail_msg("%s: a limit made it pass", script);
		over(&plain);
		over(&limited);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_causes),
		cmocka_unit_test(test_standing_and_counts),
		cmocka_unit_test(test_a_waiver_in_use_is_not_told),
		cmocka_unit_test(test_cases_of_a_lost_console_are_not_judged),
		cmocka_unit_test(test_measurements_of_a_case),
		cmocka_unit_test(test_measurements_after_a_reset),
		cmocka_unit_test(test_values_of_a_case_that_comes_again),
		cmocka_unit_test(test_lost_value),
		cmocka_unit_test(test_a_waiver_touches_nothing_else),
		cmocka_unit_test(test_a_limit_touches_nothing_else_and_never_helps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
