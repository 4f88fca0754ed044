/* SPDX-License-Identifier: Apache-2.0 */
/* Setting up the memory protection unit. */
#include "mpu.h"

#include "cpu.h"

#define MPU_TYPE REG32(0xE000ED90U)
#define MPU_CTRL REG32(0xE000ED94U)
#define MPU_RNR  REG32(0xE000ED98U)
#define MPU_RBAR REG32(0xE000ED9CU)
#define MPU_RASR REG32(0xE000EDA0U)

#define RASR_ENABLE     1U
#define RASR_SIZE(log2) ((uint32_t)((log2)-1) << 1)
#define RASR_NORMAL     (2U << 16) /* cacheable, write-through: C */
#define RASR_AP(access) ((uint32_t)(access) << 24)
#define RASR_XN         (1U << 28)

#define CTRL_ENABLE     1U
#define CTRL_PRIVDEFENA (1U << 2) /* what no region covers is as without the unit, for privileged code */

enum { MEMORIES_LOG2 = 30, PROTECTED_LOG2 = 8 };

uint32_t mpu_regions(void)
{
	return MPU_TYPE >> 8 & 0xFFU;
}

static void set_region(uint32_t number, uintptr_t address, uint32_t attributes)
{
	MPU_RNR = number;
	MPU_RBAR = (uint32_t)address;
	MPU_RASR = attributes | RASR_ENABLE;
}

void mpu_protect(uintptr_t address, enum mpu_access access, int executable)
{
	/* Code and RAM, for code without privilege as well. Not what lies above: the tick's and the console's registers
	 * are no memory to be cached. */
	set_region(0, 0, RASR_SIZE(MEMORIES_LOG2) | RASR_NORMAL | RASR_AP(MPU_ALL));
	set_region(1, address, RASR_SIZE(PROTECTED_LOG2) | RASR_NORMAL | RASR_AP(access) | (executable ? 0 : RASR_XN));
	cpu_barrier();
	MPU_CTRL = CTRL_ENABLE | CTRL_PRIVDEFENA;
	cpu_barrier();
}

void mpu_off(void)
{
	cpu_barrier();
	MPU_CTRL = 0;
	cpu_barrier();
}
