/* SPDX-License-Identifier: Apache-2.0 */
/* A YAML (or JSON, its subset) document as a tree that knows its lines, and readers that turn it into values or into
 * problems that name file, line, field, what was found and what was expected. */
#ifndef ASSAY_BASE_DOC_H
#define ASSAY_BASE_DOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/err.h"

#define DOC_MAX_BYTES    (4u << 20)
#define DOC_MAX_DEPTH    32
#define DOC_MAX_NODES    200000
#define DOC_MAX_KEYS     1000 /* of one mapping */
#define DOC_MAX_PROBLEMS 50

enum doc_kind { DOC_SCALAR, DOC_SEQUENCE, DOC_MAPPING };

/* One node; owned by its document, read-only. Children of a mapping carry their key. */
struct doc_node {
	enum doc_kind kind;
	int line;                /* from 1 */
	const char *path;        /* where it stands, as "runs[0].image"; "" for the root */
	const char *key;         /* in a mapping: its key; else NULL */
	const char *text;        /* DOC_SCALAR: the scalar, NUL-terminated UTF-8 */
	bool plain;              /* DOC_SCALAR: written without quotes, so it may be a number, bool or null */
	size_t count;            /* children */
	struct doc_node **child; /* count of them, in the order of the file */
};

struct doc {
	const char *file; /* as given to doc_parse */
	struct doc_node *root;
	void *arena; /* private */
};

/* One thing wrong with a document. */
struct doc_problem {
	int line;
	char field[160];
	char found[120];
	char expected[240];
};

/* All that is wrong, in the order found; the first DOC_MAX_PROBLEMS are kept, the rest counted. */
struct doc_problems {
	char file[256];
	size_t count; /* all; only the first DOC_MAX_PROBLEMS are in item */
	struct doc_problem item[DOC_MAX_PROBLEMS];
};

/* Parses text as one document. file is only a name for messages (copied). Refuses: invalid UTF-8 or YAML, several
 * documents, anchors and aliases, duplicate keys, and more than the maxima above; each is put into problems with its
 * line. Returns 0 and the document, ERR_INVALID or ERR_NOMEM. */
int doc_parse(const char *file, const char *text, size_t len, struct doc **ret_doc, struct doc_problems *problems);
void doc_destroy(struct doc *doc);

void doc_problems_init(struct doc_problems *problems, const char *file);
void doc_problem_add(struct doc_problems *problems, int line, const char *field, const char *found,
		     const char *expected_format, ...) __attribute__((format(printf, 5, 6)));
/* Writes "file:line: field: found X, expected Y" lines; without "file:line: " when file is "". */
int doc_problems_format(const struct doc_problems *problems, struct buf *out);
/* The first problem as a struct err (ERR_INVALID, with "(and N more)" when there are more). */
int doc_problems_err(const struct doc_problems *problems, struct err *err);

/* Short words for what a node is ("a mapping", "\"abc\""), for the found part of a problem. scratch should have 100
 * bytes. */
const char *doc_describe(const struct doc_node *node, char *scratch, size_t size);

/* The child of a mapping with that key, or NULL (also when node is NULL or no mapping). */
const struct doc_node *doc_get(const struct doc_node *mapping, const char *key);

/* Readers. Each looks key up in mapping; returns true when the value is there and good and stored, false when it is
 * absent or bad. Absent adds a problem only when required; bad always does. Outputs are untouched on false. Strings
 * point into the document. */
bool doc_read_text(const struct doc_node *mapping, const char *key, bool required, size_t max_len,
		   const char **ret_text, struct doc_problems *problems);
bool doc_read_int(const struct doc_node *mapping, const char *key, bool required, int64_t min, int64_t max,
		  int64_t *ret_value, struct doc_problems *problems); /* decimal or 0x…, with suffix K or M (1024) */
/* A finite decimal number, with fraction and exponent as wanted. */
bool doc_read_number(const struct doc_node *mapping, const char *key, bool required, double *ret_value,
		     struct doc_problems *problems);
bool doc_read_bool(const struct doc_node *mapping, const char *key, bool required, bool *ret_value,
		   struct doc_problems *problems); /* true, false, yes, no */
bool doc_read_enum(const struct doc_node *mapping, const char *key, bool required, const char *const names[],
		   size_t name_count, size_t *ret_index, struct doc_problems *problems);
/* "500ms", "5s", "2m" or "1h"; false: it is none. */
bool doc_duration_ms(const char *text, int64_t *ret_ms);
bool doc_read_duration_ms(const struct doc_node *mapping, const char *key, bool required, int64_t min_ms,
			  int64_t max_ms, int64_t *ret_ms, struct doc_problems *problems); /* 500ms, 5s, 2m, 1h */
/* The child mapping / sequence. */
const struct doc_node *doc_read_mapping(const struct doc_node *mapping, const char *key, bool required,
					struct doc_problems *problems);
const struct doc_node *doc_read_sequence(const struct doc_node *mapping, const char *key, bool required,
					 size_t max_count, struct doc_problems *problems);
/* True when node is a scalar (stored); else a problem. For elements of sequences. */
bool doc_node_text(const struct doc_node *node, size_t max_len, const char **ret_text, struct doc_problems *problems);

/* The known word (of a NULL-terminated list) that text is likely a slip of, or NULL. */
const char *doc_nearest(const char *text, const char *const known[]);

/* Adds a problem for each key of mapping that is not in known (a NULL-terminated list), naming the nearest known
 * one; also when node is no mapping at all. Returns true when nothing was wrong. */
bool doc_refuse_unknown(const struct doc_node *mapping, const char *const known[], struct doc_problems *problems);

#endif
