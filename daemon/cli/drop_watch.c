/* SPDX-License-Identifier: Apache-2.0 */
/* Happy path: something in the folder was written and closed, or moved in or out -> nothing more happened for the time
 * to settle -> all its files are brought to the farm -> they are others than the last version's: dropped, together.
 * Ways it goes otherwise: the farm cannot be reached, or refuses one of them: said, and tried again with the next
 * change or after RETRY_MS; the folder is empty, or holds the same as before: nothing. Files whose names begin with a
 * dot are passed over, so a set can be written beside and moved in. */
#include "daemon/cli/drop_watch.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/json.h"
#include "daemon/cli/api.h"
#include "daemon/cli/job_images.h"

#define MAX_FILES 100
#define RETRY_MS  10000
#define LOOK_MS   1000 /* at whether it is to end: a signal may come just before a wait */
#define WHAT      (IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE)

static volatile sig_atomic_t stopped;

static void on_stop(int number)
{
	(void)number;
	stopped = 1;
}

/* So that poll is broken off, and an end between two polls is seen by the next. */
static void catch_stop(void)
{
	struct sigaction action = {.sa_handler = on_stop};

	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
}

static int bring(struct cli *cli, const char *folder, const char *file, json_t **files)
{
	struct err err = {0};
	struct client *client = cli_client(cli, &err);
	char path[4096], sha256[65];
	struct stat about;

	snprintf(path, sizeof path, "%s/%s", folder, file);
	if (stat(path, &about) || !S_ISREG(about.st_mode))
		return CLI_PASSED;
	if (json_object_size(*files) == MAX_FILES)
		return cli_usage("%s has more than %d files", folder, MAX_FILES);
	if (!client || job_image_bring(path, client, sha256, &err))
		return cli_fail(cli, &err);
	json_put(files, file, json_string(sha256));
	return CLI_PASSED;
}

static int bring_all(struct cli *cli, const char *folder, json_t **files)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	int status = CLI_PASSED;

	if (!dir)
		return cli_usage("cannot read %s: %s", folder, strerror(errno));
	while (!status && (entry = readdir(dir))) {
		if (entry->d_name[0] != '.')
			status = bring(cli, folder, entry->d_name, files);
	}
	closedir(dir);
	return status;
}

/* Whether the farm's last version holds just these. */
static bool is_known(struct cli *cli, const char *name, const json_t *files)
{
	struct err err = {0};
	struct client *client = cli_client(cli, &err);
	char path[512] = "/drops/";
	json_t *answer = NULL;
	bool known = client && client_append_escaped(path, sizeof path, name) &&
		     !client_get(client, path, &answer, &err) &&
		     json_equal(json_object_get(cli_object(answer, "drop"), "files"), files);

	json_decref(answer);
	return known;
}

static int drop_once(struct cli *cli, const char *name, const char *folder)
{
	json_t *files = json_object();
	int status = bring_all(cli, folder, &files);

	if (!status && json_object_size(files) && !is_known(cli, name, files))
		status = drop_send(cli, name, files);
	fflush(stdout);
	json_decref(files);
	return status;
}

/* Waits for wait_ms at most. True: something did at first. */
static bool changed(int watch, int wait_ms)
{
	struct pollfd look = {watch, POLLIN, 0};
	char events[4096];

	if (poll(&look, 1, wait_ms) <= 0)
		return false;
	return read(watch, events, sizeof events) > 0;
}

int drop_watch(struct cli *cli, const char *name, const char *folder, int64_t settle_s)
{
	int watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK), status;

	catch_stop();
	if (watch < 0 || inotify_add_watch(watch, folder, WHAT | IN_ONLYDIR) < 0) {
		status = cli_usage("cannot watch %s: %s", folder, strerror(errno));
		if (watch >= 0)
			close(watch);
		return status;
	}
	while (!stopped) {
		while (!stopped && changed(watch, (int)settle_s * 1000))
			;
		status = stopped ? CLI_PASSED : drop_once(cli, name, folder);
		while (!stopped && !changed(watch, status ? RETRY_MS : LOOK_MS) && !status)
			;
	}
	close(watch);
	return CLI_PASSED;
}
