/* SPDX-License-Identifier: Apache-2.0 */
/* A Cortex-M core's registers in words. */
#ifndef ASSAY_AGENTS_BENCH_CORE_STATE_H
#define ASSAY_AGENTS_BENCH_CORE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* words: PROBE_CORE_WORDS of them, see agents/driver/probe.h. stopped: the core had stopped by itself before it was
 * looked at. Writes one line, and returns whether it tells of a fault: a fault handler, a lockup, a BKPT. */
bool core_state_describe(const uint32_t *words, bool stopped, char *ret_text, size_t size);

#endif
