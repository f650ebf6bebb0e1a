/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/scan/scanner.h"

const char *scan_state_name(enum scan_state state)
{
    switch (state) {
    case SCAN_PENDING:
        return "pending";
    case SCAN_CLEAN:
        return "clean";
    case SCAN_INFECTED:
        return "infected";
    case SCAN_NOT_SCANNABLE:
        return "not_scannable";
    case SCAN_FAILED:
        return "failed";
    case SCAN_NOT_VERIFIED:
        break;
    }
    return "not_verified";
}

const char *scan_cause_name(enum scan_cause cause)
{
    switch (cause) {
    case SCAN_CAUSE_NONE:
        break;
    case SCAN_CAUSE_PASSWORD:
        return "password";
    case SCAN_CAUSE_SIZE:
        return "size";
    case SCAN_CAUSE_DEPTH:
        return "depth";
    case SCAN_CAUSE_TIME:
        return "time";
    case SCAN_CAUSE_CIPHERTEXT:
        return "ciphertext";
    case SCAN_CAUSE_SCANNER:
        return "scanner";
    case SCAN_CAUSE_SIGNATURES:
        return "signatures";
    }
    return "";
}

bool scanner_holds(const struct scanner_status *status, const struct media_verdict *verdict)
{
    return verdict->state != SCAN_NOT_VERIFIED || !status->signature_ms;
}
