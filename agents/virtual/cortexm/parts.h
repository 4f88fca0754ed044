/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the core share with each other only. */
#ifndef ASSAY_VIRTUAL_CORTEXM_PARTS_H
#define ASSAY_VIRTUAL_CORTEXM_PARTS_H

#include "agents/virtual/cortexm/core.h"

#define SCS_DHCSR UINT32_C(0xe000edf0)
#define SCS_DCRSR UINT32_C(0xe000edf4)
#define SCS_DCRDR UINT32_C(0xe000edf8)
#define SCS_DEMCR UINT32_C(0xe000edfc)
#define SCS_DFSR  UINT32_C(0xe000ed30)
#define SCS_CPUID UINT32_C(0xe000ed00)
#define SCS_VTOR  UINT32_C(0xe000ed08)
#define SCS_AIRCR UINT32_C(0xe000ed0c)
#define SCS_MVFR0 UINT32_C(0xe000ef40)
#define SCS_MVFR1 UINT32_C(0xe000ef44)

enum { C_DEBUGEN = 1, C_HALT = 2, C_STEP = 4, C_MASKINTS = 8 };
enum { DFSR_HALTED = 1, DFSR_BKPT = 2, DFSR_DWTTRAP = 4, DFSR_VCATCH = 8 };
enum { VC_CORERESET = 1 << 0, VC_MMERR = 1 << 4, VC_USAGE = 7 << 5, VC_BUSERR = 1 << 8, VC_HARDERR = 1 << 10 };
#define DWT_MATCHED (UINT32_C(1) << 24)
#define XPSR_THUMB  (UINT32_C(1) << 24)
#define XPSR_NO_IT  UINT32_C(0xf90001ff) /* flags, T and the exception: no IT block makes what follows conditional */

/* regs.c */
void core_load_regs(struct core *core);
uint32_t core_read_selected(struct core *core, unsigned selector);
void core_write_selected(struct core *core, unsigned selector, uint32_t value);

/* points.c */
void core_sync_points(struct core *core);
void core_drop_watches(struct core *core);
unsigned core_point_at(const struct core *core, uint32_t pc);
const struct core_point *core_watch_at(const struct core *core, uint32_t address);

/* units.c */
bool core_units_read(struct core *core, uint32_t address, uint32_t *ret_value);
bool core_units_write(struct core *core, uint32_t address, uint32_t value);
size_t core_unit_points(const struct core *core, struct core_point *ret_points, size_t room);
void core_units_power_up(struct core *core);

/* run.c */
bool core_step_once(struct core *core, bool mask_interrupts, struct vm_stop *ret_stop);
void core_go(struct core *core);
void core_step(struct core *core);

#endif
