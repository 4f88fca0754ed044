/* SPDX-License-Identifier: Apache-2.0 */
/* Images in memory: those a farm trusts (golden), suspects, holds or tries, and whose fault a failure was. */
#ifndef ASSAY_FARM_STATE_IMAGE_H
#define ASSAY_FARM_STATE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/list.h"
#include "core/base/map.h"
#include "core/farm/farm_state.h"
#include "core/plan/plan.h"
#include "core/spec/spec.h"

struct board;
struct job;
struct run;

#define TRIED_IMAGES_MAX 16384u
#define TRIAL_HEARING_US 5000000 /* an agent begins what it was given well before */

struct golden_entry {
	struct golden_record record;
	struct map_node node; /* farm.goldens by type, then by organisation */
};

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

struct image_entry {
	struct held_image_record record; /* its key and its file's name, the rest once it is held */
	struct image_suspicion suspicion;
	struct map_node node; /* farm.images by hash */
	struct list link;     /* farm.suspects */
};

/* images.c */
void held_image_load(struct farm *farm, const struct held_image_record *record);
void images_clear(struct farm *farm);
void board_image_load(struct farm *farm, const struct board_image_record *record); /* once images and runs are there */
json_t *held_image_json(const struct held_image_record *record);
const struct held_image_record *image_held(const struct farm *farm, const char *org, const char *sha256);
const struct held_image_record *run_image_held(const struct farm *farm, const struct run *run); /* NULL: it may start */
void image_flashed(struct farm *farm, const struct run *run);
void image_run_ended(struct farm *farm, const struct run *run, struct board *board);
uint32_t image_strikes(const struct farm *farm, const char *org, const char *sha256);

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

/* trials.c */
void tried_image_load(struct farm *farm, const struct tried_image_record *record);
void trials_clear(struct farm *farm);
void trial_load_board(struct farm *farm, struct board *board, const struct board_image_record *record);
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
struct trial *trial_of_run(const struct run *run); /* that its image is on; NULL: it is on none */

/* trials_tell.c: for which trial the run waits. */
void trial_describe(const struct farm *farm, const struct run *run, char *ret_text, size_t size);

/* diagnosis.c */
void diagnosis_note_case(struct run *run, const struct agent_case *said);
void diagnosis_begin(struct farm *farm, struct run *run, struct board *board); /* when it failed and there is a way */
void diagnosis_end(struct farm *farm, struct job *job);                        /* its job is over */
void diagnosis_load(struct farm *farm, const struct diagnosis_record *record);
void diagnosis_count(struct farm *farm, const struct diagnosis_record *record); /* for the job it looks into */
json_t *diagnosis_json(const struct diagnosis_record *record);

#endif
