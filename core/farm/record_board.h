/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept of boards, of their hosts, and of the images that are good or bad for them. */
#ifndef ASSAY_FARM_RECORD_BOARD_H
#define ASSAY_FARM_RECORD_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/farm/principal.h"
#include "core/farm/record_job.h"
#include "core/farm/record_sizes.h"
#include "core/health/board_state.h"
#include "core/health/ladder.h"
#include "core/health/time_ledger.h"
#include "core/health/wear.h"

#define BOARD_UNPROVEN_MAX 200

/* Times and owners as in record_job.h. */

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
	uint32_t checks_spoiled;           /* in a row: that say nothing of it */
	int64_t flashed_run;               /* put there what is in its flash; 0: nobody knows what is there */
	bool fell_out;                     /* nobody could work with it, and no run reached its flash since */
	uint32_t busy; /* times in a row that its agent said so of it, with nothing that the farm knows of */
	bool forgiven; /* since then, because of an image: its agent may give it up once without consequences */
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

struct board_type_record {
	char name[FARM_NAME_MAX];
	char org[ORG_MAX];
	char *body; /* as board_type_to_json */
	int64_t changed_at_us;
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

/* An image that put boards out of action; (org, sha256) is its key. */
struct held_image_record {
	char org[ORG_MAX];
	char sha256[SHA256_HEX];
	char name[256];
	int64_t held_at_us;   /* since when it gets no more of them; 0: they are too few for that */
	int64_t struck_at_us; /* when it last came to be so many */
	char evidence[1600];  /* JSON: the boards, the run of the image on each, and what came in the way after it */
	bool released;        /* or it did well since */
};

/* What is in the flash of a board, as its run tells; board is its key. */
struct board_image_record {
	char board[FARM_NAME_MAX];
	int64_t run;
	bool is_open;  /* the run is not finished */
	bool is_lease; /* a person's: nobody knows */
	char org[ORG_MAX], sha256[SHA256_HEX], name[256];
	char board_type[FARM_NAME_MAX];
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

#endif
