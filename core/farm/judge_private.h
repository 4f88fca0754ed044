/* SPDX-License-Identifier: Apache-2.0 */
/* What collecting and judging share: all that was seen, before it is weighed. */
#ifndef ASSAY_FARM_JUDGE_PRIVATE_H
#define ASSAY_FARM_JUDGE_PRIVATE_H

#include "core/farm/judge.h"
#include "core/farm/name_index.h"

#define COLLECTOR_TEXT_MAX 320
#define COLLECTOR_NAME_MAX 420 /* "group.name" */

/* Something wrong with the output; the first one of its kind is told, all are counted. */
struct finding {
	uint32_t count;
	char text[COLLECTOR_TEXT_MAX];
};

/* How a result came to be; beside the verdict, which people see. */
enum result_origin { RESULT_ENDED, RESULT_CUT_BY_BOOT, RESULT_UNTERMINATED, RESULT_CONTRADICTED, RESULT_AT_END };

struct open_case {
	bool set;
	bool cut;
	char group[PARSE_NAME_MAX];
	char name[PARSE_NAME_MAX];
	uint64_t offset;
	int64_t begun_us;
	char fault[COLLECTOR_TEXT_MAX]; /* the first line since it began that tells of a fault; "" when none */
	uint64_t fault_offset;
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

	struct case_result *results; /* one a name */
	char **keys;                 /* "group.name" of each */
	enum result_origin *origins;
	size_t count, capacity;
	struct name_index by_name;         /* key -> result */
	struct name_index required_cases;  /* "group.name" -> index in require->cases */
	struct name_index required_groups; /* -> index in require->groups */
	bool *case_seen;                   /* of require->cases */
	uint32_t cases_seen;
	uint32_t *group_seen; /* results of require->groups */
	uint32_t groups_seen; /* those that have enough */

	struct open_case open;
	struct block block;
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
	struct finding mismatch, contradiction, unterminated;
	bool overflow; /* more than JUDGE_MAX_CASES */
	bool no_memory;
};

/* What the rules look at. */
struct judging {
	const struct collector *collector;
	const struct judge_facts *facts;
	bool lossy; /* bytes of the console were lost */
	bool open;  /* a case had begun and not ended when capture stopped */
	char open_key[COLLECTOR_NAME_MAX];
	struct open_case open_case;
	char *text;
	size_t text_size;
};

/* The first rule that holds gives the cause; its words are in judging->text then. */
enum cause judge_apply_rules(const struct judging *judging);

/* Copies text for a finding or keeps what is there; counts it. */
void finding_add(struct finding *finding, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds or changes the result of a case and tells it. Copies what result points to. */
void collector_put(struct collector *collector, const struct case_result *result, enum result_origin origin);

/* The open case ends without a verdict of its own. */
void collector_end_open(struct collector *collector, enum case_verdict verdict, enum result_origin origin,
			const char *message);

/* "group.name", or "name" when there is no group. */
void case_key(char key[COLLECTOR_NAME_MAX], const char *group, const char *name);

/* Whether ignored-ok covers it. */
bool collector_waives(const struct collector *collector, const char *key);

#endif
