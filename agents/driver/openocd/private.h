/* SPDX-License-Identifier: Apache-2.0 */
/* What openocd.c and operations.c share. */
#ifndef ASSAY_AGENTS_DRIVER_OPENOCD_PRIVATE_H
#define ASSAY_AGENTS_DRIVER_OPENOCD_PRIVATE_H

#include "agents/driver/openocd/process.h"
#include "agents/driver/probe.h"

#define OPENOCD_ARGS_MAX   64
#define OPENOCD_PATH_BYTES 1024

struct openocd {
	struct probe probe;
	uv_loop_t *loop;
	struct probe_events events;
	char name[48];
	char target[48];
	char scripts_dir[OPENOCD_PATH_BYTES];
	char directory[OPENOCD_PATH_BYTES];
	char *argv[OPENOCD_ARGS_MAX + 1];
	struct process *process; /* NULL: down */
	bool up;
	int64_t start_us;
	uv_idle_t later;    /* answers a start that found OpenOCD warm */
	probe_done_fn done; /* of the operation under way */
	void *done_context;
	bool wants_words;
	bool watched; /* between release and detach */
	bool gdb;     /* wanted, and what runs has it */
	bool destroyed;
};

static inline struct openocd *openocd_of(struct probe *probe)
{
	return (struct openocd *)(void *)probe;
}

/* Ends the operation under way. */
void openocd_finish(struct openocd *openocd, const struct probe_result *result);
void openocd_finish_err(struct openocd *openocd, const struct err *err);
/* Takes note of an operation that begins; ERR_BUSY while another is under way. */
int openocd_begin(struct openocd *openocd, probe_done_fn done, void *context, struct err *err);
/* operations.c: see struct probe_ops. */
int openocd_attach(struct probe *probe, bool at_vector, probe_done_fn done, void *context, struct err *err);
int openocd_dpidr(struct probe *probe, probe_done_fn done, void *context, struct err *err);
int openocd_read_words(struct probe *probe, const uint32_t *addresses, size_t count, probe_done_fn done, void *context,
		       struct err *err);
int openocd_read_file(struct probe *probe, uint32_t address, uint32_t size_bytes, const char *path, probe_done_fn done,
		      void *context, struct err *err);
int openocd_write_flash(struct probe *probe, const char *hex_path, bool erase, probe_done_fn done, void *context,
			struct err *err);
int openocd_sectors(struct probe *probe, probe_done_fn done, void *context, struct err *err);
int openocd_erase_chip(struct probe *probe, const char *command, probe_done_fn done, void *context, struct err *err);
int openocd_load(struct probe *probe, uint32_t address, const char *path, probe_done_fn done, void *context,
		 struct err *err);
int openocd_reset_halt(struct probe *probe, probe_done_fn done, void *context, struct err *err);
int openocd_line_reset(struct probe *probe, probe_done_fn done, void *context, struct err *err);
int openocd_target_reset(struct probe *probe, bool has_line, probe_done_fn done, void *context, struct err *err);
int openocd_under_reset(struct probe *probe, probe_done_fn done, void *context, struct err *err);
int openocd_set_core(struct probe *probe, uint32_t sp, uint32_t pc, uint32_t vectors, probe_done_fn done, void *context,
		     struct err *err);
int openocd_release(struct probe *probe, probe_done_fn done, void *context, struct err *err);
int openocd_unwatch(struct probe *probe, probe_done_fn done, void *context, struct err *err);
int openocd_watch(struct probe *probe, probe_done_fn done, void *context, struct err *err);
int openocd_reset_run(struct probe *probe, probe_done_fn done, void *context, struct err *err);
int openocd_snapshot(struct probe *probe, probe_done_fn done, void *context, struct err *err);
int openocd_registers(struct probe *probe, probe_done_fn done, void *context, struct err *err);
int openocd_hand_over(struct probe *probe, bool reset, probe_done_fn done, void *context, struct err *err);
int openocd_detach(struct probe *probe, probe_done_fn done, void *context, struct err *err);

#endif
