/* SPDX-License-Identifier: Apache-2.0 */
/* What the plan makes for itself, and how its files use each other. */
#ifndef ASSAY_PLAN_PRIVATE_H
#define ASSAY_PLAN_PRIVATE_H

#include "core/base/map.h"
#include "core/plan/plan.h"

#define PLAN_LOOK         16  /* boards looked at to choose one */
#define PLAN_MAX_LOOKED   256 /* boards with a run that are looked at */
#define PLAN_IDLE_CLASSES 16  /* of a pool, kept for when somebody asks again */

struct plan {
	struct plan_config config;
	struct map classes, groups, parties, stands, flows, images;
	struct list dirty_pools; /* struct plan_pool.dirty_link */
	struct rank_set held;    /* struct plan_job.held_node, by when they are let go */
	struct list claims;      /* struct plan_claim.link, in the order of their turns */
	bool claims_dirty;       /* one of them may be able to go on */
	struct rank_set
		reserved; /* struct plan_reservation.node, by time: those that are far, then those that are near */
	struct rank_set near;
	bool reserved_dirty;       /* one of the near may be without a board, or have a better one */
	size_t homeless;           /* of the near, without a board */
	int64_t limit_us;          /* the longest that was ever asked for */
	struct rank_set patient;   /* struct plan_class.patient_node, by when to look again */
	struct list retries;       /* struct plan_job.short_link: gangs that may have enough boards now */
	struct list short_jointly; /* gangs that no one pool lacks boards for: until one more, or a token, is there */
};

/* An organisation, or one of its members, in a pool: their shares there. */
struct plan_party {
	struct share share;
	struct map_node node;
	const void *who;
	const struct plan_pool *pool;
	struct list who_link, pool_link;
	size_t flows;     /* of a member: those below it */
	bool is_restored; /* what its runs are expected to use was charged before a restart */
};

/* All asks with the same selector, and the boards that fit them. */
struct plan_class {
	struct map_node node;
	struct plan_selector selector;  /* traits sorted */
	const struct plan_org *visible; /* whose boards are in it besides everybody's; NULL: nobody's */
	struct list pool_link;          /* not when selector.board */
	struct list fits;               /* struct plan_fit.class_link: all boards */
	size_t board_count;
	size_t served;                            /* of those: ready, at places that are not draining */
	struct list open;                         /* struct plan_group.open_link: where a board can be had */
	struct list kept;                         /* struct plan_fit.at_link: idle boards that are kept for a claim */
	struct list yield;                        /* struct plan_fit.at_link: boards whose run can be pre-empted */
	size_t waiting;                           /* flows */
	struct list stands[PLAN_BANDS];           /* struct plan_stand.class_link: with flows at that level */
	struct list ages[PLAN_BANDS][PLAN_BANDS]; /* by band and level: struct plan_flow.age_link, by since_us */
	int64_t age_us;                           /* no flow goes up before */
	struct rank_node patient_node;            /* nobody was asked to yield, since a run was expected to end */
	struct list dirty_link;
	struct list idle_link;
	size_t asks;
};

/* The boards of a class at one place. */
struct plan_group {
	struct map_node node;
	struct plan_class *class;
	struct plan_place *place;
	struct list place_link;
	struct list open_link; /* in class->open: it has free boards and its place has a token */
	struct list free;      /* struct plan_fit.at_link, the longest free first */
	size_t board_count;
	size_t ready; /* of those */
};

/* A board in a class. */
struct plan_fit {
	struct list class_link, board_link;
	struct list at_link; /* as board->at says: in group->free, class->kept or class->yield */
	struct plan_group *group;
	struct plan_board *board;
};

/* The flows of an organisation in a class. */
struct plan_stand {
	struct map_node node;
	struct plan_class *class;
	struct plan_org *org;
	const struct share *share;           /* the organisation's in the pool */
	struct list flows[PLAN_BANDS];       /* by level: struct plan_flow.stand_link, by org_reserve */
	struct list class_links[PLAN_BANDS]; /* while there are such */
	size_t users;                        /* flows that wait or not */
};

/* What a member asks for in a class, within a band: by priority and order. */
struct plan_flow {
	struct map_node node;
	struct plan_class *class;
	struct plan_member *member;
	struct plan_party *party; /* the member's in the pool */
	struct plan_stand *stand;
	unsigned band;
	unsigned level;                      /* the band, aged; share.level of that is entered while it waits */
	int64_t since_us;                    /* how long its head waits */
	int64_t org_reserve, member_reserve; /* where their shares may fall back to while it waits */
	struct rank_set asks;
	struct share share;
	struct list stand_link, age_link, org_link; /* while it waits */
	size_t users;                               /* asks; it is dropped with the last one */
};

/* The free boards that hold an image. */
struct plan_image {
	struct map_node node;
	uint64_t id;
	struct list free;
	size_t boards; /* in any state; it is dropped with the last one */
};

/* One or more runs that had their turn when not all their boards could be had: certain boards are kept for them, and
 * are only given to what ends before the last of these is free. */
struct plan_claim {
	struct list link;
	struct plan_job *job;
	struct claim_part {
		struct plan_run *run;
		struct plan_board *board; /* NULL: not assigned */
	} part[PLAN_MAX_GANG];
	size_t count, started;
	unsigned level;
	bool is_gang;
	bool is_assigned; /* all parts have a board that is kept */
};

/* A board from a time on. It is near when a claim that is made now may take a board beyond that time; from then on the
 * board is only given to what ends before. */
struct plan_reservation {
	struct rank_node node;
	struct list board_link; /* in board->reservations */
	struct plan_run *run;
	struct plan_board *board; /* NULL: none that would do */
	int64_t from_us;
	bool is_near;
	bool is_late; /* and that was told */
};

/* class.c */
struct plan_explanation plan_class_refuses(const struct plan_selector *selector, const struct plan_org *visible,
					   const struct plan_board *board);
/* Found or made, with one more ask on it. */
struct plan_class *plan_class_hold(struct plan *plan, const struct plan_selector *selector, const struct plan_org *org);
void plan_class_release(struct plan *plan, struct plan_class *class);
void plan_class_drop_idle(struct plan *plan, struct plan_pool *pool);
/* Puts the board into all classes of its pool that it fits, or takes it out of all of them. */
void plan_class_enlist(struct plan *plan, struct plan_board *board);
void plan_class_delist(struct plan *plan, struct plan_board *board);
/* Looks again where a run should be over. */
void plan_class_retry(struct plan *plan, int64_t now_us);
/* Something may be placed in the class now. */
void plan_class_touch(struct plan *plan, struct plan_class *class);
/* Counts a board that became ready, or is so no longer, in its classes; a place that drains or does so no longer. */
void plan_fit_count_ready(struct plan *plan, struct plan_fit *fit, bool is_ready);
void plan_group_count_draining(struct plan *plan, struct plan_group *group, bool is_draining);
void plan_fit_set_at(struct plan *plan, struct plan_fit *fit, enum plan_board_at at);
void plan_class_free_all(struct plan *plan);

/* place.c */
bool plan_place_is_open(const struct plan_place *place);
bool plan_place_is_draining(const struct plan_place *place);
/* What has a token there may pass it on to the next. */
bool plan_place_bears(const struct plan_place *place);
/* What is kept where more is in use than there are tokens is kept no longer. */
void plan_place_check(struct plan *plan, const struct plan_place *place);
/* A placement at a place and at its host, begun or over. */
void plan_place_take(struct plan *plan, struct plan_place *place);
void plan_place_give_back(struct plan *plan, struct plan_place *place);
/* A token is kept for an idle board, or no longer. */
void plan_place_keep(struct plan *plan, struct plan_place *place, bool is_kept);
/* Something may be placed there now. */
void plan_place_touch(struct plan *plan, const struct plan_place *place);
/* How many more placements there can be at once. */
uint32_t plan_place_room(const struct plan_place *place);

/* board.c */
/* Free or not, as its state, run and keep say. */
void plan_board_settle(struct plan *plan, struct plan_board *board);
struct plan_image *plan_image_find(const struct plan *plan, uint64_t id);
void plan_image_free_all(struct plan *plan);

/* party.c */
struct plan_party *plan_party_of(struct plan *plan, struct plan_pool *pool, struct plan_member *member);
struct plan_party *plan_party_of_org(struct plan *plan, struct plan_pool *pool, struct plan_org *org);
void plan_party_forget_pool(struct plan *plan, struct plan_pool *pool);
void plan_party_free_all(struct plan *plan);
/* It may not have `more` boards besides those it has and those that are kept for it. */
bool plan_org_lacks_room(const struct plan_org *org, uint32_t more);
/* The organisation may have more boards again. */
void plan_org_resume(struct plan *plan, struct plan_org *org);
/* The next boards of the organisation are for that gang, for which its cap leaves no room; or for anybody again. */
void plan_org_save(struct plan *plan, struct plan_job *gang);
void plan_org_save_no_more(struct plan *plan, struct plan_org *org);

/* stand.c */
struct plan_stand *plan_stand_hold(struct plan *plan, struct plan_class *class, struct plan_member *member);
void plan_stand_release(struct plan *plan, struct plan_stand *stand);
void plan_stand_free_all(struct plan *plan);
/* A flow begins to wait, with its head since now_us; its head was served, and the next waits from now on; it waits no
 * longer. */
bool plan_flow_waits(const struct plan_flow *flow);
void plan_flow_enter(const struct plan *plan, struct plan_flow *flow, int64_t now_us);
void plan_flow_served(const struct plan *plan, struct plan_flow *flow, int64_t now_us);
void plan_flow_leave(struct plan_flow *flow);
/* Flows of the class whose heads waited long enough go up. */
void plan_class_age(const struct plan *plan, struct plan_class *class, int64_t now_us);

/* turn.c */
/* Whose turn it is. */
struct turn {
	struct plan_flow *flow;   /* NULL: nobody's */
	struct plan_flow *fair;   /* whose it were if nobody had a guarantee */
	struct plan_board *board; /* a kept one, or the one whose run is to yield; NULL: any free one */
};

/* Over the classes of a pool where something may be placed; those where nothing can be are left alone from now on. */
struct turn plan_turn_in_pool(struct plan *plan, struct plan_pool *pool, int64_t now_us);
/* What the flow has a board for in its turn. */
struct plan_ask *plan_turn_ask(struct plan *plan, struct plan_flow *flow, int64_t now_us);

/* queue.c */
struct plan_flow *plan_flow_hold(struct plan *plan, struct plan_class *class, struct plan_member *member,
				 unsigned band);
void plan_flow_release(struct plan *plan, struct plan_flow *flow);
void plan_flow_free_all(struct plan *plan);
/* The ask that is next in the flow; those whose job cannot go on are parked. NULL: the flow waits no more. */
struct plan_ask *plan_flow_head(struct plan *plan, struct plan_flow *flow, int64_t now_us);
bool plan_job_is_at_limit(const struct plan_job *job);
/* In its flow or not, as the ask and its job are. */
void plan_ask_settle(struct plan *plan, struct plan_ask *ask, int64_t now_us);
/* The job may go on: what was parked waits again. */
void plan_job_unpark(struct plan *plan, struct plan_job *job, int64_t now_us);
/* The gangs that lack boards of the pool, or of any, look again. */
void plan_short_gangs_retry(struct plan *plan, struct plan_pool *pool);
void plan_short_gangs_look(struct plan *plan); /* those that lack what hosts and hubs bear */
void plan_short_gangs_requeue(struct plan *plan, int64_t now_us);
/* The gang, which waits in its flow, is put aside until there is one more board in the pool, NULL: in any. */
void plan_gang_shelve(struct plan *plan, struct plan_job *job, struct plan_pool *pool);
/* Lets go what was held until now. */
void plan_hold_expire(struct plan *plan, int64_t now_us);
void plan_job_settle(struct plan *plan, struct plan_job *job, int64_t now_us);
/* The ask for whose flow a gang waits; NULL: none of its runs waits. */
struct plan_ask *plan_gang_lead(const struct plan_job *job);
void plan_run_init(struct plan_run *run, struct plan_ask *ask);
/* Among what waits, or no longer. */
void plan_run_enqueue(struct plan *plan, struct plan_run *run, int64_t now_us);
void plan_run_dequeue(struct plan *plan, struct plan_run *run, int64_t now_us);

/* start.c */
/* Charges a run that has its turn now to its shares. */
enum run_turn {
	RUN_IN_TURN,
	RUN_BY_GUARANTEE, /* in turn but for its organisation's guarantee */
	RUN_ALONG,        /* with another of its gang that was in turn */
	RUN_OUT_OF_TURN
};

void plan_run_charge(const struct plan *plan, struct plan_run *run, unsigned level, enum run_turn turn);
/* After a restart; not to shares that were charged for it before. */
void plan_run_charge_again(const struct plan *plan, struct plan_run *run);
void plan_run_refund(struct plan_run *run);
/* When it is over at the latest. */
static inline int64_t plan_run_until_us(const struct plan_run *run)
{
	return run->started_us + run->limit_us;
}

/* The run, in no queue and charged, has the board from now on. */
void plan_run_start(struct plan *plan, struct plan_run *run, struct plan_board *board, int64_t now_us);

/* quota.c */
bool plan_ask_is_at_quota(const struct plan_ask *ask);
/* A run of the ask has a board, or one is kept for it; or no longer. */
void plan_ask_count_in(struct plan_ask *ask);
void plan_ask_count_out(struct plan *plan, struct plan_ask *ask, int64_t now_us);

/* choose.c */
/* The board for a run among the free ones of its class, of which there is one. */
struct plan_board *plan_choose_board(const struct plan *plan, const struct plan_run *run);

/* match.c */
/* Gives each part a board of its class, free ones as far as possible, then those that are free soonest by their runs'
 * limits. blind: as if nothing were kept, to see whether there are enough at all. False, with no board given, when
 * there are not enough. */
bool plan_match_parts(struct claim_part *part, size_t count, bool blind);

/* reserve.c */
/* The board, or its place, is for a reservation that is near. */
bool plan_is_reserved(const struct plan_board *board);
/* Until when what begins now may last on the idle board; PLAN_NEVER: as long as it likes. */
int64_t plan_reserved_until_us(const struct plan_board *board);
/* A run of the organisation that lasts so long may take the room under its cap that is reserved. */
bool plan_org_is_reserved(const struct plan_org *org, int64_t limit_us, int64_t now_us);
/* Reservations whose time is near keep their boards from now on. */
void plan_reserved_bring_near(struct plan *plan, int64_t now_us);
/* A reservation leaves a board of the class, which others wait for, for one that will be free in time. */
bool plan_reserved_make_way(struct plan *plan, const struct plan_class *class, int64_t now_us);
/* The board is another from now on, or a place has other tokens: who was promised it looks for others. */
void plan_reserved_leave(struct plan *plan, struct plan_board *board);
void plan_reserved_place_changed(struct plan *plan, struct plan_place *place);
/* It goes to another board when that is the way to one in time. */
void plan_reserved_house(struct plan *plan, struct plan_reservation *reservation, int64_t now_us);
/* The first reservation for which there will be no token at the place; PLAN_NEVER. */
int64_t plan_reserved_breaks_us(const struct plan_place *place);
void plan_reserved_cancel(struct plan *plan, struct plan_run *run);
/* A reservation whose time has come: its run has its board from now on, or is late. */
bool plan_reserved_next(struct plan *plan, int64_t now_us, struct plan_action *ret_action);
int64_t plan_reserved_wake_us(const struct plan *plan);
void plan_reserved_free_all(struct plan *plan);

/* reserve_room.c */
/* Nothing that begins now, or is made a claim, can last until then. */
int64_t plan_far_us(const struct plan *plan, int64_t now_us);
struct plan_room {
	struct plan_board *board; /* NULL: there is none */
	int64_t at_us;
};
/* The board, of all that fit, that can be had the earliest, but not before the reservation's time. */
struct plan_room plan_room_find(const struct plan *plan, const struct plan_reservation *reservation, int64_t now_us);
/* Another board, with a run, that can be had just in time; a bounded look. */
bool plan_room_move(const struct plan *plan, const struct plan_reservation *reservation, int64_t now_us,
		    struct plan_board **ret_board);
/* How many boards of a place have runs that may last beyond from_us, are kept, or are reserved in the span. */
uint32_t plan_room_taken(const struct plan_place *place, int64_t from_us, int64_t until_us);

/* eta.c */
/* How long the head of a flow that waited so long waits on at most, as docs/plan.md proves; PLAN_NEVER: it says
 * nothing. */
int64_t plan_bound_us(const struct plan *plan, const struct plan_flow *flow, int64_t waited_us);

/* claim.c */
/* The ask's job is a gang that has its turn; or the run has its turn and gets the board whose run is asked to yield. */
void plan_claim_gang(struct plan *plan, struct plan_ask *lead, unsigned level, enum run_turn turn, int64_t now_us);
void plan_claim_board(struct plan *plan, struct plan_run *run, struct plan_board *board, unsigned level,
		      enum run_turn turn, int64_t now_us);
/* A claim that can go on: its next run has its board from now on. */
bool plan_claim_next(struct plan *plan, int64_t now_us, struct plan_action *ret_action);
/* A board that is kept for it cannot be had: it looks for others. */
void plan_claim_unassign(struct plan *plan, struct plan_claim *claim);
void plan_claim_leave_place(struct plan *plan, const struct plan_place *place);
/* The runs wait again as if they had had no turn. */
void plan_claim_disband(struct plan *plan, struct plan_claim *claim, int64_t now_us);
/* When all its boards are free at the latest; INT64_MIN: they are. */
int64_t plan_claim_until_us(const struct plan_claim *claim);
void plan_claim_free_all(struct plan *plan);

#endif
