/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept of an organisation: its shares, and what it holds its firmware to. */
#ifndef ASSAY_FARM_RECORD_ORG_H
#define ASSAY_FARM_RECORD_ORG_H

#include <stdbool.h>
#include <stdint.h>

#include "core/farm/principal.h"
#include "core/farm/record_sizes.h"
#include "core/verdict/measure.h"

#define ORG_USUAL_WEIGHT 100 /* of organisations and members of which nothing was said */

/* Times and owners as in record_job.h. */

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

/* What organisations and members had more than their share, as the plan tells it; there is one. */
struct debts_record {
	char *body; /* JSON */
};

struct suite_record {
	char name[FARM_NAME_MAX];
	char org[ORG_MAX];
	char version[32];
	char *text; /* as it was put: YAML or JSON */
	int64_t changed_at_us;
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

#endif
