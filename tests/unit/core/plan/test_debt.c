/* SPDX-License-Identifier: Apache-2.0 */
/* Shares over a restart. */
#include <string.h>

#include "support_yard.h"

#define MAX_DEBTS 8

struct debts {
	struct {
		const struct plan_org *org;
		const struct plan_member *member;
		struct plan_debt debt;
	} item[MAX_DEBTS];
	size_t count;
};

static int setup(void **state)
{
	static struct yard yard;

	yard_init(&yard, 1);
	*state = &yard;
	return 0;
}

static int teardown(void **state)
{
	yard_finish(*state);
	return 0;
}

static void note(void *context, const struct plan_pool *pool, const struct plan_org *org,
		 const struct plan_member *member, const struct plan_debt *debt)
{
	struct debts *debts = context;

	(void)pool;
	assert_true(debts->count < MAX_DEBTS);
	debts->item[debts->count].org = org;
	debts->item[debts->count].member = member;
	debts->item[debts->count++].debt = *debt;
}

static struct debts debts_of(const struct yard *yard)
{
	struct debts debts = {.count = 0};

	plan_debts(yard->plan, note, &debts);
	return debts;
}

/* A new farm of the same people, with their debts, as after a restart. */
static void restart(struct yard *yard, const struct debts *debts)
{
	const struct plan_org *org = yard->org;
	const struct plan_member *member = yard->member;

	yard_finish(yard);
	yard_init(yard, 1);
	for (size_t i = 0; i < debts->count; i++)
		plan_owe(yard->plan, &yard->pool, &yard->org[debts->item[i].org - org],
			 debts->item[i].member ? &yard->member[debts->item[i].member - member] : NULL,
			 &debts->item[i].debt);
}

static void test_who_used_more_is_behind_after_a_restart_too(void **state)
{
	struct yard *yard = *state;
	struct yard_job *greedy = yard_submit(yard, 0, 50, 1), *other;
	struct debts debts;

	assert_ptr_equal(yard_next(yard), &greedy->run[0]);
	yard_end(yard, &greedy->run[0], 8 * MINUTE);
	debts = debts_of(yard);
	assert_int_equal(debts.count, 2);
	for (size_t i = 0; i < debts.count; i++) {
		assert_ptr_equal(debts.item[i].org, &yard->org[0]);
		assert_int_equal(debts.item[i].debt.us[plan_band(50)], 8 * MINUTE);
		assert_int_equal(debts.item[i].debt.us[0], 0);
	}
	restart(yard, &debts);
	greedy = yard_submit(yard, 0, 50, 1);
	other = yard_submit(yard, 1, 50, 1);
	assert_ptr_equal(yard_next(yard), &other->run[0]);
	yard_end(yard, &other->run[0], MINUTE);
	assert_ptr_equal(yard_next(yard), &greedy->run[0]);
}

static void test_what_a_run_has_is_charged_once(void **state)
{
	struct yard *yard = *state;
	struct yard_job *job = yard_submit(yard, 0, 50, 1);
	struct debts debts;

	assert_ptr_equal(yard_next(yard), &job->run[0]);
	debts = debts_of(yard);
	assert_int_equal(debts.count, 2);
	assert_int_equal(debts.item[0].debt.us[plan_band(50)], MINUTE);
	restart(yard, &debts);
	job = yard_job(yard, 0, 50);
	plan_run_resume(yard->plan, &job->run[0], yard_ask(yard, job, NULL), &yard->board[0], yard->now_us);
	yard_end(yard, &job->run[0], 3 * MINUTE);
	debts = debts_of(yard);
	assert_int_equal(debts.count, 2);
	assert_int_equal(debts.item[0].debt.us[plan_band(50)], 3 * MINUTE);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_who_used_more_is_behind_after_a_restart_too),
		T(test_what_a_run_has_is_charged_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
