/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_CRYPTO_NFC_H
#define CHAPPE_CRYPTO_NFC_H

/* Unicode normal form C (UAX #15), by libutf8proc: the one spelling of a text that keyboards and
 * systems spell in several ways. For passwords (RFC 8265, 4.2): nothing else is changed, neither
 * case nor blanks. */

#include "base/arena.h"
#include "base/attr.h"
#include "base/str.h"

/* The result is in the arena; NUL bytes are data. -1: the text is not well-formed UTF-8. */
int nfc(struct arena *arena, struct str text, struct str *ret_text) MUST_USE;

#endif
