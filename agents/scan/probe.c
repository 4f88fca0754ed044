/* SPDX-License-Identifier: Apache-2.0 */
/* Which USB devices are debug probes: ST's and Segger's by their numbers, CMSIS-DAP by its name, as OpenOCD does. */
#include "agents/scan/probe.h"

#include <ctype.h>
#include <string.h>

#define VENDOR_ST     0x0483
#define VENDOR_SEGGER 0x1366

static const struct probe_kind v1 = {"stlink", "ST-LINK/V1", "interface/stlink.cfg", "interface/stlink-dap.cfg",
				     "dapdirect_swd"};
static const struct probe_kind v2 = {"stlink", "ST-LINK/V2", "interface/stlink.cfg", "interface/stlink-dap.cfg",
				     "dapdirect_swd"};
static const struct probe_kind v2_1 = {"stlink", "ST-LINK/V2-1", "interface/stlink.cfg", "interface/stlink-dap.cfg",
				       "dapdirect_swd"};
static const struct probe_kind v3 = {"stlink", "STLINK-V3", "interface/stlink.cfg", "interface/stlink-dap.cfg",
				     "dapdirect_swd"};
static const struct probe_kind jlink = {"jlink", "J-Link", "interface/jlink.cfg", "interface/jlink.cfg", "swd"};
static const struct probe_kind dap = {"dap", "CMSIS-DAP", "interface/cmsis-dap.cfg", "interface/cmsis-dap.cfg", "swd"};

static const struct {
	uint16_t product;
	const struct probe_kind *kind;
} st[] = {
	{0x3744, &v1}, {0x3748, &v2},   {0x374b, &v2_1}, {0x374d, &v3}, {0x374e, &v3},
	{0x374f, &v3}, {0x3752, &v2_1}, {0x3753, &v3},   {0x3754, &v3}, {0x3757, &v3},
};

const struct probe_kind *probe_kind_of(const struct usb_device *device)
{
	for (size_t i = 0; device->vendor == VENDOR_ST && i < sizeof(st) / sizeof(st[0]); i++)
		if (st[i].product == device->product)
			return st[i].kind;
	if (device->vendor == VENDOR_SEGGER)
		return &jlink;
	return device->speaks_cmsis_dap ? &dap : NULL;
}

/* Old ST-LINKs have serial numbers of any bytes; a rack file takes no longer ones. */
bool probe_serial_is_good(const struct usb_device *device)
{
	for (const char *at = device->serial; *at; at++)
		if (!isalnum((unsigned char)*at) && *at != '-' && *at != '_')
			return false;
	return device->serial[0] != '\0' && strlen(device->serial) <= PROBE_SERIAL_MAX;
}
