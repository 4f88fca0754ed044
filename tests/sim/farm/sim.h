/* SPDX-License-Identifier: Apache-2.0 */
/* A world in memory for the farm: a store that commits when it is told to and can fail, agents that follow the wire's
 * rules and get lost, people who submit and cancel, one clock, and crashes at any instant. */
#ifndef ASSAY_SIM_FARM_SIM_H
#define ASSAY_SIM_FARM_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/list.h"
#include "core/farm/farm.h"
#include "core/spec/spec_when.h"

#define SIM_TYPES        3
#define SIM_AGENTS       4
#define SIM_AGENT_BOARDS 3
#define SIM_BOARDS       (SIM_AGENTS * SIM_AGENT_BOARDS)
#define SIM_PARTNER      "partner" /* whose rack the last one is */
#define SIM_LIMITED      1         /* the rack where so many boards may have a run at a time: */
#define SIM_LIMIT        2
#define SIM_OLD          2 /* the rack whose agent knows of no leases */
#define SIM_ORGS         3
#define SIM_EPOCH_S      INT64_C(1700000000) /* when the world began */
#define SIM_MAX_DAYS     12
#define SIM_IMAGES       16 /* that come one after the other */
#define SIM_TRIAL        2  /* boards that one new to a type gets at once */
#define SIM_MAX_JOBS     1500
#define SIM_MAX_RUNS     9000

/* Ends the program with the seed and the step when it does not hold. */
#define CHECK(world, condition, ...)                                                                                   \
	do {                                                                                                           \
		if (!(condition))                                                                                      \
			sim_fail((world), #condition, __FILE__, __LINE__, __VA_ARGS__);                                \
	} while (0)

struct world;

/* --- the store --- */

/* A run as it is stored, with what only the simulator knows. */
struct stored_run {
	struct run_record record; /* id 0: none */
	uint64_t console_bytes;   /* appended without a hole */
	size_t cases, steps_open, steps;
	bool flashed;                 /* it got past its flash */
	struct step_record open_step; /* the last one that began */
};

struct stored_job {
	struct job_record record;
	char *spec;
	bool cancel_event;       /* job.cancelled is stored */
	struct hold_record hold; /* of a lease; job 0: none */
	struct job_terms terms;
	struct job_when when;
	bool together, preemptible;
	bool granted, ended; /* lease.granted, lease.ended are stored */
};

struct stored_board {
	struct board_record record;
	bool exists;
	int64_t lease_fence, lease_run; /* the open lease; 0: none */
	struct board_time_record times[SIM_MAX_DAYS];
	size_t time_count;
	int64_t first_us; /* when that begins */
};

struct image_model {
	struct held_image_record held[SIM_IMAGES * SIM_ORGS];
	size_t held_count;
	struct tried_image_record tried[SIM_IMAGES * SIM_ORGS * SIM_TYPES];
	size_t tried_count;
};

struct store_model {
	struct list queue; /* struct change, not durable yet */
	size_t queued;
	bool failing;
	struct stored_job jobs[SIM_MAX_JOBS];
	struct stored_run runs[SIM_MAX_RUNS];
	struct stored_board boards[SIM_BOARDS];
	struct agent_record agents[SIM_AGENTS];
	struct golden_record goldens[SIM_TYPES]; /* of the default organisation; spec NULL: none */
	struct board_type_record types[SIM_TYPES];
	struct org_record orgs[SIM_ORGS];
	struct image_model images;
	bool drained[SIM_AGENTS];
	struct drain_record drains[SIM_AGENTS];
	int64_t gang; /* the run of one that got a board in the change that is being stored; 0: none */
	int64_t last_job, last_run, last_seq;
	int64_t last_fence; /* of any lease, or what is beyond it by now */
	int64_t last_at_us; /* of the last event */
	int64_t durable;    /* number of the last change */
};

void store_init(struct store_model *store);
void store_finish(struct store_model *store);
/* Makes the first count changes durable and tells the farm when tell. */
void store_commit_some(struct world *world, size_t count, bool tell);
void store_crash(struct store_model *store); /* what is not durable is gone */
/* The first waiting change can never be stored: it and all after it are dropped. Returns false when none waits, or its
 * run was refused something before. */
bool store_refuse(struct world *world, struct change_refusal *ret_refusal);
void store_records(struct store_model *store, struct farm_records *ret_records);

/* --- terms_model.c: what was said of a job is kept to --- */

void terms_read(struct world *world, struct stored_job *job);
void terms_check_lease(struct world *world, const struct lease_record *lease);
void terms_check_change(struct world *world);
void terms_put_org(struct world *world, const struct org_record *record);
void terms_put_drain(struct world *world, const struct drain_record *record);
void terms_records(const struct store_model *store, struct farm_records *ret_records);

/* --- image_model.c --- */

void images_sha(int image, char ret_sha256[SHA256_HEX]);
void images_put_held(struct world *world, const struct held_image_record *record);
void images_put_tried(struct world *world, const struct tried_image_record *record);
void images_check_lease(struct world *world, const struct lease_record *lease);
void images_records(const struct store_model *store, struct farm_records *ret_records);
/* A person lets all that are held go on, or one that is on trial. */
void images_release(struct world *world, bool trials);

/* --- same_model.c: after a restart the farm is what it was --- */

struct farm_lines {
	char *text;
	char **line; /* in it, sorted */
	size_t count;
};

struct farm_lines *same_tell(const struct world *world);
void same_check(const struct world *world, const struct farm_lines *before, const struct farm_lines *after);
void same_finish(struct farm_lines *lines);

/* --- agents --- */

#define SIM_EVENTS_MAX 16

enum letter_kind { LETTER_WELCOME, LETTER_ASSIGN, LETTER_CANCEL, LETTER_ACK, LETTER_STALE, LETTER_RECOVER };

/* A message from the farm on its way. */
struct letter {
	struct list link;
	enum letter_kind kind;
	int64_t run, fence, n;
	enum cause cause; /* of a cancel */
	bool hold;        /* an assign of a lease */
	char board[FARM_NAME_MAX];
	struct agent_known_run *known;
	size_t known_count;
};

/* A run as its agent has it. */
struct agent_run {
	int64_t run, fence; /* 0: none */
	int board;          /* index in the agent's boards */
	int64_t made;       /* events made, 1..made, all spooled */
	int64_t sent;       /* on this connection */
	int plan;           /* events before run.ended */
	bool ended, cancel;
	enum cause cancel_cause;
	bool hold;        /* of a lease */
	enum cause cause; /* of its end */
	uint64_t console;
	size_t cases;
};

struct agent_model {
	char name[FARM_NAME_MAX];
	bool connected; /* hello was taken */
	bool welcomed;
	struct agent_run runs[SIM_AGENT_BOARDS * 2]; /* driven, or ended and not acknowledged */
	int64_t fence[SIM_AGENT_BOARDS];
	enum board_state state[SIM_AGENT_BOARDS]; /* free or quarantined, as it would say */
	bool recover[SIM_AGENT_BOARDS];           /* to be taken up again once nothing drives it */
	struct list inbox;                        /* struct letter from the farm */
};

void agents_init(struct world *world);
void agents_finish(struct world *world);
void agent_connect(struct world *world, int agent);
void agent_disconnect(struct world *world, int agent, bool tell);
void agent_restart(struct world *world, int agent); /* kill -9 and start again */
void agent_amnesia(struct world *world, int agent); /* and its spool is lost, its fences are not */
void agent_read(struct world *world, int agent);    /* handles one letter */
void agent_work(struct world *world, int agent);    /* one of its runs goes on by one event */
void agent_send(struct world *world, int agent);    /* sends one spooled event; now and then one twice */
void agent_quarantine(struct world *world, int agent);
bool agent_waits(const struct world *world, int agent); /* nothing to read, do or send */
bool agent_idle(const struct world *world, int agent);  /* nor is any board given up */

/* --- ports --- */

struct farm_ports sim_ports(struct world *world);

/* --- people --- */

void people_submit(struct world *world);
void people_cancel(struct world *world);
/* An admin caps an organisation or drains a rack; in the calm there is no such thing. */
void people_administer(struct world *world);
/* One that waits for a board whose rack turned out to know no leases would wait for ever. */
void people_give_back(struct world *world);
void people_lease(struct world *world);   /* ask for one, or do something about one */
void people_golden(struct world *world);  /* a golden image set or removed */
void people_order(struct world *world);   /* a board in or out of service */
void people_release(struct world *world); /* every board that is out of service */

/* --- the world --- */

struct sim_counts {
	uint64_t runs, jobs, submits_refused, crashes, compared, refusals, agent_losses, agent_restarts, amnesias,
		cancels, troubles, events, steps, retries, checks, leases, reserved, grants, hand_overs, gangs,
		preemptions, drains, caps, held, tried;
};

struct world {
	uint64_t seed, random;
	uint64_t step; /* for messages */
	int64_t now_us;
	int64_t timer_us; /* < 0: not armed */
	struct farm *farm;
	struct store_model store;
	struct agent_model agents[SIM_AGENTS];
	struct board_type types[SIM_TYPES];
	struct image image;
	int64_t published; /* seq of the last event the world heard of */
	bool acknowledged[SIM_MAX_JOBS];
	bool refused[SIM_MAX_JOBS];
	bool calm; /* nothing goes wrong any more */
	bool flow_waits, unhealthy;
	bool blamed[SIM_MAX_RUNS];         /* the store refused something of it */
	int64_t gone_us[SIM_AGENTS];       /* since when an agent is not connected */
	enum cause reported[SIM_MAX_RUNS]; /* by run.ended of its agent; CAUSE_NONE: none */
	size_t reported_cases[SIM_MAX_RUNS];
	uint64_t reported_console[SIM_MAX_RUNS];
	struct sim_counts counts;
};

void sim_fail(const struct world *world, const char *what, const char *file, int line, const char *format, ...)
	__attribute__((noreturn, format(printf, 5, 6)));
uint64_t sim_random(struct world *world, uint64_t below);
bool sim_chance(struct world *world, unsigned percent);

struct world *world_create(uint64_t seed);
void world_destroy(struct world *world);
void world_run(struct world *world, uint64_t steps);

/* The board of an index, and back. */
void sim_board_name(int board, char name[FARM_NAME_MAX]);
int sim_board_index(const char *name);
int sim_agent_index(const char *name);
const char *sim_type_of(int board);

#endif
