/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept of a job and of what its runs did. */
#ifndef ASSAY_FARM_RECORD_JOB_H
#define ASSAY_FARM_RECORD_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/farm/artefact.h"
#include "core/farm/principal.h"
#include "core/farm/record_sizes.h"
#include "core/farm/steps.h"
#include "core/health/origin.h"
#include "core/verdict/measure.h"
#include "core/verdict/verdict.h"

#define JOB_STATES(X)                                                                                                  \
	X(QUEUED, "queued")   /* no run has begun */                                                                   \
	X(RUNNING, "running") /* at least one has */                                                                   \
	X(FINISHED, "finished")

/* What a job is for. Only tests say something about a firmware: nothing else counts for flakes, baselines and nights.
 */
#define JOB_KINDS(X)                                                                                                   \
	X(TEST, "test")           /* what somebody submitted */                                                        \
	X(LEASE, "lease")         /* a person has the board to himself; one run */                                     \
	X(CHECK, "check")         /* the farm's own: is the board well? */                                             \
	X(DIAGNOSIS, "diagnosis") /* the farm's own: was it the board or the firmware? */

#define RUN_STATES(X)                                                                                                  \
	X(QUEUED, "queued")     /* waits for a board */                                                                \
	X(ASSIGNED, "assigned") /* has a board under a lease; its agent has not reported yet */                        \
	X(RUNNING, "running")                                                                                          \
	X(FINISHED, "finished")

enum job_state {
#define X(name, text) JOB_##name,
	JOB_STATES(X)
#undef X
};

enum job_kind {
#define X(name, text) JOB_IS_##name,
	JOB_KINDS(X)
#undef X
};

/* Not RUN_…: those are verdicts. */
enum run_state {
#define X(name, text) RUN_IS_##name,
	RUN_STATES(X)
#undef X
};

const char *job_state_name(enum job_state state);
const char *job_kind_name(enum job_kind kind);
const char *run_state_name(enum run_state state);
bool job_state_parse(const char *name, enum job_state *ret_state);
bool job_kind_parse(const char *name, enum job_kind *ret_kind);
bool run_state_parse(const char *name, enum run_state *ret_state);

/* All times are unix microseconds; 0: not yet. char * members are owned by the record, const char * ones by the change
 * it is in (change_text); NULL counts as "". */

struct job_record {
	int64_t id;
	enum job_kind kind; /* never changes */
	char org[ORG_MAX];
	char owner[PRINCIPAL_MAX]; /* name of the token that submitted it */
	char name[128];
	char suite[FARM_NAME_MAX]; /* "" when written out */
	int priority;
	uint32_t retries;
	enum job_state state;
	enum run_verdict verdict;
	enum cause cause;
	char text[FARM_TEXT_MAX];
	bool cancel_wanted;
	int64_t submitted_at_us, finished_at_us;
	int64_t night; /* that it is part of; 0: none */
	char *spec;    /* normalised, as job_spec_to_json; only in the first record of a job, NULL in later ones */
};

#define BOOT_MAX 40

/* A person's lease, beside its job (of kind lease) and the one run of that. */
struct hold_record {
	int64_t job;
	char org[ORG_MAX];
	char holder[PRINCIPAL_MAX]; /* whose it is now; at first the job's owner */
	char why[FARM_TEXT_MAX];    /* what for, in the holder's words */
	int64_t asked_ms;           /* how long it was to be */
	int64_t from_us;            /* reserved: it begins then, and not before; 0: as soon as may be */
	int64_t grace_ms;           /* how long it goes on without its client; 0: it needs none */
	int64_t granted_at_us;      /* 0: it waits, or its board is got ready */
	int64_t until_us;           /* with granted_at_us */
	char boot[BOOT_MAX];        /* the span of ports.now_us that end_us is told in; "": none */
	int64_t end_us;             /* until_us by ports.now_us, which nobody puts forward or back */
	uint32_t warned;            /* times its holder was told that it ends soon */
	bool late;                  /* its holder was told that its time came and no board was there */
};

/* Where a run's failure comes from; job is its key. Runs of that job, 0: there was none. */
struct diagnosis_record {
	int64_t job;
	char org[ORG_MAX];
	int64_t run; /* that failed, and */
	enum cause cause;
	int64_t failing; /* in these cases, a hash of their names; */
	bool failing_known;
	enum origin origin; /* NONE until the job is over */
	int64_t sibling, again, golden, neighbour;
};

/* An image that runs on a board. */
struct run_image {
	char sha256[SHA256_HEX];
	char name[256];
	char build_id[SHA256_HEX];
	uint64_t size_bytes;
};

struct run_counts {
	uint32_t passed, failed, ignored, missing, crashed, error, waived, expected;
};

struct run_record {
	int64_t id;
	int64_t job;
	char org[ORG_MAX];
	uint32_t index;   /* which of the job's runs, from 0; attempts share it */
	uint32_t spec;    /* which entry of the job file's `runs:` it comes from */
	uint32_t attempt; /* from 1 */
	char board_type[FARM_NAME_MAX];
	char wanted_board[FARM_NAME_MAX]; /* "" when any board of the type will do */
	char board[FARM_NAME_MAX];        /* "" until assigned */
	char agent[FARM_NAME_MAX];
	int64_t fence;
	enum run_state state;
	enum run_verdict verdict;
	enum cause cause;
	char text[FARM_TEXT_MAX];
	char image_sha256[SHA256_HEX];
	char image_name[256];
	char build_id[SHA256_HEX];
	uint64_t image_bytes;
	struct run_counts counts;
	int64_t cases_total;
	uint64_t console_bytes, console_dropped;
	char console_sha256[SHA256_HEX];
	char core[160]; /* post-mortem in words */
	char *asked;    /* what it is held to, as asked_to_json; only in the record that assigned it, NULL in others */
	char *facts;    /* what the verdict rests on besides the console, as run_facts_to_json; and what was read of */
	char *identity; /* board and tools, as JSON: only in one record at its end, NULL in others */
	int64_t have;   /* agent events taken, 1..have */
	uint32_t rejected; /* times that an agent did not take it, unless its board was busy */
	int64_t queued_at_us, assigned_at_us, started_at_us, finished_at_us;
};

/* How far a run is, of a row that is there: all that changes while its agent reports. */
struct progress_record {
	int64_t run;
	int64_t have;
	uint64_t console_bytes, console_dropped;
};

/* How long a run of a kind had its board, for estimates. */
struct took_record {
	char org[ORG_MAX];
	char board_type[FARM_NAME_MAX];
	char suite[FARM_NAME_MAX];
	char name[128]; /* of the job */
	int64_t took_us;
};

/* One step of a run; (run, serial) is its key. A step begun and never ended has ended false. */
struct step_record {
	int64_t run;
	char org[ORG_MAX];
	int64_t serial; /* n of the agent event that began it */
	char step[FARM_NAME_MAX];
	enum step_phase phase;
	uint32_t row;
	bool ended;
	enum cause cause;
	const char *text; /* of the end */
	int64_t begun_at_us, took_us;
	bool flash_written; /* its agent says what it erased of the flash */
};

struct case_record {
	int64_t run;
	char org[ORG_MAX];
	int64_t serial; /* n of the agent event that told it */
	const char *group, *name, *message;
	enum case_verdict verdict;
	bool required, waived_ignore;
	enum case_category category;
	enum case_standing standing;
	int64_t waiver; /* 0: none */
	uint64_t offset, end;
	int64_t begun_at_us, ended_at_us;
};

/* A value that a case measured; (run, serial, index) is its key. */
struct measurement_record {
	int64_t run;
	char org[ORG_MAX];
	char board_type[FARM_NAME_MAX];
	int64_t serial;           /* n of the agent event that told the case, or the run's end for one of no case */
	uint32_t index;           /* within it */
	const char *group, *name; /* of the case; "" of none */
	struct measurement measured;
};

/* What a run leaves behind besides console and results; (run, name) is its key, and the first word on it counts. The
 * store keeps text, and of a file what it must be, until its bytes come. */
struct artefact_record {
	int64_t run;
	char org[ORG_MAX];
	char name[ARTEFACT_NAME_MAX];
	char kind[ARTEFACT_KIND_MAX];
	uint64_t size_bytes;
	char sha256[SHA256_HEX];
	char *text; /* NULL: a file */
	int64_t created_at_us;
};

/* Console bytes; kept in files, addressed by offset. Writing the same bytes again changes nothing. */
struct console_record {
	int64_t run;
	uint64_t offset;
	int64_t at_us;       /* rack clock, of the first byte */
	const uint8_t *data; /* the change's */
	size_t size_bytes;
};

#endif
