/* SPDX-License-Identifier: Apache-2.0 */
/* A file as the source of an answer, read in pieces as the socket takes them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/log.h"
#include "daemon/http/source.h"

struct file_source {
	struct http_source base;
	int fd;
	off_t at;
};

/* A local file's next piece is in the page cache or a disk's read away: read here and now. */
static void file_pull(struct http_source *base, struct http_request *request)
{
	struct file_source *source = (struct file_source *)base;
	char piece[HTTP_CHUNK];
	ssize_t got = pread(source->fd, piece, sizeof(piece), source->at);

	if (got < 0)
		log_warn("http", "cannot read what %s asks for: %s", request->path, strerror(errno));
	if (got > 0)
		source->at += got;
	http_source_push(request, piece, got > 0 ? (size_t)got : 0, got <= 0);
}

static void file_destroy(struct http_source *base)
{
	struct file_source *source = (struct file_source *)base;

	close(source->fd);
	free(source);
}

void http_reply_file(struct http_request *request, const char *content_type, int fd)
{
	struct stat info;
	struct file_source *source = (struct file_source *)calloc(1, sizeof(*source));

	if (!source || fstat(fd, &info) || !S_ISREG(info.st_mode)) {
		free(source);
		close(fd);
		http_reply_error(request, 500, "the file cannot be read");
		return;
	}
	source->base.pull = file_pull;
	source->base.destroy = file_destroy;
	source->fd = fd;
	http_reply_source(request, content_type, info.st_size, &source->base);
}
