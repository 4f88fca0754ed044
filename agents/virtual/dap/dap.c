/* SPDX-License-Identifier: Apache-2.0 */
/* Debug port and memory access port: registers, address increment, sticky errors. */
#include "agents/virtual/dap/dap.h"

#include "agents/virtual/bytes.h"

#define CSW_RESET     UINT32_C(0x23000042)
#define CSW_WRITABLE  UINT32_C(0x7f00003f)
#define CSW_DEVICE_EN UINT32_C(0x40)

#define CTRL_WRITABLE  UINT32_C(0x50000f01)
#define CTRL_DBGPWRREQ (UINT32_C(1) << 28)
#define CTRL_SYSPWRREQ (UINT32_C(1) << 30)

/* The increment covers ten address bits, as in the cores modelled here. */
#define TAR_WRAP UINT32_C(0x3ff)

enum { ABORT_DAPABORT = 1 << 0, ABORT_STKERRCLR = 1 << 2 };

void dap_init(struct dap *dap, const struct bus *bus, uint32_t dpidr, uint32_t ap_idr, uint32_t ap_base)
{
	*dap = (struct dap){.bus = bus, .dpidr = dpidr, .ap_idr = ap_idr, .ap_base = ap_base};
	dap_power_up(dap);
}

void dap_power_up(struct dap *dap)
{
	dap->ctrl_stat = dap->select = dap->rdbuff = dap->tar = 0;
	dap->csw = CSW_RESET;
}

static enum bus_status dap_note(struct dap *dap, enum bus_status status)
{
	if (status == BUS_FAULT)
		dap->ctrl_stat |= DAP_STICKYERR;
	return status;
}

/* The power-up acknowledgements follow their requests at once. */
static uint32_t dap_ctrl_stat(const struct dap *dap)
{
	return dap->ctrl_stat | (dap->ctrl_stat & (CTRL_DBGPWRREQ | CTRL_SYSPWRREQ)) << 1;
}

enum bus_status dap_read_dp(struct dap *dap, unsigned reg, uint32_t *ret_value)
{
	enum bus_status status = dap->bus->state(dap->bus->context);
	if (status != BUS_OK)
		return status;
	unsigned bank = reg >> 4 & 15;
	switch (reg & 0xc) {
	case DAP_DP_DPIDR:
		*ret_value = dap->dpidr;
		break;
	case DAP_DP_CTRL_STAT:
		*ret_value = bank || dap->select & 15 ? 0 : dap_ctrl_stat(dap);
		break;
	case DAP_DP_SELECT:
		*ret_value = dap->select;
		break;
	default:
		*ret_value = dap->rdbuff;
		break;
	}
	return BUS_OK;
}

enum bus_status dap_write_dp(struct dap *dap, unsigned reg, uint32_t value)
{
	enum bus_status status = dap->bus->state(dap->bus->context);
	if (status != BUS_OK)
		return status;
	switch (reg & 0xfc) {
	case DAP_DP_ABORT:
		if (value & ABORT_DAPABORT && dap->bus->abort)
			dap->bus->abort(dap->bus->context);
		if (value & ABORT_STKERRCLR)
			dap->ctrl_stat &= ~DAP_STICKYERR;
		break;
	case DAP_DP_CTRL_STAT:
		if (!(dap->select & 15))
			dap->ctrl_stat = (value & CTRL_WRITABLE) | (dap->ctrl_stat & DAP_STICKYERR);
		break;
	case DAP_DP_SELECT:
		dap->select = value;
		break;
	default:
		break;
	}
	return BUS_OK;
}

static unsigned dap_size(const struct dap *dap)
{
	unsigned code = dap->csw & 7;
	return code > 2 ? 4 : 1U << code;
}

static void dap_advance(struct dap *dap, unsigned size)
{
	if (dap->csw >> 4 & 3)
		dap->tar = (dap->tar & ~TAR_WRAP) | ((dap->tar + size) & TAR_WRAP);
}

/* With packed transfers one word carries several accesses, each on its own byte lanes. */
static unsigned dap_accesses(const struct dap *dap)
{
	return (dap->csw >> 4 & 3) == 2 ? 4 / dap_size(dap) : 1;
}

static enum bus_status dap_read_drw(struct dap *dap, uint32_t *ret_value)
{
	unsigned size = dap_size(dap);
	uint32_t word = 0;
	for (unsigned n = dap_accesses(dap); n; n--) {
		uint32_t value;
		enum bus_status status = dap->bus->read(dap->bus->context, dap->tar, size, &value);
		if (status != BUS_OK)
			return dap_note(dap, status);
		word |= value << 8 * (dap->tar & 3);
		dap_advance(dap, size);
	}
	*ret_value = dap->rdbuff = word;
	return BUS_OK;
}

static enum bus_status dap_write_drw(struct dap *dap, uint32_t word)
{
	unsigned size = dap_size(dap);
	for (unsigned n = dap_accesses(dap); n; n--) {
		uint32_t value = word >> 8 * (dap->tar & 3);
		if (size < 4)
			value &= (UINT32_C(1) << 8 * size) - 1;
		enum bus_status status = dap->bus->write(dap->bus->context, dap->tar, size, value);
		if (status != BUS_OK)
			return dap_note(dap, status);
		dap_advance(dap, size);
	}
	return BUS_OK;
}

static uint32_t dap_banked_address(const struct dap *dap, unsigned reg)
{
	return (dap->tar & ~UINT32_C(15)) | (reg & 12);
}

enum bus_status dap_read_ap(struct dap *dap, unsigned ap, unsigned reg, uint32_t *ret_value)
{
	enum bus_status status = dap->bus->state(dap->bus->context);
	uint32_t value = 0;
	if (status != BUS_OK)
		return status;
	if (ap == 0) {
		switch (reg) {
		case DAP_AP_CSW:
			value = dap->csw;
			break;
		case DAP_AP_TAR:
			value = dap->tar;
			break;
		case DAP_AP_DRW:
			status = dap_read_drw(dap, &value);
			break;
		case DAP_AP_BD0:
		case DAP_AP_BD0 + 4:
		case DAP_AP_BD0 + 8:
		case DAP_AP_BD0 + 12:
			status = dap_note(dap,
					  dap->bus->read(dap->bus->context, dap_banked_address(dap, reg), 4, &value));
			break;
		case DAP_AP_BASE:
			value = dap->ap_base;
			break;
		case DAP_AP_IDR:
			value = dap->ap_idr;
			break;
		default:
			break;
		}
	}
	if (status == BUS_OK)
		*ret_value = value;
	return status;
}

enum bus_status dap_write_ap(struct dap *dap, unsigned ap, unsigned reg, uint32_t value)
{
	enum bus_status status = dap->bus->state(dap->bus->context);
	if (status != BUS_OK || ap != 0)
		return status;
	switch (reg) {
	case DAP_AP_CSW:
		dap->csw = (value & CSW_WRITABLE) | CSW_DEVICE_EN;
		return BUS_OK;
	case DAP_AP_TAR:
		dap->tar = value;
		return BUS_OK;
	case DAP_AP_DRW:
		return dap_write_drw(dap, value);
	case DAP_AP_BD0:
	case DAP_AP_BD0 + 4:
	case DAP_AP_BD0 + 8:
	case DAP_AP_BD0 + 12:
		return dap_note(dap, dap->bus->write(dap->bus->context, dap_banked_address(dap, reg), 4, value));
	default:
		return BUS_OK;
	}
}

enum bus_status dap_read_memory(struct dap *dap, uint32_t address, unsigned size, int increment, uint8_t *ret_data,
				uint32_t len)
{
	enum bus_status status = dap->bus->state(dap->bus->context);
	if (status != BUS_OK || !len)
		return status;
	if (address % size || len % size)
		return dap_note(dap, BUS_FAULT);
	if (increment && len > size)
		return dap_note(dap, dap->bus->read_block(dap->bus->context, address, size, ret_data, len));
	for (uint32_t done = 0; status == BUS_OK && done < len; done += size) {
		uint32_t value;
		status = dap->bus->read(dap->bus->context, address, size, &value);
		if (status == BUS_OK)
			bytes_put(ret_data + done, size, value);
	}
	return dap_note(dap, status);
}

enum bus_status dap_write_memory(struct dap *dap, uint32_t address, unsigned size, int increment, const uint8_t *data,
				 uint32_t len)
{
	enum bus_status status = dap->bus->state(dap->bus->context);
	if (status != BUS_OK || !len)
		return status;
	if (address % size || len % size)
		return dap_note(dap, BUS_FAULT);
	if (increment && len > size)
		return dap_note(dap, dap->bus->write_block(dap->bus->context, address, size, data, len));
	for (uint32_t done = 0; status == BUS_OK && done < len; done += size)
		status = dap->bus->write(dap->bus->context, address, size, bytes_get(data + done, size));
	return dap_note(dap, status);
}
