/* SPDX-License-Identifier: Apache-2.0 */
/* A job on its way in; shared by the submit*.c files only. */
#ifndef ASSAY_FARM_SUBMIT_PRIVATE_H
#define ASSAY_FARM_SUBMIT_PRIVATE_H

#include "core/farm/farm_state.h"

/* What is known of one entry of `runs:` once it was checked. */
struct checked_run {
	struct pool *pool;
	const char *wanted_board;
	char sha256[SHA256_HEX];
	char build_id[SHA256_HEX];
	uint64_t image_bytes;
};

struct submit {
	struct farm *farm;
	const struct principal *who;
	const struct submission *submission;
	enum job_kind kind;
	const struct hold_record *hold; /* of a lease */
	struct doc_problems *problems;
	struct job_spec *spec;
	struct checked_run *checked; /* one for each entry of spec->runs */
	int64_t night;               /* that the job is part of; 0: none */
};

/* All of these tell what is wrong to s->problems. */

/* submit_check.c: one entry of `runs:`; fills in s->checked[index]. */
void submit_check_run(struct submit *s, size_t index);
void submit_problem(struct submit *s, size_t index, const char *field, const char *found, const char *expected);
/* What of a run's board is asked for, wherever it may be. */
struct plan_selector submit_selector(const struct submit *s, size_t index);

/* submit_matrix.c: an entry with `boards` becomes as many that name one each; s->checked grows with them. */
void submit_expand(struct submit *s);

/* submit_terms.c: what goes for the job as a whole: its hours, jobs it waits for, boards at once. */
void submit_check_terms(struct submit *s);

#endif
