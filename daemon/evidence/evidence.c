/* SPDX-License-Identifier: Apache-2.0 */
/* The folder of sealed jobs.
 *
 * Sealing: the job is finished -> its files are gathered -> manifest, signature and files go to <name>.new -> synced
 * -> renamed -> the folder synced. An error at any point leaves an earlier seal as it was; a program that dies leaves a
 * .new file, which the next start removes. */
#include "daemon/evidence/evidence.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/evidence/gather.h"
#include "daemon/evidence/keys.h"

#define PATH_BYTES (EVIDENCE_DIR_MAX + 80)

static int remove_leftovers(const char *dir, struct err *err)
{
	DIR *stream = opendir(dir);
	struct dirent *entry;

	if (!stream)
		return err_set_errno(err, errno, "cannot read %s", dir);
	while ((entry = readdir(stream))) {
		const char *dot = strrchr(entry->d_name, '.');

		if (dot && strcmp(dot, ".new") == 0)
			(void)unlinkat(dirfd(stream), entry->d_name, 0);
	}
	closedir(stream);
	return 0;
}

int evidence_init(struct evidence *evidence, const char *state_dir, const char *farm, int64_t (*unix_us)(void),
		  const struct evidence_report *reports, size_t report_count, struct err *err)
{
	int rc;

	*evidence = (struct evidence){.unix_us = unix_us, .report_count = report_count};
	snprintf(evidence->dir, sizeof(evidence->dir), "%.*s/evidence", EVIDENCE_DIR_MAX, state_dir);
	snprintf(evidence->keys_dir, sizeof(evidence->keys_dir), "%.*s/keys", EVIDENCE_DIR_MAX, state_dir);
	snprintf(evidence->farm, sizeof(evidence->farm), "%s", farm);
	for (size_t i = 0; i < report_count; i++)
		evidence->reports[i] = reports[i];
	evidence->writer =
		(struct job_writer){.write = evidence_seal, .context = evidence, .content_type = "application/json"};
	if (mkdir(evidence->dir, 0700) && errno != EEXIST)
		return err_set_errno(err, errno, "cannot make %s", evidence->dir);
	if (access(evidence->dir, R_OK | W_OK | X_OK))
		return err_set_errno(err, errno, "cannot write in %s", evidence->dir);
	rc = remove_leftovers(evidence->dir, err);
	return rc ? rc : keys_prepare(evidence->keys_dir, err);
}

static void path_of(const struct evidence *evidence, int64_t job, char path[PATH_BYTES])
{
	snprintf(path, PATH_BYTES, "%s/job-%" PRId64 ".tar", evidence->dir, job);
}

int evidence_open(const struct evidence *evidence, int64_t job, int *ret_fd, struct err *err)
{
	char path[PATH_BYTES];
	int fd;

	path_of(evidence, job, path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return err_set(err, ERR_NOT_FOUND, "job %" PRId64 " has not been sealed", job);
	if (fd < 0)
		return err_set_errno(err, errno, "cannot read the evidence of job %" PRId64, job);
	*ret_fd = fd;
	return 0;
}

/* A new file beside the one that it will replace. */
static int open_new(const struct evidence *evidence, char path[PATH_BYTES], struct err *err)
{
	int fd;

	snprintf(path, PATH_BYTES, "%s/seal-XXXXXX.new", evidence->dir);
	fd = mkostemps(path, 4, O_CLOEXEC);
	if (fd < 0)
		err_set_errno(err, errno, "cannot write in %s", evidence->dir);
	return fd;
}

static int put_in_place(const struct evidence *evidence, int fd, const char *path, int64_t job, struct err *err)
{
	char target[PATH_BYTES];
	int dir, rc = 0;

	path_of(evidence, job, target);
	if (fsync(fd) || rename(path, target))
		return err_set_errno(err, errno, "cannot write %s", target);
	dir = open(evidence->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || fsync(dir))
		rc = err_set_errno(err, errno, "cannot write %s", evidence->dir);
	if (dir >= 0)
		close(dir);
	return rc;
}

static int write_summary(const struct bundle *bundle, int fd, const char *sha256, FILE *out, struct err *err)
{
	json_t *summary = json_object();
	struct stat info;
	struct buf text;
	int rc;

	if (fstat(fd, &info))
		info.st_size = 0;
	json_put(&summary, "job", json_integer(bundle->manifest.job));
	json_put(&summary, "key", json_string(bundle->manifest.key));
	json_put(&summary, "created_at_us", json_integer(bundle->manifest.created_at_us));
	json_put(&summary, "bytes", json_integer(info.st_size));
	json_put(&summary, "files", json_integer((json_int_t)bundle->manifest.file_count));
	json_put(&summary, "manifest_sha256", json_string(sha256));
	buf_init(&text, 4096);
	rc = summary ? json_write(summary, &text) : ERR_NOMEM;
	if (rc)
		err_set(err, (enum err_code)rc, "cannot write the summary");
	else
		fprintf(out, "%s\n", buf_text(&text));
	buf_finish(&text);
	json_decref(summary);
	return rc;
}

static int write_bundle(const struct evidence *evidence, struct bundle *bundle, const struct minisig_secret *secret,
			FILE *out, struct err *err)
{
	char path[PATH_BYTES], sha256[SHA256_HEX];
	int fd = open_new(evidence, path, err);
	int rc = fd < 0 ? (int)err->code : bundle_write(bundle, secret, fd, sha256, err);

	if (!rc)
		rc = put_in_place(evidence, fd, path, bundle->manifest.job, err);
	if (!rc)
		rc = write_summary(bundle, fd, sha256, out, err);
	if (rc && fd >= 0)
		(void)unlink(path);
	if (fd >= 0)
		close(fd);
	return rc;
}

int evidence_seal(const void *context, const struct job_reader *reader, int64_t run, FILE *out, struct err *err)
{
	const struct evidence *evidence = context;
	struct minisig_secret secret;
	struct bundle bundle;
	int rc;

	if (run)
		return err_set(err, ERR_INVALID, "a whole job is sealed, not a run of it");
	rc = keys_load(evidence->keys_dir, &secret, err);
	if (!rc)
		rc = bundle_init(&bundle, evidence->dir, err);
	if (!rc) {
		snprintf(bundle.manifest.farm, sizeof(bundle.manifest.farm), "%s", evidence->farm);
		snprintf(bundle.manifest.assay, sizeof(bundle.manifest.assay), "%s", ASSAY_VERSION);
		minisig_id_text(secret.public_key.id, bundle.manifest.key);
		bundle.manifest.created_at_us = evidence->unix_us();
		rc = gather_job(&bundle, reader, evidence->reports, evidence->report_count, err);
		if (!rc)
			rc = write_bundle(evidence, &bundle, &secret, out, err);
		bundle_finish(&bundle);
	}
	minisig_forget(&secret);
	return rc;
}
