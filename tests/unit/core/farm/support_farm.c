/* SPDX-License-Identifier: Apache-2.0 */
/* The remembering ports. */
#include "tests/unit/core/farm/support_farm.h"

#include <stdio.h>
#include <string.h>

#include "core/base/mem.h"

const struct principal boss = {.org = "default", .name = "admin", .role = ROLE_ADMIN};
const struct principal mary = {.org = "default", .name = "mary", .role = ROLE_MEMBER};
const struct principal vera = {.org = "default", .name = "vera", .role = ROLE_VIEWER};
const struct principal bob = {.org = "elsewhere", .name = "bob", .role = ROLE_MEMBER};
const struct principal rack = {.org = "default", .name = "agent", .role = ROLE_AGENT};

static int64_t now_us(void *context)
{
	return ((struct farm_world *)context)->now_us;
}

static int64_t unix_us(void *context)
{
	const struct farm_world *w = context;

	return w->now_us + w->jumped_us;
}

static void set_timer(void *context, int64_t due_us)
{
	((struct farm_world *)context)->timer_us = due_us;
}

static bool token_of(void *context, const char *name, struct principal *ret_who)
{
	const struct farm_world *world = context;

	if (!world->holder || strcmp(world->holder->name, name) != 0)
		return false;
	*ret_who = *world->holder;
	return true;
}

static void commit(void *context, struct change *change)
{
	list_append(&((struct farm_world *)context)->queue, &change->link);
}

static void publish(void *context, const struct event_record *event)
{
	struct farm_world *world = context;

	world->published++;
	(void)snprintf(world->heard + strlen(world->heard), sizeof(world->heard) - strlen(world->heard), " %s",
		       event_type_name(event->type));
	mem_text_into(world->last_event, sizeof(world->last_event), event->body);
}

static void publish_console(void *context, const struct console_record *console, int64_t job, const char *org,
			    const char *board)
{
	(void)console;
	(void)job;
	(void)org;
	(void)board;
	((struct farm_world *)context)->consoles++;
}

static void health(void *context, const struct err *err)
{
	(void)err;
	((struct farm_world *)context)->healths++;
}

static void flow(void *context, bool wait)
{
	((struct farm_world *)context)->flow_waits = wait;
}

static const struct image *image(void *context, const struct principal *who, const char *sha256, struct err *err)
{
	struct farm_world *world = context;

	if ((strcmp(sha256, IMAGE_SHA) == 0 || strcmp(sha256, OTHER_IMAGE_SHA) == 0 ||
	     strcmp(sha256, TWIN_IMAGE_SHA) == 0) &&
	    principal_sees(who, "default"))
		return &world->image;
	(void)err_set(err, ERR_NOT_FOUND, "no such image");
	return NULL;
}

static void send_welcome(void *context, const char *agent, const char *farm, const struct agent_known_run *runs,
			 size_t run_count)
{
	struct farm_world *world = context;

	(void)agent;
	(void)farm;
	world->welcomes++;
	world->known_count = run_count < 8 ? run_count : 8;
	memcpy(world->known, runs, world->known_count * sizeof(*runs));
}

static void send_assign(void *context, const char *agent, const struct agent_assign *assign)
{
	struct farm_world *world = context;

	(void)agent;
	if (world->assigns < sizeof(world->assigned) / sizeof(world->assigned[0])) {
		world->assigned[world->assigns].run = assign->run;
		world->assigned[world->assigns].fence = assign->fence;
		mem_text_into(world->assigned[world->assigns].board, FARM_NAME_MAX, assign->board);
	}
	world->assigns++;
	world->assigned_run = assign->run;
	world->assigned_fence = assign->fence;
	mem_text_into(world->assigned_image, sizeof(world->assigned_image), assign->image_sha256);
	mem_text_into(world->assigned_board, sizeof(world->assigned_board), assign->board);
}

static void send_cancel(void *context, const char *agent, int64_t run, int64_t fence, enum cause cause,
			const char *reason)
{
	struct farm_world *world = context;

	(void)agent;
	(void)run;
	(void)fence;
	world->cancels++;
	world->cancel_cause = cause;
	mem_text_into(world->cancel_reason, sizeof(world->cancel_reason), reason);
}

static void send_extend(void *context, const char *agent, int64_t run, int64_t fence, int64_t hold_ms)
{
	struct farm_world *world = context;

	(void)agent;
	(void)run;
	(void)fence;
	world->extends++;
	world->extended_ms = hold_ms;
}

static void send_ack(void *context, const char *agent, int64_t run, int64_t n)
{
	struct farm_world *world = context;

	(void)agent;
	(void)run;
	world->acks++;
	world->acked_n = n;
}

static void send_stale(void *context, const char *agent, int64_t run, int64_t fence)
{
	struct farm_world *world = context;

	(void)agent;
	(void)fence;
	world->stales++;
	world->stale_run = run;
}

static void lease_cut(void *context, int64_t job, const char *text)
{
	struct farm_world *world = context;

	(void)job;
	world->cuts++;
	mem_text_into(world->cut_text, sizeof(world->cut_text), text);
}

static void send_recover(void *context, const char *agent, const char *board, const char *reason)
{
	struct farm_world *world = context;

	(void)agent;
	(void)reason;
	world->recovers++;
	mem_text_into(world->recovered_board, sizeof(world->recovered_board), board);
}

static void init_type(struct board_type *type)
{
	mem_text_into(type->name, sizeof(type->name), "microbit");
	mem_text_into(type->arch, sizeof(type->arch), "armv6-m");
	mem_text_into(type->mcu, sizeof(type->mcu), "nRF51822");
	type->region[0] = (struct memory_region){.kind = MEMORY_FLASH, .address = 0, .size_bytes = 256 << 10};
	type->region[1] = (struct memory_region){.kind = MEMORY_RAM, .address = 0x20000000, .size_bytes = 16 << 10};
	type->region_count = 2;
	type->baud = 115200;
	mem_text_into(type->openocd_config[0], sizeof(type->openocd_config[0]), "target/nrf51.cfg");
	type->openocd_config_count = 1;
}

void farm_world_init_from(struct farm_world *world, const struct farm_records *records)
{
	static uint8_t code[64] = {0x00, 0x10, 0x00, 0x20, 0x21};
	struct farm_ports ports = {.context = world,
				   .now_us = now_us,
				   .unix_us = unix_us,
				   .set_timer = set_timer,
				   .commit = commit,
				   .publish = publish,
				   .publish_console = publish_console,
				   .health = health,
				   .flow = flow,
				   .image = image,
				   .token_of = token_of,
				   .send_welcome = send_welcome,
				   .send_assign = send_assign,
				   .send_cancel = send_cancel,
				   .send_extend = send_extend,
				   .send_ack = send_ack,
				   .send_stale = send_stale,
				   .lease_cut = lease_cut,
				   .send_recover = send_recover};
	struct err err = {0};

	memset(world, 0, sizeof(*world));
	list_init(&world->queue);
	world->now_us = 1000000;
	world->timer_us = -1;
	world->holder = &boss;
	mem_text_into(world->image.arch, sizeof(world->image.arch), "armv6-m");
	world->image.file_bytes = sizeof(code);
	world->image.segment[0] = (struct image_segment){0, sizeof(code), code};
	world->image.segment_count = 1;
	init_type(&world->type);
	assert_int_equal(farm_create(&ports, NULL, records, &world->farm, &err), 0);
}

void farm_world_init(struct farm_world *world)
{
	struct farm_records records = {.farm_id = "feed"};

	farm_world_init_from(world, &records);
}

void drop_queue(struct farm_world *world)
{
	while (!list_empty(&world->queue)) {
		struct change *change = list_container(world->queue.next, struct change, link);

		list_remove(&change->link);
		change_destroy(change);
	}
}

void farm_world_finish(struct farm_world *world)
{
	farm_destroy(world->farm);
	world->farm = NULL;
	drop_queue(world);
}

void commit_all(struct farm_world *world)
{
	while (!list_empty(&world->queue)) {
		int64_t number = list_container(world->queue.prev, struct change, link)->number;

		drop_queue(world);
		farm_committed(world->farm, number);
	}
}

int setup_farm(void **state)
{
	struct farm_world *world = mem_alloc(sizeof(*world));

	farm_world_init(world);
	*state = world;
	return 0;
}

int setup_rack(void **state)
{
	(void)setup_farm(state);
	assert_int_equal(say_hello(*state, "rack1", NULL, 0, NULL), 0);
	commit_all(*state);
	return 0;
}

int teardown_farm(void **state)
{
	farm_world_finish(*state);
	free(*state);
	return 0;
}

struct agent_hello hello_of(const struct farm_world *world, const char *agent, const struct agent_board *boards,
			    size_t count)
{
	return (struct agent_hello){.agent = agent,
				    .version = "0.1",
				    .boot = "boot",
				    .types = &world->type,
				    .type_count = 1,
				    .boards = boards,
				    .board_count = count,
				    .leases = true,
				    .recovers = true};
}

int say_hello(struct farm_world *world, const char *agent, const struct agent_held_run *runs, size_t run_count,
	      struct agent_refusal *refusal)
{
	const struct agent_board boards[] = {{"mb1", "microbit", BOARD_FREE, "", "", true, NULL, false},
					     {"mb2", "microbit", BOARD_FREE, "", "", true, NULL, false}};
	struct agent_hello hello = hello_of(world, agent, boards, 2);
	struct agent_refusal scratch;
	struct err err = {0};

	hello.runs = runs;
	hello.run_count = run_count;
	return farm_agent_hello(world->farm, &rack, &hello, refusal ? refusal : &scratch, &err);
}

void on_submitted(void *context, int64_t job, const struct err *err)
{
	struct farm_world *world = context;

	world->submitted = true;
	world->job = job;
	world->err = err ? *err : (struct err){0};
}

void on_done(void *context, const struct err *err)
{
	struct farm_world *world = context;

	world->done = true;
	world->err = err ? *err : (struct err){0};
}

int submit(struct farm_world *world, const struct principal *who, const char *text, struct doc_problems *problems)
{
	static const struct submission_image images[] = {{"suite.elf", IMAGE_SHA}, {"gone.elf", "00"}};
	struct submission submission = {"job.yaml", text, strlen(text), images, 2};

	world->submitted = false;
	return farm_submit(world->farm, who, &submission, on_submitted, world, problems, &world->err);
}

void submit_one(struct farm_world *world)
{
	static struct doc_problems problems;

	if (submit(world, &mary,
		   "name: one\nrequire: {tests: 1}\nend: {limit: 1m}\nruns: [{type: microbit, image: suite.elf}]\n",
		   &problems))
		fail_msg("%s", world->err.text);
}

static int tell(struct farm_world *world, struct agent_event *event)
{
	event->run = world->assigned_run;
	event->fence = world->assigned_fence;
	event->at_us = 5;
	return farm_agent_event(world->farm, "rack1", event, &world->err);
}

int tell_step_named(struct farm_world *world, int64_t n, const char *step, bool ended)
{
	struct agent_event event = {.n = n, .kind = ended ? AGENT_STEP_ENDED : AGENT_STEP_BEGUN};

	event.as.step = (struct agent_step){.step = step, .text = ""};
	return tell(world, &event);
}

int tell_step(struct farm_world *world, int64_t n, bool ended)
{
	return tell_step_named(world, n, "flash", ended);
}

int tell_end(struct farm_world *world, int64_t n, enum cause cause)
{
	struct agent_event event = {.n = n, .kind = AGENT_RUN_ENDED};

	event.as.ended = (struct agent_run_ended){
		.verdict = cause_verdict(cause), .cause = cause, .text = "so it ended", .console_sha256 = ""};
	return tell(world, &event);
}

int tell_console(struct farm_world *world, int64_t n, uint64_t offset, const char *text)
{
	struct agent_event event = {.n = n, .kind = AGENT_CONSOLE};

	event.as.console = (struct agent_console){offset, (const uint8_t *)text, strlen(text)};
	return tell(world, &event);
}

void tick_after(struct farm_world *world, int64_t ms)
{
	world->now_us += 1000 * ms;
	assert_true(world->timer_us >= 0 && world->timer_us <= world->now_us);
	farm_tick(world->farm);
	commit_all(world);
}

int64_t status_count(const struct farm_world *world, const char *what, const char *state)
{
	json_t *status = farm_status_json(world->farm, &boss);
	json_int_t value = json_integer_value(json_object_get(json_object_get(status, what), state));

	json_decref(status);
	return value;
}

void expect_board(const struct farm_world *world, const char *name, const char *state)
{
	json_t *board = farm_board_json(world->farm, &boss, name);

	assert_string_equal(json_string_value(json_object_get(board, "state")), state);
	json_decref(board);
}
