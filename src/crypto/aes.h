/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_CRYPTO_AES_H
#define CHAPPE_CRYPTO_AES_H

/* AES-256 by OpenSSL, in the two modes that Matrix wants: CTR for attachments, CBC for what is
 * sealed to a public key. Neither tells whether the bytes are those that were encrypted: callers
 * hold them against a hash. And AES-128-GCM, which Web Push wants. */

#include "base/arena.h"
#include "base/str.h"

#define AES_KEY_BYTES   32
#define AES_BLOCK_BYTES 16

/* Looks the algorithms up, so that later calls open no file: for who is about to lose the right. */
void aes_ready(void);

/* ---- CTR, piece by piece ---- */

struct aes_ctr;

/* counter: the whole first block, which counts up as one number of 128 bits. */
struct aes_ctr *aes_ctr_new(const unsigned char key[AES_KEY_BYTES],
                            const unsigned char counter[AES_BLOCK_BYTES]) MUST_USE;
void aes_ctr_free(struct aes_ctr *ctr); /* wipes; NULL is allowed */
/* The next n bytes, at most INT_MAX, either way; `to` may be the same place. */
void aes_ctr_apply(struct aes_ctr *ctr, struct str from, char *to);

/* ---- CBC with the padding of PKCS #7 ---- */

/* -1: the length or the padding is not that of anything encrypted so. */
int aes_cbc_decrypt(struct arena *arena, const unsigned char key[AES_KEY_BYTES],
                    const unsigned char iv[AES_BLOCK_BYTES], struct str ciphertext,
                    struct str *ret_text) MUST_USE;

/* ---- GCM with 128 bits ---- */

#define AES_128_BYTES   16
#define AES_NONCE_BYTES 12
#define AES_TAG_BYTES   16

/* Writes text.n + AES_TAG_BYTES bytes; text.n is at most INT_MAX. A nonce serves a key once. */
void aes_gcm_seal(const unsigned char key[AES_128_BYTES],
                  const unsigned char nonce[AES_NONCE_BYTES], struct str text,
                  unsigned char *ret_sealed);

#endif
