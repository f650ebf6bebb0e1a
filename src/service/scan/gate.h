/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_SCAN_GATE_H
#define CHAPPE_SERVICE_SCAN_GATE_H

/* Who may have a file, by what the antivirus has said of it. Asked for each download by
 * service/media, for a thumbnail with the file it is made from.
 *
 * The uploader may have it always. For all others:
 *
 *   what was found            ordinary road            the scanner's routes
 *   nothing yet               pending                  pending
 *   clean, not verified       open                     open
 *   infected, not scannable,
 *   failed                    closed                   closed
 *   it may be ciphertext      scanner.gate: closed     closed without its key; with it, by the
 *                             or open (advisory)       verdict on what it decrypts to
 *
 * With scanner.engine none all is open, and not verified. */

#include "service/use.h"
#include "store/media.h"
#include "store/media_verdict.h"

struct scan_found {
    enum scan_state state;
    enum scan_cause cause;
    bool older; /* by signatures that were made before those of now */
};

/* What is known of a content and a key (MEDIA_NO_KEY: as it is): 0, or -1. Nothing known of bytes
 * as they are queues them. */
int scan_find(struct use *use, struct str content, struct str key,
              struct scan_found *ret_found) MUST_USE;

/* USE_DONE: open; USE_PARK: pending; USE_FAILED: closed, 403 with org.chappe.state and its cause.
 * by_scanner: on the scanner's routes, without a key. ret_found tells in each case. */
int scan_gate(struct use *use, const struct media *media, bool by_scanner,
              struct scan_found *ret_found) MUST_USE;

/* Puts org.chappe.state and org.chappe.cause into an error. Returns -1. */
int scan_tell(struct err *err, const struct scan_found *found);

/* In the job that stores a content: it waits for the antivirus from now on, unless there is none or
 * there is a verdict. scanner_wake after the commit. */
int scan_expect(struct write *w, const struct server *server, struct str content,
                struct err *err) MUST_USE;
/* In a job: what was said of a content as it is stands no more, and it waits for the antivirus
 * anew, as often tried as one that has just come. scanner_wake after the commit. */
int scan_expect_again(struct write *w, struct str content, struct err *err) MUST_USE;

#endif
