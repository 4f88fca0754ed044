/* SPDX-License-Identifier: Apache-2.0 */
/* Where the daemon is and the token to show it. */
#ifndef ASSAY_CLI_ADDRESS_H
#define ASSAY_CLI_ADDRESS_H

#include <stdbool.h>

#include "core/base/err.h"

/* What the command line said; each NULL when it said nothing. */
struct address_options {
	const char *url;
	const char *token_file;
	const char *state_dir;
	const char *ca_file;
};

struct address {
	char url[512]; /* "http://host:port", no final slash */
	char token[256];
	char ca_file[1024]; /* PEM; whom to trust for https instead of the system's authorities; "": those */
};

/* Finds url and token, each by itself, in this order: the command line; ASSAY_URL, ASSAY_TOKEN; the daemon's state
 * directory (--state-dir, ASSAY_STATE_DIR, $XDG_STATE_HOME/assay, ~/.local/state/assay, /var/lib/assay: the first that
 * holds an assayd.json), where a running daemon leaves assayd.json and admin.token. The file of authorities is looked
 * at for https only: the command line, then ASSAY_CA_FILE. Returns 0; ERR_NOT_FOUND or ERR_UNREACHABLE with what to do
 * about it; ERR_DENIED when a file may not be read; ERR_INVALID. */
int address_find(const struct address_options *options, struct address *ret_address, struct err *err);
/* Whether that is over https. */
bool address_is_tls(const struct address *address);
/* ERR_UNREACHABLE: who answers there shows a certificate that cannot be trusted, and why. */
int address_untrusted(const struct address *address, const char *why, struct err *err);

#endif
