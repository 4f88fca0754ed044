/* SPDX-License-Identifier: Apache-2.0 */
/* Boards in memory, and the pools of those of one type. */
#ifndef ASSAY_FARM_STATE_BOARD_H
#define ASSAY_FARM_STATE_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/list.h"
#include "core/base/map.h"
#include "core/farm/farm_state.h"
#include "core/image/board_type.h"
#include "core/plan/plan.h"
#include "core/spec/equipment.h"

struct agent;
struct hub;
struct run;
struct trial;

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
	bool absent;                  /* nothing answers there, and its agent looks for it */
	int64_t ask_again_us;         /* after "busy"; NEVER_US otherwise */
	struct list check_link;       /* farm.to_check */
	struct {
		char org[ORG_MAX], sha256[SHA256_HEX], name[256];
	} flashed;           /* the image in its flash, of record.flashed_run */
	bool unkept;         /* something of the record is not in a change yet: what an open run's steps tell as well */
	struct trial *trial; /* of the image in its flash; NULL: it is known to do boards no harm, or nobody's */
	struct list trial_link; /* trial.boards */
	bool has_to_tell;       /* counted in trial.to_tell */
	struct wear wear;
	char wear_of[64]; /* the unique id of the chip that it counts for; "": not known */
	bool worn_told;
	char worn[120]; /* why it is spared; "": it is not */
	struct time_ledger time;
	int64_t time_moved_us; /* when that was moved last, monotonic */
	struct list time_link; /* farm.times */
};

/* board.c */
struct board *board_find(const struct farm *farm, const char *name);
struct board *board_add(struct farm *farm, const struct board_record *record, struct agent *agent);
void board_keep(struct farm *farm, struct board *board);
void board_says(struct board *board, enum board_state state, const char *reason); /* its agent does */
void board_update(struct farm *farm, struct board *board); /* into the state that follows from all that is known */
/* Over to another rack, of another type, or with other equipment; also when its rack's site is another. */
void board_move(struct farm *farm, struct board *board, struct agent *agent, const char *type,
		const struct equipment *equipment, bool leases);
void board_destroy(struct board *board);
const struct equipment *board_equipment(const struct board *board); /* never NULL */

/* board_wear.c. board_flashed: a step erased this. board_wear_look: its chip or its type may be another one now. */
void board_wear_load(struct farm *farm, struct board *board, const struct wear_record *record);
void board_flashed(struct farm *farm, struct board *board, const struct flashed *flashed);
void board_wear_look(struct farm *farm, struct board *board);

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

/* board_hold.c: what is decided for good, and its undoing. by: a principal's name, "farm" or "agent". */
void board_put_away(struct farm *farm, struct board *board, const char *by, const char *why);
/* What happened to it was not its fault: nothing of it counts, and what its agent gave up is let in again. */
void board_forgive(struct farm *farm, struct board *board, const char *why);
bool board_forgiven(struct farm *farm, struct board *board); /* its agent gave it up: whether that is undone */
void board_take_up(struct farm *farm, struct board *board, const char *why); /* its agent is to take it up again */
/* What its agent said of it just now, in its hello or (is_hello false) as it changed. */
void board_heard(struct farm *farm, struct board *board, enum board_state state, const char *reason, bool is_hello);

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

struct pool *pool_find(const struct farm *farm, const char *name);
struct pool *pool_get(struct farm *farm, const char *name); /* made when there is none */
struct pool *pool_of(const struct board *board);
bool pool_type_is(const struct pool *pool, const struct board_type *type);
void pool_set_type(struct farm *farm, struct pool *pool, const char *org, const struct board_type *type);
void pool_destroy(struct pool *pool);

#endif
