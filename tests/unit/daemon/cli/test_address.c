/* SPDX-License-Identifier: Apache-2.0 */
/* Where the daemon is found, and who says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "daemon/cli/address.h"

struct place {
	char dir[64];
};

static void put(const struct place *place, const char *name, const char *text)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", place->dir, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static int setup(void **state)
{
	struct place *place = calloc(1, sizeof *place);

	snprintf(place->dir, sizeof place->dir, "/tmp/assay-cli-XXXXXX");
	assert_non_null(mkdtemp(place->dir));
	unsetenv("ASSAY_URL");
	unsetenv("ASSAY_TOKEN");
	unsetenv("ASSAY_CA_FILE");
	setenv("ASSAY_STATE_DIR", place->dir, 1);
	*state = place;
	return 0;
}

static int teardown(void **state)
{
	struct place *place = *state;
	static const char *const names[] = {"assayd.json", "admin.token", "other.token"};
	char path[128];

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		snprintf(path, sizeof path, "%s/%s", place->dir, names[i]);
		unlink(path);
	}
	rmdir(place->dir);
	free(place);
	return 0;
}

static void test_a_running_daemon_says_where_it_is(void **state)
{
	struct address_options options = {0};
	struct address address;
	struct err err = {0};

	put(*state, "assayd.json", "{\"url\":\"http://127.0.0.1:7180/\",\"pid\":1}");
	put(*state, "admin.token", "secret\n");
	assert_int_equal(address_find(&options, &address, &err), 0);
	assert_string_equal(address.url, "http://127.0.0.1:7180");
	assert_string_equal(address.token, "secret");
}

static void test_environment_and_options_come_first(void **state)
{
	struct place *place = *state;
	struct address_options options = {0};
	struct address address;
	struct err err = {0};
	char other[128];

	put(place, "assayd.json", "{\"url\":\"http://127.0.0.1:7180\"}");
	put(place, "admin.token", "secret");
	put(place, "other.token", "  \n");
	setenv("ASSAY_URL", "https://farm.example/", 1);
	setenv("ASSAY_TOKEN", "mine", 1);
	assert_int_equal(address_find(&options, &address, &err), 0);
	assert_string_equal(address.url, "https://farm.example");
	assert_string_equal(address.token, "mine");
	options.url = "http://10.0.0.1:1";
	options.state_dir = place->dir;
	assert_int_equal(address_find(&options, &address, &err), 0);
	assert_string_equal(address.url, "http://10.0.0.1:1");
	assert_string_equal(address.token, "secret");
	snprintf(other, sizeof other, "%s/other.token", place->dir);
	options.token_file = other;
	assert_int_equal(address_find(&options, &address, &err), ERR_INVALID);
	assert_non_null(strstr(err.text, "holds no token"));
}

static void test_what_is_missing_is_said(void **state)
{
	struct address_options options = {0};
	struct address address;
	struct err err = {0};

	assert_int_equal(address_find(&options, &address, &err), ERR_UNREACHABLE);
	assert_non_null(strstr(err.text, "--url"));
	put(*state, "assayd.json", "{\"url\":\"http://127.0.0.1:7180\"}");
	assert_int_equal(address_find(&options, &address, &err), ERR_DENIED);
	assert_non_null(strstr(err.text, "--token-file"));
	put(*state, "assayd.json", "{");
	assert_int_equal(address_find(&options, &address, &err), ERR_INVALID);
	assert_non_null(strstr(err.text, "assayd.json"));
	options.url = "ftp://x";
	assert_int_equal(address_find(&options, &address, &err), ERR_INVALID);
	options.url = "http://x";
	options.token_file = "/nonexistent/token";
	assert_int_equal(address_find(&options, &address, &err), ERR_NOT_FOUND);
}

static void test_authorities_are_looked_at_for_https_only(void **state)
{
	struct place *place = *state;
	struct address_options options = {.url = "http://x"};
	struct address address;
	struct err err = {0};
	char own[128];

	put(place, "admin.token", "secret");
	put(place, "other.token", "certificates");
	snprintf(own, sizeof own, "%s/other.token", place->dir);
	setenv("ASSAY_CA_FILE", "/nonexistent/ca.pem", 1);
	assert_int_equal(address_find(&options, &address, &err), 0);
	assert_string_equal(address.ca_file, "");
	assert_false(address_is_tls(&address));
	options.url = "https://x";
	assert_int_equal(address_find(&options, &address, &err), ERR_NOT_FOUND);
	assert_non_null(strstr(err.text, "/nonexistent/ca.pem"));
	options.ca_file = own;
	assert_int_equal(address_find(&options, &address, &err), 0);
	assert_string_equal(address.ca_file, own);
	assert_true(address_is_tls(&address));
	assert_int_equal(address_untrusted(&address, "too old", &err), ERR_UNREACHABLE);
	assert_non_null(strstr(err.text, own));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_running_daemon_says_where_it_is, setup, teardown),
		cmocka_unit_test_setup_teardown(test_environment_and_options_come_first, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_is_missing_is_said, setup, teardown),
		cmocka_unit_test_setup_teardown(test_authorities_are_looked_at_for_https_only, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
