/* SPDX-License-Identifier: Apache-2.0 */
/* Knowing which image speaks and that the board started again: banners, marks, boot lines, the output's first lines,
 * the run's first case. */
#include <string.h>

#include "core/parse/parse_private.h"

#define BUILD_ID_DIGITS      40 /* of `--build-id=sha1` */
#define SIGNATURE_MIN_LINES  3
#define SIGNATURE_MIN_BYTES  24
#define SIGNATURE_WEAK_BYTES 12 /* fewer lines may do when the first case follows */
#define SIGNATURE_LINE_MIN   4  /* shorter lines are no signature */

static void tell(struct parser *parser, enum parse_kind kind, uint64_t offset, uint64_t end)
{
	struct parse_event event = parse_event_make(kind, offset, end);

	parse_event_tell(parser, &event);
}

void parse_boot_tell(struct parser *parser, uint64_t offset, uint64_t end)
{
	parse_line_flush(parser);
	parse_summary_flush(parser);
	parse_tap_flush(parser);
	parser->tap.on = false;
	parser->open.set = parser->open.set && parser->asked;
	parser->resumed = parser->open.set;
	parser->asked = false;
	parser->last.set = false;
	parser->maybe_passed = false;
	parser->marks = 0;
	parser->boot = (struct parse_boot){.banner = false};
	parser->signature.suspected = false;
	tell(parser, PARSE_BOOT, offset, end);
}

/* The banner's fields, blank-separated words of the rest of the line. */
struct banner {
	size_t at[5];
	size_t len[5];
};

static bool is_build_id(const char *text, size_t len)
{
	if (text_equals(text, len, "unknown"))
		return true;
	for (size_t i = 0; i < len; i++) {
		if (!text_is_digit(text[i]) && !(text[i] >= 'a' && text[i] <= 'f') &&
		    !(text[i] >= 'A' && text[i] <= 'F'))
			return false;
	}
	return len >= 8 && len <= 64 && len % 2 == 0;
}

static bool read_banner(const struct span *line, size_t from, struct banner *banner)
{
	const char *text = line->text;
	size_t pos = from;

	for (size_t i = 0; i < 5; i++) {
		banner->at[i] = pos;
		while (pos < line->len && text[pos] != ' ')
			pos++;
		banner->len[i] = pos - banner->at[i];
		if (banner->len[i] == 0 || banner->len[i] >= PARSE_NAME_MAX)
			return false;
		if (i < 4 && pos++ >= line->len)
			return false;
	}
	while (pos < line->len && text[pos] == ' ')
		pos++;
	return pos == line->len && !parse_target_is_word(text + banner->at[1], banner->len[1]) &&
	       text_equals(text + banner->at[3], banner->len[3], "image") &&
	       is_build_id(text + banner->at[4], banner->len[4]);
}

size_t parse_banner_find(const struct span *line)
{
	struct banner banner;

	if (!(line->words & TEXT_BANNER))
		return line->len;
	for (size_t pos = 0; (pos = text_find(line->text, line->len, pos, "ASSAY ")) < line->len; pos++) {
		/* Spoken of in the middle of a sentence, it is no banner; glued to a line that broke off, it is. */
		if (pos > line->body && strchr(" '\"`(", line->text[pos - 1]) &&
		    text_find(line->text, pos, 0, "TEST(") == pos)
			continue;
		if (read_banner(line, pos, &banner))
			return pos;
	}
	return line->len;
}

void parse_banner_read(struct parser *parser, const struct span *line, size_t from)
{
	char word[3][PARSE_NAME_MAX];
	static const size_t field[] = {1, 2, 4};
	struct parse_event event = parse_event_make(PARSE_BANNER, line->at[from], line->at[line->len - 1] + 1);
	struct banner banner;

	if (!read_banner(line, from, &banner))
		return;
	for (size_t i = 0; i < 3; i++) {
		memcpy(word[i], line->text + banner.at[field[i]], banner.len[field[i]]);
		word[i][banner.len[field[i]]] = '\0';
	}
	if (parser->boot.banner || parser->boot.cases)
		parse_boot_tell(parser, event.offset, event.end);
	parser->boot.banner = true;
	event.board = word[0];
	event.version = word[1];
	event.build_id = strcmp(word[2], "unknown") == 0 ? "" : word[2];
	if (parser->ended && strlen(event.build_id) < BUILD_ID_DIGITS)
		event.build_id = ""; /* the output broke off in it: it may be any image's */
	parse_event_tell(parser, &event);
}

bool parse_marks_line(struct parser *parser, const struct span *line, bool dry)
{
	uint64_t end = line->at[line->len - 1] + 1;
	size_t start, finish;

	if (!(line->words & TEXT_MARK))
		return false;
	start = text_find(line->text, line->len, 0, "---STARTING TESTS---");
	finish = text_find(line->text, line->len, 0, "---ALL TESTS FINISHED---");
	if (start == line->len && finish == line->len)
		return false;
	if (dry)
		return true;
	if (start < line->len) {
		if (parser->boot.start_mark || parser->boot.cases)
			parse_boot_tell(parser, line->at[start], end);
		parser->boot.start_mark = true;
		tell(parser, PARSE_START_MARK, line->at[start], end);
	} else {
		tell(parser, PARSE_FINISH_MARK, line->at[finish], end);
	}
	return true;
}

/* Lines that only a chip's boot code prints. */
static bool is_boot_line(const char *text, size_t len)
{
	static const char *const lines[] = {"*** Booting ", "ets Jan ", "ets Jun ", "ets Jul ",
					    "rst:0x",       "ESP-ROM:", "U-Boot ",  "U-Boot SPL "};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (text_begins(text, len, lines[i]))
			return true;
	}
	return false;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Whether one of the words, in lower case, stands in the text in any case. */
static bool contains_any(const char *text, size_t len, const char *const words[], size_t count)
{
	uint32_t pairs[32] = {
		0}; /* which second letter may follow a first one: most places are passed by with one look */

	for (size_t i = 0; i < count; i++)
		pairs[words[i][0] & 31] |= 1u << (words[i][1] & 31);
	for (size_t pos = 0; pos + 1 < len; pos++) {
		if (!(pairs[text[pos] & 31] & 1u << (text[pos + 1] & 31)))
			continue;
		for (size_t i = 0; i < count; i++) {
			const char *word = words[i];
			size_t at = pos;

			while (*word && at < len && lower(text[at]) == *word) {
				word++;
				at++;
			}
			if (!*word)
				return true;
		}
	}
	return false;
}

static bool has_boot_words(const char *text, size_t len)
{
	static const char *const words[] = {"boot", "version", "copyright", "reset", "compiled", "power-on"};

	return contains_any(text, len, words, sizeof(words) / sizeof(words[0]));
}

/* Of what is the same at every start: a log prefix is left out, for the time in it differs. */
static uint64_t hash_line(const struct span *line)
{
	uint64_t hash = 14695981039346656037u;

	for (size_t i = line->body; i < line->len; i++)
		hash = (hash ^ (uint8_t)line->text[i]) * 1099511628211u;
	return hash;
}

/* While no case has begun, the first lines are taken down. Distinct ones only: "tick", "tick" says nothing. Returns
 * whether the line was taken. */
static bool signature_add(struct parse_signature *signature, const struct span *line, uint64_t hash)
{
	for (size_t i = 0; i < signature->count; i++) {
		if (signature->hash[i] == hash) {
			signature->complete = true;
			return false;
		}
	}
	signature->hash[signature->count++] = hash;
	signature->bytes += line->len - line->body;
	if (has_boot_words(line->text + line->body, line->len - line->body))
		signature->boot_words = true;
	signature->complete = signature->count == PARSE_SIGNATURE_LINES;
	return true;
}

static bool signature_is_strong(const struct parse_signature *signature)
{
	return signature->count >= SIGNATURE_MIN_LINES && signature->bytes >= SIGNATURE_MIN_BYTES;
}

/* All first lines came again, one after the other. That alone may be a firmware that repeats itself, so it counts at
 * once only when they are several and tell of a start, by a word or by log numbers that begin again; else the next case
 * decides. */
static void signature_seen(struct parser *parser, uint64_t end)
{
	struct parse_signature *signature = &parser->signature;

	if (!parser->boot.signature && !parser->boot.cases) { /* the first time after a boot that was told already */
		parser->boot.signature = true;
		return;
	}
	if (signature_is_strong(signature) && (signature->boot_words || signature->number_fell)) {
		parse_boot_tell(parser, signature->matched_offset, end);
		parser->boot.signature = true;
		return;
	}
	signature->suspected = true;
	signature->suspected_offset = signature->matched_offset;
}

static void signature_line(struct parser *parser, const struct span *line, int64_t log_number)
{
	struct parse_signature *signature = &parser->signature;
	uint64_t hash;

	if (line->len - line->body < SIGNATURE_LINE_MIN)
		return;
	hash = hash_line(line);
	if (!signature->complete) {
		parser->boot.signature = true;
		if (signature_add(signature, line, hash))
			return;
	}
	if (signature->count == 0)
		return;
	if (hash != signature->hash[signature->matched])
		signature->matched = 0;
	if (hash != signature->hash[signature->matched])
		return;
	if (signature->matched++ == 0) {
		signature->matched_offset = line->at[0];
		signature->number_fell = log_number >= 0 && log_number < signature->last_number;
	}
	if (signature->matched == signature->count) {
		signature->matched = 0;
		signature_seen(parser, line->at[line->len - 1] + 1);
	}
}

/* A case that begins as the run's first one did shows a start when another one is open, or when the first lines came
 * right before it. */
void parse_boot_on_case(struct parser *parser, const struct parse_name *name)
{
	struct parse_signature *signature = &parser->signature;
	bool suspected = signature->suspected && parser->boot.first_case &&
			 (signature_is_strong(signature) ||
			  (signature->bytes >= SIGNATURE_WEAK_BYTES && !parser->boot.summed_up));
	uint64_t suspected_offset = signature->suspected_offset;
	bool again = parser->open.set && parser->boot.first_case;

	/* The first lines may also have come into the middle of the name. */
	if (suspected_offset > name->offset)
		suspected_offset = name->offset;
	signature->suspected = false;
	if (!parser->first.set || !parse_case_is(&parser->first, name))
		return;
	if (suspected)
		parse_boot_tell(parser, suspected_offset, name->end);
	else if (again)
		parse_boot_tell(parser, name->offset, name->end);
}

static bool is_fault_line(const char *text, size_t len)
{
	static const char *const words[] = {"hardfault",     "hard fault",      "hard_fault",   "busfault",
					    "bus fault",     "usagefault",      "usage fault",  "memmanage",
					    "assert",        "guru meditation", "panic",        "stack overflow",
					    "exception",     "stack smashing",  "lockup",       "abort() was called",
					    "malloc failed", "watchdog",        "segmentation", "fatal error"};

	return contains_any(text, len, words, sizeof(words) / sizeof(words[0]));
}

void parse_other_line(struct parser *parser, const struct span *line)
{
	const char *body = line->text + line->body;
	size_t body_len = line->len - line->body;
	int64_t number = text_log_number(line->text, line->len);
	struct parse_event event;

	if (body_len == 0)
		return;
	if (is_boot_line(body, body_len) && (parser->boot.cases || parser->boot.banner))
		parse_boot_tell(parser, line->at[line->body], line->at[line->len - 1] + 1);
	if (is_fault_line(body, body_len)) {
		event = parse_event_make(PARSE_FAULT, line->at[line->body], line->at[line->len - 1] + 1);
		memcpy(parser->message, body, body_len);
		parser->message[body_len] = '\0';
		event.message = parser->message;
		parse_event_tell(parser, &event);
	}
	signature_line(parser, line, number);
	if (number >= 0)
		parser->signature.last_number = number;
}
