/* SPDX-License-Identifier: Apache-2.0 */
/* The stlink-server protocol: device list, open, close, and USB commands in frames. */
#include <string.h>

#include "agents/virtual/bytes.h"
#include "agents/virtual/probe/stlink.h"
#include "core/base/err.h"

enum server_command {
	SERVER_REFRESH = 0,
	SERVER_COUNT = 1,
	SERVER_INFO = 2,
	SERVER_OPEN = 3,
	SERVER_CLOSE = 4,
	SERVER_USB = 5,
	SERVER_VERSION = 6,
	SERVER_CLIENTS = 7,
	SERVER_COMMANDS = 8,
};

/* Every request starts with its command byte; these are the whole lengths. USB commands may be followed by data. */
static const uint8_t server_length[SERVER_COMMANDS] = {2, 1, 8, 8, 8, 32, 4, 8};

enum { SERVER_STATUS_OK = 1, SERVER_API_VERSION = 3, SERVER_INFO_SIZE = 45, SERVER_USB_HEAD = 32 };

/* In the head of a USB command: the command block, the direction and the length of the data. */
enum { USB_AT_CDB = 8, USB_AT_DIRECTION = 24, USB_AT_LENGTH = 28, USB_DIRECTION_WRITE = 0 };

enum { STLINK_VID = 0x0483, STLINK_PID = 0x374f };

static int server_info(const struct stlink *stlink, struct buf *out)
{
	uint8_t info[SERVER_INFO_SIZE] = {0};
	bytes_put32(info, SERVER_STATUS_OK);
	bytes_put32(info + 4, 1); /* the device's number */
	memcpy(info + 8, stlink->serial, strlen(stlink->serial));
	bytes_put16(info + 40, STLINK_VID);
	bytes_put16(info + 42, STLINK_PID);
	return buf_append(out, info, sizeof info);
}

/* Appends count little-endian words. */
static int server_words(struct buf *out, const uint32_t *words, size_t count)
{
	uint8_t raw[16];
	for (size_t i = 0; i < count; i++)
		bytes_put32(raw + 4 * i, words[i]);
	return buf_append(out, raw, 4 * count);
}

static int server_usb(struct stlink *stlink, const uint8_t *request, uint32_t data_len, struct buf *out)
{
	bool is_write = request[USB_AT_DIRECTION] == USB_DIRECTION_WRITE;
	uint8_t *answer = (uint8_t *)buf_reserve(out, 4 + STLINK_DATA_MAX);
	if (!answer)
		return ERR_TOO_BIG;
	bytes_put32(answer, SERVER_STATUS_OK);
	stlink_execute(stlink, request + USB_AT_CDB, is_write ? request + SERVER_USB_HEAD : NULL,
		       is_write ? data_len : 0, answer + 4, is_write ? 0 : data_len);
	out->len += 4 + (is_write ? 0 : data_len);
	return 0;
}

static int server_answer(struct stlink *stlink, const uint8_t *request, uint32_t data_len, struct buf *out)
{
	static const uint32_t version[] = {SERVER_API_VERSION, 2, 1, 1};
	static const uint32_t ok_one[] = {SERVER_STATUS_OK, 1};
	switch ((enum server_command)request[0]) {
	case SERVER_VERSION:
		return server_words(out, version, 4);
	case SERVER_COUNT:
		return server_words(out, ok_one + 1, 1);
	case SERVER_INFO:
		return server_info(stlink, out);
	case SERVER_OPEN:
	case SERVER_CLIENTS:
		return server_words(out, ok_one, 2);
	case SERVER_USB:
		return server_usb(stlink, request, data_len, out);
	case SERVER_REFRESH:
	case SERVER_CLOSE:
	case SERVER_COMMANDS:
		break;
	}
	return server_words(out, ok_one, 1);
}

/* Takes one request off in. *ret_more is false when it has not come completely. */
static int server_one(struct stlink *stlink, struct buf *in, struct buf *out, bool *ret_more)
{
	const uint8_t *request = (const uint8_t *)in->data;
	*ret_more = false;
	if (!in->len)
		return 0;
	if (request[0] >= SERVER_COMMANDS)
		return ERR_PROTOCOL;
	size_t need = server_length[request[0]];
	uint32_t data_len = 0;
	if (request[0] == SERVER_USB && in->len >= need) {
		data_len = bytes_get32(request + USB_AT_LENGTH);
		if (data_len > STLINK_DATA_MAX)
			return ERR_TOO_BIG;
		if (request[USB_AT_DIRECTION] == USB_DIRECTION_WRITE)
			need += data_len;
	}
	if (in->len < need)
		return 0;
	int failed = server_answer(stlink, request, data_len, out);
	if (failed)
		return failed;
	buf_consume(in, need);
	*ret_more = true;
	return 0;
}

int stlink_serve(struct stlink *stlink, struct buf *in, struct buf *out)
{
	for (bool more = true; more;) {
		int failed = server_one(stlink, in, out, &more);
		if (failed)
			return failed;
	}
	return 0;
}
