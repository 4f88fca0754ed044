/* SPDX-License-Identifier: Apache-2.0 */
/* The USB commands of an ST-LINK/V3, executed on a debug port. */
#include "agents/virtual/probe/stlink.h"

#include <stdio.h>
#include <string.h>

#include "agents/virtual/bytes.h"

/* First byte of a command block. */
enum {
	USB_GET_VERSION = 0xf1,
	USB_DEBUG = 0xf2,
	USB_GET_MODE = 0xf5,
	USB_GET_VOLTAGE = 0xf7,
	USB_GET_VERSION_EX = 0xfb,
};

/* Second byte of a debug command. */
enum {
	DEBUG_READ_MEM32 = 0x07,
	DEBUG_WRITE_MEM32 = 0x08,
	DEBUG_READ_MEM8 = 0x0c,
	DEBUG_WRITE_MEM8 = 0x0d,
	DEBUG_EXIT = 0x21,
	DEBUG_READ_CORE_ID = 0x22,
	DEBUG_ENTER = 0x30,
	DEBUG_READ_IDCODES = 0x31,
	DEBUG_RESET = 0x32,
	DEBUG_WRITE_REG32 = 0x35,
	DEBUG_READ_REG32 = 0x36,
	DEBUG_LAST_STATUS = 0x3b,
	DEBUG_DRIVE_NRST = 0x3c,
	DEBUG_LAST_STATUS2 = 0x3e,
	DEBUG_READ_DAP = 0x45,
	DEBUG_WRITE_DAP = 0x46,
	DEBUG_READ_MEM16 = 0x47,
	DEBUG_WRITE_MEM16 = 0x48,
	DEBUG_INIT_AP = 0x4b,
	DEBUG_CLOSE_AP = 0x4c,
	DEBUG_WRITE_MEM32_SAME = 0x50,
	DEBUG_MISC_OUT = 0x51,
	DEBUG_MISC_IN = 0x52,
	DEBUG_READ_MEM32_SAME = 0x54,
	DEBUG_SET_FREQ = 0x61,
	DEBUG_GET_FREQ = 0x62,
};

enum {
	STATUS_OK = 0x80,
	STATUS_FAULT = 0x81,
	STATUS_NO_TARGET = 0x09, /* "get IDCODE error": what a real probe says when nothing answers */
	STATUS_AP_FAULT = 0x11,
};

enum { MODE_MASS = 1, MODE_DEBUG = 2 };
enum { NRST_LOW = 0, NRST_HIGH = 1, NRST_PULSE = 2 };
enum { MISC_ADDRESS = 1, MISC_WRITE = 2, MISC_READ = 3, MISC_AP = 5 };
enum { DAP_PORT_DP = 0xffff };
enum { STLINK_JTAG_VERSION = 13, STLINK_MSD_VERSION = 4, STLINK_VID = 0x0483, STLINK_PID = 0x374f };

/* OpenOCD takes a serial number of twelve characters for a raw one of an old probe and compares its hexadecimal form.
 */
enum { STLINK_RAW_SERIAL = 12 };

void stlink_init(struct stlink *stlink, struct dap *dap, const char *serial)
{
	*stlink = (struct stlink){.dap = dap, .last_status = STATUS_OK};
	if (strlen(serial) == STLINK_RAW_SERIAL)
		for (size_t i = 0; i < STLINK_RAW_SERIAL; i++)
			snprintf(stlink->serial + 2 * i, 3, "%02X", (unsigned)(unsigned char)serial[i]);
	else
		snprintf(stlink->serial, sizeof stlink->serial, "%s", serial);
}

static uint8_t stlink_status(enum bus_status status)
{
	return status == BUS_OK ? STATUS_OK : status == BUS_FAULT ? STATUS_AP_FAULT : STATUS_NO_TARGET;
}

static void stlink_note(struct stlink *stlink, enum bus_status status, uint32_t address)
{
	stlink->last_status = stlink_status(status);
	stlink->fault_address = status == BUS_OK ? 0 : address;
}

static bool stlink_powered(const struct stlink *stlink)
{
	return stlink->dap->bus->state(stlink->dap->bus->context) == BUS_OK;
}

static void stlink_reset_line(const struct stlink *stlink, int how)
{
	const struct bus *bus = stlink->dap->bus;
	if (how == NRST_LOW || how == NRST_PULSE)
		bus->reset_line(bus->context, 1);
	if (how == NRST_HIGH || how == NRST_PULSE)
		bus->reset_line(bus->context, 0);
}

/* Memory transfers; false when the command is none. */
static bool stlink_transfer(struct stlink *stlink, const uint8_t *cdb, const uint8_t *data, size_t len, uint8_t *answer,
			    size_t answer_len)
{
	static const struct {
		uint8_t command, size, is_write, increment;
	} kinds[] = {
		{DEBUG_READ_MEM32, 4, 0, 1},      {DEBUG_WRITE_MEM32, 4, 1, 1},      {DEBUG_READ_MEM8, 1, 0, 1},
		{DEBUG_WRITE_MEM8, 1, 1, 1},      {DEBUG_READ_MEM16, 2, 0, 1},       {DEBUG_WRITE_MEM16, 2, 1, 1},
		{DEBUG_READ_MEM32_SAME, 4, 0, 0}, {DEBUG_WRITE_MEM32_SAME, 4, 1, 0},
	};
	uint32_t address = bytes_get32(cdb + 2), count = bytes_get16(cdb + 6);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (kinds[i].command != cdb[1])
			continue;
		enum bus_status status;
		if (kinds[i].is_write) {
			count = count < len ? count : (uint32_t)len;
			status = dap_write_memory(stlink->dap, address, kinds[i].size, kinds[i].increment, data, count);
		} else {
			count = count < answer_len ? count : (uint32_t)answer_len;
			status =
				dap_read_memory(stlink->dap, address, kinds[i].size, kinds[i].increment, answer, count);
		}
		stlink_note(stlink, status, address);
		return true;
	}
	return false;
}

/* A batch of word accesses: operation bytes padded to words, then one value for each. The answers, a value and a status
 * for each, are fetched by the next command. */
static void stlink_misc(struct stlink *stlink, const uint8_t *cdb, const uint8_t *data, size_t len)
{
	uint32_t items = bytes_get32(cdb + 2), address = 0;
	memset(stlink->misc, 0, sizeof stlink->misc);
	if (items > sizeof stlink->misc / 8 || ((items + 3) & ~3U) + 4 * items > len)
		return;
	const uint8_t *values = data + ((items + 3) & ~3U);
	for (uint32_t i = 0; i < items; i++) {
		uint32_t value = bytes_get32(values + 4 * i);
		enum bus_status status = BUS_OK;
		uint8_t word[4] = {0};
		switch (data[i]) {
		case MISC_ADDRESS:
			address = value;
			break;
		case MISC_WRITE:
			status = dap_write_memory(stlink->dap, address, 4, 0, values + 4 * i, 4);
			break;
		case MISC_READ:
			status = dap_read_memory(stlink->dap, value, 4, 0, word, 4);
			break;
		default:
			break; /* MISC_AP: there is one access port only */
		}
		memcpy(stlink->misc + 4 * i, word, 4);
		bytes_put32(stlink->misc + 4 * (items + i), stlink_status(status));
	}
}

/* Commands that are answered without a status byte; false when the command is none. */
static bool stlink_debug_plain(struct stlink *stlink, const uint8_t *cdb, const uint8_t *data, size_t len,
			       uint8_t *answer, size_t answer_len)
{
	switch (cdb[1]) {
	case DEBUG_EXIT:
		stlink->in_debug_mode = false;
		return true;
	case DEBUG_MISC_OUT:
		stlink_misc(stlink, cdb, data, len);
		return true;
	case DEBUG_MISC_IN:
		memcpy(answer, stlink->misc, answer_len);
		return true;
	case DEBUG_READ_CORE_ID:
		bytes_put32(answer, stlink_powered(stlink) ? stlink->dap->dpidr : 0);
		return true;
	default:
		return stlink_transfer(stlink, cdb, data, len, answer, answer_len);
	}
}

static enum bus_status stlink_read_dap(const struct stlink *stlink, const uint8_t *cdb, uint32_t *ret_value)
{
	unsigned port = bytes_get16(cdb + 2), reg = bytes_get16(cdb + 4);
	return port == DAP_PORT_DP ? dap_read_dp(stlink->dap, reg, ret_value)
				   : dap_read_ap(stlink->dap, port, reg, ret_value);
}

static enum bus_status stlink_write_dap(const struct stlink *stlink, const uint8_t *cdb)
{
	unsigned port = bytes_get16(cdb + 2), reg = bytes_get16(cdb + 4);
	uint32_t value = bytes_get32(cdb + 6);
	return port == DAP_PORT_DP ? dap_write_dp(stlink->dap, reg, value)
				   : dap_write_ap(stlink->dap, port, reg, value);
}

static enum bus_status stlink_enter(struct stlink *stlink)
{
	if (!stlink_powered(stlink))
		return BUS_NO_TARGET;
	stlink->in_debug_mode = true;
	return BUS_OK;
}

/* Commands whose answer begins with a status byte and may carry one word behind it. */
static enum bus_status stlink_debug_status(struct stlink *stlink, const uint8_t *cdb, uint32_t *ret_word)
{
	uint8_t word[4] = {0};
	enum bus_status status;
	switch (cdb[1]) {
	case DEBUG_ENTER:
		return stlink_enter(stlink);
	case DEBUG_READ_IDCODES:
		return dap_read_dp(stlink->dap, DAP_DP_DPIDR, ret_word);
	case DEBUG_RESET:
		stlink_reset_line(stlink, NRST_PULSE);
		return BUS_OK;
	case DEBUG_DRIVE_NRST:
		stlink_reset_line(stlink, cdb[2]);
		return BUS_OK;
	case DEBUG_WRITE_REG32:
		return dap_write_memory(stlink->dap, bytes_get32(cdb + 2), 4, 0, cdb + 6, 4);
	case DEBUG_READ_REG32:
		status = dap_read_memory(stlink->dap, bytes_get32(cdb + 2), 4, 0, word, 4);
		*ret_word = bytes_get32(word);
		return status;
	case DEBUG_READ_DAP:
		return stlink_read_dap(stlink, cdb, ret_word);
	case DEBUG_WRITE_DAP:
		return stlink_write_dap(stlink, cdb);
	case DEBUG_INIT_AP:
		return stlink_powered(stlink) ? BUS_OK : BUS_NO_TARGET;
	default:
		return BUS_OK; /* frequencies, closing of access ports: nothing to do here */
	}
}

static void stlink_frequencies(uint8_t *answer)
{
	static const uint16_t khz[] = {24000, 8000, 4000, 2000, 1000};
	uint32_t count = sizeof khz / sizeof *khz;
	answer[8] = (uint8_t)count;
	for (uint32_t i = 0; i < count; i++)
		bytes_put32(answer + 12 + 4 * i, khz[i]);
}

static void stlink_debug(struct stlink *stlink, const uint8_t *cdb, const uint8_t *data, size_t len, uint8_t *answer,
			 size_t answer_len)
{
	if (stlink_debug_plain(stlink, cdb, data, len, answer, answer_len))
		return;
	if (cdb[1] == DEBUG_LAST_STATUS || cdb[1] == DEBUG_LAST_STATUS2) {
		answer[0] = stlink->last_status;
		bytes_put32(answer + 4, stlink->fault_address);
		return;
	}
	uint32_t word = 0;
	answer[0] = stlink_status(stlink_debug_status(stlink, cdb, &word));
	bytes_put32(answer + 4, word);
	if (cdb[1] == DEBUG_GET_FREQ)
		stlink_frequencies(answer);
}

/* 3.3 V as the probe's converter tells it: a reference reading and half the target's voltage. */
static void stlink_voltage(const struct stlink *stlink, uint8_t *answer)
{
	bytes_put32(answer, 1489);
	bytes_put32(answer + 4, stlink_powered(stlink) ? 2047 : 0);
}

static void stlink_version_ex(uint8_t *answer)
{
	answer[0] = 3;
	answer[2] = STLINK_JTAG_VERSION;
	answer[3] = STLINK_MSD_VERSION;
	bytes_put16(answer + 8, STLINK_VID);
	bytes_put16(answer + 10, STLINK_PID);
}

void stlink_execute(struct stlink *stlink, const uint8_t cdb[STLINK_CDB_SIZE], const uint8_t *data, size_t len,
		    uint8_t *answer, size_t answer_len)
{
	/* The fixed answers are short; they are built beside the caller's memory, which may be shorter still. */
	uint8_t fixed[64] = {0};
	uint8_t *to = answer_len > sizeof fixed ? answer : fixed;
	memset(answer, 0, answer_len);
	switch (cdb[0]) {
	case USB_GET_VERSION:
		to[0] = 3 << 4; /* the rest is asked by USB_GET_VERSION_EX */
		bytes_put16(to + 2, STLINK_VID);
		bytes_put16(to + 4, STLINK_PID);
		break;
	case USB_GET_VERSION_EX:
		stlink_version_ex(to);
		break;
	case USB_GET_MODE:
		to[0] = stlink->in_debug_mode ? MODE_DEBUG : MODE_MASS;
		break;
	case USB_GET_VOLTAGE:
		stlink_voltage(stlink, to);
		break;
	case USB_DEBUG:
		stlink_debug(stlink, cdb, data, len, to, answer_len);
		break;
	default:
		break;
	}
	if (to == fixed)
		memcpy(answer, fixed, answer_len);
}
