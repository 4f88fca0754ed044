/* SPDX-License-Identifier: Apache-2.0 */
/* Images as they are stored: those that are held get no boards, those that nobody knows yet few at once. Each lease is
 * held against it as it is stored. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "tests/sim/farm/sim.h"

static const struct principal root = {.org = "default", .name = "admin", .role = ROLE_ADMIN};

void images_sha(int image, char ret_sha256[SHA256_HEX])
{
	(void)snprintf(ret_sha256, SHA256_HEX, "%08x89abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
		       (unsigned)image);
}

void images_put_held(struct world *world, const struct held_image_record *record)
{
	struct image_model *images = &world->store.images;

	for (size_t i = 0; i < images->held_count; i++) {
		if (strcmp(images->held[i].org, record->org) != 0 ||
		    strcmp(images->held[i].sha256, record->sha256) != 0)
			continue;
		CHECK(world, record->released || !images->held[i].held_at_us, "image %s is held twice", record->sha256);
		world->counts.held += !record->released && record->held_at_us;
		memmove(&images->held[i], &images->held[i + 1], (--images->held_count - i) * sizeof(images->held[0]));
		if (!record->released)
			images->held[images->held_count++] = *record;
		return;
	}
	CHECK(world, !record->released, "image %s is released and was not struck", record->sha256);
	CHECK(world, images->held_count < SIM_IMAGES * SIM_ORGS, "image %s", record->sha256);
	images->held[images->held_count++] = *record;
	world->counts.held += record->held_at_us != 0;
}

static bool is_known(const struct image_model *images, const struct run_record *run)
{
	for (size_t i = 0; i < images->tried_count; i++) {
		const struct tried_image_record *tried = &images->tried[i];

		if (strcmp(tried->org, run->org) == 0 && strcmp(tried->sha256, run->image_sha256) == 0 &&
		    strcmp(tried->board_type, run->board_type) == 0)
			return true;
	}
	return false;
}

/* What is known came to be so by a run of just that image, or by a person. */
void images_put_tried(struct world *world, const struct tried_image_record *record)
{
	struct image_model *images = &world->store.images;
	const struct run_record *run = &world->store.runs[record->run].record;

	CHECK(world, !record->run || strcmp(run->image_sha256, record->sha256) == 0, "run %lld had another image",
	      (long long)record->run);
	CHECK(world, !record->run || run->state == RUN_IS_FINISHED, "run %lld tells before it is over",
	      (long long)record->run);
	CHECK(world, !record->run || !is_known(images, run), "image %s is known twice", record->sha256);
	CHECK(world, images->tried_count < SIM_IMAGES * SIM_ORGS * SIM_TYPES, "image %s", record->sha256);
	images->tried[images->tried_count++] = *record;
	world->counts.tried++;
}

/* The farm may not have heard of the run for a while when it gave a board to another one. */
static bool is_unheard(const struct world *world, int board)
{
	const struct run_record *run = &world->store.runs[world->store.boards[board].lease_run].record;
	int64_t since_us = run->assigned_at_us - SIM_EPOCH_S * 1000000;

	return world->gone_us[board / SIM_AGENT_BOARDS] >= since_us ||
	       (run->state == RUN_IS_ASSIGNED && world->now_us >= since_us + 5000000);
}

/* With the lease that was just opened. */
void images_check_lease(struct world *world, const struct lease_record *lease)
{
	const struct store_model *store = &world->store;
	const struct run_record *run = &store->runs[lease->run].record;
	int leased = 0;

	if (store->jobs[run->job].record.kind != JOB_IS_TEST)
		return;
	for (size_t i = 0; i < store->images.held_count; i++)
		CHECK(world,
		      !store->images.held[i].held_at_us || strcmp(store->images.held[i].org, run->org) != 0 ||
			      strcmp(store->images.held[i].sha256, run->image_sha256) != 0,
		      "run %lld has a board, and its image is held", (long long)lease->run);
	if (store->jobs[run->job].together || is_known(&store->images, run))
		return;
	for (int i = 0; i < SIM_BOARDS; i++) {
		const struct run_record *other = &store->runs[store->boards[i].lease_run].record;

		leased += store->boards[i].lease_fence && !is_unheard(world, i) &&
			  store->jobs[other->job].record.kind != JOB_IS_LEASE && strcmp(other->org, run->org) == 0 &&
			  strcmp(other->board_type, run->board_type) == 0 &&
			  strcmp(other->image_sha256, run->image_sha256) == 0;
	}
	CHECK(world, leased <= SIM_TRIAL, "%d boards have run %lld's image, which nobody knows", leased,
	      (long long)lease->run);
}

static void add_board_image(const struct store_model *store, int board, int64_t id, struct farm_records *records)
{
	const struct run_record *run = &store->runs[id].record;
	struct board_image_record *image = &records->board_images[records->board_image_count++];

	*image = (struct board_image_record){.run = id,
					     .is_open = run->state != RUN_IS_FINISHED,
					     .is_lease = store->jobs[run->job].record.kind == JOB_IS_LEASE};
	sim_board_name(board, image->board);
	mem_text_into(image->org, sizeof(image->org), run->org);
	mem_text_into(image->sha256, sizeof(image->sha256), run->image_sha256);
	mem_text_into(image->name, sizeof(image->name), run->image_name);
	mem_text_into(image->board_type, sizeof(image->board_type), run->board_type);
}

static void records_of_boards(const struct store_model *store, struct farm_records *records)
{
	records->board_images = mem_alloc_array(2 * SIM_BOARDS, sizeof(*records->board_images));
	for (int i = 0; i < SIM_BOARDS; i++) {
		if (store->boards[i].record.flashed_run)
			add_board_image(store, i, store->boards[i].record.flashed_run, records);
	}
	for (int i = 0; i < SIM_BOARDS; i++) {
		if (store->boards[i].lease_fence && store->runs[store->boards[i].lease_run].flashed)
			add_board_image(store, i, store->boards[i].lease_run, records);
	}
}

void images_records(const struct store_model *store, struct farm_records *ret_records)
{
	const struct image_model *images = &store->images;

	records_of_boards(store, ret_records);
	ret_records->held_images = mem_alloc_array(images->held_count + 1, sizeof(*ret_records->held_images));
	ret_records->held_image_count = images->held_count;
	memcpy(ret_records->held_images, images->held, images->held_count * sizeof(images->held[0]));
	ret_records->tried_images = mem_alloc_array(images->tried_count + 1, sizeof(*ret_records->tried_images));
	ret_records->tried_image_count = images->tried_count;
	memcpy(ret_records->tried_images, images->tried, images->tried_count * sizeof(images->tried[0]));
}

static void on_done(void *context, const struct err *err)
{
	(void)context;
	(void)err;
}

void images_release(struct world *world, bool trials)
{
	json_t *images = trials ? farm_trials_json(world->farm, &root) : farm_held_images_json(world->farm, &root);
	json_t *image;
	size_t i;
	struct err err = {0};

	json_array_foreach(images, i, image)
	{
		const char *sha256 = json_string_value(json_object_get(image, "sha256"));
		int rc = farm_release_image(world->farm, &root, sha256, "so it is", on_done, world, &err);

		/* by its hash another organisation's may have been meant */
		CHECK(world, rc == 0 || rc == ERR_NO_SPACE || rc == ERR_BUSY || rc == ERR_NOT_FOUND, "%s", err.text);
		if (trials)
			break;
	}
	json_decref(images);
}
