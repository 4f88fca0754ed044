/* SPDX-License-Identifier: Apache-2.0 */
/* QEMU as a child process: command line, inherited sockets, death with the parent. */
#include "agents/virtual/qemu/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROC_ARG_MAX   40
#define PROC_TEXT_SIZE 512

/* In the child the streams are found at these descriptors. */
#define PROC_FD_FIRST 3

/* The command line, with room for what is formatted into it. */
struct proc_args {
	const char *argv[PROC_ARG_MAX];
	size_t count;
	char text[8][PROC_TEXT_SIZE];
	size_t text_count;
};

static void proc_arg(struct proc_args *args, const char *text)
{
	if (args->count + 1 < PROC_ARG_MAX)
		args->argv[args->count++] = text;
}

__attribute__((format(printf, 2, 3))) static void proc_argf(struct proc_args *args, const char *format, ...)
{
	char *text = args->text[args->text_count++];
	va_list list;
	va_start(list, format);
	vsnprintf(text, PROC_TEXT_SIZE, format, list);
	va_end(list);
	proc_arg(args, text);
}

static void proc_arguments(struct proc_args *args, const struct proc_config *config)
{
	static const char *const fixed[] = {"qemu-system-arm", "-display", "none", "-nodefaults",
					    "-accel",          "tcg",      "-S"};
	static const char *const wired[] = {"-qtest",  "chardev:qtest", "-qtest-log", "/dev/null",
					    "-gdb",    "chardev:gdb",   "-mon",       "chardev=qmp,mode=control",
					    "-serial", "chardev:uart"};
	static const char *const names[PROC_STREAMS] = {
		[PROC_QTEST] = "qtest", [PROC_GDB] = "gdb", [PROC_QMP] = "qmp", [PROC_UART] = "uart"};

	for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
		proc_arg(args, fixed[i]);
	proc_arg(args, "-M");
	proc_arg(args, config->machine);
	proc_arg(args, "-nic");
	proc_arg(args, config->nic);
	/* Time is counted in instructions, so that it stands still while a debugger holds the core; sleep=on lets an
	 * idle core wait in real time, align=on keeps a busy one from running ahead of it. */
	proc_arg(args, "-icount");
	proc_argf(args, "shift=%d,sleep=on,align=on", config->icount_shift);
	for (int i = 0; i < PROC_STREAMS; i++) {
		proc_arg(args, "-chardev");
		proc_argf(args, "socket,id=%s,fd=%d", names[i], PROC_FD_FIRST + i);
	}
	for (size_t i = 0; i < sizeof wired / sizeof *wired; i++)
		proc_arg(args, wired[i]);
	if (config->load_name) {
		proc_arg(args, "-device");
		proc_argf(args, "loader,file=%s,addr=%#x,force-raw=on", config->load_name, config->load_address);
	}
	args->argv[args->count] = NULL;
}

/* Runs in the child between fork and exec: async-signal-safe calls only. */
static void proc_child(const struct proc_args *args, const int *theirs, const char *dir, int log_fd, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(126); /* the parent died before the line above took hold */
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	setrlimit(RLIMIT_CORE, &(struct rlimit){0}); /* a lockup of the firmware is no crash worth a core file */
	int null_fd = open("/dev/null", O_RDONLY);
	int high[PROC_STREAMS];
	for (int i = 0; i < PROC_STREAMS; i++)
		high[i] = fcntl(theirs[i], F_DUPFD, 64);
	int log_high = fcntl(log_fd, F_DUPFD, 64);
	dup2(null_fd, 0);
	dup2(log_high, 1);
	dup2(log_high, 2);
	for (int i = 0; i < PROC_STREAMS; i++)
		dup2(high[i], PROC_FD_FIRST + i);
	close_range(PROC_FD_FIRST + PROC_STREAMS, ~0U, 0);
	if (!chdir(dir))
		execvp(args->argv[0], (char *const *)(uintptr_t)args->argv);
	static const char text[] = "cannot run qemu-system-arm\n";
	(void)!write(2, text, sizeof text - 1);
	_exit(127);
}

static void proc_close(int *fds, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
		fds[i] = -1;
	}
}

static int proc_sockets(int *ours, int *theirs, struct err *err)
{
	for (int i = 0; i < PROC_STREAMS; i++)
		ours[i] = theirs[i] = -1;
	for (int i = 0; i < PROC_STREAMS; i++) {
		int pair[2];
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
			return err_set_errno(err, errno, "cannot make a socket pair");
		ours[i] = pair[0];
		theirs[i] = pair[1];
	}
	/* Each byte the UART sends is a message of its own to the kernel, which charges far more than a byte for it. */
	int room = 1 << 20;
	setsockopt(theirs[PROC_UART], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
	return 0;
}

void proc_init(struct proc *proc)
{
	*proc = (struct proc){.pidfd = -1, .stream = {-1, -1, -1, -1}};
}

int proc_start(struct proc *proc, const struct proc_config *config, struct err *err)
{
	int theirs[PROC_STREAMS];
	struct proc_args args = {0};
	proc_arguments(&args, config);
	proc_init(proc);
	int failed = proc_sockets(proc->stream, theirs, err);
	int log_fd = open(config->log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (!failed && log_fd < 0)
		failed = err_set_errno(err, errno, "cannot open %s", config->log_path);
	if (failed)
		goto undo_sockets;

	pid_t parent = getpid(), pid = fork();
	if (pid == 0)
		proc_child(&args, theirs, config->dir, log_fd, parent);
	if (pid < 0) {
		failed = err_set_errno(err, errno, "cannot fork");
		goto undo_sockets;
	}
	proc->pid = pid;
	proc->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (proc->pidfd < 0)
		failed = err_set_errno(err, errno, "cannot watch process %d", (int)pid);
	else
		fcntl(proc->pidfd, F_SETFD, FD_CLOEXEC);

undo_sockets:
	proc_close(theirs, PROC_STREAMS);
	if (log_fd >= 0)
		close(log_fd);
	if (failed)
		proc_finish(proc);
	return failed;
}

int proc_finish(struct proc *proc)
{
	int status = 0;
	if (proc->pid > 0) {
		kill(proc->pid, SIGKILL);
		while (waitpid(proc->pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	proc->pid = 0;
	proc_close(&proc->pidfd, 1);
	proc_close(proc->stream, PROC_STREAMS);
	return status;
}
