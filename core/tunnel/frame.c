/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of a tunnel: encode and strict decode. */
#include "core/tunnel/frame.h"

#include <assert.h>
#include <string.h>

static const char *const services[] = {
#define X(name, text) text,
	TUNNEL_SERVICES(X)
#undef X
};

static const char *const ends[] = {
#define X(name, text) text,
	TUNNEL_ENDS(X)
#undef X
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define MAX_NUMBER ((int64_t)1 << 53) /* of runs and fences, as everywhere */

#define OPEN_BYTES   (8 + 8 + 4 + 1)
#define CREDIT_BYTES 4

const char *tunnel_service_name(enum tunnel_service service)
{
	return (size_t)service < COUNT(services) ? services[service] : "unknown";
}

const char *tunnel_end_name(enum tunnel_end end)
{
	return (size_t)end < COUNT(ends) ? ends[end] : "unknown";
}

static uint8_t *put_number(uint8_t *at, uint64_t value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		at[i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
	return at + bytes;
}

static uint64_t get_number(const uint8_t *at, size_t bytes)
{
	uint64_t value = 0;

	for (size_t i = 0; i < bytes; i++)
		value = value << 8 | at[i];
	return value;
}

static uint8_t *put_bytes(uint8_t *at, const uint8_t *data, size_t size_bytes)
{
	if (size_bytes)
		memcpy(at, data, size_bytes);
	return at + size_bytes;
}

/* A text is cut between characters. */
static size_t cut_text(const uint8_t *text, size_t size_bytes)
{
	if (size_bytes <= TUNNEL_MAX_TEXT)
		return size_bytes;
	size_bytes = TUNNEL_MAX_TEXT;
	while (size_bytes && (text[size_bytes] & 0xc0) == 0x80)
		size_bytes--;
	return size_bytes;
}

size_t tunnel_encode(const struct tunnel_frame *frame, uint8_t *ret_bytes)
{
	uint8_t *at = put_number(ret_bytes, frame->kind, 1);

	at = put_number(at, frame->channel, 4);
	switch (frame->kind) {
	case TUNNEL_OPEN:
		at = put_number(at, (uint64_t)frame->run, 8);
		at = put_number(at, (uint64_t)frame->fence, 8);
		at = put_number(at, frame->credit, 4);
		at = put_number(at, frame->service, 1);
		break;
	case TUNNEL_OPENED:
	case TUNNEL_CREDIT:
		at = put_number(at, frame->credit, CREDIT_BYTES);
		break;
	case TUNNEL_DATA:
		assert(frame->size_bytes > 0 && frame->size_bytes <= TUNNEL_MAX_DATA);
		at = put_bytes(at, frame->data, frame->size_bytes);
		break;
	case TUNNEL_CLOSE:
		at = put_number(at, frame->end, 1);
		at = put_bytes(at, frame->data, cut_text(frame->data, frame->size_bytes));
		break;
	}
	return (size_t)(at - ret_bytes);
}

static int bad(struct err *err, const char *what)
{
	return err_set(err, ERR_PROTOCOL, "a tunnel's frame: %s", what);
}

static int decode_open(const uint8_t *at, size_t left, struct tunnel_frame *frame, struct err *err)
{
	uint64_t run, fence;

	if (left != OPEN_BYTES)
		return bad(err, "an open of another length");
	run = get_number(at, 8);
	fence = get_number(at + 8, 8);
	frame->credit = (uint32_t)get_number(at + 16, 4);
	if (run > (uint64_t)MAX_NUMBER || fence > (uint64_t)MAX_NUMBER)
		return bad(err, "a run or fence too large");
	if (at[20] >= COUNT(services))
		return bad(err, "an unknown service");
	if (frame->credit > TUNNEL_WINDOW)
		return bad(err, "more credit than a window");
	frame->run = (int64_t)run;
	frame->fence = (int64_t)fence;
	frame->service = (enum tunnel_service)at[20];
	return 0;
}

static int decode_credit(const uint8_t *at, size_t left, struct tunnel_frame *frame, struct err *err)
{
	if (left != CREDIT_BYTES)
		return bad(err, "a credit of another length");
	frame->credit = (uint32_t)get_number(at, CREDIT_BYTES);
	if (frame->credit > TUNNEL_WINDOW)
		return bad(err, "more credit than a window");
	return frame->kind == TUNNEL_CREDIT && frame->credit == 0 ? bad(err, "a credit of nothing") : 0;
}

static int decode_close(const uint8_t *at, size_t left, struct tunnel_frame *frame, struct err *err)
{
	if (left < 1 || left > 1 + TUNNEL_MAX_TEXT)
		return bad(err, "a close of another length");
	if (at[0] >= COUNT(ends))
		return bad(err, "a close for an unknown reason");
	frame->end = (enum tunnel_end)at[0];
	frame->size_bytes = left - 1;
	frame->data = frame->size_bytes ? at + 1 : NULL;
	return 0;
}

static int decode_data(const uint8_t *at, size_t left, struct tunnel_frame *frame, struct err *err)
{
	if (left < 1 || left > TUNNEL_MAX_DATA)
		return bad(err, "data of no or too many bytes");
	frame->data = at;
	frame->size_bytes = left;
	return 0;
}

int tunnel_decode(const uint8_t *bytes, size_t size_bytes, struct tunnel_frame *ret_frame, struct err *err)
{
	struct tunnel_frame frame = {0};
	const uint8_t *at = bytes + TUNNEL_HEADER_BYTES;
	size_t left = size_bytes - TUNNEL_HEADER_BYTES;
	int rc;

	if (size_bytes < TUNNEL_HEADER_BYTES)
		return bad(err, "too short");
	frame.kind = (enum tunnel_kind)bytes[0];
	frame.channel = (uint32_t)get_number(bytes + 1, 4);
	if (frame.channel == 0)
		return bad(err, "channel 0");
	if (bytes[0] == TUNNEL_OPEN)
		rc = decode_open(at, left, &frame, err);
	else if (bytes[0] == TUNNEL_OPENED || bytes[0] == TUNNEL_CREDIT)
		rc = decode_credit(at, left, &frame, err);
	else if (bytes[0] == TUNNEL_DATA)
		rc = decode_data(at, left, &frame, err);
	else if (bytes[0] == TUNNEL_CLOSE)
		rc = decode_close(at, left, &frame, err);
	else
		rc = bad(err, "of an unknown kind");
	if (rc == 0)
		*ret_frame = frame;
	return rc;
}
