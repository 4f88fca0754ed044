/* SPDX-License-Identifier: Apache-2.0 */
/* An ordered set that knows ranks: a treap whose nodes are embedded in the caller's elements. */
#ifndef ASSAY_PLAN_RANK_H
#define ASSAY_PLAN_RANK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is smaller goes first: by major, then by minor, then as they came. */
struct rank_key {
	int64_t major, minor;
};

struct rank_node {
	struct rank_node *left, *right, *up;
	struct rank_key key;
	uint32_t chance; /* heap order; 0: in no set */
	uint32_t weight; /* what the node counts */
	uint64_t total;  /* weights of its subtree */
};

struct rank_set {
	struct rank_node *root, *first;
	uint32_t seed; /* chances are drawn from it: the same calls give the same tree */
};

#define rank_container(node, type, member) ((type *)(void *)((char *)(node)-offsetof(type, member)))

void plan_rank_set_init(struct rank_set *set);
void plan_rank_node_init(struct rank_node *node);
bool plan_rank_node_is_in(const struct rank_node *node);

/* Adds a node that is in no set; key and weight are copied in. */
void plan_rank_add(struct rank_set *set, struct rank_node *node, struct rank_key key, uint32_t weight);
/* Nothing happens when the node is in no set. */
void plan_rank_remove(struct rank_set *set, struct rank_node *node);
void plan_rank_reweigh(struct rank_node *node, uint32_t weight);

/* NULL at the end. */
struct rank_node *plan_rank_first(const struct rank_set *set);
struct rank_node *plan_rank_next(const struct rank_node *node);

uint64_t plan_rank_total(const struct rank_set *set);
/* The weights of all nodes before this one. */
uint64_t plan_rank_before(const struct rank_node *node);

#endif
