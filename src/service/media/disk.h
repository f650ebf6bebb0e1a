/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_MEDIA_DISK_H
#define CHAPPE_SERVICE_MEDIA_DISK_H

/* Files of contents on this machine's disk, and how they are named after their hashes. Any thread.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "crypto/hash.h"

#define CONTENT_HEX_BYTES  ((size_t)SHA256_BYTES * 2)
#define CONTENT_NAME_BYTES (6 + CONTENT_HEX_BYTES + 1) /* "ab/cd/abcd…" and its end */

/* The name of a content: "ab/cd/", and its hash in hexadecimal. hash is SHA256_BYTES bytes. */
void content_name(struct str hash, char ret_name[CONTENT_NAME_BYTES]);
/* False: not the name of a content. */
bool content_name_parse(struct str name, unsigned char ret_hash[SHA256_BYTES]) MUST_USE;
/* In hexadecimal, with its end. */
void content_hex(const unsigned char *bytes, size_t n, char *ret_hex);

/* -1 with what errno says: 503 when the disk is full, which is logged. */
int disk_fail(struct err *err, const char *what);

/* Opens a directory, making it where it is not; one that was made is durable. */
int disk_open_directory(int parent_fd, const char *name, int *ret_fd, struct err *err) MUST_USE;

/* A descriptor for reading, the caller's, and the file's size: 1; 0 not there; -1. */
int disk_open(int directory_fd, const char *name, int *ret_fd, int64_t *ret_size,
              struct err *err) MUST_USE;
/* Over what has the name. -1: 409 when the file is not there (any more), 503 when there is no room.
 */
int disk_rename(int from_fd, const char *from, int to_fd, const char *to, struct err *err) MUST_USE;

/* Of all the bytes of a file, wherever its position is. Sleeps. */
int disk_hash(int fd, unsigned char ret_digest[SHA256_BYTES], struct err *err) MUST_USE;

#endif
