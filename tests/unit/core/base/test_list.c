/* SPDX-License-Identifier: Apache-2.0 */
/* The intrusive list. */
#include "core/base/list.h"
#include "tests/unit/core/base/cmocka_all.h"

struct item {
	int value;
	struct list link;
};

static int sum(struct list *head)
{
	int total = 0;

	list_for_each (link, head)
		total = total * 10 + list_container(link, struct item, link)->value;
	return total;
}

static void test_order(void **state)
{
	struct item items[4] = {{.value = 1}, {.value = 2}, {.value = 3}, {.value = 4}};
	struct list head;

	(void)state;
	list_init(&head);
	assert_true(list_empty(&head));
	assert_null(list_first(&head));
	list_append(&head, &items[1].link);
	list_append(&head, &items[3].link);
	list_prepend(&head, &items[0].link);
	list_insert_before(&items[3].link, &items[2].link);
	assert_int_equal(sum(&head), 1234);
	assert_ptr_equal(list_first(&head), &items[0].link);
}

static void test_remove_twice_and_while_walking(void **state)
{
	struct item items[5];
	struct list head;

	(void)state;
	list_init(&head);
	for (int i = 0; i < 5; i++) {
		items[i].value = i + 1;
		list_append(&head, &items[i].link);
	}
	list_remove(&items[2].link);
	list_remove(&items[2].link);
	assert_int_equal(sum(&head), 1245);
	list_for_each_safe (link, &head) {
		if (list_container(link, struct item, link)->value % 2 == 0)
			list_remove(link);
	}
	assert_int_equal(sum(&head), 15);
	list_for_each_safe (link, &head)
		list_remove(link);
	assert_true(list_empty(&head));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_remove_twice_and_while_walking),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
