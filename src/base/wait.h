/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BASE_WAIT_H
#define CHAPPE_BASE_WAIT_H

/* Waiting for another thread, or until a time of clock_monotonic_ms: a wall clock that jumps
 * neither wakes nor holds anybody. */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* Ended with pthread_cond_destroy. */
void wait_init(pthread_cond_t *cond);

/* Called with the lock, and has it again after. False: the time was up. True: woken, perhaps for
 * nothing, so that the caller looks again. */
bool wait_until(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t until_ms);

#endif
