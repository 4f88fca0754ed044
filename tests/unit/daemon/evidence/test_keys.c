/* SPDX-License-Identifier: Apache-2.0 */
/* The farm's keys: made once, secret, rotated without losing one, and put right after a rotation that was cut off. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/evidence/keys.h"
#include "tests/unit/core/base/cmocka_all.h"
#include "tests/unit/daemon/evidence/support.h"

static int setup(void **state)
{
	*state = world_create();
	return 0;
}

static int teardown(void **state)
{
	world_destroy(*state);
	return 0;
}

static void path_of(const struct world *world, const char *name, char path[256])
{
	assert_true(snprintf(path, 256, "%s/keys/%s", world->dir, name) < 256);
}

static size_t read_text(const char *path, char text[4096])
{
	int fd = open(path, O_RDONLY);
	ssize_t got = read(fd, text, 4095);

	close(fd);
	assert_true(got > 0);
	text[got] = '\0';
	return (size_t)got;
}

static void test_the_secret_key_is_for_the_farm_alone(void **state)
{
	struct world *world = *state;
	struct minisig_secret secret;
	struct minisig_public key;
	struct stat info;
	struct err err = {0};
	char path[256], text[4096];

	path_of(world, "farm.key", path);
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 07777, 0600);
	assert_int_equal(keys_prepare(world->evidence.keys_dir, &err), 0);
	assert_int_equal(keys_load(world->evidence.keys_dir, &secret, &err), 0);
	assert_memory_equal(&secret.public_key, &world->key, sizeof(world->key));
	path_of(world, "farm.pub", path);
	assert_int_equal(minisig_public_read(text, read_text(path, text), &key, &err), 0);
	assert_memory_equal(&key, &world->key, sizeof(key));
}

static void test_rotation_keeps_every_public_key(void **state)
{
	struct world *world = *state;
	json_t *keys;
	struct err err = {0};
	char id[MINISIG_ID_TEXT];

	for (int i = 0; i < 5; i++)
		assert_int_equal(keys_rotate(world->evidence.keys_dir, &err), 0);
	assert_int_equal(keys_list(world->evidence.keys_dir, &keys, &err), 0);
	assert_int_equal(json_array_size(json_object_get(keys, "past")), 5);
	minisig_id_text(world->key.id, id);
	assert_string_equal(json_string_value(json_object_get(json_array_get(json_object_get(keys, "past"), 4), "id")),
			    id);
	assert_string_not_equal(json_string_value(json_object_get(json_object_get(keys, "current"), "id")), id);
	json_decref(keys);
}

/* After the first step of a rotation: the key in use is among the past ones; after the second: farm.pub is the old
 * one. */
static void test_a_rotation_cut_off_is_completed(void **state)
{
	struct world *world = *state;
	char id[MINISIG_ID_TEXT], name[64], path[256], pub[256], text[4096], after[4096];
	json_t *keys;
	struct err err = {0};
	int fd;

	minisig_id_text(world->key.id, id);
	snprintf(name, sizeof(name), "past/%s.pub", id);
	path_of(world, name, path);
	path_of(world, "farm.pub", pub);
	assert_int_equal(link(pub, path), 0);
	assert_int_equal(keys_prepare(world->evidence.keys_dir, &err), 0);
	assert_int_equal(access(path, F_OK), -1);

	read_text(pub, text);
	assert_int_equal(keys_rotate(world->evidence.keys_dir, &err), 0);
	fd = open(pub, O_WRONLY | O_TRUNC);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	assert_int_equal(keys_prepare(world->evidence.keys_dir, &err), 0);
	read_text(pub, after);
	assert_string_not_equal(text, after);
	assert_int_equal(keys_list(world->evidence.keys_dir, &keys, &err), 0);
	assert_string_equal(json_string_value(json_object_get(json_object_get(keys, "current"), "public")), after);
	assert_int_equal(json_array_size(json_object_get(keys, "past")), 1);
	json_decref(keys);
}

/* A damaged key is said, not replaced: a new one would hide that the old one is lost. */
static void test_a_damaged_key_is_not_replaced(void **state)
{
	struct world *world = *state;
	struct err err = {0};
	char path[256];

	path_of(world, "farm.key", path);
	assert_int_equal(truncate(path, 60), 0);
	assert_int_equal(keys_prepare(world->evidence.keys_dir, &err), ERR_INVALID);
	assert_non_null(strstr(err.text, "farm.key"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_the_secret_key_is_for_the_farm_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rotation_keeps_every_public_key, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_rotation_cut_off_is_completed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_damaged_key_is_not_replaced, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
