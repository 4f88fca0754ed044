/* SPDX-License-Identifier: Apache-2.0 */
/* A job in memory behind a job_reader, whose records are what the judge says of its consoles; sealing it into a folder
 * of its own, and collecting what the verifier tells. */
#ifndef ASSAY_TEST_EVIDENCE_SUPPORT_H
#define ASSAY_TEST_EVIDENCE_SUPPORT_H

#include <stdbool.h>

#include "core/judge/rejudge.h"
#include "daemon/cli/verify.h"
#include "daemon/evidence/evidence.h"

#define WORLD_MAX_RUNS 8

struct world_run {
	int64_t id, index, attempt;
	enum cause cause; /* as recorded; CAUSE_NONE: what the judge says */
	const char *step; /* that ended with the cause; NULL: none */
	bool judged;
	char *console; /* owned */
	size_t console_len;
	const char *require;
	enum capture_end end;
	size_t cases;
};

struct world {
	char dir[64];
	struct evidence evidence;
	struct job_reader reader;
	struct world_run runs[WORLD_MAX_RUNS];
	size_t run_count;
	const char *state, *verdict, *cause; /* of the job */
	struct minisig_public key;
	int64_t now_us;
};

/* A farm's state folder with a key, and a job of a failed and a passed attempt, an infrastructure run and a cancelled
 * one. */
struct world *world_create(void);
void world_destroy(struct world *world);
/* Another run, whose console the world keeps a copy of. */
struct world_run *world_add(struct world *world, int64_t index, int64_t attempt, const char *console,
			    const char *require);
/* A console of so many cases that pass. */
char *world_console(size_t cases);
void world_seal(struct world *world);
void world_path(const struct world *world, char path[128]);

/* What the verifier told. */
struct told {
	char broken[4096]; /* "what: text\n" each, as far as there is room */
	size_t broken_count, holds_count;
	char notes[4096];
};

/* The return of verify_bundle. */
int world_verify(const struct world *world, const struct minisig_public *key, struct told *told);
int told_verify(int fd, const struct minisig_public *key, struct told *told);

#endif
