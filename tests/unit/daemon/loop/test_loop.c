/* SPDX-License-Identifier: Apache-2.0 */
/* Posting to a loop from other threads: everything comes, once, in order, on the loop's thread. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "daemon/loop/loop.h"

#define THREADS 4
#define POSTS   20000

struct world {
	struct loop loop;
	pthread_t owner;
	int next[THREADS]; /* the number expected from each thread */
	int done;
	int nested;
};

struct item {
	struct loop_post post;
	struct world *world;
	int thread, number;
};

static void on_item(struct loop_post *post)
{
	struct item *item = loop_post_container(post, struct item, post);
	struct world *world = item->world;

	assert_true(pthread_equal(pthread_self(), world->owner));
	assert_int_equal(item->number, world->next[item->thread]);
	world->next[item->thread]++;
	free(item);
	if (++world->done == THREADS * POSTS)
		loop_stop(&world->loop);
}

struct poster {
	struct world *world;
	int thread;
};

static void *post_all(void *argument)
{
	struct poster *poster = (struct poster *)argument;

	for (int i = 0; i < POSTS; i++) {
		struct item *item = (struct item *)calloc(1, sizeof(*item));
		if (!item)
			abort();
		item->post.run = on_item;
		item->world = poster->world;
		item->thread = poster->thread;
		item->number = i;
		loop_post(&poster->world->loop, &item->post);
	}
	return NULL;
}

static void test_posts_of_many_threads(void **state)
{
	static struct world world;
	struct poster posters[THREADS];
	pthread_t threads[THREADS];

	(void)state;
	world.owner = pthread_self();
	assert_int_equal(loop_init(&world.loop, NULL), 0);
	for (int i = 0; i < THREADS; i++) {
		posters[i] = (struct poster){&world, i};
		assert_int_equal(pthread_create(&threads[i], NULL, post_all, &posters[i]), 0);
	}
	loop_run(&world.loop);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(world.done, THREADS * POSTS);
	loop_finish(&world.loop);
}

static void on_nested(struct loop_post *post)
{
	struct item *item = loop_post_container(post, struct item, post);

	if (++item->world->nested < 10)
		loop_post(&item->world->loop, post);
}

static void test_what_is_still_posted_runs_at_the_end(void **state)
{
	static struct world world;
	struct item item = {.world = &world};

	(void)state;
	assert_int_equal(loop_init(&world.loop, NULL), 0);
	item.post.run = on_nested;
	loop_post(&world.loop, &item.post);
	loop_finish(&world.loop);
	assert_int_equal(world.nested, 10);
}

static void test_a_stop_before_the_run_is_not_forgotten(void **state)
{
	static struct world world;

	(void)state;
	assert_int_equal(loop_init(&world.loop, NULL), 0);
	loop_stop(&world.loop);
	loop_run(&world.loop);
	loop_finish(&world.loop);
}

static void never(uv_timer_t *timer)
{
	(void)timer;
	fail();
}

static void test_a_handle_left_open_does_not_hold_the_end(void **state)
{
	static struct world world;
	uv_timer_t timer;

	(void)state;
	assert_int_equal(loop_init(&world.loop, NULL), 0);
	uv_timer_init(&world.loop.uv, &timer);
	uv_timer_start(&timer, never, 3600000, 3600000);
	loop_finish(&world.loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_posts_of_many_threads),
		cmocka_unit_test(test_what_is_still_posted_runs_at_the_end),
		cmocka_unit_test(test_a_stop_before_the_run_is_not_forgotten),
		cmocka_unit_test(test_a_handle_left_open_does_not_hold_the_end),
	};

	return cmocka_run_group_tests_name("loop/loop", tests, NULL, NULL);
}
