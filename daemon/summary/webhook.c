/* SPDX-License-Identifier: Apache-2.0 */
/* Signing and sending. Where a connection goes is checked when it is made, after the name was looked up, so that a name
 * that changes its mind leads nowhere else. */
#include "daemon/summary/webhook.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <curl/curl.h>
#include <sodium.h>

#define LIMIT_S         20L
#define CONNECT_LIMIT_S 10L
#define ANSWER_MAX      65536 /* of what a receiver says; it is not kept */

void webhook_sign(const char *secret, int64_t unix_s, const char *body, size_t len,
		  char ret_signature[WEBHOOK_SIGNATURE_MAX])
{
	unsigned char mac[crypto_auth_hmacsha256_BYTES];
	crypto_auth_hmacsha256_state state;
	char stamp[32];
	int stamp_len = snprintf(stamp, sizeof(stamp), "%" PRId64 ".", unix_s);

	crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret, strlen(secret));
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)stamp, (unsigned long long)stamp_len);
	crypto_auth_hmacsha256_update(&state, (const unsigned char *)body, len);
	crypto_auth_hmacsha256_final(&state, mac);
	memcpy(ret_signature, "v1=", 3);
	sodium_bin2hex(ret_signature + 3, WEBHOOK_SIGNATURE_MAX - 3, mac, sizeof(mac));
}

/* Networks of RFC 6890 and its successors that are not anybody's. */
static bool public_v4(uint32_t address)
{
	static const struct {
		uint32_t network;
		int bits;
	} special[] = {
		{0x00000000, 8},  {0x0a000000, 8},  {0x64400000, 10}, {0x7f000000, 8},  {0xa9fe0000, 16},
		{0xac100000, 12}, {0xc0000000, 24}, {0xc0000200, 24}, {0xc0a80000, 16}, {0xc6120000, 15},
		{0xc6336400, 24}, {0xcb007100, 24}, {0xe0000000, 3},
	};

	for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++) {
		if ((address ^ special[i].network) >> (32 - special[i].bits) == 0)
			return false;
	}
	return true;
}

/* 2000::/3 is what is given out; in it, what holds an IPv4 address is as that is. */
static bool public_v6(const uint8_t bytes[16])
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	static const uint8_t translated[12] = {0x00, 0x64, 0xff, 0x9b};
	uint32_t last;

	memcpy(&last, bytes + 12, sizeof(last));
	if (memcmp(bytes, mapped, 12) == 0 || memcmp(bytes, translated, 12) == 0)
		return public_v4(ntohl(last));
	if (bytes[0] == 0x20 && bytes[1] == 0x02) { /* 6to4 */
		memcpy(&last, bytes + 2, sizeof(last));
		return public_v4(ntohl(last));
	}
	if (bytes[0] == 0x20 && bytes[1] == 0x01 && ((bytes[2] == 0x0d && bytes[3] == 0xb8) || bytes[2] < 2))
		return false;
	return (bytes[0] & 0xe0) == 0x20;
}

bool webhook_address_public(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET)
		return public_v4(ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr));
	if (address->sa_family == AF_INET6)
		return public_v6(((const struct sockaddr_in6 *)(const void *)address)->sin6_addr.s6_addr);
	return false;
}

struct sending {
	const struct webhook *webhook;
	bool refused;
	size_t answer_bytes;
};

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct sending *sending = context;

	if (purpose != CURLSOCKTYPE_IPCXN)
		return CURL_SOCKET_BAD;
	if (!sending->webhook->private_allowed && !webhook_address_public(&address->addr)) {
		sending->refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t on_answer(char *data, size_t size, size_t count, void *context)
{
	struct sending *sending = context;

	(void)data;
	sending->answer_bytes += size * count;
	return sending->answer_bytes > ANSWER_MAX ? 0 : size * count;
}

static int on_progress(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	const struct sending *sending = context;

	(void)a;
	(void)b;
	(void)c;
	(void)d;
	return sending->webhook->stop && atomic_load(sending->webhook->stop);
}

static struct curl_slist *headers_of(const struct webhook *webhook)
{
	char signature[WEBHOOK_SIGNATURE_MAX], line[160];
	struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");

	headers = curl_slist_append(headers, "X-Assay-Event: night.summarised");
	snprintf(line, sizeof(line), "X-Assay-Delivery: %.60s", webhook->delivery);
	headers = curl_slist_append(headers, line);
	snprintf(line, sizeof(line), "X-Assay-Timestamp: %" PRId64, webhook->unix_s);
	headers = curl_slist_append(headers, line);
	webhook_sign(webhook->secret, webhook->unix_s, webhook->body, webhook->len, signature);
	snprintf(line, sizeof(line), "X-Assay-Signature: %s", signature);
	headers = curl_slist_append(headers, line);
	return curl_slist_append(headers, "Expect:");
}

static void set_up(CURL *curl, struct sending *sending, struct curl_slist *headers)
{
	const struct webhook *webhook = sending->webhook;

	curl_easy_setopt(curl, CURLOPT_URL, webhook->url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "assayd/" ASSAY_VERSION);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_POST, 1L);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, webhook->body);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)webhook->len);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, LIMIT_S);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_LIMIT_S);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, sending);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_answer);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, sending);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, sending);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
}

int webhook_send(const struct webhook *webhook, struct err *err)
{
	struct sending sending = {.webhook = webhook};
	struct curl_slist *headers;
	CURL *curl = curl_easy_init();
	CURLcode result;
	long status = 0;

	if (!curl)
		return err_set(err, ERR_NOMEM, "out of memory");
	headers = headers_of(webhook);
	set_up(curl, &sending, headers);
	result = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	if (sending.refused)
		return err_set(err, ERR_DENIED,
			       "its address is one of the house, which assayd's webhook-private does not allow");
	if (result != CURLE_OK && !(result == CURLE_WRITE_ERROR && status))
		return err_set(err, ERR_UNREACHABLE, "%s", curl_easy_strerror(result));
	if (status < 200 || status > 299)
		return err_set(err, ERR_IO, "the receiver answered %ld", status);
	return 0;
}
