/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_SECRET_H
#define CHAPPE_SERVICE_SECRET_H

/* A random secret on disk (the scanner's private key, that of Web Push): 32 bytes in unpadded
 * Base64, mode 0600. Several processes may start at once: they take turns, and all have the same.
 */

#include "base/err.h"

#define SECRET_BYTES 32

/* Reads the file, making it with fresh random bytes when there is none. */
int secret_load_or_make(const char *path, unsigned char ret_secret[SECRET_BYTES],
                        struct err *err) MUST_USE;

#endif
