/* SPDX-License-Identifier: Apache-2.0 */
/* A thread's event loop: libuv's, with a queue that other threads post to. */
#include "daemon/loop/loop.h"

#include <stddef.h>
#include <time.h>

#include "core/base/log.h"

#define FINISH_TURNS 64

/* The queue is taken whole, so that work posted by the work itself waits for the next turn and cannot starve I/O. */
static void on_wake(uv_async_t *wake)
{
	struct loop *loop = (struct loop *)wake->data;

	pthread_mutex_lock(&loop->lock);
	struct loop_post *post = loop->first;
	loop->first = NULL;
	loop->last = &loop->first;
	pthread_mutex_unlock(&loop->lock);

	while (post) {
		struct loop_post *next = post->next;
		post->next = NULL;
		post->run(post);
		post = next;
	}
}

int loop_init(struct loop *loop, struct err *err)
{
	*loop = (struct loop){0};
	loop->last = &loop->first;
	int rc = uv_loop_init(&loop->uv);
	if (rc)
		return err_set(err, ERR_IO, "cannot create an event loop: %s", uv_strerror(rc));
	rc = uv_async_init(&loop->uv, &loop->wake, on_wake);
	if (rc) {
		uv_loop_close(&loop->uv);
		return err_set(err, ERR_IO, "cannot create an event loop's wake-up: %s", uv_strerror(rc));
	}
	loop->wake.data = loop;
	pthread_mutex_init(&loop->lock, NULL);
	return 0;
}

static void close_handle(uv_handle_t *handle, void *context)
{
	(void)context;
	if (uv_is_closing(handle))
		return;
	log_warn("loop", "a handle of type %s was left open", uv_handle_type_name(uv_handle_get_type(handle)));
	uv_close(handle, NULL);
}

/* Handles close in a turn or two. What somebody has left open is closed here, as nothing would ever end it. */
void loop_finish(struct loop *loop)
{
	while (loop->first)
		on_wake(&loop->wake);
	uv_close((uv_handle_t *)&loop->wake, NULL);
	for (int turn = 0; turn < FINISH_TURNS && uv_run(&loop->uv, UV_RUN_NOWAIT); turn++)
		;
	if (uv_loop_close(&loop->uv) == UV_EBUSY) {
		uv_walk(&loop->uv, close_handle, NULL);
		while (uv_run(&loop->uv, UV_RUN_DEFAULT))
			;
		uv_loop_close(&loop->uv);
	}
	pthread_mutex_destroy(&loop->lock);
}

void loop_run(struct loop *loop)
{
	/* uv_stop is forgotten by a run that has nothing to do yet, hence the flag. */
	while (!loop->stopping)
		uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void loop_stop(struct loop *loop)
{
	loop->stopping = true;
	uv_stop(&loop->uv);
}

void loop_post(struct loop *loop, struct loop_post *post)
{
	post->next = NULL;
	pthread_mutex_lock(&loop->lock);
	*loop->last = post;
	loop->last = &post->next;
	/* Inside the lock: once it is released the loop may have run the post and be gone. */
	uv_async_send(&loop->wake);
	pthread_mutex_unlock(&loop->lock);
}

static int64_t clock_us(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t loop_unix_us(void)
{
	return clock_us(CLOCK_REALTIME);
}

int64_t loop_monotonic_us(void)
{
	return clock_us(CLOCK_MONOTONIC);
}

int64_t loop_thread_us(void)
{
	return clock_us(CLOCK_THREAD_CPUTIME_ID);
}
