/* SPDX-License-Identifier: Apache-2.0 */
/* Finding the daemon: options, environment, then the state directory of a daemon on this machine. */
#include "daemon/cli/address.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/json.h"

#define FILE_MAX 65536

/* Reads a small file whole; ret_text is NUL-terminated. */
static int read_small(const char *path, char *ret_text, size_t size, struct err *err)
{
	FILE *file = fopen(path, "re");
	size_t len;

	if (!file && errno == EACCES)
		return err_set(err, ERR_DENIED, "%s may not be read by this user", path);
	if (!file)
		return err_set_errno(err, errno, "cannot read %s", path);
	len = fread(ret_text, 1, size - 1, file);
	fclose(file);
	ret_text[len] = '\0';
	return 0;
}

static int take_url(const char *url, struct address *address, struct err *err)
{
	size_t len = strlen(url);

	while (len && url[len - 1] == '/')
		len--;
	if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
		return err_set(err, ERR_INVALID, "daemon address \"%.200s\": expected http://HOST:PORT or https://HOST",
			       url);
	if (len >= sizeof address->url)
		return err_set(err, ERR_INVALID, "daemon address is longer than %zu bytes", sizeof address->url - 1);
	memcpy(address->url, url, len);
	address->url[len] = '\0';
	return 0;
}

/* A token is one word; files end with a newline. */
static int take_token(const char *text, const char *from, struct address *address, struct err *err)
{
	size_t len = strcspn(text, " \t\r\n");

	if (!len)
		return err_set(err, ERR_INVALID, "%s holds no token", from);
	if (len >= sizeof address->token)
		return err_set(err, ERR_INVALID, "%s: the token is longer than %zu bytes", from,
			       sizeof address->token - 1);
	memcpy(address->token, text, len);
	address->token[len] = '\0';
	return 0;
}

static bool has_daemon(const char *dir)
{
	char path[1200];

	snprintf(path, sizeof path, "%s/assayd.json", dir);
	return access(path, F_OK) == 0;
}

/* The state directory to look in; false when none can be named. */
static bool state_dir(const struct address_options *options, char *ret_dir, size_t size)
{
	const char *from = options->state_dir ? options->state_dir : getenv("ASSAY_STATE_DIR");
	const char *home = getenv("HOME");
	const char *xdg = getenv("XDG_STATE_HOME");
	char own[1024] = "";

	if (from && *from) {
		snprintf(ret_dir, size, "%s", from);
		return true;
	}
	if (xdg && *xdg)
		snprintf(own, sizeof own, "%s/assay", xdg);
	else if (home && *home)
		snprintf(own, sizeof own, "%s/.local/state/assay", home);
	snprintf(ret_dir, size, "%s",
		 (!own[0] || !has_daemon(own)) && has_daemon("/var/lib/assay") ? "/var/lib/assay" : own);
	return ret_dir[0] != '\0';
}

static int url_from_state(const char *dir, struct address *address, struct err *err)
{
	char path[1200], text[FILE_MAX];
	const char *url;
	json_t *value = NULL;
	int code;

	snprintf(path, sizeof path, "%s/assayd.json", dir);
	if (!has_daemon(dir))
		return err_set(err, ERR_UNREACHABLE,
			       "no assayd is running on %s (there is no assayd.json): start it, or say where it is "
			       "with --url or ASSAY_URL",
			       dir);
	code = read_small(path, text, sizeof text, err);
	if (!code)
		code = json_parse(text, strlen(text), sizeof text, &value, err);
	if (!code)
		code = json_read_text(value, "url", true, &url, err);
	if (!code)
		code = take_url(url, address, err);
	else if (code != ERR_DENIED)
		err_prefix(err, "%s", path);
	json_decref(value);
	return code;
}

static int token_from_file(const char *path, struct address *address, struct err *err)
{
	char text[4096];
	int code = read_small(path, text, sizeof text, err);

	return code ? code : take_token(text, path, address, err);
}

static int token_from_state(const char *dir, struct address *address, struct err *err)
{
	char path[1200];
	int code;

	snprintf(path, sizeof path, "%s/admin.token", dir);
	code = token_from_file(path, address, err);
	return code ? err_set(err, ERR_DENIED,
			      "no token: %s cannot be read; give one with --token-file or in ASSAY_TOKEN", path)
		    : 0;
}

int address_find(const struct address_options *options, struct address *ret_address, struct err *err)
{
	struct address found = {0};
	const char *env_url = getenv("ASSAY_URL"), *env_token = getenv("ASSAY_TOKEN");
	char dir[1100] = "";
	bool has_dir = state_dir(options, dir, sizeof dir);
	int code;

	if (options->url)
		code = take_url(options->url, &found, err);
	else if (env_url && *env_url && !options->state_dir)
		code = take_url(env_url, &found, err);
	else if (has_dir)
		code = url_from_state(dir, &found, err);
	else
		code = err_set(err, ERR_NOT_FOUND, "where is assayd? Give --url or --state-dir, or set ASSAY_URL");
	if (code)
		return code;
	if (options->token_file)
		code = token_from_file(options->token_file, &found, err);
	else if (env_token && *env_token && !options->state_dir)
		code = take_token(env_token, "ASSAY_TOKEN", &found, err);
	else if (has_dir)
		code = token_from_state(dir, &found, err);
	else
		code = err_set(err, ERR_DENIED, "no token: give one with --token-file or in ASSAY_TOKEN");
	if (!code)
		*ret_address = found;
	return code;
}
