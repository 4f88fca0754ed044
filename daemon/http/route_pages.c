/* SPDX-License-Identifier: Apache-2.0 */
/* The web pages: plain files of one folder, and a page that says so when the folder is missing. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/http/routes.h"
#include "daemon/http/source.h"

static const struct {
	const char *suffix;
	const char *type;
} TYPES[] = {
	{".css", "text/css; charset=utf-8"},
	{".html", "text/html; charset=utf-8"},
	{".ico", "image/x-icon"},
	{".js", "text/javascript; charset=utf-8"},
	{".json", "application/json"},
	{".map", "application/json"},
	{".png", "image/png"},
	{".svg", "image/svg+xml"},
	{".txt", "text/plain; charset=utf-8"},
	{".webmanifest", "application/manifest+json"},
	{".woff2", "font/woff2"},
};

static const char PLACEHOLDER[] =
	"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Assay</title></head>\n"
	"<body><h1>Assay</h1><p>The farm is running, but its web pages are not installed: "
	"start <code>assayd</code> with <code>--web-dir</code>.</p>\n"
	"<p>The API is at <code>/api/v1</code>.</p></body></html>\n";

static const char *type_of(const char *path)
{
	size_t len = strlen(path);

	for (size_t i = 0; i < sizeof(TYPES) / sizeof(TYPES[0]); i++) {
		size_t suffix = strlen(TYPES[i].suffix);
		if (len > suffix && strcmp(path + len - suffix, TYPES[i].suffix) == 0)
			return TYPES[i].type;
	}
	return "application/octet-stream";
}

/* No element may begin with a dot: neither .. nor hidden files. */
static bool path_good(const char *path)
{
	return path[0] == '/' && !strstr(path, "/.") && !strchr(path, '\\');
}

static void add_page_headers(struct http_request *request)
{
	http_reply_header(request, "content-security-policy:",
			  "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
			  "form-action 'self'; frame-ancestors 'none'");
	http_reply_header(request, "referrer-policy:", "no-referrer");
	http_reply_header(request, "cache-control:", "no-cache");
}

/* Opens the file a path means; -1 when there is none. */
static int page_open(const char *dir, const char *path, struct stat *ret_info)
{
	char file[4096];
	size_t len = strlen(path);

	int n = snprintf(file, sizeof(file), "%s%s%s", dir, path, path[len - 1] == '/' ? "index.html" : "");
	if (n < 0 || (size_t)n >= sizeof(file))
		return -1;
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -1;
	if (fstat(fd, ret_info) || !S_ISREG(ret_info->st_mode)) {
		close(fd);
		return -1;
	}
	return fd;
}

static void reply_placeholder(struct http_request *request)
{
	add_page_headers(request);
	http_reply_text(request, 200, "text/html; charset=utf-8", strdup(PLACEHOLDER), sizeof(PLACEHOLDER) - 1);
}

void route_pages(struct http_request *request)
{
	const char *dir = request->http->ports.web_dir;
	struct stat info;
	char etag[48];

	if (!path_good(request->path)) {
		http_reply_error(request, 404, "there is nothing here");
		return;
	}
	int fd = dir ? page_open(dir, request->path, &info) : -1;
	if (fd < 0 && strcmp(request->path, "/") == 0) {
		reply_placeholder(request);
		return;
	}
	if (fd < 0) {
		http_reply_error(request, 404, "there is no page %.200s", request->path);
		return;
	}
	snprintf(etag, sizeof(etag), "\"%llx.%lx-%llx\"", (unsigned long long)info.st_mtim.tv_sec,
		 (unsigned long)info.st_mtim.tv_nsec, (unsigned long long)info.st_size);
	add_page_headers(request);
	http_reply_header(request, "etag:", "%s", etag);
	if (strcmp(request->accept_etag, etag) == 0) {
		close(fd);
		http_reply_empty(request, 304);
		return;
	}
	http_reply_file(request, type_of(request->path[1] ? request->path : "/.html"), fd);
}
