/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of reading a .dts: dts.c runs dtc, the others take its two outputs apart. */
#ifndef SIM_HVPLAN_DTS_H
#define SIM_HVPLAN_DTS_H

#include "hvplan.h"

/* dtc's messages (changed on the way), but those of what is written twice, which dts_twice() tells. True if there were such. */
bool dts_report(struct arena *a, struct diag *d, const char *file, char *text);

/* Adds the lines of what `dtc -T -O dts` printed (changed on the way). */
void dts_lines(struct arena *a, struct source *s, char *text);

/* Nodes and properties that are written twice under one name. */
void dts_twice(struct arena *a, struct diag *d, const struct source *s);

#endif
