/* SPDX-License-Identifier: Apache-2.0 */
/* The spool: every message of a run, on disk before it is sent, until the farm says that it has them all.
 *
 * One file a run, <dir>/<run>.jsonl: a first line about the run, then the messages as they go over the wire, one a
 * line. Written without syncing each: it survives the death of the agent at any byte, and a last line that is not whole
 * is dropped when it is read again; the end of a run is synced.
 *
 * Files that a run leaves behind lie in <dir>/<run>.files/<name> until the farm has them, too: then (the farm has all
 * messages) the run is settled, and kept only for what is in there.
 *
 * A disk that is full or broken: what cannot be written is kept in memory, bounded, so that the farm can still be told
 * how the run ended; spool_append says so, and the run is ended for that reason. The file stays whole lines only. */
#ifndef ASSAY_AGENTS_SPOOL_H
#define ASSAY_AGENTS_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/list.h"
#include "core/farm/artefact.h"

#define SPOOL_MAX_MESSAGES 2000000u   /* of one run */
#define SPOOL_MAX_MEMORY   (4u << 20) /* bytes of one run that are kept without a disk */

struct spool;

/* One run's messages. Only the first fields are for others. */
struct spool_run {
	struct list link;      /* in spool_runs() */
	struct list wait_link; /* the link's: in spool_waiting() */
	int64_t run;
	int64_t fence;
	char board[64];
	int64_t last;      /* n of the newest message; 0: none */
	bool ended;        /* the newest is run.ended */
	int64_t sent;      /* the link's: up to this n was sent over the present connection */
	size_t turn_bytes; /* the link's: sent since the run's turn began */
	bool open;         /* the link's: the farm knows the run, messages may be sent */
	bool settled;      /* the farm has all messages; the files are being sent */
	/* private */
	struct spool *spool;
	int fd; /* -1: memory only */
	uint64_t file_len;
	uint64_t *offset; /* of message n at [n - 1]; at or beyond file_len it lies in memory */
	size_t offset_room;
	struct buf memory;
};

/* Opens a directory and reads the runs it holds. A file that makes no sense is moved aside (<run>.bad). */
int spool_open(const char *dir, struct spool **ret_spool, struct err *err);
void spool_close(struct spool *spool); /* accepts NULL; the files stay */
struct list *spool_runs(struct spool *spool);
/* The link's: runs that may have messages to send, by their wait_link, in the order of their turns. */
struct list *spool_waiting(struct spool *spool);
struct spool_run *spool_find(struct spool *spool, int64_t run);

/* A new, empty run. ERR_EXISTS; when the disk takes nothing, the run is there all the same (in memory) and the disk's
 * error is returned with *ret_run set. */
int spool_create(struct spool *spool, int64_t run, int64_t fence, const char *board, struct spool_run **ret_run,
		 struct err *err);
/* Appends message n = last + 1. ended: it is run.ended. Returns 0 (on disk), or the disk's error while the message is
 * kept in memory (last has grown), or ERR_TOO_BIG (nothing is kept, last is as it was). */
int spool_append(struct spool_run *run, const char *text, size_t len, bool ended, struct err *err);
/* Appends message n to out. */
int spool_read(struct spool_run *run, int64_t n, struct buf *out, struct err *err);
/* Syncs the file to disk. Blocks for as long as the disk takes. */
void spool_sync(struct spool_run *run);
/* Moves a file to the run's own, synced; name is a good artefact name. */
int spool_add_file(struct spool_run *run, const char *path, const char *name, struct err *err);
/* One of the run's files: false when there is none. ret_path has room for size bytes. */
bool spool_first_file(const struct spool_run *run, char *ret_path, size_t size, char ret_name[ARTEFACT_NAME_MAX]);
/* The farm has it all: removes the files and frees the run. */
void spool_delete(struct spool_run *run);

#endif
