/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_SCAN_CAGED_H
#define CHAPPE_SERVICE_SCAN_CAGED_H

/* `chappe scan`: the process that opens what clients seal to the scanner, the only one that reads
 * the private key. It loads or makes the key, then goes behind the walls (cage/walls.h) and answers
 * on one socket until the other end is closed. What it decrypts goes to the clamd whose connection
 * came with the request, and nowhere else; keys are wiped when a request is answered. */

#include "base/err.h"

/* The descriptor of the socket: standard input. */
#define CAGED_SOCKET 0

/* -1: the key cannot be had, or a wall does not stand. Otherwise it ends the process, with 0, when
 * the other end is closed. */
int caged_run(const char *key_path, struct err *err);

/* The loop behind the walls, for tests. */
void caged_serve(int socket, const unsigned char *secret);

#endif
