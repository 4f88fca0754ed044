/* SPDX-License-Identifier: Apache-2.0 */
/* A debug probe as a run needs it. One tool stands behind it (OpenOCD); another would be one more set of operations.
 *
 * Every operation returns 0 and calls done exactly once, later, never before it returned; or returns an error with err
 * filled and never calls back. One operation at a time (ERR_BUSY). Errors of an operation:
 *   ERR_CLOSED, ERR_TIMEOUT, ERR_PROTOCOL   the tool died, hung or spoke nonsense; it is replaced at the next start
 *   ERR_IO                                  the tool works and says that the target or the operation failed */
#ifndef ASSAY_AGENTS_DRIVER_PROBE_H
#define ASSAY_AGENTS_DRIVER_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "agents/driver/config.h"
#include "core/base/err.h"
#include "core/image/board_type.h"

#define PROBE_MAX_WORDS 80

struct probe;

/* What an operation gave. Valid during done. */
struct probe_result {
	const struct err *err; /* NULL: it went well */
	const char *text;      /* in words, for people; may be "" */
	uint32_t words[PROBE_MAX_WORDS];
	size_t word_count;
};

typedef void (*probe_done_fn)(void *context, const struct probe_result *result);

/* Seen while the core is watched (between release and detach), and at any time the tool's death. */
enum probe_notice {
	PROBE_CORE_HALTED, /* the core stopped by itself: a BKPT, or a lockup that the tool broke up */
	PROBE_CORE_RESET,  /* the target was reset by something else than us */
	PROBE_NO_TARGET,   /* the tool lost the target */
	PROBE_DIED         /* the tool ended or hung outside an operation */
};

struct probe_events {
	void *context;
	void (*on_notice)(void *context, enum probe_notice notice, const char *text);
};

/* Words of probe_snapshot, in this order. */
enum probe_core_word {
	PROBE_CORE_DHCSR,
	PROBE_CORE_PC,
	PROBE_CORE_LR,
	PROBE_CORE_SP,
	PROBE_CORE_XPSR,
	PROBE_CORE_CFSR,
	PROBE_CORE_HFSR,
	PROBE_CORE_DFSR,
	PROBE_CORE_MMFAR,
	PROBE_CORE_BFAR,
	PROBE_CORE_PSP,
	PROBE_CORE_CODE,                            /* the halfword at PC */
	PROBE_CORE_STACK,                           /* words from SP up; zeros when they cannot be read */
	PROBE_CORE_PROCESS = PROBE_CORE_STACK + 24, /* words from PSP up, the same */
	PROBE_CORE_WORDS = PROBE_CORE_PROCESS + 8
};

struct probe_ops {
	int (*start)(struct probe *probe, probe_done_fn done, void *context, struct err *err);
	/* The same for a tool that is down, the reset line held from the first contact on, until under_reset. */
	int (*start_under_reset)(struct probe *probe, probe_done_fn done, void *context, struct err *err);
	/* Contact with the target, its core stopped. at_vector: reset, and before its first instruction; else anywhere,
	 * but for a core that is locked up. */
	int (*attach)(struct probe *probe, bool at_vector, probe_done_fn done, void *context, struct err *err);
	int (*dpidr)(struct probe *probe, probe_done_fn done, void *context, struct err *err);
	int (*read_words)(struct probe *probe, const uint32_t *addresses, size_t count, probe_done_fn done,
			  void *context, struct err *err);
	int (*read_file)(struct probe *probe, uint32_t address, uint32_t size_bytes, const char *path,
			 probe_done_fn done, void *context, struct err *err);
	/* erase: the sectors it lies in first; else it is programmed onto what is there. */
	int (*write_flash)(struct probe *probe, const char *hex_path, bool erase, probe_done_fn done, void *context,
			   struct err *err);
	/* words: address, size and number of the sectors of all flash it knows, runs of them that are alike; as many
	 * as there is room for. */
	int (*sectors)(struct probe *probe, probe_done_fn done, void *context, struct err *err);
	/* command: the tool's own for this chip. */
	int (*erase_chip)(struct probe *probe, const char *command, probe_done_fn done, void *context, struct err *err);
	int (*load)(struct probe *probe, uint32_t address, const char *path, probe_done_fn done, void *context,
		    struct err *err);
	int (*reset_halt)(struct probe *probe, probe_done_fn done, void *context, struct err *err);
	/* The ladder's: the debug port aborted and brought up anew; the chip reset, by its line or by SYSRESETREQ, and
	 * seen to be; after start_under_reset, the line let go and the core caught at its vector. */
	int (*line_reset)(struct probe *probe, probe_done_fn done, void *context, struct err *err);
	int (*target_reset)(struct probe *probe, bool has_line, probe_done_fn done, void *context, struct err *err);
	int (*under_reset)(struct probe *probe, probe_done_fn done, void *context, struct err *err);
	int (*set_core)(struct probe *probe, uint32_t sp, uint32_t pc, uint32_t vectors, probe_done_fn done,
			void *context, struct err *err);
	int (*release)(struct probe *probe, probe_done_fn done, void *context, struct err *err);
	/* Leaves the core alone, as it is, whatever becomes of its power; and watches it again once it has some. */
	int (*unwatch)(struct probe *probe, probe_done_fn done, void *context, struct err *err);
	int (*watch)(struct probe *probe, probe_done_fn done, void *context, struct err *err);
	/* Resets the stopped core and lets it run from there. words: 1 when it has stopped by itself since, and how
	 * often it was reset since; no notice tells that. */
	int (*reset_run)(struct probe *probe, probe_done_fn done, void *context, struct err *err);
	int (*snapshot)(struct probe *probe, probe_done_fn done, void *context, struct err *err);
	/* After snapshot, which halted the core: words in the order of enum core_register, then 1 and CORE_FP_WORDS
	 * more, or 0. */
	int (*registers)(struct probe *probe, probe_done_fn done, void *context, struct err *err);
	int (*detach)(struct probe *probe, probe_done_fn done, void *context, struct err *err);
	/* Leaves the target to a debugger that connects: reset first when reset is wanted, then running and watched by
	 * the tool for the debugger's sake; no notices come but the tool's death. A reset that fails is told in text.
	 */
	int (*hand_over)(struct probe *probe, bool reset, probe_done_fn done, void *context, struct err *err);
	/* Whether the tool has a gdb server when it is started; a tool that runs otherwise is killed. */
	void (*want_gdb)(struct probe *probe, bool wanted);
	/* Where it listens on the loopback address; 0: nowhere. */
	uint16_t (*gdb_port)(const struct probe *probe);
	bool (*running)(const struct probe *probe); /* the tool is up and usable */
	/* Kills the tool; an operation under way ends with ERR_CLOSED, soon. Does nothing when it is down. */
	void (*kill)(struct probe *probe);
	void (*destroy)(struct probe *probe);
};

/* Embedded as the first member of each implementation. */
struct probe {
	const struct probe_ops *ops;
};

/* OpenOCD for one board. argv (NULL-terminated, copied) are the arguments that set up adapter and target; scripts_dir
 * (may be NULL) is searched for -f files too. name is for the log. The tool is not started yet. */
struct openocd_options {
	const char *name;
	const char *const *argv;
	const char *scripts_dir;
	const char *directory; /* working directory */
	const char *target;    /* Tcl target name; "" the current one */
	bool gdb;              /* with a gdb server; only the process looks at it */
};

int openocd_create(uv_loop_t *loop, const struct openocd_options *options, const struct probe_events *events,
		   struct probe **ret_probe, struct err *err);

#endif
