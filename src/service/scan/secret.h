/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_SCAN_SECRET_H
#define CHAPPE_SERVICE_SCAN_SECRET_H

/* The scanner's private key on disk: 32 bytes in unpadded Base64, mode 0600. Only the caged child
 * calls this. Several children may start at once: they take turns, and all have the same key. */

#include "base/err.h"
#include "crypto/x25519.h"

/* Reads the file, making it with a fresh key when there is none. */
int secret_load_or_make(const char *path, unsigned char ret_secret[X25519_BYTES],
                        struct err *err) MUST_USE;

#endif
