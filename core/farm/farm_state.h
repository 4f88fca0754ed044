/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of the farm, shared by its own files only: what is held in memory and which file moves what.
 *
 * farm.c entering and leaving; build.c life; rewind.c back to what is durable; outbox.c what waits for a commit;
 * event.c events; submit.c, job.c, run.c, lease.c, board.c, agent.c, hello.c, agent_event.c, rejection.c, suite.c,
 * hold.c, hold_asks.c, images.c, trials.c, waivers.c, baselines.c, schedules.c, drops.c, nights.c, secrets.c one
 * subject each; planning.c what the plan is told and decides, planning_words.c what boards have, timing.c when jobs may
 * start; view.c, view_queue.c JSON. */
#ifndef ASSAY_FARM_FARM_STATE_H
#define ASSAY_FARM_FARM_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/list.h"
#include "core/base/map.h"
#include "core/farm/estimate.h"
#include "core/farm/farm.h"
#include "core/farm/record.h"
#include "core/judge/asked.h"
#include "core/night/schedule.h"
#include "core/plan/plan.h"
#include "core/spec/equipment.h"
#include "core/spec/spec.h"
#include "core/spec/spec_when.h"

#define FARM_MAX_REJECTIONS 5
#define FARM_MAX_BUSY       6
#define FARM_BUSY_RETRY_US  1000000 /* an agent that said "busy" is asked again; doubled each time */
#define FARM_ITSELF         "farm"  /* who decides and owns what no person did */
#define NEVER_US            INT64_MAX
#define TRIED_IMAGES_MAX    16384u
#define TRIAL_HEARING_US    5000000 /* an agent begins what it was given well before */

/* An organisation, and one of its tokens, as they are planned for; made when they first ask for something. */
struct farm_org {
	char name[ORG_MAX];
	struct map_node node; /* farm.orgs by name */
	struct plan_org plan;
};

struct farm_member {
	char name[PRINCIPAL_MAX];
	struct map_node node; /* farm.members by name, then by organisation */
	struct plan_member plan;
};

/* A person's lease: what a job of kind lease has beside its run. */
struct hold {
	struct hold_record record;
	struct job *job;
	struct list link; /* farm.holds */
	int64_t client;   /* who attached before the last hand-over, or restart, had another */
	unsigned clients; /* that are attached */
	int64_t alone_us; /* monotonic; since when there is none */
	int64_t end_us;   /* monotonic; when a granted one is over, whatever becomes of the clock that people read */
};

/* A job waits for another. */
struct dependency {
	struct list link; /* of the other's dependents, or farm.settling */
	struct job *job;  /* who waits; NULL: not used */
	int64_t on;       /* the other */
	enum run_verdict verdict;
};

/* A job that is not finished, or whose end is not durable yet. */
struct job {
	struct job_record record; /* spec NULL here: it is parsed below */
	struct map_node node;     /* farm.jobs by id */
	struct job_spec *spec;
	struct list runs; /* struct run.job_link, all attempts, by id */
	size_t open_runs; /* not finished */
	char *why_cancelled;
	struct diagnosis_record *diagnosis; /* of one of that kind */
	unsigned diagnosed;                 /* failures of it that were looked into */
	struct hold *hold;                  /* of a lease; NULL */
	struct plan_job plan;               /* until it is finished */
	struct plan_ask *asks;              /* one for each of spec->runs; .job is NULL until a run asks */
	/* when it may start; of use while timed_link is in a list */
	struct job_terms terms;
	struct list timed_link; /* farm.timed */
	int64_t look_us;        /* monotonic: when that changes */
	struct dependency *dependencies;
	size_t waits_for;       /* of those */
	struct list dependents; /* struct dependency.link */
};

struct run {
	struct run_record record;
	struct map_node node; /* farm.runs by id */
	struct job *job;
	struct list job_link;
	struct plan_run plan;   /* while it waits or has a board */
	struct board *board;    /* leased to it; NULL when none is */
	struct list lease_link; /* farm.leased */
	int64_t durable;        /* have, as far as it is durable */
	struct list ack_link;   /* farm.acks: its agent is to be told of durable */
	bool ended_by_agent;    /* finished by its run.ended, not by the farm */
	bool assign_sent;       /* the agent may know of it */
	bool assign_queued;     /* the assign is in the outbox */
	bool seen;              /* listed by the agent's last hello */
	bool cancel_sent;
	uint64_t failing; /* a hash of the names of the cases that failed; the whole of them when */
	bool failing_known;
	bool overdue;        /* passed all its limits and was cancelled for that */
	bool yields;         /* it was asked to give its board to a run of a higher band */
	bool held_back;      /* waits, but not in the plan: its image is held */
	bool excused;        /* counted in its trial's excused */
	bool frozen;         /* the store takes nothing of it, not even its end: left as it is stored */
	uint32_t rejected;   /* times */
	struct asked *asked; /* what it is held to, from its assign until it runs */
	int64_t limit_us;    /* monotonic; when it must have ended, then when it is given up */
	int64_t cancel_us;
	/* the step that has begun and not ended */
	struct step_record step;
	bool step_open;
};

struct board {
	struct board_record record;
	struct map_node node; /* farm.boards by name */
	struct agent *agent;
	struct list agent_link;
	struct list pool_link; /* pool.boards */
	struct plan_board plan;
	size_t waiting;               /* runs that wait for just it */
	bool equipment_known;         /* its agent has said hello since the farm is up */
	struct equipment *equipment;  /* NULL: nothing but its type's */
	struct hub *hub;              /* of its agent; NULL: it hangs on the host itself */
	char site[TAG_SIZE];          /* its agent's, as it was planned with */
	bool leases;                  /* its agent knows how, as told with the equipment */
	struct run *run;              /* that it is leased to */
	enum board_state agent_state; /* what its agent says */
	char *agent_reason;           /* its words; NULL: none */
	bool listed;                  /* in its agent's last hello */
	bool absent;                  /* its agent has not found it yet, and looks for it */
	int64_t ask_again_us;         /* after "busy"; NEVER_US otherwise */
	struct list check_link;       /* farm.to_check */
	uint32_t checks_spoiled;      /* in a row */
	unsigned busy;                /* times it was, since a run last began on it */
	struct {
		int64_t run; /* that put it there; 0: nobody knows what is there */
		char org[ORG_MAX], sha256[SHA256_HEX], name[256];
	} flashed;           /* the image in its flash */
	bool fell_out;       /* nobody could work with it, and no run reached its flash since */
	bool forgiven;       /* since then, because of an image: its agent may give it up once without consequences */
	struct trial *trial; /* of the image in its flash; NULL: it is known to do boards no harm, or nobody's */
	struct list trial_link; /* trial.boards */
	bool has_to_tell;       /* counted in trial.to_tell */
	struct wear wear;
	char wear_of[64]; /* the unique id of the chip that it counts for; "": not known */
	bool worn_told;
	char worn[120]; /* why it is spared; "": it is not */
	struct time_ledger time;
	struct list time_link; /* farm.times */
};

struct agent {
	struct agent_record record;
	struct map_node node; /* farm.agents by name */
	struct list boards;   /* struct board.agent_link */
	struct plan_place plan;
	struct list hubs;           /* struct hub.link */
	struct drain_record *drain; /* NULL: it takes what comes */
	char site[TAG_SIZE];
	uint32_t limit;  /* boards at a time; 0: all */
	int64_t gone_us; /* monotonic, while not online */
	bool recovers;   /* it knows how to take a board up when told to */
	bool is_fresh;   /* its last hello was the first since it was started */
};

/* A hub of an agent's host; kept once it was told of. */
struct hub {
	struct list link;
	struct agent *agent;
	struct equipment_hub about;
	struct drain_record *drain;
	struct plan_place plan;
};

/* Boards of one type. */
struct pool {
	char name[FARM_NAME_MAX];
	struct map_node node; /* farm.pools by name */
	struct plan_pool plan;
	struct list boards; /* struct board.pool_link */
	bool has_type;      /* the type is known: */
	struct board_type type;
	struct board_type_record record;
};

struct suite_entry {
	struct suite_record record;
	struct suite suite;
	struct map_node node; /* farm.suites by name */
};

struct image_entry {
	struct held_image_record record; /* its key and its file's name, the rest once it is held */
	struct image_suspicion suspicion;
	struct map_node node; /* farm.images by hash */
	struct list link;     /* farm.suspects */
};

/* An image on boards of a type; until one of them took a next run well its runs share a quota. */
struct trial {
	struct tried_image_record record; /* its key, and how that became known; known_at_us 0: it is not */
	struct map_node node;             /* farm.trials by hash */
	struct list link;                 /* farm.tried, once it is known */
	struct plan_quota quota;
	struct list boards; /* struct board.trial_link: with it in their flash */
	uint32_t to_tell;   /* of those: by what happens on them next */
	uint32_t excused;   /* runs of it that take no place, as nothing is heard of them */
};

struct golden_entry {
	struct golden_record record;
	struct map_node node; /* farm.goldens by type, then by organisation */
};

struct waiver_entry {
	struct waiver_record record;
	struct list link; /* farm.waivers, by id */
};

/* The accepted values of one measurement, the last BASELINE_MAX_VALUES of them. */
struct baseline_entry {
	struct accepted_record about; /* of the last one */
	struct map_node node;         /* farm.baselines by org, type, case, name and unit */
	struct {
		double value;
		int64_t run, serial;
		uint32_t index;
	} taken[BASELINE_MAX_VALUES];
	size_t count, next;
};

struct schedule_entry {
	struct list link; /* farm.schedules, by name */
	struct schedule_record record;
	struct schedule *schedule; /* NULL: its text is not readable any more */
	int64_t next_us;           /* unix; NEVER_US: it is not due again */
};

/* The last version under a name. */
struct drop_entry {
	struct map_node node; /* farm.drops by name */
	struct drop_record record;
	json_t *files;
};

/* A night that waits, runs, or whose summary is not kept yet. */
struct night_entry {
	struct list link; /* farm.nights, by id */
	struct night_record record;
	size_t open_jobs;            /* and one while it is being begun */
	struct beginning *beginning; /* NULL: it has begun */
	int64_t finished_by;         /* the change that finished it; 0: one before the start */
};

struct secret_entry {
	struct list link; /* farm.secrets */
	struct secret_record record;
};

struct farm {
	struct farm_ports ports;
	struct farm_config config;
	char id[40];
	int64_t last_job, last_run, last_seq, last_waiver, last_night;
	int64_t durable_seq;
	int64_t created_us; /* monotonic */

	struct change *open; /* what the call that is running changes; NULL outside of calls */
	int depth;           /* of calls, since a callback may call again */
	int64_t last_change, durable_change;
	struct list outbox; /* struct output, by change number */
	struct list acks;   /* struct run.ack_link */
	size_t uncommitted_bytes;
	bool flow_waits;
	struct err trouble; /* code 0: none */

	struct map goldens, images;
	struct list suspects; /* struct image_entry.link: struck and not held, the last struck last */
	size_t images_suspect;
	struct map trials;
	struct list tried; /* struct trial.link, the one known longest first */
	size_t tried_count;
	int64_t diagnosed_since_us; /* so many in the hour from then: */
	uint32_t diagnosed;
	struct list times;    /* struct board.time_link: a row of their time goes with this change */
	struct list to_check; /* struct board.check_link: suspect, with a golden image, no check under way */
	struct map jobs, runs, boards, agents, pools, suites, baselines;
	struct list waivers; /* struct waiver_entry.link */
	size_t waiver_count;
	struct list schedules, nights, secrets;
	struct map drops;
	struct list leased; /* struct run.lease_link */
	struct list holds;  /* struct hold.link */
	int64_t last_client;
	struct plan *plan;
	struct map orgs, members;
	struct map words;     /* planning_words.c: that boards or jobs used */
	struct list timed;    /* struct job.timed_link: those that may not start at any time */
	struct list settling; /* struct dependency.link: what they waited for is over */
	bool is_settling;
	int64_t debts_due_us; /* orgs.c: when they are kept; NEVER_US: nothing has changed */
	struct estimates estimates;
	size_t waiting;     /* runs that are queued */
	struct list barred; /* rewind.c: what the store refused something of */
	size_t barred_count;
	int64_t timer_us; /* armed for; NEVER_US: not */
};

/* farm.c: every entry into the farm stands between these two. leave plans, commits and lets out what may go. */
void farm_enter(struct farm *farm);
void farm_leave(struct farm *farm);
int64_t farm_now(const struct farm *farm);
int64_t farm_unix(const struct farm *farm);
void farm_due(struct farm *farm, int64_t due_us); /* farm_tick no later than that */
bool farm_degraded(const struct farm *farm);
/* What is answered while it is: no space, or that it may be asked again. */
int farm_refuse(const struct farm *farm, struct err *err);
void farm_arm(struct farm *farm);        /* the timer, for the earliest instant at which something runs out */
bool farm_is_one_line(const char *text); /* what a person gave as a reason: no control characters */

/* build.c: inside a call, an empty farm takes up the records; and everything but the outbox goes. */
int farm_build(struct farm *farm, const struct farm_records *records, struct err *err);
void farm_clear(struct farm *farm);

/* rewind.c */
void barred_finish(struct farm *farm);
/* Why nothing is taken of an agent at present; NULL: it is. */
const char *agent_barred(const struct farm *farm, const char *agent);

/* outbox.c: what the world hears once everything changed so far is durable. */
void outbox_publish(struct farm *farm, const struct event_record *event);
void outbox_submitted(struct farm *farm, int64_t job, on_submitted_fn on_submitted, void *context);
void outbox_done(struct farm *farm, on_done_fn on_done, void *context);
void outbox_assign(struct farm *farm, struct run *run);
void outbox_extend(struct farm *farm, const struct run *run);
void outbox_cancel(struct farm *farm, const struct run *run, const char *reason);
void outbox_ack(struct farm *farm, const struct run *run, int64_t n);
void outbox_stale(struct farm *farm, const char *agent, int64_t run, int64_t fence);
void outbox_recover(struct farm *farm, const struct board *board, const char *reason);
void outbox_forget_job(struct farm *farm, int64_t job);
void outbox_committed_bytes(struct farm *farm, size_t size_bytes);
void outbox_flush(struct farm *farm);
/* Answers everyone who waits for a commit with err; jobs that were being submitted are cancelled. */
void outbox_refuse(struct farm *farm, const struct err *err);
/* Answers everyone who waits in the list: err those of the refused change, err_others the others. */
void outbox_finish(struct list *outputs, int64_t refused, const struct err *err, const struct err *err_others);

/* event.c: each adds one event to the open change and to the outbox. body is taken over. */
void event_add(struct farm *farm, enum event_type type, const char *org, const struct job *job, const struct run *run,
	       const char *board, json_t *body);
void event_job(struct farm *farm, enum event_type type, const struct job *job);
void event_run(struct farm *farm, enum event_type type, const struct run *run);
void event_step(struct farm *farm, enum event_type type, const struct run *run, const struct step_record *step,
		int64_t rack_at_us);
void event_hold(struct farm *farm, enum event_type type, const struct hold *hold, const char *text);
void event_case(struct farm *farm, const struct run *run, const struct case_record *result,
		const struct measurement *measurements, size_t measurement_count, int64_t rack_at_us);
void event_recovery_begun(struct farm *farm, const struct board *board, const struct agent_recovery *said);
void event_recovery_rung(struct farm *farm, const struct board *board, const struct agent_recovery *said,
			 const struct ladder_try *entry);
/* helper: the rung that helped, or NULL. */
void event_recovery_ended(struct farm *farm, const struct board *board, const struct agent_recovery *said,
			  const struct ladder_try *helper);
void event_board(struct farm *farm, const struct board *board);
void event_board_hold(struct farm *farm, enum event_type type, const struct board *board, const char *by,
		      const char *why);
void event_worn(struct farm *farm, const struct board *board, uint32_t endurance);
void event_agent(struct farm *farm, enum event_type type, const struct agent *agent);
void event_suite(struct farm *farm, const struct suite_entry *suite);

/* submit.c: the job of a specification, which is taken over on success: checked as a whole (problems, which are
 * init'ed, say what is wrong) and then durable. hold: of a lease, else NULL. */
int submit_spec(struct farm *farm, const struct principal *who, const struct submission *submission,
		struct job_spec *spec, enum job_kind kind, const struct hold_record *hold, on_submitted_fn on_submitted,
		void *context, struct doc_problems *problems, struct err *err);

/* hold_asks.c: whether it can be promised; 0 or ERR_EXISTS. */
int hold_check(struct farm *farm, const struct run_spec *spec, const struct hold_record *hold, struct err *err);
/* hold.c */
void hold_add(struct farm *farm, struct job *job, const struct hold_record *record);
void hold_keep(struct farm *farm, const struct hold *hold);
void hold_destroy(struct hold *hold);
struct hold *hold_find(const struct farm *farm, int64_t job); /* open ones */
struct run *hold_run(const struct hold *hold);                /* its last attempt */
void hold_late(struct farm *farm, const struct run *run);     /* its time has come, but there is no board */
void hold_granted(struct farm *farm, struct run *run);        /* its agent says so */
void hold_over(struct farm *farm, struct hold *hold);         /* its job is finished */
void holds_cut(struct farm *farm, const char *text);          /* no client knows where it stands any more */
int64_t hold_left_ms(const struct farm *farm, const struct hold *hold);
int64_t hold_until_us(const struct farm *farm,
		      const struct hold *hold); /* of a granted one, by people's clock as it is now */
int64_t hold_limit_us(const struct farm *farm, const struct run *run); /* monotonic; when it must have ended */
void holds_tick(struct farm *farm);
int64_t holds_due_us(const struct farm *farm);

/* job.c */
struct job *job_find(const struct farm *farm, int64_t id);
struct job *job_add(struct farm *farm, const struct job_record *record, struct job_spec *spec);
void job_keep(struct farm *farm, const struct job *job); /* a record of it as it is now */
void job_run_started(struct farm *farm, struct job *job);
void job_run_finished(struct farm *farm, struct job *job); /* ends the job when it was the last */
void job_cancel(struct farm *farm, struct job *job, const char *reason);
void job_forget(struct farm *farm, struct job *job); /* out of memory, with its runs */
void job_destroy(struct job *job);

/* submit.c: a job that the farm hands in by itself, inside a call, as part of a night. Returns its number; 0: problems
 * or err say what is wrong. With only_look it is not taken, and what is returned is 0 or 1. */
int64_t job_hand_in(struct farm *farm, const struct principal *who, const struct submission *submission, int64_t night,
		    bool only_look, struct doc_problems *problems, struct err *err);

/* schedules.c */
void schedule_load(struct farm *farm, const struct schedule_record *record);
struct schedule_entry *schedule_find(const struct farm *farm, const char *org, const char *name);
void schedules_tick(struct farm *farm);
int64_t schedules_due_us(const struct farm *farm); /* monotonic; NEVER_US: nothing is */
void schedules_clear(struct farm *farm);

/* drops.c */
void drop_load(struct farm *farm, const struct drop_record *record);
/* The hash of what a schedule's source stands for, and the drop that it is of (NULL: of none); else why there is
 * none. */
bool drop_resolve(const struct farm *farm, const char *org, const char *source, char ret_sha256[SHA256_HEX],
		  const struct drop_record **ret_drop, char *ret_why, size_t why_size);
void drops_clear(struct farm *farm);

/* nights.c, nights_begin.c */
struct night_entry *night_load(struct farm *farm, const struct night_record *record);
void nights_resume(struct farm *farm); /* after everything else was loaded */
void night_job_added(struct farm *farm, int64_t night);
void night_job_finished(struct farm *farm, int64_t night);
/* A time of the schedule has come: a night begins, waits or is skipped. Returns its number. */
int64_t night_due(struct farm *farm, struct schedule_entry *entry, int64_t due_us, const char *text);
int64_t night_skip(struct farm *farm, const struct schedule_entry *entry, int64_t due_us, const char *why);
/* As skipped, but whoever is told of nights is told so. */
void night_refuse(struct farm *farm, const struct schedule_entry *entry, int64_t due_us, const char *why);
void nights_tick(struct farm *farm);
int64_t nights_due_us(const struct farm *farm); /* monotonic; NEVER_US: no night is being begun */
void nights_clear(struct farm *farm);

/* nights_begin.c: a night on its way to its jobs. NULL: the schedule cannot be read any more. */
struct beginning *beginning_create(struct farm *farm, const struct schedule_record *record, int64_t night);
/* From what was stored of it. */
struct beginning *beginning_resume(struct farm *farm, const struct schedule_record *record, int64_t night,
				   const json_t *cells);
void beginning_destroy(struct beginning *beginning); /* NULL is fine */
/* Some of it, inside a call. News: cells have a job now that had none, and must be stored with it. */
enum beginning_state { BEGINNING_GOES_ON, BEGINNING_HAS_NEWS, BEGINNING_DONE };

enum beginning_state beginning_turn(struct beginning *beginning);
int64_t beginning_due_us(const struct beginning *beginning); /* monotonic; of its next turn */
/* What each cell came to so far, as JSON text: [{"suite","image","type","source","sha256","version","dropped_by" (of
 * the drop, if any),"job","spec","specs" (its entries in the job)}], or with "why" it is not run in place of the last
 * three; neither: not dealt with yet. */
char *beginning_cells(struct beginning *beginning);
bool beginning_is_over(const json_t *cells);

/* secrets.c */
void secret_load(struct farm *farm, const struct secret_record *record);
bool secret_known(const struct farm *farm, const char *org, const char *name);
void secrets_clear(struct farm *farm);

/* run.c: run_enter is the one place that changes record.state. */
struct run *run_find(const struct farm *farm, int64_t id);
struct run *run_add(struct farm *farm, struct job *job, const struct run_record *record);
void run_keep(struct farm *farm, const struct run *run);
void run_keep_progress(struct farm *farm, const struct run *run); /* only how far it is */
void run_enter(struct run *run, enum run_state state);
void run_queue(struct farm *farm, struct run *run); /* waits for a board from now on */
void run_unqueue(struct farm *farm, struct run *run);
void run_assign(struct farm *farm, struct run *run, struct board *board);
void run_assign_now(struct farm *farm, struct run *run, struct board *board); /* past the queue */
void run_started(struct farm *farm, struct run *run);
void run_give_back(struct farm *farm, struct run *run); /* assigned -> queued */
/* Its board is to go to a run of a higher band; those of a gang give all theirs back. */
void run_preempt(struct farm *farm, struct run *run);
/* A further attempt, with the place in the queue that the job has. */
void run_retry(struct farm *farm, struct run *run);
/* How often it was tried, this attempt included; being pre-empted is none. */
uint32_t run_tries(const struct run *run);
/* Whether it is to be tried again, as it ended. */
bool run_wants_retry(const struct farm *farm, const struct run *run);
void run_cancel(struct farm *farm, struct run *run, const char *reason);
/* A further attempt that is left with quarantined boards only ends as the attempt before it did, and so does a night's
 * run: nobody waits for a board that needs a person. A first attempt goes on waiting, and says why, unless the one
 * board it asks for is retired. */
void run_end_hopeless(struct farm *farm);
/* Ends it. by_agent: record is filled from the agent's report; else cause and text are the farm's, and a lease it has
 * is fenced off. Then retries, and tells the job. */
void run_finish(struct farm *farm, struct run *run, enum cause cause, const char *text, bool by_agent);
void run_tick(struct farm *farm, struct run *run);
int64_t run_limit_us(const struct farm *farm, const struct run *run); /* monotonic, from now */
int64_t run_due_us(const struct farm *farm, const struct run *run);
const struct end_rule *run_end_rule(const struct run *run);
void run_destroy(struct run *run);

/* run_asked.c: what it is held to, resolved now for the type of its board; kept with its record. */
void run_ask(struct farm *farm, struct run *run);
void run_forget_asked(struct run *run);

/* lease.c: the one place where board.record.fence grows. */
void lease_open(struct farm *farm, struct board *board, struct run *run);
void lease_close(struct farm *farm, struct run *run); /* what a run used that yields is nobody's share */
void lease_fence_off(struct farm *farm, struct board *board, int64_t by);

/* board.c */
struct board *board_find(const struct farm *farm, const char *name);
struct board *board_add(struct farm *farm, const struct board_record *record, struct agent *agent);
void board_keep(struct farm *farm, struct board *board);
/* board_wear.c. board_flashed: a step erased this. board_wear_look: its chip or its type may be another one now. */
void board_wear_load(struct farm *farm, struct board *board, const struct wear_record *record);
void board_flashed(struct farm *farm, struct board *board, const struct flashed *flashed);
void board_wear_look(struct farm *farm, struct board *board);
void board_says(struct board *board, enum board_state state, const char *reason); /* its agent does */
void board_update(struct farm *farm, struct board *board); /* into the state that follows from all that is known */
/* Over to another rack, of another type, or with other equipment; also when its rack's site is another. */
void board_move(struct farm *farm, struct board *board, struct agent *agent, const char *type,
		const struct equipment *equipment, bool leases);
void board_destroy(struct board *board);
const struct equipment *board_equipment(const struct board *board); /* never NULL */

/* board_check.c: whether it is known to work. */
void board_doubt(struct farm *farm, struct board *board, const char *why);
void board_prove(struct farm *farm, struct board *board);
void board_check_when_due(struct farm *farm, struct board *board);
int64_t board_check_due_us(const struct farm *farm, const struct board *board);
void board_run_ended(struct farm *farm, const struct run *run, struct board *board); /* before it is updated */
void checks_begin(struct farm *farm);                                                /* on boards that wait for it */

/* board_time.c: its state, or its run's step, may be another; what it spent so far is kept with this change. */
void board_time_look(struct farm *farm, struct board *board);
void board_time_keep(struct farm *farm, struct board *board);
void board_times_write(struct farm *farm);
void board_times_load(struct farm *farm, const struct farm_records *records);

/* golden.c */
const struct golden_entry *golden_of(const struct farm *farm, const struct board *board); /* NULL: none */
struct job_spec *golden_spec(const struct golden_entry *golden); /* the caller's; NULL when damaged */
void golden_load(struct farm *farm, const struct golden_record *record);
void goldens_clear(struct farm *farm);
json_t *golden_json(const struct golden_record *record);
/* submit_golden.c: a submission of one run on any board of a type, checked like any other. record->spec is the
 * caller's. */
int submission_check_golden(struct farm *farm, const struct principal *who, const struct submission *submission,
			    struct golden_record *ret_record, struct doc_problems *problems, struct err *err);

/* images.c */
void held_image_load(struct farm *farm, const struct held_image_record *record);
void images_clear(struct farm *farm);
json_t *held_image_json(const struct held_image_record *record);
const struct held_image_record *image_held(const struct farm *farm, const char *org, const char *sha256);
const struct held_image_record *run_image_held(const struct farm *farm, const struct run *run); /* NULL: it may start */
void image_flashed(struct farm *farm, const struct run *run);
void image_run_ended(struct farm *farm, const struct run *run, struct board *board);
uint32_t image_strikes(const struct farm *farm, const char *org, const char *sha256);

/* trials.c */
void tried_image_load(struct farm *farm, const struct tried_image_record *record);
void trials_clear(struct farm *farm);
struct plan_quota *trial_quota(struct farm *farm, const struct run *run); /* for the run's ask; NULL: it needs none */
void trial_ask_gone(struct farm *farm, struct plan_quota *quota);
void trial_flashed(struct farm *farm, struct board *board, const struct run *run); /* NULL: nobody knows with what */
void trial_passed(struct farm *farm, struct board *board);                         /* it takes a next run well */
void trial_look(struct farm *farm, struct board *board);                           /* its state changed */
void trial_excuse(struct farm *farm, struct run *run, bool excused);
int64_t trial_due_us(const struct run *run);                              /* when its silence excuses it; NEVER_US */
void trials_look(struct farm *farm, const char *org, const char *sha256); /* the image's strikes did */
/* One that a person means by the hash or its beginning: its whole hash, and whose it is; NULL: none. */
const char *trials_find(const struct farm *farm, const struct principal *who, const char *sha256, const char **ret_org);
void trials_release(struct farm *farm, const char *org, const char *sha256);
void trial_describe(const struct farm *farm, const struct run *run, char *ret_text, size_t size);

/* diagnosis.c */
void diagnosis_note_case(struct run *run, const struct agent_case *said);
void diagnosis_begin(struct farm *farm, struct run *run, struct board *board); /* when it failed and there is a way */
void diagnosis_end(struct farm *farm, struct job *job);                        /* its job is over */
void diagnosis_load(struct farm *farm, const struct diagnosis_record *record);
json_t *diagnosis_json(const struct diagnosis_record *record);

/* own_job.c: jobs of the farm's own, FARM_ITSELF owns them. spec is taken over; own_job_tell once all runs are added.
 */
struct job *own_job_add(struct farm *farm, enum job_kind kind, const char *org, const char *name, const char *suite,
			struct job_spec *spec);
struct run *own_job_run(struct farm *farm, struct job *job, uint32_t spec, const struct run_image *image,
			const char *board_type, const char *board);
void own_job_tell(struct farm *farm, struct job *job);

/* board_hold.c: what is decided for good, and its undoing. by: a principal's name, "farm" or "agent". */
void board_put_away(struct farm *farm, struct board *board, const char *by, const char *why);
/* What happened to it was not its fault: nothing of it counts, and what its agent gave up is let in again. */
void board_forgive(struct farm *farm, struct board *board, const char *why);
bool board_forgiven(struct farm *farm, struct board *board); /* its agent gave it up: whether that is undone */
void board_take_up(struct farm *farm, struct board *board, const char *why); /* its agent is to take it up again */
/* What its agent said of it just now, in its hello or (is_hello false) as it changed. */
void board_heard(struct farm *farm, struct board *board, enum board_state state, const char *reason, bool is_hello);
struct pool *pool_find(const struct farm *farm, const char *name);
struct pool *pool_get(struct farm *farm, const char *name); /* made when there is none */
struct pool *pool_of(const struct board *board);
bool pool_type_is(const struct pool *pool, const struct board_type *type);
void pool_set_type(struct farm *farm, struct pool *pool, const char *org, const struct board_type *type);
void pool_destroy(struct pool *pool);

/* planning.c */
void planning_init(struct farm *farm);
void planning_clear(struct farm *farm); /* what it was told of may be freed afterwards */
struct farm_org *org_find(const struct farm *farm, const char *name);
struct farm_org *org_get(struct farm *farm, const char *name); /* made when there is none */
/* Whose boards of an organisation are: NULL, everybody's, of the farm's own. */
struct plan_org *org_owner(struct farm *farm, const char *name);
void job_plan(struct farm *farm, struct job *job);
void job_unplan(struct farm *farm, struct job *job); /* none of its runs waits or has a board */
struct plan_selector run_selector(const struct farm *farm, const struct run *run);

/* planning_words.c: a word that was never learned is no board's. */
void words_forget(struct farm *farm);
struct plan_traits board_traits(struct farm *farm, const struct board *board);
/* What a board must have for a run of a job of the kind. */
struct plan_traits run_traits(const struct farm *farm, const struct run_spec *run, const struct pool *pool,
			      enum job_kind kind);
void run_traits_learn(struct farm *farm, const struct run_spec *run, const struct pool *pool);
/* Whether the board may be had one day: as plan_fits, but of a board whose agent was not there yet its equipment is not
 * known. */
struct plan_explanation board_fits(const struct plan_selector *selector, const struct plan_org *org,
				   const struct board *board);
/* Whether a lease can be promised from record.from_us on: 0, or ERR_BUSY, and *ret_earliest_us is when it could be, by
 * the unix clock, or 0: nobody knows. */
int planning_try(struct farm *farm, const struct run_spec *spec, const struct hold_record *record,
		 int64_t *ret_earliest_us);
/* A lease that is held, so much longer: 0, or ERR_BUSY for what was promised to others, and *ret_room_ms is what could
 * be added. */
int planning_extend(struct farm *farm, struct run *run, int64_t for_ms, int64_t *ret_room_ms);
void run_plan(struct farm *farm, struct run *run);                          /* it waits */
void run_plan_now(struct farm *farm, struct run *run, struct board *board); /* it has the board */
void run_plan_resume(struct farm *farm, struct run *run); /* it has its board since before a restart */
/* It ended by itself: how long it took, and what is on the board now. */
void run_plan_done(struct farm *farm, const struct run *run, struct board *board);
void board_plan(struct farm *farm, struct board *board);
void board_plan_state(struct farm *farm, struct board *board);
void board_plan_moved(struct farm *farm, struct board *board);
void farm_plan(struct farm *farm); /* places what can be placed, and has the timer set for what can be later */

/* census.c */
/* How many boards that the run could get are in each state. */
struct census {
	size_t free, leased, running, recovering, suspect, quarantined, offline;
	size_t drained; /* of the free ones, those whose host or hub takes nothing new */
};

struct census run_census(const struct farm *farm, const struct run *run);
/* "for a board of type x: 2 running, 1 quarantined". */
void census_describe(const struct census *census, const struct run *run, char *ret_text, size_t size);

struct farm_member *member_get(struct farm *farm, const char *org, const char *name); /* made when there is none */

/* orgs.c */
void org_load(struct farm *farm, const struct org_record *record);
void member_load(struct farm *farm, const struct member_record *record);
void debts_load(struct farm *farm, const char *body); /* before any run */
void debts_keep_soon(struct farm *farm);
void debts_tick(struct farm *farm);

/* drains.c */
void drain_load(struct farm *farm, const struct drain_record *record);
const struct drain_record *board_drain(const struct board *board); /* NULL: neither its host nor its hub */
json_t *drain_json(const struct drain_record *record);

/* timing.c */
void timing_begin(struct farm *farm, struct job *job); /* it is planned, and has no runs yet */
void timing_end(struct job *job);                      /* it is forgotten */
void timing_look(struct farm *farm, struct job *job);  /* whether it may start now */
void timing_tick(struct farm *farm);
int64_t timing_due_us(const struct farm *farm);
void timing_job_over(struct farm *farm, struct job *job);         /* for who waits for it */
bool job_is_late(const struct farm *farm, const struct job *job); /* nothing of it starts any more */
/* "for job 12 to pass": false: its time is not what it waits for. */
bool timing_describe(const struct farm *farm, const struct job *job, char *ret_text, size_t size);

/* agent.c */
int hello_check(struct farm *farm, const struct principal *who, const struct agent_hello *hello,
		struct agent_refusal *ret_refusal, struct err *err);
struct agent *agent_find(const struct farm *farm, const char *name);
struct agent *agent_add(struct farm *farm, const struct agent_record *record);
void agent_keep(struct farm *farm, struct agent *agent);
void agent_destroy(struct agent *agent);
struct hub *hub_find(const struct agent *agent, const char *name);
struct hub *hub_get(struct farm *farm, struct agent *agent, const char *name); /* made when there is none */

/* suite.c */
struct suite_entry *suite_find(const struct farm *farm, const char *name);
int suite_add(struct farm *farm, const struct suite_record *record, struct doc_problems *problems);
const struct suite *suite_lookup(void *farm, const char *name);
void suite_entry_destroy(struct suite_entry *entry);

/* waivers.c */
void waiver_load(struct farm *farm, const struct waiver_record *record);
/* Those in force now for boards of a type, as the judge takes them; waiver_rules_finish them. */
void waivers_in_force(const struct farm *farm, const char *org, const char *board_type, struct waiver_rules *ret_rules);
void waivers_clear(struct farm *farm);

/* baselines.c */
void baseline_load(struct farm *farm, const struct accepted_record *record);
/* Whose baselines asked_resolve looks up: its context is one of these. */
struct baseline_place {
	const struct farm *farm;
	const char *org, *board_type;
};
bool baseline_lookup(void *place, const char *case_name, const char *name, const char *unit,
		     struct baseline *ret_baseline);
void baselines_clear(struct farm *farm);

#endif
