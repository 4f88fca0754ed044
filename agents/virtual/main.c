/* SPDX-License-Identifier: Apache-2.0 */
/* assay-vboard: one virtual board as a process; puts probe, board, console and control together on one event loop. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <uv.h>

#include "agents/virtual/board/board.h"
#include "agents/virtual/console.h"
#include "agents/virtual/control.h"
#include "agents/virtual/options.h"
#include "agents/virtual/probe/server.h"
#include "core/base/log.h"
#include "core/base/mem.h"

/* A resume waits this long for a reset that may follow it. */
#define HELD_RESUME_MS 2

/* What QEMU takes to answer on a busy host; `status` waits no longer. */
#define STATUS_WAIT_MS 50

/* The next machine is started so long after power on: until then the host is busy with bringing this one up. */
#define SPARE_AFTER_MS 100

/* How old what flash.bin holds may be while the machine's flash is being written. */
#define MIRROR_MS 20

/* How often a silent QEMU is looked at. */
#define OWED_TURN_MS 100

/* How long another start may hold the board's directory before it is taken for running. */
#define LOCK_WAIT_MS 2000
#define LOCK_LOOK_MS 20

/* RESUME: a resume is held back. SPARE: from power on to the start of the next machine. MIRROR: while the machine's
 * flash is written. OWED: while QEMU owes an answer. NEWS: at once, when more stops may be waiting. */
enum { TIMER_RESUME, TIMER_SPARE, TIMER_MIRROR, TIMER_OWED, TIMER_NEWS, TIMERS };

/* The descriptors of the running machine, and of the spare, that the loop watches. */
enum { WATCH_GDB, WATCH_QMP, WATCH_END, WATCH_SPARE, WATCHES };

struct program {
	uv_loop_t loop;
	struct board board;
	struct stlink stlink;
	struct probe_server server;
	struct console console;
	struct control control;
	uv_poll_t *watch[WATCHES];
	uv_timer_t timer[TIMERS];
	uv_signal_t on_term, on_int;
	uv_poll_t on_stdin;
	bool stopping;
	char dir[PATH_MAX];
	int lock_fd;
};

static void on_watch_closed(uv_handle_t *handle)
{
	free(handle);
}

static void program_unwatch(struct program *program)
{
	for (int i = 0; i < WATCHES; i++) {
		if (program->watch[i])
			uv_close((uv_handle_t *)program->watch[i], on_watch_closed);
		program->watch[i] = NULL;
	}
}

static void on_mirror(uv_timer_t *timer)
{
	struct program *program = timer->data;
	board_cells_mirror(&program->board);
	board_check(&program->board);
	if (!board_cells_open(&program->board))
		uv_timer_stop(timer);
}

static void program_mirror(struct program *program)
{
	if (board_cells_open(&program->board) && !uv_is_active((uv_handle_t *)&program->timer[TIMER_MIRROR]))
		uv_timer_start(&program->timer[TIMER_MIRROR], on_mirror, MIRROR_MS, MIRROR_MS);
}

static void on_more_news(uv_timer_t *timer);

/* What is left waits for a turn of the loop, in which console and control have theirs. */
static void take_news(struct program *program)
{
	if (board_on_machine_news(&program->board))
		uv_timer_start(&program->timer[TIMER_NEWS], on_more_news, 0, 0);
	program_mirror(program);
}

static void on_more_news(uv_timer_t *timer)
{
	take_news(timer->data);
}

static void on_machine_news(uv_poll_t *poll, int status, int events)
{
	struct program *program = poll->data;
	(void)status;
	(void)events;
	take_news(program);
}

static void on_machine_end(uv_poll_t *poll, int status, int events)
{
	struct program *program = poll->data;
	(void)status;
	(void)events;
	board_on_machine_end(&program->board);
}

static void on_spare_news(uv_poll_t *poll, int status, int events)
{
	struct program *program = poll->data;
	(void)status;
	(void)events;
	board_warm_spare(&program->board);
}

static void program_watch(struct program *program, int which, int fd, uv_poll_cb callback)
{
	uv_poll_t *poll = mem_alloc(sizeof *poll);
	poll->data = program;
	if (uv_poll_init(&program->loop, poll, fd)) {
		free(poll);
		return;
	}
	uv_poll_start(poll, UV_READABLE, callback);
	program->watch[which] = poll;
}

static void on_machine(void *context)
{
	struct program *program = context;
	const struct board_machine *machine = program->board.active;
	program_unwatch(program);
	console_set_uart(&program->console, machine ? machine->vm.proc.stream[PROC_UART] : -1);
	if (board_spare_fd(&program->board) >= 0)
		program_watch(program, WATCH_SPARE, board_spare_fd(&program->board), on_spare_news);
	if (!machine)
		return;
	program_watch(program, WATCH_GDB, machine->vm.gdb.fd, on_machine_news);
	program_watch(program, WATCH_QMP, machine->vm.qmp.fd, on_machine_news);
	program_watch(program, WATCH_END, machine->vm.proc.pidfd, on_machine_end);
}

static void on_drain_console(void *context)
{
	struct program *program = context;
	console_drain(&program->console);
}

/* One exchange with QEMU; it is dead afterwards when it does not answer. */
static void ask_machine(struct program *program)
{
	if (!program->board.active)
		return;
	vm_nudge(&program->board.active->vm);
	board_check(&program->board);
}

static void on_console_input(void *context)
{
	ask_machine(context);
}

static void on_held_resume(uv_timer_t *timer)
{
	struct program *program = timer->data;
	core_release(&program->board.core);
	board_check(&program->board);
}

static void on_served(void *context)
{
	struct program *program = context;
	program_mirror(program);
	if (program->board.core.go_held && !uv_is_active((uv_handle_t *)&program->timer[TIMER_RESUME]))
		uv_timer_start(&program->timer[TIMER_RESUME], on_held_resume, HELD_RESUME_MS, 0);
}

static json_t *answer_ok(void)
{
	return json_pack("{s:b}", "ok", 1);
}

static json_t *answer_error(const char *text)
{
	return json_pack("{s:b, s:s}", "ok", 0, "error", text);
}

static void on_spare_due(uv_timer_t *timer)
{
	struct program *program = timer->data;
	board_start_spare(&program->board);
}

static json_t *answer_power(struct program *program, bool off, bool on)
{
	struct err err = {0};
	int failed = off ? board_power_off(&program->board, &err) : 0;
	if (!failed && on)
		failed = board_power_on(&program->board, &err);
	if (!failed && on)
		uv_timer_start(&program->timer[TIMER_SPARE], on_spare_due, SPARE_AFTER_MS, 0);
	return failed ? answer_error(err.text) : answer_ok();
}

/* Whether QEMU answers; it is dead when it has owed an answer for too long. */
static unsigned ask_alive(struct program *program, unsigned wait_ms)
{
	unsigned unanswered_ms = 0;
	if (!program->board.active)
		return 0;
	if (vm_ask_alive(&program->board.active->vm, wait_ms, &unanswered_ms))
		unanswered_ms = 0;
	board_check(&program->board);
	return unanswered_ms;
}

static void on_owed(uv_timer_t *timer)
{
	if (!ask_alive(timer->data, 0))
		uv_timer_stop(timer);
}

/* Whoever asks wants to know whether the board lives, and at once: a QEMU that does not answer is said to be silent,
 * and found out to hang by and by. */
static json_t *answer_status(struct program *program)
{
	unsigned unanswered_ms = ask_alive(program, STATUS_WAIT_MS);
	if (unanswered_ms)
		uv_timer_start(&program->timer[TIMER_OWED], on_owed, OWED_TURN_MS, OWED_TURN_MS);
	json_t *answer = answer_ok(), *status = board_status(&program->board);
	const struct console *console = &program->console;
	json_object_update_missing(answer, status);
	json_decref(status);
	json_object_set_new(answer, "console_bytes", json_integer((json_int_t)console->bytes));
	json_object_set_new(answer, "console_dropped", json_integer((json_int_t)console->dropped));
	json_object_set_new(answer, "stlink_clients", json_integer(program->server.client_count));
	if (unanswered_ms)
		json_object_set_new(answer, "unanswered_ms", json_integer(unanswered_ms));
	return answer;
}

static json_t *answer_fault(struct program *program, const char *name)
{
	if (!fault_parse(name, &program->board.faults.fault))
		return answer_error("unknown fault; expected none, port-stuck, core-stuck, port-shut, tool-stuck,"
				    " probe-stuck, latched or dead");
	program->board.faults.suffered = program->board.power == BOARD_ON;
	if (program->board.faults.fault == FAULT_TOOL_STUCK)
		probe_server_stick(&program->server);
	return answer_ok();
}

static json_t *answer_probe_reset(struct program *program)
{
	probe_server_reset(&program->server);
	stlink_init(&program->stlink, &program->board.dap, program->board.serial);
	faults_probe_reset(&program->board.faults);
	return answer_ok();
}

static json_t *on_request(void *context, const char *request)
{
	struct program *program = context;
	if (!strcmp(request, "power on"))
		return answer_power(program, false, true);
	if (!strcmp(request, "power off"))
		return answer_power(program, true, false);
	if (!strcmp(request, "power cycle"))
		return answer_power(program, true, true);
	if (!strcmp(request, "status"))
		return answer_status(program);
	if (!strncmp(request, "fault ", 6))
		return answer_fault(program, request + 6);
	if (!strcmp(request, "probe reset"))
		return answer_probe_reset(program);
	if (!strcmp(request, "serial"))
		return json_pack("{s:b, s:s}", "ok", 1, "serial", program->board.serial);
	return answer_error("unknown request; expected power on, power off, power cycle, probe reset, fault NAME,"
			    " status or serial");
}

static void program_stop(struct program *program)
{
	if (program->stopping)
		return;
	program->stopping = true;
	probe_server_finish(&program->server);
	control_finish(&program->control);
	if (program->board.chip)
		board_finish(&program->board);
	console_finish(&program->console);
	program_unwatch(program);
	for (int i = 0; i < TIMERS; i++)
		uv_close((uv_handle_t *)&program->timer[i], NULL);
	uv_close((uv_handle_t *)&program->on_term, NULL);
	uv_close((uv_handle_t *)&program->on_int, NULL);
	if (program->on_stdin.data)
		uv_close((uv_handle_t *)&program->on_stdin, NULL);
}

static void on_signal(uv_signal_t *handle, int number)
{
	(void)number;
	program_stop(handle->data);
}

static void on_stdin(uv_poll_t *poll, int status, int events)
{
	char data[256];
	(void)events;
	ssize_t n = read(0, data, sizeof data);
	if (status < 0 || n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		program_stop(poll->data);
}

/* A board that was killed leaves a child behind for a moment that has yet to become QEMU, or to see that it is alone:
 * until then it holds what its parent had locked. */
static bool lock_soon(int fd)
{
	for (int waited_ms = 0; flock(fd, LOCK_EX | LOCK_NB); waited_ms += LOCK_LOOK_MS) {
		if (waited_ms >= LOCK_WAIT_MS)
			return false;
		poll(NULL, 0, LOCK_LOOK_MS);
	}
	return true;
}

static int program_lock(struct program *program, const char *dir, struct err *err)
{
	char path[PATH_MAX];
	if (mkdir(dir, 0755) && errno != EEXIST)
		return err_set_errno(err, errno, "cannot make %s", dir);
	if (!realpath(dir, program->dir))
		return err_set_errno(err, errno, "cannot use %s", dir);
	if (snprintf(path, sizeof path, "%s/lock", program->dir) >= (int)sizeof path)
		return err_set(err, ERR_TOO_BIG, "%s is too long", dir);
	program->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (program->lock_fd < 0)
		return err_set_errno(err, errno, "cannot open %s", path);
	if (!lock_soon(program->lock_fd))
		return err_set(err, ERR_BUSY, "%s belongs to another running board", program->dir);
	return 0;
}

static void program_events(struct program *program, const struct options *options)
{
	for (int i = 0; i < TIMERS; i++) {
		uv_timer_init(&program->loop, &program->timer[i]);
		program->timer[i].data = program;
	}
	uv_signal_init(&program->loop, &program->on_term);
	uv_signal_init(&program->loop, &program->on_int);
	program->on_term.data = program->on_int.data = program;
	uv_signal_start(&program->on_term, on_signal, SIGTERM);
	uv_signal_start(&program->on_int, on_signal, SIGINT);
	if (options->exit_with_stdin && !uv_poll_init(&program->loop, &program->on_stdin, 0)) {
		program->on_stdin.data = program;
		uv_poll_start(&program->on_stdin, UV_READABLE, on_stdin);
	}
}

static int program_start(struct program *program, const struct options *options, struct err *err)
{
	char path[PATH_MAX + 16];
	static const char *const nics[][2] = {
		{"none", "none"}, {"user", "user,model=lan9118"}, {"isolated", "user,model=lan9118,restrict=on"}};
	struct board_config config = {.chip = chip_find(options->chip),
				      .dir = program->dir,
				      .serial = options->serial,
				      .console = &program->console.idle,
				      .port = {on_machine, on_drain_console, program}};
	if (!config.chip)
		return err_set(err, ERR_INVALID, "--chip %s: expected one of %s", options->chip, chip_names());
	for (size_t i = 0; i < 3; i++)
		if (!strcmp(options->nic, nics[i][0]))
			config.nic = nics[i][1];
	if (!config.nic || (config.nic != nics[0][1] && config.chip != &chip_mps2_an385))
		return err_set(err, ERR_INVALID, "--nic %s: expected none, or on mps2-an385 user or isolated",
			       options->nic);
	int failed = program_lock(program, options->dir, err);
	if (failed)
		return failed;
	snprintf(path, sizeof path, "%s/console", program->dir);
	failed = console_init(&program->console, &program->loop, options->console, path, err);
	program->console.on_input = on_console_input;
	program->console.context = program;
	if (!failed)
		failed = board_init(&program->board, &config, err);
	if (failed)
		return failed;
	stlink_init(&program->stlink, &program->board.dap, options->serial);
	program->server.stuck = &program->board.faults.stuck_client;
	program->server.on_served = on_served;
	program->server.context = program;
	failed = probe_server_init(&program->server, &program->loop, &program->stlink, options->probe_port, err);
	if (failed)
		return failed;
	program->control.on_request = on_request;
	program->control.context = program;
	return control_init(&program->control, &program->loop, program->dir, "control", err);
}

static void program_tell_ready(const struct program *program)
{
	char control[PATH_MAX + 16];
	snprintf(control, sizeof control, "%s/control", program->dir);
	json_t *ready = json_pack("{s:b, s:i, s:s, s:s, s:i}", "ready", 1, "probe_port", (int)program->server.port,
				  "console", program->console.name, "control", control, "pid", (int)getpid());
	json_dumpf(ready, stdout, JSON_COMPACT);
	json_decref(ready);
	fputc('\n', stdout);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	static struct program program = {.lock_fd = -1};
	struct options options;
	struct err err = {0};
	int status = options_parse(&options, argc, argv);
	if (status >= 0)
		return status;
	signal(SIGPIPE, SIG_IGN);
	uv_loop_init(&program.loop);
	program_events(&program, &options);
	program.server.listen_fd = program.control.listen_fd = -1;
	program.console = (struct console){.uart_fd = -1, .out_fd = -1, .slave_fd = -1, .listen_fd = -1};
	if (program_start(&program, &options, &err)) {
		log_error("assay-vboard", "%s", err.text);
		program_stop(&program);
		uv_run(&program.loop, UV_RUN_DEFAULT);
		return err.code == ERR_INVALID ? 2 : 1;
	}
	program_tell_ready(&program);
	uv_run(&program.loop, UV_RUN_DEFAULT);
	return 0;
}
