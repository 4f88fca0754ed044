/* SPDX-License-Identifier: Apache-2.0 */
/* The farm's first tokens.
 *
 * Happy path: for admin, then agent: the store has it -> next; else the file is read, or made and synced -> the store
 * keeps the token -> next; then on_done.
 * Ways it goes otherwise:
 *   died between file and store     the next start finds the file and keeps its token
 *   the file was removed later      nothing: the token still works for whoever has it, an admin can make another
 *   the file holds no token         an error that names it; it is never overwritten */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/log.h"
#include "daemon/auth/auth_private.h"

static const struct {
	const char *name;
	enum role role;
} FIRST[] = {{"admin", ROLE_ADMIN}, {"agent", ROLE_AGENT}};

#define FIRST_COUNT (sizeof(FIRST) / sizeof(FIRST[0]))

struct bootstrap {
	struct auth *auth;
	char dir[4096];
	size_t at;
	void (*on_done)(void *context, const struct err *err);
	void *context;
};

static int read_token(const char *path, char text[TOKEN_TEXT_MAX], struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_set_errno(err, errno, "cannot read %s", path);
	ssize_t len = read(fd, text, TOKEN_TEXT_MAX - 1);
	int failed = errno;
	close(fd);
	if (len < 0)
		return err_set_errno(err, failed, "cannot read %s", path);
	text[len] = '\0';
	text[strcspn(text, "\r\n \t")] = '\0';
	if (strlen(text) < 32)
		return err_set(err, ERR_CORRUPT, "%s holds no token (remove it to have a new one made)", path);
	return 0;
}

/* Under another name first, so that a file that can be seen is whole; link() never replaces one. */
static int write_token(const char *path, const char *text, struct err *err)
{
	char temp[4200];
	size_t len = strlen(text);
	int rc = 0;

	snprintf(temp, sizeof(temp), "%s.new", path);
	unlink(temp);
	int fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set_errno(err, errno, "cannot write %s", temp);
	if (write(fd, text, len) != (ssize_t)len || write(fd, "\n", 1) != 1 || fsync(fd))
		rc = err_set_errno(err, errno, "cannot write %s", temp);
	close(fd);
	if (!rc && link(temp, path))
		rc = err_set_errno(err, errno, "cannot write %s", path);
	unlink(temp);
	return rc;
}

static int sync_dir(const char *dir, struct err *err)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = 0;

	if (fd < 0)
		return err_set_errno(err, errno, "cannot open %s", dir);
	if (fsync(fd))
		rc = err_set_errno(err, errno, "cannot sync %s", dir);
	close(fd);
	return rc;
}

/* The token of the file, made when there is none. */
static int token_from_file(const char *dir, size_t i, struct token *ret_token, char text[TOKEN_TEXT_MAX],
			   struct err *err)
{
	char path[4150];
	struct principal who = {.org = ORG_DEFAULT, .role = FIRST[i].role};

	snprintf(who.name, sizeof(who.name), "%s", FIRST[i].name);
	snprintf(path, sizeof(path), "%s/%s.token", dir, FIRST[i].name);
	token_create(&who, auth_now_unix_us(), ret_token, text);
	if (access(path, F_OK) == 0) {
		int rc = read_token(path, text, err);
		token_hash(text, ret_token->hash);
		return rc;
	}
	int rc = write_token(path, text, err);
	if (!rc)
		rc = sync_dir(dir, err);
	if (!rc)
		log_info("auth", "made the %s token: %s", FIRST[i].name, path);
	return rc;
}

static int bootstrap_next(struct bootstrap *bootstrap, struct err *err);

static void bootstrap_end(struct bootstrap *bootstrap, const struct err *err)
{
	bootstrap->on_done(bootstrap->context, err);
	free(bootstrap);
}

static void on_token_kept(void *context, struct answer *answer)
{
	struct bootstrap *bootstrap = (struct bootstrap *)context;
	struct err err = answer->err;

	if (!err.code) {
		bootstrap->at++;
		bootstrap_next(bootstrap, &err);
	}
	if (err.code)
		bootstrap_end(bootstrap, &err);
	else if (bootstrap->at >= FIRST_COUNT)
		bootstrap_end(bootstrap, NULL);
}

/* Starts keeping the next token that the store lacks; at is FIRST_COUNT when there is none. */
static int bootstrap_next(struct bootstrap *bootstrap, struct err *err)
{
	struct token token;
	char text[TOKEN_TEXT_MAX];

	while (bootstrap->at < FIRST_COUNT && auth_find(bootstrap->auth, FIRST[bootstrap->at].name))
		bootstrap->at++;
	if (bootstrap->at >= FIRST_COUNT)
		return 0;
	int rc = token_from_file(bootstrap->dir, bootstrap->at, &token, text, err);
	if (!rc)
		auth_put(bootstrap->auth, &token, text, on_token_kept, bootstrap);
	return rc;
}

int auth_bootstrap(struct auth *auth, const char *dir, void (*on_done)(void *context, const struct err *err),
		   void *context, bool *ret_waiting, struct err *err)
{
	struct bootstrap *bootstrap = (struct bootstrap *)calloc(1, sizeof(*bootstrap));

	if (!bootstrap)
		return err_set(err, ERR_NOMEM, "out of memory");
	bootstrap->auth = auth;
	bootstrap->on_done = on_done;
	bootstrap->context = context;
	snprintf(bootstrap->dir, sizeof(bootstrap->dir), "%s", dir);
	int rc = bootstrap_next(bootstrap, err);
	*ret_waiting = !rc && bootstrap->at < FIRST_COUNT;
	if (!*ret_waiting)
		free(bootstrap);
	return rc;
}
