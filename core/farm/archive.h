/* SPDX-License-Identifier: Apache-2.0 */
/* The port to what is kept: reading jobs, runs, events and consoles, and keeping images and tokens. The store
 * implements it; HTTP, live and auth use it. Everything that takes time is asynchronous: the answer comes later on the
 * loop that asked, never before the call returned. */
#ifndef ASSAY_FARM_ARCHIVE_H
#define ASSAY_FARM_ARCHIVE_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/base/json.h"
#include "core/farm/principal.h"
#include "core/farm/reader.h"

#define ARCHIVE_MAX_ROWS          1000       /* of a list; a larger limit is cut to it */
#define ARCHIVE_MAX_DETAILS       50000      /* steps and cases of one answer */
#define ARCHIVE_MAX_CONSOLE_BYTES (1u << 20) /* of one console answer */
#define ARCHIVE_MAX_REPORT        (INT64_C(1) << 30)

/* id, name, … say which members of struct query matter. Rows of other organisations are as if they were not there. */
enum query_kind {
	QUERY_JOBS,   /* state, job_kind ("" any), before (0: from the newest), limit -> {"jobs":[…]} without runs */
	QUERY_JOB,    /* id -> the job with its runs, as GET /api/v1/jobs/{id}; steps and cases only of those that are
		       * not finished, at most ARCHIVE_MAX_ROWS in all */
	QUERY_REPORT, /* id, or run when id is 0 (and then only of that run), writer -> fd: a file of no name, of what
		       * the writer wrote about the job in a worker's thread; at most ARCHIVE_MAX_REPORT bytes; json
		       * {"job"} */
	QUERY_FLAKES, /* name (a board type, "": any), limit -> {"flakes":[{"org","board_type","group","name","flake":
		       * as flake_to_json}]}: cases that flipped, the surest first */
	QUERY_RUN,    /* id -> one run with steps and cases, and "job_name", "org", "parameters". "cases_next": null, or
		       * there are    more than ARCHIVE_MAX_DETAILS: QUERY_CASES after it gives the rest */
	QUERY_BOARD_HISTORY, /* name = a board -> {"board","history":[…]}: the events of it by which people and policies
			      * took it out of service and let it in, newest first */
	QUERY_BOARD_RUNS, /* name = a board, before (0: from the newest), limit -> {"board","runs":[…]}: those it was
			   * given to, newest first, without steps and cases, with "job_name" and "flash_written" */
	/* Who had which board when. name (a rack, "": all; with of_board a board), after .. before (unix us) ->
	 * {"from_us","to_us","boards":[{"board","board_type","rack","from_us","spans":[…]}],"more"}. Spans: the newest
	 * first. A board's own from_us is later where there is more than an answer holds; more: boards were left out.
	 * A span: {"begun_at_us","ended_at_us" (0: open),"busy_us","runs"}, and of what who may see {"org","kind",
	 * "run","job","name","verdict","queued_at_us","bad"}. Short runs are told as one span, with the worst of them
	 * and how many were bad. */
	QUERY_TIMELINE,
	QUERY_CASES, /* id, after, limit -> a run's cases page by page: {"run","cases":[…],"next": the next after, or
		      * null} */
	QUERY_ACCEPTABLE, /* id = a job -> {"job","state","passed","values":[{"run","job","serial","index","org",
			   * "board_type","case","name","unit","value"}]}: what the runs of it that passed measured (the
			   * last attempts; waived cases and values past a limit apart) */
	QUERY_EVENTS,  /* after, limit, and job, run or name (a board) to narrow -> {"events":[…],"seq":N}: seq is the
			* last durable event looked at; asking again after it misses nothing */
	QUERY_CONSOLE, /* id, from, to (0: the end), at most ARCHIVE_MAX_CONSOLE_BYTES -> bytes; json
			* {"run","from","bytes","total","dropped","open"} */
	QUERY_CONSOLE_TIMES, /* id -> {"run","times":[[offset,at_us],…]}: at which time which byte came */
	QUERY_IMAGE, /* name = sha256 -> {sha256,size,name,format,arch,build_id,segments,own}. An agent sees those
		      * of its organisation and those of unfinished runs that its organisation's agents have */
	QUERY_IMAGE_CONTENT, /* name = sha256 -> fd, and json as QUERY_IMAGE */
	QUERY_ARTEFACTS,     /* id = a run -> {"run","artefacts":[{"name","kind","size","sha256","present",
			      * "created_at_us"}]}; present: its bytes are here */
	QUERY_ARTEFACT,      /* id = a run, name -> fd or bytes, and json as one of QUERY_ARTEFACTS; ERR_NOT_FOUND also
			      * while its agent has not sent it yet */
	QUERY_NIGHTS,        /* name (a schedule, "": all), before, limit -> {"nights":[{"id","org","schedule","state",
			      * "text","due_us","begun_at_us","finished_at_us","before","counts","accepted_by",
			      * "accepted_at_us"}]}, the newest first; counts of the summary, null until it is kept */
	QUERY_NIGHT,         /* id -> one of them with "cells", and "summary" and "summary_text" when they are kept */
	QUERY_NIGHT_SUMMARY, /* id, after (a night to compare with; 0: as state says: accepted, previous or nothing) ->
			      * {"night","before","summary": as schema/json/night.schema.json,"text"} */
	QUERY_DELIVERIES,    /* -> {"deliveries":[…]} of each target what is pending and due first, with what is to be
			      * delivered and the secret's    value; for the farm itself only */
	QUERY_BOARD_RECOVERIES, /* name = a board, before (a begun_at_us; 0: from the newest), limit -> {"board",
				 * "recoveries":[{"begun_at_us","ended_at_us","cause","text","state","helped_by",
				 * "rungs":[{"rung","result","cause","text","took_us"}]}]} */
	QUERY_RECOVERY_FIGURES, /* -> {"by_type":[{"board_type","agent":"","rung","tried","helped","median_us",
				 * "p90_us"}],"by_rack":[…]}, the times those of tries that helped */
	QUERY_TOKENS            /* -> {"tokens":[{"name","org","role","created_at_us"}]}; admins only */
};

struct query {
	enum query_kind kind;
	int64_t id;
	int64_t job, run; /* QUERY_EVENTS; 0: any */
	int64_t after, before;
	int64_t limit; /* 0: 100 */
	uint64_t from, to;
	bool of_board; /* QUERY_TIMELINE */
	char name[128];
	char state[16];
	char job_kind[16];
	struct job_writer writer; /* QUERY_REPORT */
};

/* The answer; all of it is the receiver's during the call only, except that it may take json (set NULL), bytes (set
 * NULL; free()) and fd (set -1). */
struct answer {
	struct err err; /* ERR_NOT_FOUND, ERR_DENIED, ERR_BUSY (too many waiting), ERR_CORRUPT, ERR_IO */
	json_t *json;
	uint8_t *bytes;
	size_t size_bytes;
	int fd; /* a file open for reading, or -1 */
};

typedef void (*on_answer_fn)(void *context, struct answer *answer);

#define TOKEN_HASH_BYTES 32
#define TOKEN_TEXT_MAX   80 /* with the NUL */

/* A token as it is kept: never its text. */
struct token {
	struct principal who;
	uint8_t hash[TOKEN_HASH_BYTES];
	int64_t created_at_us;
};

/* A new random token for who: its text (given to its holder, once) and what is kept of it. */
void token_create(const struct principal *who, int64_t now_unix_us, struct token *ret_token,
		  char ret_text[TOKEN_TEXT_MAX]);
/* What is kept of a token's text. */
void token_hash(const char *text, uint8_t ret_hash[TOKEN_HASH_BYTES]);
/* In constant time. */
bool token_matches(const struct token *token, const uint8_t hash[TOKEN_HASH_BYTES]);

struct image_upload;    /* private to the store */
struct artefact_upload; /* the same */

struct archive {
	void *context;
	/* From the main loop. */
	void (*read)(void *context, const struct principal *who, const struct query *query, on_answer_fn on_answer,
		     void *answer_context);

	/* An image comes in pieces of any size, IMAGE_MAX_BYTES in all; its bytes go to a file at once. begin and
	 * append return 0 or an error that is final for the upload (then abort it). finish takes the upload over: it is
	 * checked, made durable, and answered with json as QUERY_IMAGE (plus "created": whether it is new) or
	 * ERR_INVALID with what is wrong with the image. An upload not finished must be aborted (NULL is fine). */
	int (*upload_begin)(void *context, const struct principal *who, const char *name,
			    struct image_upload **ret_upload, struct err *err);
	int (*upload_append)(struct image_upload *upload, const void *data, size_t size_bytes, struct err *err);
	void (*upload_finish)(struct image_upload *upload, on_answer_fn on_answer, void *answer_context);
	void (*upload_abort)(struct image_upload *upload);

	/* The bytes of an artefact that a run's agent has told of: begin, append and abort as with images; finish
	 * checks size and hash against what was told, makes it durable and answers with json as one of QUERY_ARTEFACTS,
	 * or with ERR_NOT_FOUND (nobody told of it) or ERR_INVALID (it is something else). Again is fine. */
	int (*artefact_begin)(void *context, const struct principal *who, int64_t run, const char *name,
			      struct artefact_upload **ret_upload, struct err *err);
	int (*artefact_append)(struct artefact_upload *upload, const void *data, size_t size_bytes, struct err *err);
	void (*artefact_finish)(struct artefact_upload *upload, on_answer_fn on_answer, void *answer_context);
	void (*artefact_abort)(struct artefact_upload *upload);

	/* Keeps a token (its name must be new: ERR_EXISTS) or removes one; answered when durable. Whether who may is
	 * the caller's business. */
	void (*put_token)(void *context, const struct token *token, on_answer_fn on_answer, void *answer_context);
	void (*remove_token)(void *context, const char *name, on_answer_fn on_answer, void *answer_context);
};

#endif
