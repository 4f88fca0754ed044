/* SPDX-License-Identifier: Apache-2.0 */
/* Who gets which board, when, and why not: a pure decision over boards, organisations and what waits. It knows nothing
 * of what a job does, of agents, stores or clocks; docs/plan.md says what it promises and proves the bound on waiting.
 *
 * The caller tells what changed (plan_run_add, plan_run_end, plan_board_set_state, …) and then asks plan_next() until
 * it has nothing more; what plan_next returns has happened in the plan. Times are microseconds on any one clock that
 * never goes back; `now_us` is the caller's. Everything with an `…_add` is embedded in the caller's own structure,
 * stays where it is until its `…_remove`, and is touched by the plan only; fields under "set by the caller" are set
 * before the add. Ids (traits, images) are the caller's own numbers. Memory that cannot be had ends the program
 * (core/base/mem.h). */
#ifndef ASSAY_PLAN_PLAN_H
#define ASSAY_PLAN_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/base/list.h"
#include "core/plan/rank.h"
#include "core/plan/share.h"

#define PLAN_PRIORITY_MAX 100
#define PLAN_BANDS        SHARE_LEVELS
#define PLAN_MAX_TRAITS   32 /* of a board, or asked for */
#define PLAN_MAX_GANG     16 /* boards at once */
#define PLAN_NEVER        INT64_MAX

/* 0..19 -> 0 (patient), … 80..100 -> 4 (urgent). */
static inline unsigned plan_band(int priority)
{
	return priority >= PLAN_PRIORITY_MAX ? PLAN_BANDS - 1 : (unsigned)priority * PLAN_BANDS / PLAN_PRIORITY_MAX;
}

struct plan; /* one farm's */

struct plan_config {
	int64_t age_us;      /* a flow whose head waits this long goes up one band; 0: never */
	int64_t window_us;   /* board time a share may be ahead or, out of turn, behind */
	int64_t patience_us; /* at most so long is a board waited for, rather than that another run yields */
	unsigned trust;      /* a start is charged the estimate, but at least limit / trust; 1: no trust in estimates */
};

#define PLAN_CONFIG_DEFAULT                                                                                            \
	{                                                                                                              \
		.age_us = INT64_C(3600000000), .window_us = INT64_C(3600000000), .patience_us = INT64_C(300000000),    \
		.trust = 16                                                                                            \
	}

/* config is copied. Never NULL. */
struct plan *plan_create(const struct plan_config *config);
/* Frees what the plan made; the caller's elements need no remove before. NULL does nothing. */
void plan_destroy(struct plan *plan);

/* --- Who asks ------------------------------------------------------------------------------------------------ */

struct plan_org {
	/* set by the caller */
	uint32_t weight;     /* 1..SHARE_WEIGHT_MAX; 100 is usual */
	uint32_t cap;        /* boards at once; 0: no cap */
	uint32_t guaranteed; /* boards at once that come before anybody's share, within a band */
	bool has_boards;     /* boards of its own, which nobody else may use, are or will be there */
	/* the plan's */
	uint32_t in_use;
	uint32_t kept;           /* boards that will be in use by what already had its turn */
	struct plan_job *saver;  /* the gang for which the cap is to be left free */
	struct plan_claim *gang; /* the one that had its turn and waits for its boards */
	uint32_t reserved;       /* boards for it from a time on that is near */
	int64_t reserved_us;     /* the first of those times */
	struct list parties;     /* its shares, one a pool */
	struct list flows;       /* that wait */
};

struct plan_member {
	/* set by the caller */
	struct plan_org *org;
	uint32_t weight; /* in its organisation */
	/* the plan's */
	struct list parties;
};

void plan_org_add(struct plan *plan, struct plan_org *org);
/* New weight, cap and guarantee, from now on. */
void plan_org_change(struct plan *plan, struct plan_org *org, uint32_t weight, uint32_t cap, uint32_t guaranteed);
/* Its members are gone. */
void plan_org_remove(struct plan *plan, struct plan_org *org);
void plan_member_add(struct plan *plan, struct plan_member *member);
void plan_member_change(struct plan *plan, struct plan_member *member, uint32_t weight);
/* Its jobs are gone. */
void plan_member_remove(struct plan *plan, struct plan_member *member);

/* --- Boards -------------------------------------------------------------------------------------------------- */

/* What a board has and a selector may ask for. The kind is for explaining. */
enum plan_trait_kind { PLAN_TRAIT_TAG, PLAN_TRAIT_FEATURE, PLAN_TRAIT_SITE };

#define PLAN_TRAIT_ID_MAX 0x3fffffffu

static inline uint32_t plan_trait(enum plan_trait_kind kind, uint32_t id)
{
	return (uint32_t)kind << 30 | id;
}

static inline enum plan_trait_kind plan_trait_kind(uint32_t trait)
{
	return (enum plan_trait_kind)(trait >> 30);
}

struct plan_traits {
	uint32_t trait[PLAN_MAX_TRAITS]; /* any order, no repeats */
	size_t count;
};

/* All boards of one type. */
struct plan_pool {
	struct list classes; /* but those of one board */
	struct list idle;    /* of those: nobody asks for them at the moment */
	size_t idle_count;
	struct list boards, parties;
	size_t board_count, flow_count;
	size_t reserved;         /* boards from some time on */
	int64_t limit_us;        /* the longest that was ever asked for */
	struct share share;      /* the root: organisations below it */
	struct list short_gangs; /* that lack boards here: they wait until one more is in service */
	struct list dirty;       /* classes where something may be placed */
	struct list dirty_link;  /* in the plan, while dirty is not empty */
	bool is_barred;          /* while claims are gone through: an earlier one waits for boards here */
};

/* A host, or a hub of one: how many placements it bears at a time. */
struct plan_place {
	/* set by the caller */
	struct plan_place *parent; /* the hub's host; NULL: a host */
	uint32_t tokens;           /* placements at a time; 0: no limit */
	/* the plan's */
	uint32_t in_use;
	uint32_t kept;  /* tokens for idle boards that are kept */
	uint32_t trial; /* tokens while boards are tried for a gang; else 0 */
	bool draining;
	uint32_t reserved; /* boards from a time on that is near */
	struct list boards;
	struct list hubs, hub_link;
	struct list groups; /* of its boards, by class */
};

/* How a board is, as the caller knows it; only a ready one is given out. */
#define PLAN_BOARD_STATES(X)                                                                                           \
	X(READY, "ready")                                                                                              \
	X(OFFLINE, "offline")                                                                                          \
	X(RECOVERING, "recovering")                                                                                    \
	X(CHECKING, "checking")                                                                                        \
	X(QUARANTINED, "quarantined")                                                                                  \
	X(RETIRED, "retired")                                                                                          \
	X(BUSY, "busy") /* with what the plan does not know of */

enum plan_board_state {
#define X(name, text) PLAN_BOARD_##name,
	PLAN_BOARD_STATES(X)
#undef X
};

enum plan_board_at {
	PLAN_AT_NOTHING,
	PLAN_AT_FREE,
	PLAN_AT_KEPT,  /* idle, for a claim or from a time on: only for what ends before that */
	PLAN_AT_YIELD, /* its run can be pre-empted */
};

struct plan_board {
	/* set by the caller */
	struct plan_pool *pool;
	struct plan_place *place;
	struct plan_org *owner; /* NULL: everybody's */
	uint32_t wear;          /* flash cycles used, or any measure of it: the less the better */
	bool is_worn;           /* near its endurance: used when there is no other */
	bool is_suspect;        /* as is_worn */
	/* the plan's */
	uint8_t at; /* enum plan_board_at: among what it is found */
	enum plan_board_state state;
	uint32_t asked_by_name;   /* asks for just this one */
	struct plan_run *run;     /* that has it */
	struct plan_claim *claim; /* it is kept for several at once, or for one that pre-empts */
	struct plan_image *image;
	struct list image_link; /* among the free ones with that image */
	struct list fits;       /* the classes it is in */
	struct list pool_link, place_link;
	struct list reservations; /* struct plan_reservation.board_link, by time */
	/* set by the caller */
	struct plan_traits traits;
};

void plan_pool_add(struct plan *plan, struct plan_pool *pool);
/* No boards, no asks are left. */
void plan_pool_remove(struct plan *plan, struct plan_pool *pool);

void plan_place_add(struct plan *plan, struct plan_place *place);
/* No boards, no hubs are left. */
void plan_place_remove(struct plan *plan, struct plan_place *place);
void plan_place_set_tokens(struct plan *plan, struct plan_place *place, uint32_t tokens);
/* A draining place gets nothing new. */
void plan_place_set_draining(struct plan *plan, struct plan_place *place, bool draining);

/* The board is offline first. ERR_TOO_BIG: too many traits. */
int plan_board_add(struct plan *plan, struct plan_board *board);
/* No run has it and nobody asks for it by name. */
void plan_board_remove(struct plan *plan, struct plan_board *board);
/* It is at another place, of another pool or owner, or has other traits from now on; also while a run has it. Who asks
 * for it by name waits as long as that does not fit what was asked. ERR_TOO_BIG: too many traits; nothing is changed.
 */
int plan_board_change(struct plan *plan, struct plan_board *board, struct plan_pool *pool, struct plan_place *place,
		      struct plan_org *owner, const struct plan_traits *traits);
/* A run it has stays its run until plan_run_end. */
void plan_board_set_state(struct plan *plan, struct plan_board *board, enum plan_board_state state);
/* What its flash holds now; 0: not known. A placement does not set it. */
void plan_board_set_image(struct plan *plan, struct plan_board *board, uint64_t image);
void plan_board_set_wear(struct plan *plan, struct plan_board *board, uint32_t wear, bool is_worn, bool is_suspect);

/* --- What is asked ------------------------------------------------------------------------------------------- */

struct plan_selector {
	struct plan_pool *pool;
	struct plan_board *board; /* just this one; NULL: any of the pool with the traits */
	struct plan_traits traits;
};

/* A job: one or more asks, each one or more runs. */
struct plan_job {
	/* set by the caller */
	struct plan_member *member;
	int priority;          /* 0..PLAN_PRIORITY_MAX */
	int64_t order;         /* who came first: the smaller */
	uint32_t max_parallel; /* runs at once; 0: no limit */
	bool is_gang; /* all its waiting runs at once, or none; at most PLAN_MAX_GANG; max_parallel is no matter */
	bool is_preemptible;
	/* the plan's */
	uint32_t running, waiting; /* runs */
	int64_t held_until_us;     /* INT64_MIN: not held */
	int64_t closes_us;         /* nothing is started from then on; PLAN_NEVER */
	struct list asks;
	struct list parked;         /* asks that had their turn when the job could not go on */
	struct rank_node held_node; /* among what is held, by time */
	struct list short_link;     /* a gang for which there are not enough boards in service */
};

/* What asks of any jobs share that together may have only so many boards at once. Gangs and what is resumed count, but
 * are not kept waiting by it. */
struct plan_quota {
	/* the plan's */
	uint32_t most; /* boards at once */
	uint32_t in_use;
	struct list asks;
	struct list parked; /* of those: they had their turn when it was used up */
};

/* Runs of a job that may have the same boards. */
struct plan_ask {
	/* set by the caller */
	struct plan_job *job;
	int64_t estimate_us; /* of board time; at most limit_us */
	/* What a short and what a long one takes, about it and at most limit_us; for plan_eta alone. 0: not known. */
	int64_t estimate_short_us, estimate_long_us;
	int64_t limit_us;         /* when a run is ended by force; at least 1 */
	uint64_t image;           /* 0: no matter */
	struct plan_quota *quota; /* NULL: none; until plan_quota_lift */
	/* the plan's */
	struct plan_class *class;
	struct plan_flow *flow;
	struct list runs; /* that wait, by order */
	uint32_t waiting, running;
	struct list job_link, parked_link, quota_link;
	struct rank_node node; /* in its flow */
};

/* One placement. */
struct plan_run {
	/* set by the caller */
	int64_t order;                  /* within its ask: the smaller first */
	const struct plan_board *avoid; /* rather not there; NULL: no matter */
	bool is_spared;                 /* it yielded before, and is not asked again */
	/* the plan's */
	struct plan_ask *ask;
	struct plan_board *board;             /* that it has; NULL while it waits */
	struct plan_claim *claim;             /* it had its turn and waits for the board that is kept for it */
	struct plan_reservation *reservation; /* it waits for its time */
	int64_t started_us;
	int64_t limit_us; /* of its ask, or as extended */
	int64_t charged_us;
	uint8_t level; /* that was charged */
	bool is_asked_to_yield;
	struct list link; /* in ask->runs */
};

/* May wait from now on. The job is not held. */
void plan_job_add(struct plan *plan, struct plan_job *job);
/* Its asks are gone. */
void plan_job_remove(struct plan *plan, struct plan_job *job);
/* Nothing of it is started before from_us (now or earlier: at once; PLAN_NEVER: until the next call, as for a job that
 * waits for another), and nothing from closes_us on (PLAN_NEVER: no end). */
void plan_job_set_window(struct plan *plan, struct plan_job *job, int64_t from_us, int64_t closes_us, int64_t now_us);

/* ERR_TOO_BIG: too many traits. ERR_INVALID: limit or estimate is out of range. */
int plan_ask_add(struct plan *plan, struct plan_ask *ask, const struct plan_selector *selector);
/* No run of it waits or runs. */
void plan_ask_remove(struct plan *plan, struct plan_ask *ask);

void plan_quota_init(struct plan_quota *quota, uint32_t most);
/* Another number from now on; what has more boards keeps them. */
void plan_quota_set(struct plan *plan, struct plan_quota *quota, uint32_t most, int64_t now_us);
/* Its asks have none any more, and it may go. */
void plan_quota_lift(struct plan *plan, struct plan_quota *quota, int64_t now_us);

/* ERR_TOO_BIG: a gang has as many already. */
int plan_run_add(struct plan *plan, struct plan_run *run, struct plan_ask *ask, int64_t now_us);
/* A run that waits does so no longer. */
void plan_run_withdraw(struct plan *plan, struct plan_run *run, int64_t now_us);
/* A run that had its board has it no longer. Its share is charged what was used, or nothing (is_charged false: it was
 * pre-empted). The board is free as far as its state allows. */
void plan_run_end(struct plan *plan, struct plan_run *run, int64_t now_us, bool is_charged);
/* A run that has a board is ended by force after limit_us from its start from now on, which may be sooner than before.
 * ERR_BUSY, with nothing changed: that is longer than what was promised to others allows, which is *ret_latest_us. */
int plan_run_extend(struct plan *plan, struct plan_run *run, int64_t limit_us, int64_t now_us, int64_t *ret_latest_us);
/* As found in a store after a restart: the run has had this board since started_us. */
void plan_run_resume(struct plan *plan, struct plan_run *run, struct plan_ask *ask, struct plan_board *board,
		     int64_t started_us);

/* --- Ahead of time ------------------------------------------------------------------------------------------- */

/* Promises a run of an ask a board from from_us (not before now_us) on, for the ask's limit; it is placed then, sharp,
 * whatever is asked for meanwhile, unless boards are lost. Its job is no gang; the job's window and max_parallel are no
 * matter to it. Given up by plan_run_withdraw. 0; ERR_INVALID; or ERR_BUSY: it cannot be promised, and
 * *ret_earliest_us is when it could be (PLAN_NEVER: there is no such board in service, or it is not known). Looks at
 * all boards that fit. */
int plan_reserve(struct plan *plan, struct plan_run *run, struct plan_ask *ask, int64_t from_us, int64_t now_us,
		 int64_t *ret_earliest_us);
/* As found in a store after a restart: it was promised; a board is found when there are some. from_us may be over. */
void plan_reserve_resume(struct plan *plan, struct plan_run *run, struct plan_ask *ask, int64_t from_us,
			 int64_t now_us);

/* --- Over a restart ------------------------------------------------------------------------------------------ */

/* What an organisation, or a member of one, has used in a pool beyond its share, by band: board time, with what its
 * runs are expected to use. */
struct plan_debt {
	int64_t us[PLAN_BANDS];
};

/* member NULL: the organisation's. */
typedef void plan_debt_fn(void *context, const struct plan_pool *pool, const struct plan_org *org,
			  const struct plan_member *member, const struct plan_debt *debt);

/* All that are not nought, in no order. */
void plan_debts(const struct plan *plan, plan_debt_fn *on_debt, void *context);
/* As plan_debts told it of a plan that is gone. Before any run of it is added or resumed; once a share. */
void plan_owe(struct plan *plan, struct plan_pool *pool, struct plan_org *org, struct plan_member *member,
	      const struct plan_debt *debt);

/* --- Decisions ----------------------------------------------------------------------------------------------- */

enum plan_action_kind {
	PLAN_NOTHING,
	PLAN_PLACE,   /* run has board now */
	PLAN_PREEMPT, /* run is to give its board back at a safe step (plan_run_end): asked once */
	PLAN_LATE     /* run was promised a board for now and has none: told once; it has the first that can be had */
};

struct plan_action {
	enum plan_action_kind kind;
	struct plan_run *run;
	struct plan_board *board;
};

/* The next decision; kind PLAN_NOTHING when there is none until something changes or plan_next_wake(). */
struct plan_action plan_next(struct plan *plan, int64_t now_us);
/* When plan_next is to be asked again though nothing else happens; PLAN_NEVER. */
int64_t plan_next_wake(const struct plan *plan);

/* --- Reasons ------------------------------------------------------------------------------------------------- */

/* Why a run does not have a board; the first that holds, in this order. */
#define PLAN_REASONS(X)                                                                                                \
	X(NONE, "none", "nothing is in the way")                                                                       \
	X(TYPE, "type", "another type")                                                                                \
	X(NAME, "name", "another board was asked for")                                                                 \
	X(OWNER, "owner", "another organisation's board")                                                              \
	X(TAG, "tag", "a tag is missing")                                                                              \
	X(FEATURE, "feature", "a feature is missing")                                                                  \
	X(SITE, "site", "another site")                                                                                \
	X(NO_BOARD, "no-board", "there is no such board")                                                              \
	X(WAITS_FOR_JOB, "waits-for-job", "the job waits for another")                                                 \
	X(NOT_BEFORE, "not-before", "the job's time has not come")                                                     \
	X(WINDOW_CLOSED, "window-closed", "the job's window is closed")                                                \
	X(OFFLINE, "offline", "offline")                                                                               \
	X(RETIRED, "retired", "retired")                                                                               \
	X(QUARANTINED, "quarantined", "quarantined")                                                                   \
	X(RECOVERING, "recovering", "recovering")                                                                      \
	X(CHECKING, "checking", "checking")                                                                            \
	X(BUSY, "busy", "busy")                                                                                        \
	X(DRAINING, "draining", "its host takes nothing new")                                                          \
	X(JOB_PARALLEL, "job-parallel", "the job has as many boards as it may have at once")                           \
	X(ORG_CAP, "org-cap", "the organisation has as many boards as it may have")                                    \
	X(QUOTA, "image-on-trial", "its image is tried on a few boards first")                                         \
	X(RUNNING, "running", "it has another run")                                                                    \
	X(KEPT, "kept", "it is kept for another")                                                                      \
	X(HUB_FULL, "hub-full", "its hub bears no more at a time")                                                     \
	X(HOST_FULL, "host-full", "its host bears no more at a time")                                                  \
	X(RESERVED, "reserved", "the boards there are, are reserved from a time on that comes too soon")               \
	X(LATE, "late", "a board was promised for now, but has been lost")                                             \
	X(GANG, "gang", "not all boards are free at once")                                                             \
	X(TURN, "turn", "others are before it")

enum plan_reason {
#define X(name, word, text) PLAN_WHY_##name,
	PLAN_REASONS(X)
#undef X
};

const char *plan_reason_word(enum plan_reason reason); /* "host-full" */
const char *plan_reason_text(enum plan_reason reason);

struct plan_explanation {
	enum plan_reason reason;
	uint32_t trait;             /* TAG, FEATURE, SITE: the missing one */
	int64_t until_us;           /* NOT_BEFORE, RUNNING, KEPT, RESERVED: the latest end; else PLAN_NEVER */
	uint64_t before;            /* TURN: runs of its own flow that go before it */
	const struct plan_run *run; /* RUNNING: that one */
};

/* Whether a board is of those a selector of an organisation asks for: NONE, or TYPE..SITE. For refusing at submit. */
struct plan_explanation plan_fits(const struct plan_selector *selector, const struct plan_org *org,
				  const struct plan_board *board);
/* How many boards there are for it, in any state but retired; looks at all of the pool. */
size_t plan_count_boards(const struct plan_selector *selector, const struct plan_org *org);
/* Why a run that waits does not have this board (NULL: any). */
struct plan_explanation plan_explain(const struct plan *plan, const struct plan_run *run,
				     const struct plan_board *board, int64_t now_us);

struct plan_eta {
	uint64_t position;   /* runs that go before it as things stand, at a quota those of it; 0: the next */
	int64_t expected_us; /* if estimates hold and nothing else comes; PLAN_NEVER: no board is in service */
	int64_t soonest_us, slowest_us; /* the same by the short and the long estimates */
	int64_t latest_us; /* by the bound of docs/plan.md; PLAN_NEVER: it says nothing (held, at a cap, a gang, …) */
};

#define PLAN_ETA_UNKNOWN(before)                                                                                       \
	((struct plan_eta){.position = (before),                                                                       \
			   .expected_us = PLAN_NEVER,                                                                  \
			   .soonest_us = PLAN_NEVER,                                                                   \
			   .slowest_us = PLAN_NEVER,                                                                   \
			   .latest_us = PLAN_NEVER})
struct plan_eta plan_eta(const struct plan *plan, const struct plan_run *run, int64_t now_us);

#endif
