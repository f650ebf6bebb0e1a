/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BIN_DATA_DIR_H
#define CHAPPE_BIN_DATA_DIR_H

/* The data directory and the lock on it: one process at a time works in it. The lock is the
 * kernel's and ends with the process, however that ends. */

#include "base/err.h"
#include "base/str.h"

/* Makes the directory (mode 0700, also its parents) when it is absent, and takes the lock.
 * 1 taken; 0 another process holds it (err's detail says which); -1. *ret_fd holds the lock until
 * it is closed. */
int data_dir_lock(struct str data_dir, int *ret_fd, struct err *err) MUST_USE;

#endif
