/* SPDX-License-Identifier: Apache-2.0 */
/* Parsed images, the recently used ones in memory: jobs of one image come in crowds. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "daemon/store/store_private.h"

int image_load(const char *path, struct image *ret_image, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *bytes;
	int rc;

	memset(ret_image, 0, sizeof(*ret_image));
	if (fd < 0 || fstat(fd, &st) != 0) {
		rc = err_set_errno(err, errno, "cannot read %s", path);
		if (fd >= 0)
			close(fd);
		return rc;
	}
	if (st.st_size == 0) {
		close(fd);
		return image_parse(ret_image, (const uint8_t *)"", 0, err);
	}
	bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (bytes == MAP_FAILED)
		return err_set_errno(err, errno, "cannot read %s", path);
	rc = image_parse(ret_image, bytes, (size_t)st.st_size, err);
	(void)munmap(bytes, (size_t)st.st_size);
	return rc;
}

static size_t memory_of(const struct image *image)
{
	size_t size = sizeof(*image);

	for (size_t i = 0; i < image->segment_count; i++)
		size += image->segment[i].size_bytes;
	return size;
}

static void evict(struct store *store, struct cached_image *cached)
{
	list_remove(&cached->link);
	store->image_count--;
	store->image_bytes -= cached->size_bytes;
	image_finish(&cached->image);
	free(cached);
}

static struct cached_image *find(struct store *store, const char *sha256)
{
	list_for_each (link, &store->images) {
		struct cached_image *cached = list_container(link, struct cached_image, link);

		if (strcmp(cached->image.sha256, sha256) == 0) {
			list_remove(link);
			list_prepend(&store->images, link);
			return cached;
		}
	}
	return NULL;
}

void image_cache_add(struct store *store, struct image *image)
{
	struct cached_image *cached;

	if (find(store, image->sha256)) {
		image_finish(image);
		return;
	}
	cached = mem_alloc(sizeof(*cached));
	cached->image = *image;
	memset(image, 0, sizeof(*image));
	cached->size_bytes = memory_of(&cached->image);
	list_prepend(&store->images, &cached->link);
	store->image_count++;
	store->image_bytes += cached->size_bytes;
	/* the newest stays, whatever its size: its caller is about to look at it */
	while (store->image_count > 1 &&
	       (store->image_count > STORE_IMAGES_MAX || store->image_bytes > STORE_IMAGES_MEM))
		evict(store, list_container(store->images.prev, struct cached_image, link));
}

void image_cache_clear(struct store *store)
{
	while (!list_empty(&store->images))
		evict(store, list_container(store->images.next, struct cached_image, link));
}

static int may_see(struct store *store, const struct principal *who, const char *sha256, struct err *err)
{
	sqlite3_stmt *row = db_statement(&store->db, "SELECT 1 FROM image WHERE sha256 = ? AND (? OR org = ?)", err);
	bool found = false;
	int rc = row ? db_bind(row, "tit", sha256, (int64_t)(who->role == ROLE_ADMIN), who->org) : (int)ERR_IO;

	if (rc == 0)
		rc = db_step(&store->db, row, &found, err);
	if (row)
		sqlite3_reset(row);
	if (rc == 0 && !found)
		rc = err_set(err, ERR_NOT_FOUND, "the farm holds no image %.64s", sha256);
	return rc;
}

const struct image *store_image(struct store *store, const struct principal *who, const char *sha256, struct err *err)
{
	struct cached_image *cached;
	struct image *image;
	char path[STORE_PATH_MAX + 96];
	int rc = may_see(store, who, sha256, err);

	if (rc)
		return NULL;
	cached = find(store, sha256);
	if (cached)
		return &cached->image;
	(void)snprintf(path, sizeof(path), "%s/%.64s", store->image_dir, sha256);
	image = mem_alloc(sizeof(*image));
	rc = image_load(path, image, err);
	if (rc == 0 && strcmp(image->sha256, sha256) != 0)
		rc = err_set(err, ERR_CORRUPT, "%s is not what it was: its SHA-256 is %s", path, image->sha256);
	if (rc == 0)
		image_cache_add(store, image);
	else
		image_finish(image);
	free(image);
	return rc ? NULL : &find(store, sha256)->image;
}

/* --- in advance --- */

struct preparation {
	struct work work;
	struct post post;
	struct store *store;
	on_prepared_fn on_prepared;
	void *context;
	char sha256[STORE_MAX_PREPARED][SHA256_HEX];
	struct image image[STORE_MAX_PREPARED]; /* its sha256 is "" when it could not be read */
	size_t count;
};

static void on_images_loaded(struct post *post)
{
	struct preparation *it = list_container(post, struct preparation, post);
	struct err err;

	for (size_t i = 0; i < it->count; i++) {
		if (strcmp(it->image[i].sha256, it->sha256[i]) == 0)
			image_cache_add(it->store, &it->image[i]);
		else
			image_finish(&it->image[i]);
	}
	if (it->store->closing)
		(void)err_set(&err, ERR_CANCELLED, "the store is closing");
	it->on_prepared(it->context, it->store->closing ? &err : NULL);
	free(it);
}

static void load_images(struct work *work, struct db *db)
{
	struct preparation *it = list_container(work, struct preparation, work);
	char path[STORE_PATH_MAX + 96];

	for (size_t i = 0; db && i < it->count; i++) {
		(void)snprintf(path, sizeof(path), "%s/%.64s", it->store->image_dir, it->sha256[i]);
		if (image_load(path, &it->image[i], NULL)) {
			image_finish(&it->image[i]);
			memset(&it->image[i], 0, sizeof(it->image[i]));
		}
	}
	it->post.run = on_images_loaded;
	store_post(it->store, &it->post);
}

static bool is_listed(const struct preparation *it, const char *sha256)
{
	for (size_t i = 0; i < it->count; i++) {
		if (strcmp(it->sha256[i], sha256) == 0)
			return true;
	}
	return false;
}

bool store_prepare_images(struct store *store, const char *const *sha256, size_t count, on_prepared_fn on_prepared,
			  void *context)
{
	struct preparation *it = mem_alloc(sizeof(*it));

	it->store = store;
	it->on_prepared = on_prepared;
	it->context = context;
	it->work.run = load_images;
	list_init(&it->work.link);
	list_init(&it->post.link);
	for (size_t i = 0; i < count && it->count < STORE_MAX_PREPARED; i++) {
		if (strlen(sha256[i]) == SHA256_HEX - 1 && !find(store, sha256[i]) && !is_listed(it, sha256[i]))
			memcpy(it->sha256[it->count++], sha256[i], SHA256_HEX);
	}
	/* with too much waiting already store_image does it */
	if (it->count > 0 && !store->closing && workers_put(store->workers, &it->work, false))
		return false;
	free(it);
	return true;
}
