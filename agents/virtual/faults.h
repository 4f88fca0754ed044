/* SPDX-License-Identifier: Apache-2.0 */
/* Where injected faults are asked for; nothing injects any yet. */
#ifndef ASSAY_VIRTUAL_FAULTS_H
#define ASSAY_VIRTUAL_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

/* One switch for each kind of fault a board can be told to have. All off is a sound board. */
struct faults {
	bool probe_silent; /* the probe finds no target although the board has power */
	uint32_t dpidr;    /* answered instead of the chip's own; 0: the chip's own */
};

#endif
