/* SPDX-License-Identifier: Apache-2.0 */
/* A thread's event loop, and the one way other threads have of getting something done on it. */
#ifndef ASSAY_LOOP_LOOP_H
#define ASSAY_LOOP_LOOP_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "core/base/err.h"

/* A piece of work for a loop; a member of whatever it is about, so that posting allocates nothing and cannot fail. In
 * one queue at a time; may be freed or posted again from inside run. */
struct loop_post {
	struct loop_post *next;
	void (*run)(struct loop_post *post);
};

#define loop_post_container(post, type, member) ((type *)(void *)((char *)(post)-offsetof(type, member)))

/* In the caller's memory. Only uv is for others to use. */
struct loop {
	uv_loop_t uv;
	uv_async_t wake;
	pthread_mutex_t lock; /* guards first, last */
	struct loop_post *first, **last;
	bool stopping;
};

/* Returns 0 or ERR_IO. */
int loop_init(struct loop *loop, struct err *err);
/* Closes the loop. Every other handle on it must be closed or closing: their close callbacks are run here, and so is
 * whatever was still posted. */
void loop_finish(struct loop *loop);

/* Runs until loop_stop. */
void loop_run(struct loop *loop);
/* On the loop's own thread: loop_run returns at the end of this turn. */
void loop_stop(struct loop *loop);
/* From any thread: post->run(post) is called on the loop's thread, later, in the order of posting. The loop must
 * outlive the post. */
void loop_post(struct loop *loop, struct loop_post *post);

/* Unix time, and a clock that only goes forward, in microseconds. */
int64_t loop_unix_us(void);
int64_t loop_monotonic_us(void);
/* Processor time that the calling thread has used, in microseconds. */
int64_t loop_thread_us(void);

#endif
