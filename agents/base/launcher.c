/* SPDX-License-Identifier: Apache-2.0 */
/* Becomes, or guards, a child of the agent. */
#include "agents/base/launcher.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Asks for the signal at the parent's death, then looks whether the parent died before that. */
static void die_with_parent(pid_t parent, int signal)
{
	prctl(PR_SET_PDEATHSIG, signal);
	if (getppid() != parent)
		_exit(LAUNCHER_FAILED);
}

static void default_signals(void)
{
	sigset_t none;

	for (int signal_number = 1; signal_number < NSIG; signal_number++)
		signal(signal_number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static int become(char **argv)
{
	execvp(argv[0], argv);
	fprintf(stderr, "cannot start %s: %s\n", argv[0], strerror(errno));
	return LAUNCHER_FAILED;
}

static void on_parent_death(int signal_number)
{
	(void)signal_number;
	kill(0, SIGKILL); /* the whole group, this process included */
}

static int guard(char **argv)
{
	struct sigaction action = {.sa_handler = on_parent_death};
	pid_t child, self = getpid();
	int status;

	sigaction(SIGTERM, &action, NULL);
	child = fork();
	if (child < 0)
		return LAUNCHER_FAILED;
	if (child == 0) {
		default_signals();
		die_with_parent(self, SIGKILL);
		_exit(become(argv));
	}
	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR)
			return LAUNCHER_FAILED;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int launcher_main(int argc, char **argv)
{
	pid_t parent;

	if (argc < 6 || strcmp(argv[4], "--") != 0)
		return LAUNCHER_FAILED;
	parent = (pid_t)strtol(argv[2], NULL, 10);
	default_signals();
	if (strcmp(argv[3], "group") == 0) {
		die_with_parent(parent, SIGTERM);
		return guard(argv + 5);
	}
	die_with_parent(parent, SIGKILL);
	return become(argv + 5);
}
