/* SPDX-License-Identifier: Apache-2.0 */
/* A board that nobody can switch: it is on, always. */
#include <stdlib.h>

#include "agents/driver/power.h"

struct power_none {
	struct power power;
	uv_idle_t later;
	power_done_fn done;
	void *done_context;
};

static void on_later(uv_idle_t *idle)
{
	struct power_none *none = idle->data;
	power_done_fn done = none->done;

	uv_idle_stop(idle);
	none->done = NULL;
	if (done)
		done(none->done_context, NULL, "the board has no power switch");
}

static int do_set(struct power *power, bool on, power_done_fn done, void *context, struct err *err)
{
	struct power_none *none = (struct power_none *)(void *)power;

	(void)on;
	if (none->done)
		return err_set(err, ERR_BUSY, "power is being switched");
	none->done = done;
	none->done_context = context;
	uv_idle_start(&none->later, on_later);
	return 0;
}

static void do_kill(struct power *power)
{
	(void)power; /* it ends by itself with the next turn of the loop */
}

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void do_destroy(struct power *power)
{
	uv_close((uv_handle_t *)&((struct power_none *)(void *)power)->later, on_closed);
}

static const struct power_ops none_ops = {.set = do_set, .kill = do_kill, .destroy = do_destroy, .cuts = false};

struct power *power_none_create(uv_loop_t *loop)
{
	struct power_none *none = calloc(1, sizeof *none);

	if (!none)
		return NULL;
	none->power.ops = &none_ops;
	uv_idle_init(loop, &none->later);
	none->later.data = none;
	return &none->power;
}
