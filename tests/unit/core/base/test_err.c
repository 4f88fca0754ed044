/* SPDX-License-Identifier: Apache-2.0 */
/* Errors: names, stories, codes of errno, prefixes. */
#include <errno.h>
#include <string.h>

#include "core/base/err.h"
#include "tests/unit/core/base/cmocka_all.h"

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(err_name(ERR_OK), "ok");
	assert_string_equal(err_name(ERR_STALE), "out of date");
	assert_string_equal(err_name((enum err_code)9999), "unknown error");
	assert_string_equal(err_name((enum err_code) - 1), "unknown error");
}

static void test_set(void **state)
{
	struct err err = {0};

	(void)state;
	assert_int_equal(err_set(&err, ERR_IO, "cannot read %s", "x"), ERR_IO);
	assert_int_equal(err.code, ERR_IO);
	assert_string_equal(err.text, "cannot read x");
	assert_int_equal(err_set(NULL, ERR_BUSY, "nobody listens"), ERR_BUSY);
}

static void test_long_story_is_cut(void **state)
{
	char story[2000];
	struct err err = {0};

	(void)state;
	memset(story, 'a', sizeof story - 1);
	story[sizeof story - 1] = '\0';
	err_set(&err, ERR_IO, "%s", story);
	assert_int_equal(strlen(err.text), sizeof err.text - 1);
	err_set_errno(&err, ENOSPC, "%s", story);
	assert_int_equal(strlen(err.text), sizeof err.text - 1);
	err_prefix(&err, "%s", story);
	assert_int_equal(strlen(err.text), sizeof err.text - 1);
	assert_int_equal(err.code, ERR_NO_SPACE);
}

static void test_errno_codes(void **state)
{
	static const struct {
		int value;
		enum err_code code;
	} pairs[] = {{ENOSPC, ERR_NO_SPACE},  {EDQUOT, ERR_NO_SPACE},
		     {ENOENT, ERR_NOT_FOUND}, {EEXIST, ERR_EXISTS},
		     {EROFS, ERR_IO},         {EACCES, ERR_DENIED},
		     {EADDRINUSE, ERR_BUSY},  {ECONNREFUSED, ERR_UNREACHABLE},
		     {EPIPE, ERR_CLOSED},     {ETIMEDOUT, ERR_TIMEOUT},
		     {ENOMEM, ERR_NOMEM},     {EINVAL, ERR_IO}};

	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
		struct err err = {0};

		assert_int_equal(err_set_errno(&err, pairs[i].value, "open"), pairs[i].code);
		assert_int_equal(err.code, pairs[i].code);
		assert_non_null(strstr(err.text, strerror(pairs[i].value)));
		assert_int_equal(strncmp(err.text, "open: ", 6), 0);
		assert_int_equal(err_set_errno(NULL, pairs[i].value, "open"), pairs[i].code);
	}
}

static void test_prefix(void **state)
{
	struct err err = {0};

	(void)state;
	err_set(&err, ERR_NOT_FOUND, "no such file");
	assert_int_equal(err_prefix(&err, "run %d", 7), ERR_NOT_FOUND);
	assert_string_equal(err.text, "run 7: no such file");
	assert_int_equal(err_prefix(NULL, "x"), ERR_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_long_story_is_cut),
		cmocka_unit_test(test_errno_codes),
		cmocka_unit_test(test_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
