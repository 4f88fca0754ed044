/* SPDX-License-Identifier: Apache-2.0 */
/* Stands in for libwebsockets at link time and hands its calls on. A function that is missing here is missed by the
 * linker; one with another signature, by the compiler. */
#include "daemon/cli/lws_calls.h"

#include <stdbool.h>

#include <libwebsockets.h>

#include "daemon/cli/library.h"

/* type, name, parameters, arguments */
#define LWS_CALLS(X)                                                                                                   \
	X(struct lws_context *, create_context, (const struct lws_context_creation_info *info), (info))                \
	X(void, context_destroy, (struct lws_context * context), (context))                                            \
	X(void *, context_user, (struct lws_context * context), (context))                                             \
	X(void, cancel_service, (struct lws_context * context), (context))                                             \
	X(int, service, (struct lws_context * context, int timeout_ms), (context, timeout_ms))                         \
	X(struct lws_vhost *, create_vhost,                                                                            \
	  (struct lws_context * context, const struct lws_context_creation_info *info), (context, info))               \
	X(void *, vhost_user, (struct lws_vhost * vhost), (vhost))                                                     \
	X(struct lws *, adopt_descriptor_vhost,                                                                        \
	  (struct lws_vhost * vhost, lws_adoption_type type, lws_sock_file_fd_type fd, const char *protocol,           \
	   struct lws *parent),                                                                                        \
	  (vhost, type, fd, protocol, parent))                                                                         \
	X(struct lws *, client_connect_via_info, (const struct lws_client_connect_info *info), (info))                 \
	X(unsigned, http_client_http_response, (struct lws * wsi), (wsi))                                              \
	X(int, add_http_header_by_name,                                                                                \
	  (struct lws * wsi, const unsigned char *name, const unsigned char *value, int length, unsigned char **at,    \
	   unsigned char *end),                                                                                        \
	  (wsi, name, value, length, at, end))                                                                         \
	X(int, parse_uri, (char *text, const char **scheme, const char **host, int *port, const char **path),          \
	  (text, scheme, host, port, path))                                                                            \
	X(struct lws_context *, get_context, (const struct lws *wsi), (wsi))                                           \
	X(struct lws_vhost *, get_vhost, (struct lws * wsi), (wsi))                                                    \
	X(void *, wsi_user, (struct lws * wsi), (wsi))                                                                 \
	X(int, callback_on_writable, (struct lws * wsi), (wsi))                                                        \
	X(int, is_final_fragment, (struct lws * wsi), (wsi))                                                           \
	X(size_t, remaining_packet_payload, (struct lws * wsi), (wsi))                                                 \
	X(int, rx_flow_control, (struct lws * wsi, int on), (wsi, on))                                                 \
	X(void, set_timeout, (struct lws * wsi, enum pending_timeout reason, int seconds), (wsi, reason, seconds))     \
	X(int, write, (struct lws * wsi, unsigned char *data, size_t len, enum lws_write_protocol kind),               \
	  (wsi, data, len, kind))                                                                                      \
	X(void, set_log_level, (int level, void (*on_line)(int level, const char *line)), (level, on_line))            \
	X(void, sul_cancel, (lws_sorted_usec_list_t * timer), (timer))                                                 \
	X(void, sul_schedule,                                                                                          \
	  (struct lws_context * context, int thread, lws_sorted_usec_list_t *timer, sul_cb_t on_timer,                 \
	   lws_usec_t after_us),                                                                                       \
	  (context, thread, timer, on_timer, after_us))

struct lws_calls {
#define X(type, name, parameters, arguments) __typeof__(lws_##name) *name;
	LWS_CALLS(X)
#undef X
};

static const struct library_function functions[] = {
#define X(type, name, parameters, arguments) {"lws_" #name, offsetof(struct lws_calls, name)},
	LWS_CALLS(X)
#undef X
};

static struct lws_calls calls;

int lws_calls_load(struct err *err)
{
	if (calls.create_context)
		return 0;
	return library_load(ASSAY_LIBWEBSOCKETS, "what is shown live needs libwebsockets", functions,
			    sizeof functions / sizeof functions[0], &calls, err);
}

void lws_calls_set_tls(struct lws_context_creation_info *info, const struct address *address)
{
	if (!address_is_tls(address))
		return;
	info->options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	if (!address->ca_file[0])
		return;
	info->options |= LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS;
	info->client_ssl_ca_filepath = address->ca_file;
}

#define X(type, name, parameters, arguments)                                                                           \
	type lws_##name parameters                                                                                     \
	{                                                                                                              \
		return calls.name arguments;                                                                           \
	}
LWS_CALLS(X)
#undef X
