/* SPDX-License-Identifier: Apache-2.0 */
/* What whoever flashes the image may write into it beforehand: servers to talk to, and the one way to misbehave. */
#ifndef SETTINGS_H
#define SETTINGS_H

#include <stdint.h>

enum misbehaviour {
	BEHAVES,
	FAILS_LATE,      /* one case, in the last suite */
	FAULTS_LATE,     /* a store to nowhere in a case, two thirds through */
	BITTEN,          /* the watchdog is no longer fed, two thirds through */
	STOPS_IN_A_LINE, /* the console falls silent amid a case's name */
	FLOODS,          /* more than a megabyte of log before the last suite */
	SEMIHOSTS,       /* a case calls the debugger, which nobody arranged for */
};

/* Words, so that a tool can write them one by one: the symbol is "settings". */
struct settings {
	uint32_t tcp_echo_port; /* at the gateway, so on the host; 0: these cases are ignored */
	uint32_t udp_echo_port;
	uint32_t seconds; /* about how long the soak lasts */
	uint32_t misbehaviour;
};

extern const volatile struct settings settings;

#endif
