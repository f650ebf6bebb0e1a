/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_CRYPTO_SODIUM_READY_H
#define CHAPPE_CRYPTO_SODIUM_READY_H

/* Private to src/crypto/. Every function that uses libsodium calls this first: it initialises the
 * library once, whichever thread comes first, so that nobody has to at start. */
void sodium_ready(void);

#endif
