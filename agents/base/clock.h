/* SPDX-License-Identifier: Apache-2.0 */
/* The rack's one clock: unix time that never runs backwards while the agent lives. */
#ifndef ASSAY_AGENTS_BASE_CLOCK_H
#define ASSAY_AGENTS_BASE_CLOCK_H

#include <stdint.h>

int64_t clock_monotonic_us(void);
/* Unix µs: the wall clock as it stood at the first call, carried on by the monotonic clock, so that what happened on a
 * rack stays in order when somebody sets the host's time. */
int64_t clock_rack_us(void);

#endif
