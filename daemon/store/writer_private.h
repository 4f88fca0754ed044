/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the writer share. Only for writer*.c. */
#ifndef ASSAY_STORE_WRITER_PRIVATE_H
#define ASSAY_STORE_WRITER_PRIVATE_H

#include <pthread.h>

#include "daemon/store/console.h"
#include "daemon/store/writer.h"

struct writer {
	struct writer_ports ports;
	struct writer_options options;
	pthread_t thread;
	bool started;

	pthread_mutex_t lock; /* guards the following */
	pthread_cond_t wake;
	struct list changes; /* struct change */
	struct list wishes;  /* struct wish */
	bool urgent;         /* somebody waits for one of them */
	bool stop;
	bool refused; /* a change was; none is taken until writer_rewind */

	/* the thread's own */
	struct db db;
	struct console_writer console;
	struct list batch; /* changes of the transaction that is tried */
	struct list batch_wishes;
	size_t batch_count;
	bool in_trouble;
};

/* writer_commit.c: commits the batch; what cannot be stays in it, is set aside or is refused, and told. Returns whether
 * all of it is durable. In the writer's thread. */
bool writer_commit(struct writer *writer);
/* Takes them out of the batch. err: NULL when they are done. */
void writer_answer_wishes(struct writer *writer, const struct err *err);
void writer_drop_changes(struct list *changes);

#endif
