/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_SCAN_REQUEST_H
#define CHAPPE_SERVICE_SCAN_REQUEST_H

/* What the content scanner's API asks (docs/design/media.md): of a file as it is, and of an
 * encrypted one with its key. Only files of our own store are ever looked at, whatever a request
 * names (MED-15).
 *
 * Both return USE_DONE with what was found, also when that is "pending" or "infected"; USE_WAIT or
 * USE_PARK, as a handler returns them; USE_FAILED with the errcode that is the API's "reason":
 * MCS_MALFORMED_JSON, MCS_BAD_DECRYPTION, MCS_MEDIA_FAILED_TO_DECRYPT, MCS_MEDIA_REQUEST_FAILED,
 * M_NOT_FOUND… */

#include "service/media/media.h"
#include "service/scan/gate.h"

struct scan_result {
    struct media media; /* its texts are in use->arena */
    struct scan_found found;
};

/* A path that names no file at all counts as a file that is not clean: SCAN_FAILED. Waits up to
 * LIMIT_SCAN_WAIT_MS for a verdict that is pending. */
int scan_request_plain(struct use *use, struct str server_name, struct str media_id,
                       struct scan_result *ret_result) MUST_USE;

/* The body as it came. It is wiped, here and where it was received. */
int scan_request_sealed(struct use *use, struct scan_result *ret_result) MUST_USE;

/* The scanner's public key, in unpadded Base64. */
int scan_request_key(struct use *use, struct str *ret_key) MUST_USE;

/* 0: its bytes may be given; -1: 403 MCS_MEDIA_NOT_CLEAN, or 504 while it is pending. */
int scan_result_check(struct use *use, const struct scan_result *result) MUST_USE;

/* For people, in the answer: "info". */
const char *scan_result_info(const struct scan_found *found);

#endif
