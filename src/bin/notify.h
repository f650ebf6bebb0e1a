/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BIN_NOTIFY_H
#define CHAPPE_BIN_NOTIFY_H

/* Tells the service manager how the server is: the datagrams of sd_notify(3). Without a manager
 * (NOTIFY_SOCKET is not set) nothing happens; what cannot be told is lost. */

#include <stdint.h>

/* "READY=1", "STOPPING=1", "WATCHDOG=1", several joined by newlines. */
void notify_manager(const char *state);

/* How often the manager wants "WATCHDOG=1", in milliseconds: half of what it allows; 0: never. */
int64_t notify_watchdog_ms(void);

#endif
