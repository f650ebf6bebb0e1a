/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/scan/gate.h"

#include <string.h>

#include "base/mem.h"
#include "service/config.h"
#include "service/scan/scanner.h"
#include "store/media_scan.h"

/* ---- queueing ---- */

int scan_expect(struct write *w, const struct server *server, struct str content, struct err *err)
{
    if (str_eq(server->config->scanner_engine, STR("none")))
        return 0;
    int known = media_verdict_exists(w, content, err);
    return known ? (known < 0 ? -1 : 0) : media_scan_insert(w, content, err);
}

int scan_expect_again(struct write *w, struct str content, struct err *err)
{
    if (media_verdict_forget(w, content, MEDIA_NO_KEY, err) < 0 ||
        media_scan_delete(w, content, err) < 0)
        return -1;
    return media_scan_insert(w, content, err);
}

struct wanted {
    unsigned char content[SHA256_BYTES];
};

static int write_wanted(struct write *w, void *arg, struct err *err)
{
    const struct wanted *wanted = arg;
    return media_scan_insert(w, str_make(wanted->content, SHA256_BYTES), err);
}

/* A content from before there was a scanner, or whose verdict holds no longer. */
static void want(struct use *use, struct str content)
{
    struct wanted *wanted = MEM_NEW(struct wanted);
    memcpy(wanted->content, content.p, SHA256_BYTES);
    commit_later(use->server, write_wanted, wanted);
    scanner_wake(use->server->scanner);
}

static int want_once(struct use *use, struct str content)
{
    int waits = media_scan_exists(&use->read, content, &use->err);
    if (waits == 0)
        want(use, content);
    return waits < 0 ? -1 : 0;
}

/* ---- finding ---- */

int scan_find(struct use *use, struct str content, struct str key, struct scan_found *ret_found)
{
    struct scanner_status status;
    struct media_verdict verdict;
    scanner_look(use->server->scanner, &status);
    if (status.none) {
        *ret_found = (struct scan_found){.state = SCAN_NOT_VERIFIED};
        return 0;
    }
    int found = media_verdict_find(&use->read, content, key, &verdict, &use->err);
    if (found == 1 && scanner_holds(&status, &verdict)) {
        *ret_found = (struct scan_found){verdict.state, verdict.cause,
                                         verdict.signature_ms < status.signature_ms};
        return 0;
    }
    if (found < 0 || (key.n == 0 && want_once(use, content) < 0))
        return -1;
    *ret_found = (struct scan_found){.state = SCAN_PENDING,
                                     .cause = status.ready ? SCAN_CAUSE_NONE : status.why};
    return 0;
}

/* ---- deciding ---- */

int scan_tell(struct err *err, const struct scan_found *found)
{
    const char *cause = scan_cause_name(found->cause);
    err->scan_state = scan_state_name(found->state);
    err->scan_cause = cause[0] ? cause : NULL;
    return -1;
}

static const char *text_of(const struct scan_found *found)
{
    if (found->state == SCAN_INFECTED)
        return "The antivirus has found something in this file";
    if (found->cause == SCAN_CAUSE_CIPHERTEXT)
        return "This file is encrypted: it is given by the content scanner's routes";
    return found->state == SCAN_NOT_SCANNABLE ? "The antivirus cannot look into all of this file"
                                              : "The antivirus cannot check this file";
}

static int close_to(struct use *use, const struct scan_found *found)
{
    (void)err_client(&use->err, 403, "M_FORBIDDEN", "%s", text_of(found));
    return scan_tell(&use->err, found);
}

static bool passes(const struct use *use, const struct scan_found *found, bool by_scanner)
{
    if (found->state == SCAN_CLEAN || found->state == SCAN_NOT_VERIFIED)
        return true;
    return found->cause == SCAN_CAUSE_CIPHERTEXT && !by_scanner &&
           use->server->config->scanner_gate == CONFIG_SCANNER_ADVISORY;
}

int scan_gate(struct use *use, const struct media *media, bool by_scanner,
              struct scan_found *ret_found)
{
    if (scan_find(use, media->hash, MEDIA_NO_KEY, ret_found) < 0)
        return USE_FAILED;
    bool own = media->owner && media->owner == use->caller.user;
    if (own || passes(use, ret_found, by_scanner))
        return USE_DONE;
    return ret_found->state == SCAN_PENDING ? USE_PARK : close_to(use, ret_found);
}
