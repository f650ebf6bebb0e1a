/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_MEDIA_COPIES_H
#define CHAPPE_SERVICE_MEDIA_COPIES_H

/* Copies on this machine's disk of contents that durably are elsewhere: files named by their
 * hashes, in a directory of their own, those used longest ago going first when they are too many
 * bytes, and all after a day: what was deleted by another node is not kept for ever. What is here
 * was compared with its hash when it came; after a start of the machine nothing of it is believed.
 *
 * Any thread. A descriptor that was given stays good when its copy goes. */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "crypto/hash.h"

struct copies;

/* In the directory "copies" of that one. What a crash left half is cleared. */
int copies_new(int parent_fd, int64_t max, struct copies **ret_copies, struct err *err) MUST_USE;
void copies_free(struct copies *copies); /* NULL is allowed */
/* All go. */
void copies_clear(struct copies *copies);

/* A descriptor that is the caller's, and its size: 1; 0; -1. */
int copies_open(struct copies *copies, struct str hash, int *ret_fd, int64_t *ret_size,
                struct err *err) MUST_USE;

/* A file to write a copy to, which has the name that comes back until copies_take or
 * copies_give_up. */
#define COPIES_NAME_BYTES 40
int copies_begin(struct copies *copies, char ret_name[COPIES_NAME_BYTES], int *ret_fd,
                 struct err *err) MUST_USE;
void copies_give_up(struct copies *copies, const char *name);
/* A whole file becomes the copy of that content, from copies_begin (directory_fd -1) or from a
 * directory of the same file system. -1: 409 when it is not there, 503. */
int copies_take(struct copies *copies, int directory_fd, const char *name, struct str hash,
                int64_t size, struct err *err) MUST_USE;

void copies_drop(struct copies *copies, struct str hash);
/* Those that are too many or too old go, but the ones that is_held names. */
void copies_trim(struct copies *copies, bool (*is_held)(void *arg, struct str hash), void *arg);

#endif
