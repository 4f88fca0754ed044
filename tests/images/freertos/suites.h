/* SPDX-License-Identifier: Apache-2.0 */
/* The suites that the runner task goes through; each ends with a summary of its own. */
#ifndef SUITES_H
#define SUITES_H

void suite_kernel(void);
void suite_memory(void);
void suite_soak(void);
void suite_fpu(void);     /* only in images for cores with one */
void suite_network(void); /* only in images with a network */

#endif
