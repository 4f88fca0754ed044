/* SPDX-License-Identifier: Apache-2.0 */
/* The ordered set that knows ranks, against a plain array. */
#include "support_yard.h"

#include "core/plan/rank.h"

#define NODES 200

struct model {
	struct rank_set set;
	struct rank_node node[NODES];
	int come[NODES]; /* when it was added */
	int clock;
	unsigned seed;
};

static unsigned draw(struct model *model, unsigned below)
{
	model->seed = model->seed * 1103515245u + 12345u;
	return (model->seed >> 16) % below;
}

static bool goes_before(const struct model *model, int a, int b)
{
	const struct rank_key *x = &model->node[a].key, *y = &model->node[b].key;

	if (x->major != y->major)
		return x->major < y->major;
	if (x->minor != y->minor)
		return x->minor < y->minor;
	return model->come[a] < model->come[b];
}

/* Each node's rank and place, by comparing it with all others. */
static void check(struct model *model)
{
	uint64_t total = 0, seen = 0;

	for (int i = 0; i < NODES; i++)
		total += plan_rank_node_is_in(&model->node[i]) ? model->node[i].weight : 0;
	assert_int_equal(plan_rank_total(&model->set), total);
	for (struct rank_node *node = plan_rank_first(&model->set); node; node = plan_rank_next(node)) {
		int i = (int)(node - model->node);

		assert_int_equal(plan_rank_before(node), seen);
		if (plan_rank_next(node))
			assert_true(goes_before(model, i, (int)(plan_rank_next(node) - model->node)));
		seen += node->weight;
	}
	assert_int_equal(seen, total);
}

static void test_any_order_of_calls(void **state)
{
	struct model model = {.seed = 1};

	(void)state;
	plan_rank_set_init(&model.set);
	for (int i = 0; i < 4000; i++) {
		int at = (int)draw(&model, NODES);
		struct rank_node *node = &model.node[at];

		if (plan_rank_node_is_in(node) && draw(&model, 3) == 0) {
			plan_rank_reweigh(node, draw(&model, 9));
		} else if (plan_rank_node_is_in(node)) {
			plan_rank_remove(&model.set, node);
		} else {
			struct rank_key key = {.major = (int64_t)draw(&model, 3) - 1, .minor = draw(&model, 40)};

			model.come[at] = ++model.clock;
			plan_rank_add(&model.set, node, key, 1 + draw(&model, 5));
		}
		if (i % 20 == 0)
			check(&model);
	}
	for (int i = 0; i < NODES; i++)
		plan_rank_remove(&model.set, &model.node[i]);
	assert_null(plan_rank_first(&model.set));
	assert_int_equal(plan_rank_total(&model.set), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_any_order_of_calls)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
