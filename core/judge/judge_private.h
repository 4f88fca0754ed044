/* SPDX-License-Identifier: Apache-2.0 */
/* What collecting and judging share: all that was seen, before it is weighed. */
#ifndef ASSAY_JUDGE_JUDGE_PRIVATE_H
#define ASSAY_JUDGE_JUDGE_PRIVATE_H

#include "core/judge/judge.h"
#include "core/judge/name_index.h"
#include "core/parse/line_search.h"

#define COLLECTOR_TEXT_MAX 320
#define COLLECTOR_NAME_MAX 420 /* "group.name" */

/* The end of a word of which there are so many, and the verb that goes with it. */
#define PLURAL(count) ((count) == 1 ? "" : "s")
#define ARE(count)    ((count) == 1 ? "is" : "are")
#define WERE(count)   ((count) == 1 ? "was" : "were")

/* Something wrong with the output; the first one of its kind is told, all are counted. */
struct finding {
	uint32_t count;
	char text[COLLECTOR_TEXT_MAX];
};

/* How a result came to be; beside the verdict, which people see. */
enum result_origin {
	RESULT_ENDED,
	RESULT_CUT_BY_BOOT,
	RESULT_UNTERMINATED,
	RESULT_CONTRADICTED,
	RESULT_AT_END,
	RESULT_UNSEEN
};

/* Measurements as they come; a list of a case, or of none. */
struct measure_list {
	struct measurement *item;
	size_t count, capacity;
};

#define COLLECTOR_MAX_MARKS 16 /* names of marks in one case */

/* The target's clock against the rack's, from the first mark of a name to its last. */
struct mark {
	char name[MEASURE_NAME_MAX];
	uint64_t first_target_us, last_target_us;
	int64_t first_rack_us, last_rack_us;
	uint64_t offset, end;
};

/* Beside each result. */
struct result_state {
	char *key; /* "group.name" */
	enum result_origin origin;
	enum case_verdict said; /* the verdict before measurements were looked at */
	enum cause fault; /* CAUSE_LIMIT, _REGRESSION or _MEASURE_MISSING, when that is why the verdict is another */
	bool seen;        /* it counts towards what must be seen, once */
	uint32_t block;   /* the number of the last block it was counted in; 0: in none */
};

struct open_case {
	bool set;
	bool cut;
	bool resumed; /* a boot that it asked for came: it goes on when its name comes again */
	char group[PARSE_NAME_MAX];
	char name[PARSE_NAME_MAX];
	uint64_t offset;
	int64_t begun_us;
	char fault[COLLECTOR_TEXT_MAX]; /* the first line since it began that tells of a fault; "" when none */
	uint64_t fault_offset;
	struct measure_list measures;
	struct mark marks[COLLECTOR_MAX_MARKS];
	size_t mark_count;
};

/* Results since the last summary. */
struct block {
	uint32_t total, failed, ignored;
};

struct collector {
	const struct requirements *require;
	const struct end_rule *end;
	void (*on_case)(void *context, const struct case_result *result);
	void *context;

	const struct waiver_rules *waivers;  /* never NULL */
	const struct measure_limits *limits; /* never NULL */

	struct case_result *results; /* one a name */
	struct result_state *states;
	size_t count, capacity;
	struct name_index by_name;           /* key -> result */
	struct name_index listed_cases;      /* "group.name" -> index in require->cases, optional ones too */
	struct name_index required_groups;   /* -> index in require->groups, optional ones too */
	struct name_index limited_cases;     /* -> first index in limits->item */
	bool *case_begun, *case_seen;        /* of require->cases */
	uint32_t cases_wanted, cases_seen;   /* of those that are not optional */
	uint32_t *group_seen;                /* results of require->groups */
	bool *group_listed;                  /* cases of it are listed */
	uint32_t groups_wanted, groups_seen; /* seen: those that have enough */
	bool group_unclosed; /* a case of a group of unknown size gave a result, and no summary came since */
	uint32_t order_at;   /* behind the furthest of require->cases that began */
	size_t measurements; /* kept, of all cases */
	struct measure_list loose;

	struct open_case open;
	struct block block;
	uint32_t blocks;       /* before this one */
	uint32_t results_seen; /* all, repeated ones too, and those of a quiet fixture that have no name */
	uint32_t unnamed_passes, unnamed_ignored; /* of a quiet fixture */
	uint32_t summaries;                       /* whole ones */
	uint32_t reboots;
	uint64_t reboot_offset; /* of the first one */
	bool banner;            /* one with an image id came */
	bool wrong_image;
	char expected_image[65];
	char banner_image[65];
	uint64_t banner_offset;
	struct line_search *lines; /* of require->lines */
	uint32_t asks;             /* for a reset or power cycle, that were granted */
	uint32_t asked_boots;      /* of which the boot is yet to come */
	struct finding mismatch, unterminated, disorder, unasked, bailed;
	bool overflow; /* more than JUDGE_MAX_CASES */
	bool no_memory;
};

/* What the rules look at. */
struct judging {
	const struct collector *collector;
	const struct judge_facts *facts;
	bool lossy; /* bytes of the console were lost, or nobody listened to the end */
	bool open;  /* a case had begun and not ended when capture stopped */
	char open_key[COLLECTOR_NAME_MAX];
	struct open_case open_case;
	char *text;
	size_t text_size;
};

/* Writes the words of a rule that holds; true. */
bool judge_explain(const struct judging *judging, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "the console was lost": what a lossy run's console suffered. */
const char *judge_lost_words(const struct judge_facts *facts);

/* The results that are as wanted: how many, the first of them (may be NULL), and "A.a, A.b, A.c and 4 more". */
typedef bool (*result_filter_fn)(const struct collector *collector, size_t at);
uint32_t judge_list(const struct collector *collector, result_filter_fn wanted, size_t *ret_first, char *names,
		    size_t size);

/* One rule: whether it holds, its words in judging->text then. */
#define JUDGE_RULES(X)                                                                                                 \
	X(internal)                                                                                                    \
	X(wrong_image)                                                                                                 \
	X(crash)                                                                                                       \
	X(reboot)                                                                                                      \
	X(hang)                                                                                                        \
	X(hang_seen)                                                                                                   \
	X(failed)                                                                                                      \
	X(unexpected_pass)                                                                                             \
	X(duplicate)                                                                                                   \
	X(limit)                                                                                                       \
	X(regression)                                                                                                  \
	X(bailed)                                                                                                      \
	X(cut_by_boot)                                                                                                 \
	X(cancelled)                                                                                                   \
	X(no_output)                                                                                                   \
	X(unterminated)                                                                                                \
	X(missing)                                                                                                     \
	X(ignored)                                                                                                     \
	X(measure_missing)                                                                                             \
	X(out_of_order)                                                                                                \
	X(unasked)                                                                                                     \
	X(mismatch)                                                                                                    \
	X(no_summary)                                                                                                  \
	X(no_banner)                                                                                                   \
	X(no_line)                                                                                                     \
	X(no_result)                                                                                                   \
	X(passed_waived)                                                                                               \
	X(passed_expected)                                                                                             \
	X(passed)
#define X(name) bool judge_rule_##name(const struct judging *judging);
JUDGE_RULES(X)
#undef X

/* The first rule that holds gives the cause; its words are in judging->text then. */
enum cause judge_apply_rules(const struct judging *judging);

/* Copies text for a finding or keeps what is there; counts it. */
void finding_add(struct finding *finding, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds or changes the result of a case and tells it. Copies what result points to, but for the measurements, which it
 * takes over (may be NULL). */
void collector_put(struct collector *collector, const struct case_result *result, enum result_origin origin,
		   struct measure_list *measures);

/* What is printed about the open case, or about none. */
void collector_on_measure(struct collector *collector, const struct parse_event *event);
void collector_on_mark(struct collector *collector, const struct parse_event *event, int64_t now_us);
/* The open case's measurements, those its marks make among them; they are the caller's then. */
struct measure_list collector_take_measures(struct collector *collector);
/* Adds values to a case that gave its result before: at most JUDGE_MAX_LIMITED in all, of further ones only the last
 * that is past a limit. Whether anything changed. */
bool collector_join_measures(struct collector *collector, size_t at, const struct measure_list *measures);
/* Holds a result to its limits: fills its measurements' verdicts, adds those that are missing, and changes verdict and
 * message when that is what they say. */
void collector_hold_to_limits(struct collector *collector, size_t at);
/* The limits of a case: the first, and the next one after a limit; NULL at the end. */
const struct measure_limit *collector_first_limit(const struct collector *collector, const char *key);
const struct measure_limit *collector_next_limit(const struct collector *collector, const struct measure_limit *limit);

/* Whether the case is expected to fail. */
bool collector_expects_failure(const struct collector *collector, const char *key);
/* Whether ignoring it does no harm. */
bool result_ignore_excused(const struct case_result *result);
/* Whether its failing does no harm. */
bool result_excused(const struct case_result *result);

/* Forgets all results. */
void collector_drop_results(struct collector *collector);

/* The open case ends without a verdict of its own. */
void collector_end_open(struct collector *collector, enum case_verdict verdict, enum result_origin origin,
			const char *message);

/* "group.name", or "name" when there is no group. */
void case_key(char key[COLLECTOR_NAME_MAX], const char *group, const char *name);

/* Whether ignored-ok covers it. */
bool collector_waives(const struct collector *collector, const char *key);

#endif
