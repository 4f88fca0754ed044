/* SPDX-License-Identifier: Apache-2.0 */
/* An ADIv5 debug port with one AHB memory access port, on a bus. */
#ifndef ASSAY_VIRTUAL_DAP_DAP_H
#define ASSAY_VIRTUAL_DAP_DAP_H

#include <stdint.h>

#include "agents/virtual/bus.h"

/* Registers of the debug port, bank 0. */
enum { DAP_DP_DPIDR = 0x0, DAP_DP_CTRL_STAT = 0x4, DAP_DP_SELECT = 0x8, DAP_DP_RDBUFF = 0xc, DAP_DP_ABORT = 0x0 };

/* Registers of the memory access port. */
enum {
	DAP_AP_CSW = 0x00,
	DAP_AP_TAR = 0x04,
	DAP_AP_DRW = 0x0c,
	DAP_AP_BD0 = 0x10,
	DAP_AP_CFG = 0xf4,
	DAP_AP_BASE = 0xf8,
	DAP_AP_IDR = 0xfc,
};

#define DAP_STICKYERR (UINT32_C(1) << 5)

struct dap {
	const struct bus *bus; /* borrowed */
	uint32_t dpidr, ap_idr, ap_base;
	uint32_t ctrl_stat, select, rdbuff;
	uint32_t csw, tar;
};

void dap_init(struct dap *dap, const struct bus *bus, uint32_t dpidr, uint32_t ap_idr, uint32_t ap_base);

/* Back to the state after power-up. */
void dap_power_up(struct dap *dap);

/* All return BUS_FAULT after setting STICKYERR when an access through the memory port failed. */
enum bus_status dap_read_dp(struct dap *dap, unsigned reg, uint32_t *ret_value);
enum bus_status dap_write_dp(struct dap *dap, unsigned reg, uint32_t value);
enum bus_status dap_read_ap(struct dap *dap, unsigned ap, unsigned reg, uint32_t *ret_value);
enum bus_status dap_write_ap(struct dap *dap, unsigned ap, unsigned reg, uint32_t value);

/* Memory accesses a probe makes by itself through access port 0: a fault sets STICKYERR as well. With increment false
 * every access goes to the same address. */
enum bus_status dap_read_memory(struct dap *dap, uint32_t address, unsigned size, int increment, uint8_t *ret_data,
				uint32_t len);
enum bus_status dap_write_memory(struct dap *dap, uint32_t address, unsigned size, int increment, const uint8_t *data,
				 uint32_t len);

#endif
