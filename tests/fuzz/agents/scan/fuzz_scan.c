/* SPDX-License-Identifier: Apache-2.0 */
/* Any texts as what USB devices tell of themselves: the rack file that is written of them can be read, names as many
 * boards as were found, and lacks their types only. */
#include <ftw.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agents/rack.h"
#include "agents/scan/write.h"

#define DEVICES 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const paths[DEVICES] = {"1-1", "1-1.4", "1-1.4.2", "3-2"};
static const char *const attributes[] = {"idVendor", "idProduct", "manufacturer", "product", "serial"};

/* In memory, where there is such a place. */
static char root[] = "/dev/shm/fuzz_scan_XXXXXX";
static bool root_made;

static void require_that(int good)
{
	if (!good)
		abort();
}

static void put(const char *folder, const char *name, const void *text, size_t len)
{
	char path[256];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s%s/%s", root, folder, name);
	file = fopen(path, "we");
	require_that(file && fwrite(text, 1, len, file) == len && fclose(file) == 0);
}

static void make_folder(const char *folder)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s%s", root, folder);
	require_that(mkdir(path, 0700) == 0);
}

static int remove_one(const char *path, const struct stat *status, int flag, struct FTW *place)
{
	(void)status;
	(void)flag;
	(void)place;
	return remove(path);
}

static void remove_all(void)
{
	(void)nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void make_tree(void)
{
	static const char type[] = "type: unknown\narch: armv6-m\nmemory: [{kind: flash, address: 0, size: 4K}]\n"
				   "vectors: 0\nopenocd: {config: [target/nrf51.cfg], target: nrf51.cpu}\n"
				   "console: {baud: 115200}\n";
	static const char *const folders[] = {"/bus",   "/bus/usb", "/bus/usb/devices",
					      "/types", "/serial",  "/serial/by-id"};
	char folder[64];

	require_that(mkdtemp(root) != NULL);
	(void)atexit(remove_all);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		make_folder(folders[i]);
	for (size_t i = 0; i < DEVICES; i++) {
		(void)snprintf(folder, sizeof(folder), "/bus/usb/devices/%s", paths[i]);
		make_folder(folder);
		(void)snprintf(folder, sizeof(folder), "/bus/usb/devices/%s/%s:1.0", paths[i], paths[i]);
		make_folder(folder);
		(void)snprintf(folder, sizeof(folder), "/bus/usb/devices/%s/%s:1.0/ttyACM%zu", paths[i], paths[i], i);
		make_folder(folder);
	}
	put("/types", "unknown.yaml", type, sizeof(type) - 1);
}

/* The input's next piece, up to a NUL. */
static size_t take_piece(const uint8_t **data, size_t *size, const uint8_t **ret_piece)
{
	const uint8_t *end = *size ? memchr(*data, '\0', *size) : NULL;
	size_t len = end ? (size_t)(end - *data) : *size;

	*ret_piece = *data;
	*data += len + (end != NULL);
	*size -= len + (end != NULL);
	return len;
}

static void put_piece(const char *folder, const char *name, const uint8_t **data, size_t *size)
{
	const uint8_t *piece;
	size_t len = take_piece(data, size, &piece);

	put(folder, name, piece, len);
}

/* One serial device's stable name is of the input too, as far as a file can have it. */
static void put_link(const char *name, size_t len, char ret_path[512])
{
	ret_path[0] = '\0';
	if (len == 0 || len > 200 || memchr(name, '/', len))
		return;
	(void)snprintf(ret_path, 512, "%s/serial/by-id/%.*s", root, (int)len, name);
	if (symlink("../../ttyACM0", ret_path))
		ret_path[0] = '\0';
}

static void require_readable(const struct buf *text, size_t boards)
{
	struct doc_problems problems;
	struct rack *rack = NULL;
	char types[64];

	(void)snprintf(types, sizeof(types), "%s/types", root);
	doc_problems_init(&problems, "scan.yaml");
	if (boards > 0) {
		int rc = rack_read("scan.yaml", buf_text(text), text->len, types, &rack, &problems);

		if (rc)
			(void)fprintf(stderr, "%s\n%s: %s\n", buf_text(text), problems.item[0].field,
				      problems.item[0].found);
		require_that(rc == 0 && rack->board_count == boards);
	}
	rack_destroy(rack);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct scan_options options = {.rack = "lab", .types_dir = "/nonexistent"};
	struct usb_tree tree;
	struct buf text;
	char folder[96], link[512];
	const uint8_t *piece;
	size_t len;

	if (!root_made)
		make_tree();
	root_made = true;
	len = take_piece(&data, &size, &piece);
	put_link((const char *)piece, len, link);
	for (size_t i = 0; i < DEVICES; i++) {
		(void)snprintf(folder, sizeof(folder), "/bus/usb/devices/%s", paths[i]);
		for (size_t k = 0; k < sizeof(attributes) / sizeof(attributes[0]); k++)
			put_piece(folder, attributes[k], &data, &size);
		(void)snprintf(folder, sizeof(folder), "/bus/usb/devices/%s/%s:1.0", paths[i], paths[i]);
		put_piece(folder, "interface", &data, &size);
	}
	require_that(usb_tree_read(root, root, &tree, NULL) == 0);
	buf_init(&text, 1 << 20);
	require_readable(&text, scan_write(&tree, &options, &text));
	buf_finish(&text);
	usb_tree_finish(&tree);
	if (link[0])
		(void)unlink(link);
	return 0;
}
