/* SPDX-License-Identifier: Apache-2.0 */
/* The core's memory protection unit as ARMv7-M has it (PMSAv7). */
#ifndef MPU_H
#define MPU_H

#include <stdint.h>

enum mpu_access { MPU_NONE = 0, MPU_PRIVILEGED = 1, MPU_ALL = 3, MPU_READ_ONLY = 6 };

/* Regions that the unit says it has. */
uint32_t mpu_regions(void);

/* Switches it on with two regions: everything, for everybody; and above it 256 bytes at address (a multiple of that)
 * with the access given, executable or not. */
void mpu_protect(uintptr_t address, enum mpu_access access, int executable);
void mpu_off(void);

#endif
