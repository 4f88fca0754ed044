/* SPDX-License-Identifier: Apache-2.0 */
/* The ranked treap. */
#include "core/plan/rank.h"

void plan_rank_set_init(struct rank_set *set)
{
	*set = (struct rank_set){.seed = 1};
}

void plan_rank_node_init(struct rank_node *node)
{
	*node = (struct rank_node){0};
}

bool plan_rank_node_is_in(const struct rank_node *node)
{
	return node->chance != 0;
}

static bool key_before(struct rank_key a, struct rank_key b)
{
	return a.major != b.major ? a.major < b.major : a.minor < b.minor;
}

static uint64_t total_of(const struct rank_node *node)
{
	return node ? node->total : 0;
}

static void recount(struct rank_node *node)
{
	node->total = total_of(node->left) + total_of(node->right) + node->weight;
}

/* Xorshift: never 0. */
static uint32_t draw(struct rank_set *set)
{
	set->seed ^= set->seed << 13;
	set->seed ^= set->seed >> 17;
	set->seed ^= set->seed << 5;
	return set->seed;
}

/* What hung at old below up (or at the root) is now fresh. */
static void hang(struct rank_set *set, struct rank_node *up, const struct rank_node *old, struct rank_node *fresh)
{
	if (!up)
		set->root = fresh;
	else if (up->left == old)
		up->left = fresh;
	else
		up->right = fresh;
	if (fresh)
		fresh->up = up;
}

/* The node takes its parent's place. */
static void rotate_up(struct rank_set *set, struct rank_node *node)
{
	struct rank_node *parent = node->up;

	hang(set, parent->up, parent, node);
	if (parent->left == node) {
		parent->left = node->right;
		if (node->right)
			node->right->up = parent;
		node->right = parent;
	} else {
		parent->right = node->left;
		if (node->left)
			node->left->up = parent;
		node->left = parent;
	}
	parent->up = node;
	recount(parent);
	recount(node);
}

void plan_rank_add(struct rank_set *set, struct rank_node *node, struct rank_key key, uint32_t weight)
{
	struct rank_node *up = NULL, **at = &set->root;
	bool leftmost = true;

	while (*at) {
		up = *at;
		up->total += weight;
		if (key_before(key, up->key)) {
			at = &up->left;
		} else {
			at = &up->right;
			leftmost = false;
		}
	}
	*node = (struct rank_node){.up = up, .key = key, .chance = draw(set), .weight = weight, .total = weight};
	*at = node;
	if (leftmost)
		set->first = node;
	while (node->up && node->up->chance < node->chance)
		rotate_up(set, node);
}

void plan_rank_remove(struct rank_set *set, struct rank_node *node)
{
	struct rank_node *child;

	if (!plan_rank_node_is_in(node))
		return;
	if (set->first == node)
		set->first = plan_rank_next(node);
	while (node->left && node->right)
		rotate_up(set, node->left->chance > node->right->chance ? node->left : node->right);
	child = node->left ? node->left : node->right;
	for (struct rank_node *up = node->up; up; up = up->up)
		up->total -= node->weight;
	hang(set, node->up, node, child);
	plan_rank_node_init(node);
}

void plan_rank_reweigh(struct rank_node *node, uint32_t weight)
{
	uint64_t more = (uint64_t)weight - node->weight;

	node->weight = weight;
	for (struct rank_node *up = node; up; up = up->up)
		up->total += more;
}

struct rank_node *plan_rank_first(const struct rank_set *set)
{
	return set->first;
}

struct rank_node *plan_rank_next(const struct rank_node *node)
{
	struct rank_node *next = node->right;

	if (next) {
		while (next->left)
			next = next->left;
		return next;
	}
	for (next = node->up; next && next->right == node; next = next->up)
		node = next;
	return next;
}

uint64_t plan_rank_total(const struct rank_set *set)
{
	return total_of(set->root);
}

uint64_t plan_rank_before(const struct rank_node *node)
{
	uint64_t before = total_of(node->left);

	for (const struct rank_node *up = node->up; up; node = up, up = up->up)
		if (up->right == node)
			before += total_of(up->left) + up->weight;
	return before;
}
