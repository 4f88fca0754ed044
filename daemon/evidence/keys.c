/* SPDX-License-Identifier: Apache-2.0 */
/* Keeping the farm's keys.
 *
 * Rotation: the present public key into past/ -> the new secret key replaces farm.key -> farm.pub. Cut off after the
 * first step: the key in use is listed as a past one too, which keys_prepare takes back; after the second: farm.pub is
 * written anew from farm.key. At no time is there a key without its public part kept. */
#include "daemon/evidence/keys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#define PATH_MAX_BYTES 4200

static void path_of(char path[PATH_MAX_BYTES], const char *dir, const char *name)
{
	snprintf(path, PATH_MAX_BYTES, "%s/%s", dir, name);
}

static void past_path(char path[PATH_MAX_BYTES], const char *dir, const struct minisig_public *key)
{
	char id[MINISIG_ID_TEXT];

	minisig_id_text(key->id, id);
	snprintf(path, PATH_MAX_BYTES, "%s/past/%s.pub", dir, id);
}

static int sync_dir(const char *dir, struct err *err)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = fd < 0 || fsync(fd) ? err_set_errno(err, errno, "cannot write %s", dir) : 0;

	if (fd >= 0)
		close(fd);
	return rc;
}

/* The file's time is finer than the kernel's own, which several rotations could share: it says which key came first. */
static bool stamp(int fd)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return futimens(fd, (struct timespec[2]){now, now}) == 0;
}

/* Replaces the file whole; it is on the disk when this returns. */
static int write_file(const char *path, mode_t mode, const char *text, struct err *err)
{
	char temp[PATH_MAX_BYTES + 8];
	size_t len = strlen(text);
	int fd;
	bool good;

	snprintf(temp, sizeof(temp), "%s.new", path);
	(void)unlink(temp);
	fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0)
		return err_set_errno(err, errno, "cannot write %s", path);
	errno = 0; /* a short write sets none */
	good = write(fd, text, len) == (ssize_t)len && fchmod(fd, mode) == 0 && stamp(fd) && fsync(fd) == 0 &&
	       rename(temp, path) == 0;
	int cause = errno ? errno : ENOSPC;
	close(fd);
	if (good)
		return 0;
	(void)unlink(temp);
	return err_set_errno(err, cause, "cannot write %s", path);
}

/* ERR_NOT_FOUND when there is none. */
static int read_file(const char *path, char text[MINISIG_TEXT_MAX], size_t *ret_len, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, text, MINISIG_TEXT_MAX - 1);
	int cause = errno;

	if (fd >= 0)
		close(fd);
	if (got < 0)
		return cause == ENOENT ? err_set(err, ERR_NOT_FOUND, "there is no %s", path)
				       : err_set_errno(err, cause, "cannot read %s", path);
	text[got] = '\0';
	*ret_len = (size_t)got;
	return 0;
}

int keys_load(const char *dir, struct minisig_secret *ret_secret, struct err *err)
{
	char path[PATH_MAX_BYTES], text[MINISIG_TEXT_MAX];
	size_t len = 0;
	int rc;

	path_of(path, dir, "farm.key");
	rc = read_file(path, text, &len, err);
	if (!rc && minisig_secret_read(text, len, ret_secret, err))
		rc = err_prefix(err, "%s", path);
	sodium_memzero(text, sizeof(text));
	return rc;
}

static int write_public(const char *path, const struct minisig_public *key, struct err *err)
{
	char text[MINISIG_TEXT_MAX];

	minisig_public_write(key, text);
	return write_file(path, 0644, text, err);
}

static int write_secret(const char *dir, const struct minisig_secret *secret, struct err *err)
{
	char path[PATH_MAX_BYTES], text[MINISIG_TEXT_MAX];
	int rc;

	path_of(path, dir, "farm.key");
	minisig_secret_write(secret, text);
	rc = write_file(path, 0600, text, err);
	sodium_memzero(text, sizeof(text));
	return rc ? rc : sync_dir(dir, err);
}

static int make_dirs(const char *dir, struct err *err)
{
	char past[PATH_MAX_BYTES];

	path_of(past, dir, "past");
	if ((mkdir(dir, 0700) && errno != EEXIST) || (mkdir(past, 0700) && errno != EEXIST))
		return err_set_errno(err, errno, "cannot make %s", dir);
	return 0;
}

/* One change at a time, also of another process. Returns a descriptor to close. */
static int lock_dir(const char *dir, struct err *err)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || flock(fd, LOCK_EX)) {
		err_set_errno(err, errno, "cannot lock %s", dir);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

/* farm.pub says what farm.key is, and the key in use is no past one. */
static int agree(const char *dir, const struct minisig_public *key, struct err *err)
{
	char path[PATH_MAX_BYTES], want[MINISIG_TEXT_MAX], have[MINISIG_TEXT_MAX];
	size_t len = 0;

	past_path(path, dir, key);
	(void)unlink(path);
	path_of(path, dir, "farm.pub");
	minisig_public_write(key, want);
	if (read_file(path, have, &len, NULL) == 0 && strcmp(want, have) == 0)
		return 0;
	return write_public(path, key, err);
}

int keys_prepare(const char *dir, struct err *err)
{
	struct minisig_secret secret;
	int rc = make_dirs(dir, err);
	int lock = rc ? -1 : lock_dir(dir, err);

	if (lock < 0)
		return (int)err->code;
	rc = keys_load(dir, &secret, err);
	if (rc == ERR_NOT_FOUND) {
		minisig_create(&secret);
		rc = write_secret(dir, &secret, err);
	}
	if (!rc)
		rc = agree(dir, &secret.public_key, err);
	minisig_forget(&secret);
	close(lock);
	return rc;
}

int keys_rotate(const char *dir, struct err *err)
{
	struct minisig_secret before, secret;
	char path[PATH_MAX_BYTES];
	int lock = lock_dir(dir, err);
	int rc = lock < 0 ? (int)err->code : keys_load(dir, &before, err);

	if (!rc) {
		past_path(path, dir, &before.public_key);
		rc = write_public(path, &before.public_key, err);
	}
	if (!rc) {
		path_of(path, dir, "past");
		rc = sync_dir(path, err);
	}
	minisig_create(&secret);
	if (!rc)
		rc = write_secret(dir, &secret, err);
	if (!rc)
		rc = agree(dir, &secret.public_key, err);
	minisig_forget(&before);
	minisig_forget(&secret);
	if (lock >= 0)
		close(lock);
	return rc;
}

static json_t *key_json(const struct minisig_public *key)
{
	char id[MINISIG_ID_TEXT], text[MINISIG_TEXT_MAX];
	json_t *object = json_object();

	minisig_id_text(key->id, id);
	minisig_public_write(key, text);
	json_put(&object, "id", json_string(id));
	json_put(&object, "public", json_string(text));
	return object;
}

struct past_key {
	struct minisig_public key;
	int64_t retired_at_us;
};

static int by_time(const void *a, const void *b)
{
	const struct past_key *one = a, *other = b;

	return one->retired_at_us < other->retired_at_us ? 1 : -(one->retired_at_us > other->retired_at_us);
}

static int read_past(const char *path, struct past_key *ret_past, struct err *err)
{
	char text[MINISIG_TEXT_MAX];
	struct stat info;
	size_t len = 0;
	int rc = read_file(path, text, &len, err);

	if (!rc && minisig_public_read(text, len, &ret_past->key, err))
		rc = err_prefix(err, "%s", path);
	if (!rc && stat(path, &info))
		rc = err_set_errno(err, errno, "cannot read %s", path);
	if (!rc)
		ret_past->retired_at_us = (int64_t)info.st_mtim.tv_sec * 1000000 + info.st_mtim.tv_nsec / 1000;
	return rc;
}

static int list_past(const char *dir, struct past_key *past, size_t *count, struct err *err)
{
	char folder[PATH_MAX_BYTES], path[PATH_MAX_BYTES + 300];
	struct dirent *entry;
	DIR *stream;
	int rc = 0;

	path_of(folder, dir, "past");
	stream = opendir(folder);
	if (!stream)
		return err_set_errno(err, errno, "cannot read %s", folder);
	while (!rc && *count < KEYS_MAX_PAST && (entry = readdir(stream))) {
		const char *dot = strrchr(entry->d_name, '.');

		if (!dot || strcmp(dot, ".pub") != 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		rc = read_past(path, &past[*count], err);
		if (!rc)
			++*count;
	}
	closedir(stream);
	qsort(past, *count, sizeof(*past), by_time);
	return rc;
}

int keys_list(const char *dir, json_t **ret_keys, struct err *err)
{
	struct past_key *past = calloc(KEYS_MAX_PAST, sizeof(*past));
	struct minisig_secret secret;
	json_t *keys = json_object(), *list = json_array();
	size_t count = 0;
	int rc = past ? keys_load(dir, &secret, err) : err_set(err, ERR_NOMEM, "out of memory");

	if (!rc)
		rc = list_past(dir, past, &count, err);
	for (size_t i = 0; !rc && i < count; i++) {
		json_t *one = key_json(&past[i].key);

		json_put(&one, "retired_at_us", json_integer(past[i].retired_at_us));
		json_push(&list, one);
	}
	json_put(&keys, "current", rc ? json_null() : key_json(&secret.public_key));
	json_put(&keys, "past", list);
	minisig_forget(&secret);
	free(past);
	if (!rc && !keys)
		rc = err_set(err, ERR_NOMEM, "out of memory");
	if (rc)
		json_decref(keys);
	else
		*ret_keys = keys;
	return rc;
}
