/* SPDX-License-Identifier: EUPL-1.2 */
#include "crypto/web_push.h"

#include <string.h>

#include "base/check.h"
#include "base/mem.h"
#include "crypto/aes.h"
#include "crypto/hash.h"

#define RECORD_BYTES 4096
#define LAST_RECORD  2
/* With the NUL at their ends (RFC 8291, 3.4; RFC 8188, 2.2 and 2.3). */
#define KEY_INFO   "WebPush: info"
#define CEK_INFO   STR("Content-Encoding: aes128gcm\0")
#define NONCE_INFO STR("Content-Encoding: nonce\0")

/* RFC 8291, 3.3 and 3.4. */
static int derive(const struct web_push_receiver *to, const struct p256_key *own,
                  unsigned char ret_key[SHA256_BYTES])
{
    unsigned char shared[P256_SECRET_BYTES];
    unsigned char info[sizeof KEY_INFO + 2 * (size_t)P256_POINT_BYTES];
    if (p256_agree(own, to->point, shared) < 0)
        return -1;
    memcpy(info, KEY_INFO, sizeof KEY_INFO);
    memcpy(info + sizeof KEY_INFO, to->point, P256_POINT_BYTES);
    memcpy(info + sizeof KEY_INFO + P256_POINT_BYTES, p256_point(own), P256_POINT_BYTES);
    hkdf_sha256(str_make(shared, sizeof shared), str_make(to->auth, sizeof to->auth),
                str_make(info, sizeof info), ret_key, SHA256_BYTES);
    mem_wipe(shared, sizeof shared);
    return 0;
}

static void add_header(struct buf *out, const struct p256_key *own, struct str salt)
{
    static const unsigned char sizes[5] = {0, 0, RECORD_BYTES >> 8, 0, P256_POINT_BYTES};
    buf_add(out, salt);
    buf_add(out, str_make(sizes, sizeof sizes));
    buf_add(out, str_make(p256_point(own), P256_POINT_BYTES));
}

static void seal(struct buf *out, const unsigned char *key, struct str salt, struct str text,
                 size_t padded)
{
    unsigned char record[WEB_PUSH_TEXT_BYTES + 1] = {0}, cek[AES_128_BYTES], nonce[AES_NONCE_BYTES];
    struct str ikm = str_make(key, SHA256_BYTES);
    size_t n = (text.n > padded ? text.n : padded) + 1;
    hkdf_sha256(ikm, salt, CEK_INFO, cek, sizeof cek);
    hkdf_sha256(ikm, salt, NONCE_INFO, nonce, sizeof nonce);
    memcpy(record, text.p, text.n);
    record[text.n] = LAST_RECORD;
    char *to = buf_reserve(out, n + AES_TAG_BYTES);
    if (to) {
        aes_gcm_seal(cek, nonce, str_make(record, n), (unsigned char *)to);
        buf_advance(out, n + AES_TAG_BYTES);
    }
    mem_wipe(cek, sizeof cek);
    mem_wipe(record, sizeof record);
}

int web_push_seal(const struct web_push_receiver *to, const struct p256_key *own,
                  const unsigned char salt[WEB_PUSH_SALT_BYTES], struct str text, size_t padded,
                  struct buf *out)
{
    unsigned char key[SHA256_BYTES];
    CHECK(text.n <= WEB_PUSH_TEXT_BYTES && padded <= WEB_PUSH_TEXT_BYTES);
    if (derive(to, own, key) < 0)
        return -1;
    add_header(out, own, str_make(salt, WEB_PUSH_SALT_BYTES));
    seal(out, key, str_make(salt, WEB_PUSH_SALT_BYTES), text, padded);
    mem_wipe(key, sizeof key);
    return 0;
}
