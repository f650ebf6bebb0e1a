/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_SCAN_SEALED_H
#define CHAPPE_SERVICE_SCAN_SEALED_H

/* The body of a request to the content scanner, and the scheme it is sealed with ("PkEncryption":
 * X25519, HKDF-SHA-256 without salt and info to 80 bytes, AES-256-CBC, and the first 8 bytes of an
 * HMAC over the *empty* string: a mistake of the first implementation that all others keep, so that
 * the body is not authenticated). Key backups are sealed the same way (client-server API, "Backup
 * algorithm: m.megolm_backup.v1.curve25519-aes-sha2").
 *
 * For the caged child alone: nobody else has the secret. */

#include "base/arena.h"
#include "base/str.h"
#include "crypto/aes.h"
#include "crypto/hash.h"
#include "crypto/x25519.h"

/* An attachment as its event describes it (client-server API, "Sending encrypted attachments"). */
struct attachment {
    struct str url; /* "mxc://…"; not looked at */
    unsigned char key[AES_KEY_BYTES];
    unsigned char iv[AES_BLOCK_BYTES];
    unsigned char sha256[SHA256_BYTES]; /* of what is stored */
};

enum sealed_outcome {
    SEALED_OPENED,
    SEALED_MALFORMED, /* no JSON, or not all that is wanted: MCS_MALFORMED_JSON */
    SEALED_BAD_KEY, /* sealed to another key, or not sealed where it must be: MCS_BAD_DECRYPTION */
};

/* {"encrypted_body": {"ciphertext", "mac", "ephemeral"}}, which holds {"file": EncryptedFile}, or,
 * when plain_too, {"file": EncryptedFile} itself; the first wins when both are there. What the
 * attachment points to lives in the arena, which also holds what was opened: wipe it with
 * sealed_wipe, and the attachment with mem_wipe. */
enum sealed_outcome sealed_read(struct arena *arena, const unsigned char secret[X25519_BYTES],
                                struct str body, bool plain_too, struct attachment *ret_attachment,
                                struct str *ret_opened) MUST_USE;

#endif
