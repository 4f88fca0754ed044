/* SPDX-License-Identifier: Apache-2.0 */
/* A board's supply: switched on and off, by whatever the rack file names.
 *
 * set() returns 0 and calls done exactly once, later; or an error and never calls back. One switching at a time. done's
 * err is NULL when the supply is as asked: for a virtual board and a command this is what they report themselves. */
#ifndef ASSAY_AGENTS_DRIVER_POWER_H
#define ASSAY_AGENTS_DRIVER_POWER_H

#include <stdbool.h>

#include <uv.h>

#include "agents/driver/config.h"
#include "agents/driver/vboard.h"
#include "core/base/err.h"

struct power;

/* text is for people ("on after 6 ms"). */
typedef void (*power_done_fn)(void *context, const struct err *err, const char *text);

struct power_ops {
	int (*set)(struct power *power, bool on, power_done_fn done, void *context, struct err *err);
	void (*kill)(struct power *power); /* a switching under way ends with an error, soon */
	void (*destroy)(struct power *power);
	bool cuts; /* "off" really takes the supply away: the next "on" is a cold start */
};

/* Embedded as the first member of each implementation. */
struct power {
	const struct power_ops *ops;
};

/* The supply that config names. name is for the log; vboard is needed for POWER_VIRTUAL only and outlives the power.
 * NULL when memory ran out. */
struct power *power_create(uv_loop_t *loop, const char *name, const struct power_config *config, struct vboard *vboard);

/* The kinds. config outlives them. */
struct power *power_none_create(uv_loop_t *loop);
struct power *power_command_create(uv_loop_t *loop, const char *name, const struct power_config *config);
struct power *power_virtual_create(struct vboard *vboard);

#endif
