/* SPDX-License-Identifier: Apache-2.0 */
/* An intrusive, circular, doubly linked list. */
#ifndef ASSAY_BASE_LIST_H
#define ASSAY_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

/* A list head, or the link inside an element. An element is in one list at most per link; a link that is in no list
 * is initialised and points to itself. */
struct list {
	struct list *prev, *next;
};

#define list_container(link, type, member) ((type *)(void *)((char *)(link)-offsetof(type, member)))

/* Walks a list; element is removed safely only in the _safe form. */
#define list_for_each(link, head) for (struct list *link = (head)->next; link != (head); link = link->next)
#define list_for_each_safe(link, head)                                                                                 \
	for (struct list *link = (head)->next, *link##_next = link->next; link != (head);                              \
	     link = link##_next, link##_next = link->next)

static inline void list_init(struct list *list)
{
	list->prev = list->next = list;
}

static inline bool list_empty(const struct list *list)
{
	return list->next == list;
}

static inline void list_insert_before(struct list *where, struct list *link)
{
	link->prev = where->prev;
	link->next = where;
	where->prev->next = link;
	where->prev = link;
}

static inline void list_append(struct list *head, struct list *link)
{
	list_insert_before(head, link);
}

static inline void list_prepend(struct list *head, struct list *link)
{
	list_insert_before(head->next, link);
}

/* Takes link out of its list; it is initialised afterwards, so removing twice does nothing. */
static inline void list_remove(struct list *link)
{
	link->prev->next = link->next;
	link->next->prev = link->prev;
	list_init(link);
}

/* Appends all of from to head; from is empty afterwards. */
static inline void list_move_all(struct list *from, struct list *head)
{
	if (list_empty(from))
		return;
	from->next->prev = head->prev;
	head->prev->next = from->next;
	from->prev->next = head;
	head->prev = from->prev;
	list_init(from);
}

static inline struct list *list_first(struct list *head)
{
	return list_empty(head) ? NULL : head->next;
}

#endif
