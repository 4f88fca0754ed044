/* SPDX-License-Identifier: Apache-2.0 */
/* What the parser's files share: its state, and one reader for each form of line. */
#ifndef ASSAY_PARSE_PARSE_PRIVATE_H
#define ASSAY_PARSE_PARSE_PRIVATE_H

#include "core/parse/parse.h"
#include "core/parse/parse_text.h"

#define PARSE_SIGNATURE_LINES 4

/* A case by name. */
struct parse_case {
	bool set;
	char group[PARSE_NAME_MAX];
	char name[PARSE_NAME_MAX];
	uint64_t offset; /* where it began */
	bool cut;
	bool logged; /* its name came through the firmware's logger, so its verdict will too */
};

struct parse_summary {
	bool set;    /* the counts were read, the word below not yet */
	bool logged; /* they came through the logger */
	uint64_t offset, end;
	uint32_t tests, failures, ignored;
};

#define PARSE_TAP_DEPTH       5   /* of subtests in subtests */
#define PARSE_TAP_MESSAGE_MAX 400 /* of a failing point's diagnostics */

/* The test points of one level of TAP: of the suite, or of a subtest. */
struct parse_tap_level {
	bool planned;
	bool failed; /* one of its points, or in a subtest of it */
	uint32_t plan, seen;
	char name[PARSE_NAME_MAX]; /* of the subtest */
};

struct parse_tap {
	bool on;     /* a version line came */
	bool logged; /* through the logger */
	bool summed_up;
	struct parse_tap_level levels[PARSE_TAP_DEPTH + 1];
	unsigned depth;
	char subtest[PARSE_NAME_MAX];             /* the next one's name; "" unknown */
	uint32_t told, told_failed, told_ignored; /* cases since the last summary */
	bool pending;                             /* the open case failed; its message may come */
	uint64_t pending_end;
	enum { YAML_NONE, YAML_MAY_COME, YAML_OPEN } yaml;
	size_t yaml_indent;
	bool message_below; /* "message: |" */
	char message[PARSE_TAP_MESSAGE_MAX];
};

/* The first lines that are not results: by them a second boot is known. */
struct parse_signature {
	uint64_t hash[PARSE_SIGNATURE_LINES];
	size_t count;
	size_t bytes;        /* of text in them */
	bool complete;       /* no line is added any more */
	bool boot_words;     /* one of them sounds like a start: "boot", "version" */
	size_t matched;      /* how many came again just now */
	int64_t last_number; /* of the log line before; 0: none yet */
	bool number_fell;    /* and the log number with the first of them */
	uint64_t matched_offset;
	bool suspected; /* all came again; the next case decides */
	uint64_t suspected_offset;
};

/* What has been seen since the board last started. */
struct parse_boot {
	bool banner, start_mark, signature, first_case;
	uint32_t cases;
	bool summed_up; /* a summary came after the last case */
};

struct parser {
	parse_event_fn on_event;
	void *context;
	uint64_t offset;  /* of the next byte to come */
	bool ended;       /* no more bytes will come, so the last line may have been cut anywhere */
	uint8_t line_end; /* the first byte of what ended the last line that was not empty */

	/* The line that is coming in, as it came. */
	uint8_t raw[PARSE_LINE_MAX];
	size_t raw_len;
	uint64_t raw_offset;

	/* Cleaned text: first what is held back of an interrupted line, then the line that is being read. */
	char text[3 * PARSE_LINE_MAX];
	uint64_t at[3 * PARSE_LINE_MAX];
	size_t held_len;
	bool held_name;      /* the held text breaks off inside "TEST(Group, Case" */
	bool held_unsure;    /* its last digits may be missing: see span.unsure */
	unsigned held_lines; /* log lines that came since */

	struct parse_case first, open, last;
	enum case_verdict last_verdict;
	uint64_t names_done; /* names that begin before this offset were told */
	bool maybe_passed;   /* the open case's line ends in PASS, but other text stands between */
	uint64_t maybe_passed_end;
	bool damaged; /* what may have been another name or verdict came since it began: a doubtful PASS may be its */
	char message[2 * PARSE_LINE_MAX + 1];

	/* The firmware asked to be restarted: the open case goes on in the boot that follows. */
	bool asked;
	bool resumed; /* that boot came; its name may come again */

	struct parse_summary summary;
	uint32_t marks;
	struct parse_tap tap;
	struct parse_signature signature;
	struct parse_boot boot;
	int64_t log_number; /* of the last log line, -1: none */
};

/* A reader of one form. With dry it only says whether it would read the line. Returns whether it did. */
typedef bool (*parse_reader_fn)(struct parser *parser, const struct span *line, bool dry);

/* parse_unity.c: names and verdicts of cases. peek: the line is still coming in; only what further bytes cannot
 * change is told. *ret_name_open: where a name begins that the line breaks off in, or line->len. */
bool parse_unity_line(struct parser *parser, const struct span *line, bool dry);
void parse_unity_peek(struct parser *parser, const struct span *line);
size_t parse_unity_open_name(const struct span *line);
/* A line without a name or a verdict: what is left of one in it makes the PASS to come doubtful. */
void parse_unity_note_damage(struct parser *parser, const struct span *line);
/* Whether a name began in what was held and ends behind it. */
bool parse_unity_spans(const struct span *line);
/* The held name will never be completed: tells the case as cut. */
void parse_unity_cut(struct parser *parser, const struct span *line, size_t name_at);

/* Whether a whole "TEST(Group, Case)" ends at `end`. */
bool parse_unity_ends_name(const struct span *line, size_t end);

/* parse_case.c: the open case. */
struct parse_name {
	const char *group, *name;
	size_t group_len, name_len;
	bool cut, logged;
	uint64_t offset, end;
};
void parse_case_begin(struct parser *parser, const struct parse_name *name);
/* For the open case; else for the last one, told only when it contradicts. */
void parse_case_end(struct parser *parser, enum case_verdict verdict, const char *message, uint64_t end);
void parse_case_maybe_passed(struct parser *parser, uint64_t end);
bool parse_case_is(const struct parse_case *known, const struct parse_name *name);
struct parse_event parse_event_make(enum parse_kind kind, uint64_t offset, uint64_t end);
void parse_event_tell(struct parser *parser, const struct parse_event *event);

/* parse_summary.c */
bool parse_summary_counts(struct parser *parser, const struct span *line, bool dry);
bool parse_summary_word(struct parser *parser, const struct span *line, bool dry);
bool parse_summary_marks(struct parser *parser, const struct span *line, bool dry);
/* The word never came: tells the summary without it. */
void parse_summary_flush(struct parser *parser);

/* parse_tap.c */
bool parse_tap_line(struct parser *parser, const struct span *line, bool dry);
/* Whether what was held and the new line are one line although the new one means something alone: "not " and "ok 1",
 * "ok 1 - name " and "# SKIP". */
bool parse_tap_spans(struct parser *parser, const struct span *joined);
/* No more diagnostics of a failing test point will come. */
void parse_tap_flush(struct parser *parser);
/* Whether the line, which may still be coming in, is TAP's, so that names in it are its own. */
bool parse_tap_owns(const struct parser *parser, const struct span *line);

/* parse_boot.c: banners, marks, and knowing that the board started again. */
/* Where a banner begins that reaches to the line's end, or line->len. */
size_t parse_banner_find(const struct span *line);
void parse_banner_read(struct parser *parser, const struct span *line, size_t from);

/* parse_target.c: the other lines of schema/target.h, by the same two doors. */
size_t parse_target_find(const struct span *line);
void parse_target_read(struct parser *parser, const struct span *line, size_t from);
/* Whether it is one of their words, which no board type can be called. */
bool parse_target_is_word(const char *text, size_t len);

bool parse_marks_line(struct parser *parser, const struct span *line, bool dry);
/* A line that is no result: may be of the signature, a boot line, a fault. */
void parse_other_line(struct parser *parser, const struct span *line);
/* The output begins again. */
void parse_boot_tell(struct parser *parser, uint64_t offset, uint64_t end);
/* A case is about to begin: tells a boot first when this shows one. */
void parse_boot_on_case(struct parser *parser, const struct parse_name *name);

/* parse_line.c: a line whose cleaned text, len bytes, stands in parser->text behind what is held. */
void parse_line_take(struct parser *parser, size_t len, size_t raw_len, bool forced);
/* Tells the cases' names that stand whole in a line that is still coming in. */
void parse_line_peek(struct parser *parser, size_t len);
/* An empty line came: what is held was whole. */
void parse_line_blank(struct parser *parser);
/* What is held will not go on: told before anything that comes behind it. */
void parse_line_flush(struct parser *parser);

#endif
