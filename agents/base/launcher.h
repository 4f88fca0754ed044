/* SPDX-License-Identifier: Apache-2.0 */
/* The first code of every child: makes sure that it dies with the agent, then becomes the program that was asked for.
 *
 * The agent starts itself as `assay-agent --exec-child PPID MODE -- argv…`:
 *   direct  the process becomes argv; the kernel kills it when the agent dies, even by SIGKILL
 *   group   for commands that may have children of their own (a power script): the process stays as a guard in front of
 *           argv, passes its exit status on, and kills the whole process group when the agent dies */
#ifndef ASSAY_AGENTS_BASE_LAUNCHER_H
#define ASSAY_AGENTS_BASE_LAUNCHER_H

#define LAUNCHER_OPTION "--exec-child"
#define LAUNCHER_FAILED 127 /* exit status when argv could not be started */

/* Runs with main's arguments when argv[1] is LAUNCHER_OPTION; returns only an exit status for main. */
int launcher_main(int argc, char **argv);

#endif
