/* SPDX-License-Identifier: Apache-2.0 */
/* What the farm keeps: the shape of each durable record, and a change: records that become durable all together or
 * not at all. The farm writes changes, the store applies them and gives the same records back at start. */
#ifndef ASSAY_FARM_RECORD_H
#define ASSAY_FARM_RECORD_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/base/list.h"
#include "core/farm/artefact.h"
#include "core/farm/principal.h"
#include "core/farm/steps.h"
#include "core/health/board_state.h"
#include "core/health/ladder.h"
#include "core/health/origin.h"
#include "core/health/time_ledger.h"
#include "core/health/wear.h"
#include "core/verdict/measure.h"
#include "core/verdict/verdict.h"

#define FARM_NAME_MAX      64  /* names of boards, agents, types, suites; with the NUL */
#define FARM_TEXT_MAX      400 /* one line of why; with the NUL */
#define SHA256_HEX         65
#define BOARD_UNPROVEN_MAX 200

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

/* Everything that happens in a farm. A job's events carry its number, a run's also the run's and its board. */
#define EVENT_TYPES(X)                                                                                                 \
	X(JOB_SUBMITTED, "job.submitted")                                                                              \
	X(JOB_CANCELLED, "job.cancelled") /* a cancel was asked for; job.finished follows */                           \
	X(JOB_FINISHED, "job.finished")                                                                                \
	X(RUN_QUEUED, "run.queued")     /* also: a further attempt, or given back by an agent */                       \
	X(RUN_ASSIGNED, "run.assigned") /* leased */                                                                   \
	X(RUN_STARTED, "run.started")   /* the agent's first report came */                                            \
	X(RUN_FINISHED, "run.finished")                                                                                \
	X(STEP_BEGUN, "step.begun")                                                                                    \
	X(STEP_ENDED, "step.ended")                                                                                    \
	X(CASE_ENDED, "case.ended")                                                                                    \
	X(BOARD_CHANGED, "board.changed")                                                                              \
	X(BOARD_QUARANTINED, "board.quarantined") /* these four say by whom and why */                                 \
	X(BOARD_RELEASED, "board.released")                                                                            \
	X(BOARD_RETIRED, "board.retired")                                                                              \
	X(BOARD_UNRETIRED, "board.unretired")                                                                          \
	X(RUN_EXPLAINED, "run.explained") /* a failure has an origin */                                                \
	X(IMAGE_HELD, "image.held")       /* what it did to boards: it gets no more of them */                         \
	X(IMAGE_RELEASED, "image.released")                                                                            \
	X(GOLDEN_SET, "golden.set")                                                                                    \
	X(GOLDEN_REMOVED, "golden.removed")                                                                            \
	X(AGENT_ONLINE, "agent.online")                                                                                \
	X(AGENT_OFFLINE, "agent.offline")                                                                              \
	X(SUITE_CHANGED, "suite.changed")                                                                              \
	X(WAIVER_ADDED, "waiver.added")                                                                                \
	X(ORG_CHANGED, "org.changed")   /* an organisation's shares, or a member's */                                  \
	X(RACK_CHANGED, "rack.changed") /* it, or a hub of it, is drained, or no longer */                             \
	X(WAIVER_WITHDRAWN, "waiver.withdrawn")                                                                        \
	X(BASELINE_ACCEPTED, "baseline.accepted")                                                                      \
	X(LEASE_LATE, "lease.late")       /* it was reserved for now, and there is no board for it */                  \
	X(LEASE_GRANTED, "lease.granted") /* the board is its holder's from now on */                                  \
	X(LEASE_EXTENDED, "lease.extended")                                                                            \
	X(LEASE_HANDED_OVER, "lease.handed-over")                                                                      \
	X(LEASE_EXPIRING, "lease.expiring") /* soon: told twice */                                                     \
	X(LEASE_ENDED, "lease.ended")                                                                                  \
	X(SCHEDULE_CHANGED, "schedule.changed")                                                                        \
	X(DROP_ADDED, "drop.added")                                                                                    \
	X(NIGHT_CHANGED, "night.changed")       /* it waits, began, finished or was skipped */                         \
	X(NIGHT_SUMMARISED, "night.summarised") /* and what came of it is kept */                                      \
	X(NIGHT_ACCEPTED, "night.accepted")                                                                            \
	X(NIGHT_DELIVERED, "night.delivered") /* or given up */                                                        \
	X(RECOVERY_BEGUN, "recovery.begun")   /* a board does not answer: its agent climbs the recovery ladder */      \
	X(RECOVERY_RUNG, "recovery.rung")     /* one rung was tried, or is not there */                                \
	X(RECOVERY_ENDED, "recovery.ended")                                                                            \
	X(BOARD_WORN, "board.worn") /* a sector of its flash nears its endurance; told once */

/* Of a night, as core/farm/night.h says what came of it. */
#define NIGHT_STAGES(X)                                                                                                \
	X(WAITING, "waiting") /* for the one before it */                                                              \
	X(RUNNING, "running")                                                                                          \
	X(FINISHED, "finished")                                                                                        \
	X(SKIPPED, "skipped") /* its text says why */

enum night_stage {
#define X(name, text) NIGHT_IS_##name,
	NIGHT_STAGES(X)
#undef X
};

#define DELIVERY_KINDS(X)                                                                                              \
	X(WEBHOOK, "webhook")                                                                                          \
	X(MAIL, "mail")

enum delivery_kind {
#define X(name, text) DELIVERY_##name,
	DELIVERY_KINDS(X)
#undef X
};

#define DELIVERY_STATES(X)                                                                                             \
	X(PENDING, "pending")                                                                                          \
	X(DELIVERED, "delivered")                                                                                      \
	X(FAILED, "failed") /* given up; its text says why */

enum delivery_state {
#define X(name, text) DELIVERY_IS_##name,
	DELIVERY_STATES(X)
#undef X
};

enum event_type {
#define X(name, text) EVENT_##name,
	EVENT_TYPES(X)
#undef X
};

const char *job_state_name(enum job_state state);
const char *job_kind_name(enum job_kind kind);
const char *run_state_name(enum run_state state);
const char *event_type_name(enum event_type type);
const char *night_stage_name(enum night_stage stage);
const char *delivery_kind_name(enum delivery_kind kind);
const char *delivery_state_name(enum delivery_state state);
bool night_stage_parse(const char *name, enum night_stage *ret_stage);
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
	int64_t queued_at_us, assigned_at_us, started_at_us, finished_at_us;
};

/* How far a run is, of a row that is there: all that changes while its agent reports. */
struct progress_record {
	int64_t run;
	int64_t have;
	uint64_t console_bytes, console_dropped;
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

#define ORG_USUAL_WEIGHT 100 /* of organisations and members of which nothing was said */

/* What an organisation may have: see core/plan/plan.h. */
struct org_record {
	char name[ORG_MAX];
	uint32_t weight;
	uint32_t cap; /* 0: none */
	uint32_t guaranteed;
	int64_t changed_at_us;
};

struct member_record {
	char org[ORG_MAX];
	char name[PRINCIPAL_MAX];
	uint32_t weight;
	int64_t changed_at_us;
};

/* A rack's host, or a hub of it, takes nothing new; (agent, hub) is its key. draining false: it does again. */
struct drain_record {
	char agent[FARM_NAME_MAX];
	char hub[FARM_NAME_MAX]; /* "": the host */
	char org[ORG_MAX];       /* the rack's */
	bool draining;
	char by[PRINCIPAL_MAX];
	char why[FARM_TEXT_MAX];
	int64_t at_us;
};

/* What organisations and members had more than their share, as the plan tells it; there is one. */
struct debts_record {
	char *body; /* JSON */
};

/* A known defect (erratum) of a board type, and who answers for it. */
struct waiver_record {
	int64_t id;
	char org[ORG_MAX];
	char board_type[FARM_NAME_MAX];
	char cases[201]; /* "Group.Case", or a beginning and * */
	char author[PRINCIPAL_MAX];
	char reason[FARM_TEXT_MAX];
	bool intermittent;
	int64_t created_at_us;
	int64_t from_us, until_us; /* in force from, and until before */
	int64_t withdrawn_at_us;   /* 0: not */
	char withdrawn_by[PRINCIPAL_MAX];
};

/* A measured value that somebody took into the baseline; (run, serial, index) is its key. */
struct accepted_record {
	int64_t run;
	int64_t serial;
	uint32_t index;
	char org[ORG_MAX];
	char board_type[FARM_NAME_MAX];
	char case_name[402]; /* "Group.Case" */
	char name[MEASURE_NAME_MAX];
	char unit[MEASURE_UNIT_MAX];
	double value;
	int64_t job;
	char accepted_by[PRINCIPAL_MAX];
	int64_t accepted_at_us;
};

/* A schedule as it was put; (org, name) is its key. */
struct schedule_record {
	char org[ORG_MAX];
	char name[FARM_NAME_MAX];
	char author[PRINCIPAL_MAX]; /* in whose name its jobs are handed in */
	bool paused, removed;
	int64_t changed_at_us;
	int64_t dealt_us; /* what was due up to then has been dealt with */
	char *text;
};

/* Images dropped under a name; (org, name, version) is its key. */
struct drop_record {
	char org[ORG_MAX];
	char name[FARM_NAME_MAX];
	int64_t version; /* of the name: 1, 2, 3 … */
	char author[PRINCIPAL_MAX];
	int64_t created_at_us;
	char *files; /* JSON: {FILE: SHA-256} */
};

/* One due time of a schedule. */
struct night_record {
	int64_t id;
	char org[ORG_MAX];
	char schedule[FARM_NAME_MAX];
	enum night_stage stage;
	bool summarised;
	char text[FARM_TEXT_MAX]; /* why it is late, or was skipped */
	int64_t due_us, begun_at_us, finished_at_us;
	char *cells; /* JSON, as beginning_cells; NULL: as before */
};

/* What came of a night; never changed. */
struct summary_record {
	int64_t night;
	char org[ORG_MAX];
	int64_t before; /* the night it is compared with; 0: none */
	char *json, *text;
};

struct acceptance_record {
	int64_t night;
	char org[ORG_MAX];
	char accepted_by[PRINCIPAL_MAX];
	int64_t accepted_at_us;
};

/* A summary that somebody is to be told of; (night, number) is its key. */
struct delivery_record {
	int64_t night;
	uint32_t number;
	char org[ORG_MAX];
	enum delivery_kind kind;
	enum delivery_state state;
	char target[512];           /* a URL, or an address */
	char secret[FARM_NAME_MAX]; /* the name of the one a webhook is signed with */
	uint32_t tries;
	int64_t next_at_us;
	char text[FARM_TEXT_MAX]; /* what went wrong the last time */
};

/* A word that the farm and a receiver of webhooks share; (org, name) is its key. */
struct secret_record {
	char org[ORG_MAX];
	char name[FARM_NAME_MAX];
	char author[PRINCIPAL_MAX];
	bool removed;
	int64_t created_at_us;
	char value[129];
};

struct board_record {
	char name[FARM_NAME_MAX];
	char org[ORG_MAX];
	char type[FARM_NAME_MAX];
	char agent[FARM_NAME_MAX];
	enum board_state state;
	char reason[FARM_TEXT_MAX];
	char unique_id[64];
	bool is_virtual;
	int64_t fence; /* the last one given out for it; only grows */
	int64_t changed_at_us;
	enum board_hold hold;        /* what was decided for good, and */
	char held_by[PRINCIPAL_MAX]; /* by whom; "farm", "agent": by the policy of those */
	char held_why[FARM_TEXT_MAX];
	int64_t held_at_us;
	char unproven[BOARD_UNPROVEN_MAX]; /* why it needs its health check; "": it does not */
	bool recover_wanted;               /* its agent is to take it up again, and has not said that it does */
	uint32_t checks_failed;            /* since the last one that passed */
	uint32_t runs_since_pass;          /* that ended by themselves */
	int64_t proven_at_us;              /* when it was last seen to work: a run passed, or it was brought up */
	/* Of its latest recovery, as the table of recoveries has it. */
	int64_t recovery_begun_at_us;
	size_t recovery_rungs;
	bool recovery_ended;
};

/* A board's time of one UTC day; (board, day) is its key. since_us: the day is open, it is in kind since then, which is
 * not in the day yet; 0: the day is over. */
struct board_time_record {
	char board[FARM_NAME_MAX];
	char org[ORG_MAX];
	struct time_day day;
	enum time_kind kind;
	int64_t since_us;
};

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
	uint32_t warned;            /* times its holder was told that it ends soon */
};

/* An image that runs on a board. */
struct run_image {
	char sha256[SHA256_HEX];
	char name[256];
	char build_id[SHA256_HEX];
	uint64_t size_bytes;
};

/* What an organisation's boards of a type must pass to be known to work; (org, board_type) is its key. */
struct golden_record {
	char org[ORG_MAX];
	char board_type[FARM_NAME_MAX];
	struct run_image image;
	char suite[FARM_NAME_MAX]; /* "" when written out */
	char *spec;                /* a job of one run, as job_spec_to_json */
	char set_by[PRINCIPAL_MAX];
	int64_t set_at_us;
	bool removed; /* there is none any more */
};

/* An image that put boards out of action and gets no more of them; (org, sha256) is its key. */
struct held_image_record {
	char org[ORG_MAX];
	char sha256[SHA256_HEX];
	char name[256];
	int64_t held_at_us;
	char evidence[1600]; /* JSON: the boards, the run of the image on each, and what came in the way after it */
	bool released;
};

/* An image that is known to leave boards of a type well; (org, sha256, board_type) is its key. */
struct tried_image_record {
	char org[ORG_MAX];
	char sha256[SHA256_HEX];
	char board_type[FARM_NAME_MAX];
	int64_t run; /* after which its board took another one well; 0: a person said so */
	int64_t known_at_us;
	bool forgotten;
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

/* The exclusive right of a run to a board. */
struct lease_record {
	char board[FARM_NAME_MAX];
	int64_t fence;
	char org[ORG_MAX];
	int64_t run;
	int64_t begun_at_us;
	int64_t ended_at_us; /* 0: open */
};

/* One climb of the recovery ladder; (board, begun_at_us) is its key, and a later word on it replaces the one before. */
struct recovery_record {
	char board[FARM_NAME_MAX];
	char org[ORG_MAX];
	char agent[FARM_NAME_MAX];
	char board_type[FARM_NAME_MAX];
	int64_t begun_at_us, ended_at_us; /* rack clock; 0: it climbs */
	enum cause cause;
	char text[FARM_TEXT_MAX];
	enum ladder_end end;
	bool helped;
	enum recovery_rung helped_by; /* when helped */
	struct ladder_try *tries;
	size_t count;
};

/* How worn a board's flash is. */
struct wear_record {
	char board[FARM_NAME_MAX];
	char org[ORG_MAX];
	char unique_id[64]; /* of the chip that it counts for; "": not known */
	char *sectors;      /* wear_to_text */
	uint64_t erases;    /* of sectors, in all */
	uint32_t worst, worst_address;
	bool worn; /* that it is worn was told */
	int64_t changed_at_us;
};

struct agent_record {
	char name[FARM_NAME_MAX];
	char org[ORG_MAX];
	char version[FARM_NAME_MAX];
	char boot[FARM_NAME_MAX];
	bool online;
	int64_t seen_at_us;
};

struct board_type_record {
	char name[FARM_NAME_MAX];
	char org[ORG_MAX];
	char *body; /* as board_type_to_json */
	int64_t changed_at_us;
};

struct suite_record {
	char name[FARM_NAME_MAX];
	char org[ORG_MAX];
	char version[32];
	char *text; /* as it was put: YAML or JSON */
	int64_t changed_at_us;
};

struct event_record {
	int64_t seq; /* 1, 2, 3 … no gaps */
	int64_t at_us;
	enum event_type type;
	char org[ORG_MAX];
	int64_t job, run;          /* 0: none */
	char board[FARM_NAME_MAX]; /* "" : none */
	const char *body;          /* the whole event as one JSON object: {"seq","at_us","type",…} */
};

/* Console bytes; kept in files, addressed by offset. Writing the same bytes again changes nothing. */
struct console_record {
	int64_t run;
	uint64_t offset;
	int64_t at_us;       /* rack clock, of the first byte */
	const uint8_t *data; /* the change's */
	size_t size_bytes;
};

#define RECORD_KINDS(X)                                                                                                \
	X(JOB, job, struct job_record)                                                                                 \
	X(RUN, run, struct run_record)                                                                                 \
	X(PROGRESS, progress, struct progress_record)                                                                  \
	X(STEP, step, struct step_record)                                                                              \
	X(CASE, result, struct case_record)                                                                            \
	X(MEASUREMENT, measurement, struct measurement_record)                                                         \
	X(ARTEFACT, artefact, struct artefact_record)                                                                  \
	X(ORG, organisation, struct org_record)                                                                        \
	X(MEMBER, member, struct member_record)                                                                        \
	X(DRAIN, drain, struct drain_record)                                                                           \
	X(DEBTS, debts, struct debts_record)                                                                           \
	X(WAIVER, waiver, struct waiver_record)                                                                        \
	X(ACCEPTED, accepted, struct accepted_record)                                                                  \
	X(SCHEDULE, schedule, struct schedule_record)                                                                  \
	X(DROP, drop, struct drop_record)                                                                              \
	X(NIGHT, night, struct night_record)                                                                           \
	X(SUMMARY, summary, struct summary_record)                                                                     \
	X(ACCEPTANCE, acceptance, struct acceptance_record)                                                            \
	X(DELIVERY, delivery, struct delivery_record)                                                                  \
	X(SECRET, secret, struct secret_record)                                                                        \
	X(GOLDEN, golden, struct golden_record)                                                                        \
	X(HELD_IMAGE, held_image, struct held_image_record)                                                            \
	X(TRIED_IMAGE, tried_image, struct tried_image_record)                                                         \
	X(DIAGNOSIS, diagnosis, struct diagnosis_record)                                                               \
	X(BOARD, board, struct board_record)                                                                           \
	X(BOARD_TIME, time, struct board_time_record)                                                                  \
	X(HOLD, hold, struct hold_record)                                                                              \
	X(LEASE, lease, struct lease_record)                                                                           \
	X(WEAR, wear, struct wear_record)                                                                              \
	X(RECOVERY, recovery, struct recovery_record)                                                                  \
	X(AGENT, agent, struct agent_record)                                                                           \
	X(BOARD_TYPE, type, struct board_type_record)                                                                  \
	X(SUITE, suite, struct suite_record)                                                                           \
	X(EVENT, event, struct event_record)                                                                           \
	X(CONSOLE, console, struct console_record)

enum record_kind {
#define X(name, member, type) RECORD_##name,
	RECORD_KINDS(X)
#undef X
};

/* One row as it shall be from now on (inserted or replaced by its key); an event is only ever added. A RECORD_RUN that
 * is finished also closes the run's console. */
struct record {
	struct list link;
	enum record_kind kind;
	bool superseded; /* the store's: another of the same transaction says all of it */
	union {
		void *any;
#define X(name, member, type) type *member;
		RECORD_KINDS(X)
#undef X
	} as;
};

/* Records in the order they happened. number: 1, 2, 3 … in the order of commits. Owned by whoever holds it. */
struct change {
	struct list link;    /* of the holder's queue */
	struct list records; /* struct record */
	int64_t number;
	size_t size_bytes; /* about what it holds in memory */
	bool lazy;         /* nobody waits for it: may be committed a little later, with others */
	/* change.c: memory for records and texts, which goes all at once */
	atomic_uint holders;
	struct change_block *blocks; /* beyond the first room, the newest first */
	char *room;                  /* the rest of the newest */
	size_t room_bytes;
	alignas(max_align_t) char first_room[];
};

struct change *change_create(void);
/* And its records, once everybody who holds it has said so; NULL is fine. From any thread. */
void change_destroy(struct change *change);
/* One more who will destroy it; returns it. */
struct change *change_hold(struct change *change);
/* Appends a zeroed record of the kind and returns its row. Never NULL. */
void *change_add(struct change *change, enum record_kind kind);
/* A copy that lives as long as the change: for texts that rows do not own. A text that is NULL stays so. */
void *change_copy(struct change *change, const void *data, size_t size);
char *change_text(struct change *change, const char *text);
/* The same, cut to FARM_TEXT_MAX as mem_text_into does. */
char *change_line(struct change *change, const char *text);
bool change_empty(const struct change *change);

/* A change that the store will never take, for what is in it. */
struct change_refusal {
	int64_t number;
	struct err err;            /* the store's words; its code is ERR_CORRUPT */
	int64_t job, run;          /* what it is about; 0: none */
	char agent[FARM_NAME_MAX]; /* whose boards it is about; "": nobody's */
};

/* Fills in what the change is about: the record that failed tells, or when it cannot (or is NULL) the first that can.
 */
void change_subject(const struct change *change, const struct record *failed, struct change_refusal *refusal);
const char *record_kind_name(enum record_kind kind);

/* What a farm is rebuilt from; arrays owned. Runs: every attempt of every job that is not finished. */
struct farm_records {
	char farm_id[40];
	int64_t last_job, last_run, last_seq, last_waiver, last_night; /* the largest ever used */
	int64_t last_at_us; /* the last sign of life: of the last event, or the store's orderly end; 0: none */
	struct job_record *jobs;
	size_t job_count;
	struct run_record *runs; /* by id */
	size_t run_count;
	struct step_record *open_steps; /* begun and not ended, of runs that are not finished */
	size_t open_step_count;
	struct board_record *boards;
	size_t board_count;
	struct board_time_record *times; /* of each board by day: the last TIME_DAYS_KEPT, and the open one */
	size_t time_count;
	struct lease_record *leases; /* open ones */
	size_t lease_count;
	struct agent_record *agents;
	size_t agent_count;
	struct board_type_record *types;
	size_t type_count;
	struct suite_record *suites;
	size_t suite_count;
	struct org_record *orgs;
	size_t org_count;
	struct member_record *members;
	size_t member_count;
	struct drain_record *drains;
	size_t drain_count;
	char *debts;                   /* JSON; NULL: none */
	struct waiver_record *waivers; /* by id, withdrawn and expired ones too */
	size_t waiver_count;
	struct diagnosis_record *diagnoses; /* of jobs that are not finished */
	size_t diagnosis_count;
	struct held_image_record *held_images;
	size_t held_image_count;
	struct tried_image_record *tried_images; /* by known_at_us */
	size_t tried_image_count;
	struct golden_record *goldens;
	size_t golden_count;
	struct wear_record *wears;
	size_t wear_count;
	struct accepted_record *accepted; /* the last BASELINE_MAX_VALUES of each measurement, oldest first */
	size_t accepted_count;
	struct hold_record *holds; /* of jobs that are not finished */
	size_t hold_count;
	struct schedule_record *schedules; /* that were not removed */
	size_t schedule_count;
	struct drop_record *drops; /* the last version of each name */
	size_t drop_count;
	struct night_record *nights; /* waiting, running, or not summarised; by id, cells of running ones */
	size_t night_count;
	struct secret_record *secrets; /* that were not removed */
	size_t secret_count;
};

void farm_records_finish(struct farm_records *records);

#endif
