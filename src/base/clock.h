/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BASE_CLOCK_H
#define CHAPPE_BASE_CLOCK_H

#include <stdint.h>

/* Milliseconds since 1970, for what is shown or stored. May jump. */
int64_t clock_wall_ms(void);

/* Milliseconds that only go forward, for deadlines and limits. */
int64_t clock_monotonic_ms(void);
int64_t clock_monotonic_us(void);

#endif
