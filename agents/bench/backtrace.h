/* SPDX-License-Identifier: Apache-2.0 */
/* A symbolised backtrace of a core file, by gdb.
 *
 * Happy path: backtrace_start -> gdb reads image and core file -> on_done with its lines, once, later.
 * Ways it fails: gdb is not installed, dies, is killed by backtrace_stop or by its own limits (memory, processor time)
 * -> on_done with what it said until then and why it is not whole. */
#ifndef ASSAY_AGENTS_BENCH_BACKTRACE_H
#define ASSAY_AGENTS_BENCH_BACKTRACE_H

#include <stdbool.h>

#include <uv.h>

#include "core/base/buf.h"
#include "core/base/err.h"

#define BACKTRACE_PROGRAM   "gdb-multiarch"
#define BACKTRACE_MAX_BYTES (24u << 10)

struct backtrace;

/* text ends with a newline, or is "". why is NULL when gdb ended well. */
typedef void (*backtrace_done_fn)(void *context, const char *text, const char *why);

/* image: an ELF file. second: the core file has a thread 2. */
int backtrace_start(uv_loop_t *loop, const char *image, const char *core, bool second, backtrace_done_fn on_done,
		    void *context, struct backtrace **ret_backtrace, struct err *err);
/* Ends it soon: on_done comes. */
void backtrace_stop(struct backtrace *backtrace);
/* From on_done or before it, then on_done does not come. Accepts NULL. */
void backtrace_destroy(struct backtrace *backtrace);

#endif
