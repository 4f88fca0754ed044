/* SPDX-License-Identifier: Apache-2.0 */
/* A virtual board's supply. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "agents/base/clock.h"
#include "agents/driver/power.h"

#define SWITCH_LIMIT_MS 20000

struct power_virtual {
	struct power power;
	struct vboard *vboard;
	bool on;
	int64_t begun_us;
	power_done_fn done;
	void *done_context;
};

static void on_reply(void *context, const struct err *err, const json_t *reply)
{
	struct power_virtual *supply = context;
	power_done_fn done = supply->done;
	char text[80];

	(void)reply;
	supply->done = NULL;
	if (err && !supply->on && !vboard_up(supply->vboard))
		err = NULL; /* its process is gone, and its emulator with it: it is off */
	snprintf(text, sizeof text, "%s after %.1f ms", supply->on ? "on" : "off",
		 (double)(clock_monotonic_us() - supply->begun_us) / 1000);
	if (done)
		done(supply->done_context, err, text);
}

static int do_set(struct power *power, bool on, power_done_fn done, void *context, struct err *err)
{
	struct power_virtual *supply = (struct power_virtual *)(void *)power;
	int rc;

	if (supply->done)
		return err_set(err, ERR_BUSY, "power is being switched");
	supply->on = on;
	supply->begun_us = clock_monotonic_us();
	rc = vboard_request(supply->vboard, on, on ? "power on" : "power off", SWITCH_LIMIT_MS, on_reply, supply, err);
	if (rc)
		return rc;
	supply->done = done;
	supply->done_context = context;
	return 0;
}

static void do_kill(struct power *power)
{
	struct power_virtual *supply = (struct power_virtual *)(void *)power;

	if (supply->done)
		vboard_kill(supply->vboard);
}

static void do_destroy(struct power *power)
{
	free(power);
}

static const struct power_ops virtual_ops = {.set = do_set, .kill = do_kill, .destroy = do_destroy, .cuts = true};

struct power *power_virtual_create(struct vboard *vboard)
{
	struct power_virtual *supply = calloc(1, sizeof *supply);

	if (!supply)
		return NULL;
	supply->power.ops = &virtual_ops;
	supply->vboard = vboard;
	return &supply->power;
}
