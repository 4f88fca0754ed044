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

static int find_url(const struct address_options *options, const char *dir, struct address *address, struct err *err)
{
	const char *from_env = getenv("ASSAY_URL");

	if (options->url)
		return take_url(options->url, address, err);
	if (from_env && *from_env && !options->state_dir)
		return take_url(from_env, address, err);
	if (*dir)
		return url_from_state(dir, address, err);
	return err_set(err, ERR_NOT_FOUND, "where is assayd? Give --url or --state-dir, or set ASSAY_URL");
}

static int find_token(const struct address_options *options, const char *dir, struct address *address, struct err *err)
{
	const char *from_env = getenv("ASSAY_TOKEN");

	if (options->token_file)
		return token_from_file(options->token_file, address, err);
	if (from_env && *from_env && !options->state_dir)
		return take_token(from_env, "ASSAY_TOKEN", address, err);
	if (*dir)
		return token_from_state(dir, address, err);
	return err_set(err, ERR_DENIED, "no token: give one with --token-file or in ASSAY_TOKEN");
}

static int find_ca_file(const struct address_options *options, struct address *address, struct err *err)
{
	const char *path = options->ca_file ? options->ca_file : getenv("ASSAY_CA_FILE");
	char first[2];
	int code;

	if (!path || !*path || !address_is_tls(address))
		return 0;
	if (strlen(path) >= sizeof address->ca_file)
		return err_set(err, ERR_INVALID, "the path of the file of authorities is longer than %zu bytes",
			       sizeof address->ca_file - 1);
	code = read_small(path, first, sizeof first, err);
	if (!code)
		snprintf(address->ca_file, sizeof address->ca_file, "%s", path);
	return code;
}

bool address_is_tls(const struct address *address)
{
	return strncmp(address->url, "https:", 6) == 0;
}

int address_untrusted(const struct address *address, const char *why, struct err *err)
{
	if (address->ca_file[0])
		return err_set(err, ERR_UNREACHABLE, "assayd at %s cannot be trusted: %s (by the authorities in %s)",
			       address->url, why, address->ca_file);
	return err_set(err, ERR_UNREACHABLE,
		       "assayd at %s cannot be trusted: %s (by this machine's authorities; --ca-file names others)",
		       address->url, why);
}

int address_find(const struct address_options *options, struct address *ret_address, struct err *err)
{
	struct address found = {0};
	char dir[1100] = "";
	int code;

	if (!state_dir(options, dir, sizeof dir))
		dir[0] = '\0';
	code = find_url(options, dir, &found, err);
	if (!code)
		code = find_token(options, dir, &found, err);
	if (!code)
		code = find_ca_file(options, &found, err);
	if (!code)
		*ret_address = found;
	return code;
}
