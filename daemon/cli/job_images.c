/* SPDX-License-Identifier: Apache-2.0 */
/* Finding, hashing and uploading a job's images. */
#include "daemon/cli/job_images.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "core/image/image.h"
#include "daemon/cli/api.h"

#define PIECE 65536

/* Hashes an open file; returns 0 or errno. */
static int hash_file(FILE *file, struct job_image *image)
{
	crypto_hash_sha256_state state;
	unsigned char hash[crypto_hash_sha256_BYTES], piece[PIECE];
	size_t len;

	crypto_hash_sha256_init(&state);
	image->size_bytes = 0;
	while ((len = fread(piece, 1, sizeof piece, file)) > 0) {
		crypto_hash_sha256_update(&state, piece, len);
		image->size_bytes += len;
	}
	if (ferror(file))
		return errno ? errno : EIO;
	crypto_hash_sha256_final(&state, hash);
	sodium_bin2hex(image->sha256, sizeof image->sha256, hash, sizeof hash);
	return 0;
}

/* Never waits: a pipe without a writer must be refused, not waited for. */
static FILE *open_to_read(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");

	if (fd >= 0 && !file)
		close(fd);
	return file;
}

/* Looks at the file and hashes it. Returns NULL or what was found instead of an image. */
static const char *inspect(struct job_image *image, char *scratch, size_t size)
{
	FILE *file = open_to_read(image->path);
	struct stat about;
	int failure;

	if (!file) {
		snprintf(scratch, size, "%s: %s", image->path, strerror(errno));
		return scratch;
	}
	if (fstat(fileno(file), &about) || !S_ISREG(about.st_mode)) {
		snprintf(scratch, size, "%s, which is no file", image->path);
	} else if (about.st_size == 0) {
		snprintf(scratch, size, "%s, which is empty", image->path);
	} else if ((uint64_t)about.st_size > IMAGE_MAX_BYTES) {
		snprintf(scratch, size, "%s of %jd bytes", image->path, (intmax_t)about.st_size);
	} else {
		failure = hash_file(file, image);
		fclose(file);
		if (!failure)
			return NULL;
		snprintf(scratch, size, "%s: %s", image->path, strerror(failure));
		return scratch;
	}
	fclose(file);
	return scratch;
}

/* Relative paths are meant from the job file's directory. */
static void resolve(const char *job_file, struct job_image *image)
{
	const char *slash = strrchr(job_file, '/');

	if (image->written[0] == '/' || !slash)
		snprintf(image->path, sizeof image->path, "%s", image->written);
	else
		snprintf(image->path, sizeof image->path, "%.*s/%s", (int)(slash - job_file), job_file, image->written);
}

static bool is_known(const struct job_images *images, const char *written)
{
	for (size_t i = 0; i < images->count; i++) {
		if (strcmp(images->image[i].written, written) == 0)
			return true;
	}
	return false;
}

int job_images_find(const char *job_file, const struct job_spec *spec, struct job_images *ret_images,
		    struct doc_problems *problems)
{
	size_t before = problems->count;

	*ret_images = (struct job_images){.job_file = job_file,
					  .image = calloc(spec->run_count + 1, sizeof *ret_images->image)};
	if (!ret_images->image)
		return ERR_NOMEM;
	for (size_t i = 0; i < spec->run_count; i++) {
		const struct run_spec *run = &spec->runs[i];
		struct job_image *image = &ret_images->image[ret_images->count];
		char field[64], scratch[4300];
		const char *found;

		if (strncmp(run->image, "sha256:", 7) == 0 || is_known(ret_images, run->image))
			continue;
		snprintf(image->written, sizeof image->written, "%s", run->image);
		image->line = run->line;
		image->run = i;
		resolve(job_file, image);
		found = inspect(image, scratch, sizeof scratch);
		ret_images->count++;
		snprintf(field, sizeof field, "runs[%zu].image", i);
		if (found)
			doc_problem_add(problems, run->line, field, found,
					"a firmware file of at most %u MiB, relative to the job file",
					IMAGE_MAX_BYTES >> 20);
	}
	return problems->count > before ? ERR_INVALID : 0;
}

void job_images_finish(struct job_images *images)
{
	free(images->image);
	*images = (struct job_images){0};
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static int send(const struct job_image *image, struct client *client, struct err *err)
{
	char path[1024] = "/images?name=";
	FILE *file = open_to_read(image->path);
	json_t *answer = NULL;
	int code;

	if (!file)
		return err_set_errno(err, errno, "cannot read %s", image->path);
	if (!client_append_escaped(path, sizeof path, base_name(image->written)))
		code = err_set(err, ERR_INVALID, "%s: the name is too long", image->written);
	else
		code = client_upload(client, path, file, image->size_bytes, &answer, err);
	fclose(file);
	if (!code && strcmp(api_text(answer, "sha256"), image->sha256) != 0)
		code = err_set(err, ERR_INVALID, "it changed while it was sent");
	json_decref(answer);
	return code;
}

static int upload(const char *job_file, const struct job_image *image, struct client *client, struct err *err)
{
	int code = send(image, client, err);

	if (code == ERR_INVALID)
		err_prefix(err, "%s:%d: runs[%zu].image: %s", job_file, image->line, image->run, image->written);
	else if (code)
		err_prefix(err, "%s", image->written);
	return code;
}

/* 0: the farm holds it for one's organisation; ERR_NOT_FOUND: not yet. An admin is shown those of others, too, but what
 * is handed in has its organisation's rights. */
static int ask_for(const struct job_image *image, struct client *client, struct err *err)
{
	json_t *answer = NULL;
	char path[128];
	int code;

	snprintf(path, sizeof path, "/images/%s", image->sha256);
	code = client_get(client, path, &answer, err);
	if (!code && json_is_false(json_object_get(answer, "own")))
		code = err_set(err, ERR_NOT_FOUND, "the farm holds it for others only");
	json_decref(answer);
	return code;
}

int job_image_bring(const char *path, struct client *client, char ret_sha256[65], struct err *err)
{
	struct job_image image = {0};
	char scratch[4300];
	const char *found;
	int code;

	snprintf(image.written, sizeof image.written, "%s", path);
	snprintf(image.path, sizeof image.path, "%s", path);
	found = inspect(&image, scratch, sizeof scratch);
	if (found)
		return err_set(err, ERR_INVALID, "found %s, expected a firmware file of at most %u MiB", found,
			       IMAGE_MAX_BYTES >> 20);
	code = ask_for(&image, client, err);
	if (code == ERR_NOT_FOUND)
		code = send(&image, client, err);
	if (code)
		err_prefix(err, "%s", path);
	else
		memcpy(ret_sha256, image.sha256, sizeof image.sha256);
	return code;
}

int job_images_upload(const struct job_images *images, struct client *client,
		      void (*on_upload)(void *context, const struct job_image *image), void *context, struct err *err)
{
	for (size_t i = 0; i < images->count; i++) {
		const struct job_image *image = &images->image[i];
		int code = ask_for(image, client, err);

		if (!code)
			continue;
		if (code != ERR_NOT_FOUND)
			return code;
		if (on_upload)
			on_upload(context, image);
		code = upload(images->job_file, image, client, err);
		if (code)
			return code;
	}
	return 0;
}

json_t *job_images_to_json(const struct job_images *images)
{
	json_t *object = json_object();

	for (size_t i = 0; object && i < images->count; i++) {
		if (json_object_set_new(object, images->image[i].written, json_string(images->image[i].sha256))) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}
