/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_SCAN_CLAMD_H
#define CHAPPE_SERVICE_SCAN_CLAMD_H

/* The client of ClamAV's clamd (clamd(8): zVERSION, zINSTREAM) over a connected, non-blocking
 * socket: one command a connection. The other end is not trusted: it may say anything, at any time,
 * or nothing; what is not exactly one of its known answers, at the place where it belongs, is a
 * failure of the scanner and no verdict. Blocks, within the time limits of base/limits.h: for
 * threads of the scanner and for the caged child, never for a worker. */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "store/media_verdict.h"

/* ---- what it says (pure) ---- */

struct clamd_version {
    int64_t signature_ms; /* when its official signatures were made (its clock's zone counts as
                             UTC); 0: it has none, only a local base */
};

/* The answer to VERSION, without the NUL: "ClamAV 1.4.6/27800/Fri Nov 27 09:00:00 2026" with the
 * official base, "ClamAV 1.4.6" without. -1: it is neither. */
int clamd_parse_version(struct str line, struct clamd_version *ret_version) MUST_USE;

#define CLAMD_NAME_BYTES 128

struct clamd_answer {
    enum scan_state state; /* SCAN_CLEAN, SCAN_INFECTED, SCAN_NOT_SCANNABLE */
    enum scan_cause cause;
    char name[CLAMD_NAME_BYTES]; /* what was found, terminated; printable ASCII */
};

/* The answer to INSTREAM, without the NUL. -1: it is no verdict; err's detail says what it is. */
int clamd_parse_answer(struct str line, struct clamd_answer *ret_answer, struct err *err) MUST_USE;

/* ---- talking with it ---- */

/* Both leave fd open; afterwards it can only be closed. -1: the scanner failed. */
int clamd_ask_version(int fd, struct clamd_version *ret_version, struct err *err) MUST_USE;

/* The next bytes to scan, valid until the next call: 1; 0: the end; -1: they cannot be had. */
typedef int (*clamd_source)(void *arg, struct str *ret_piece, struct err *err);

enum clamd_outcome {
    CLAMD_ANSWERED,
    CLAMD_FAILED,       /* the scanner: unreachable, slow, cut, or it said what is no verdict */
    CLAMD_SOURCE_FAILED /* the bytes */
};
/* Sends what source gives and takes the verdict. *stop (atomic; NULL: never) turning true ends it
 * within a second, as CLAMD_FAILED. */
enum clamd_outcome clamd_scan(int fd, clamd_source source, void *arg, const bool *stop,
                              struct clamd_answer *ret_answer, struct err *err) MUST_USE;

#endif
