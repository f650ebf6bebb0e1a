/* SPDX-License-Identifier: EUPL-1.2 */
#include "crypto/aes.h"

#include <limits.h>
#include <openssl/evp.h>
#include <pthread.h>

#include "base/check.h"
#include "base/mem.h"

/* Looked up once, as in hash.c. */
static struct {
    pthread_once_t once;
    EVP_CIPHER *ctr, *cbc, *gcm;
} fetched = {.once = PTHREAD_ONCE_INIT};

static void fetch(void)
{
    fetched.ctr = EVP_CIPHER_fetch(NULL, "AES-256-CTR", NULL);
    fetched.cbc = EVP_CIPHER_fetch(NULL, "AES-256-CBC", NULL);
    fetched.gcm = EVP_CIPHER_fetch(NULL, "AES-128-GCM", NULL);
    CHECK(fetched.ctr && fetched.cbc && fetched.gcm);
}

void aes_ready(void)
{
    CHECK(pthread_once(&fetched.once, fetch) == 0);
}

static EVP_CIPHER_CTX *begin(const EVP_CIPHER *cipher, const unsigned char *key,
                             const unsigned char *iv)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    CHECK(context && EVP_DecryptInit_ex2(context, cipher, key, iv, NULL) == 1);
    return context;
}

struct aes_ctr {
    EVP_CIPHER_CTX *context;
};

struct aes_ctr *aes_ctr_new(const unsigned char key[AES_KEY_BYTES],
                            const unsigned char counter[AES_BLOCK_BYTES])
{
    struct aes_ctr *ctr = MEM_NEW(struct aes_ctr);
    aes_ready();
    ctr->context = begin(fetched.ctr, key, counter);
    return ctr;
}

void aes_ctr_free(struct aes_ctr *ctr)
{
    if (!ctr)
        return;
    EVP_CIPHER_CTX_free(ctr->context);
    mem_free(ctr);
}

void aes_ctr_apply(struct aes_ctr *ctr, struct str from, char *to)
{
    int n = 0;
    CHECK(from.n <= INT_MAX);
    CHECK(EVP_DecryptUpdate(ctr->context, (unsigned char *)to, &n, (const unsigned char *)from.p,
                            (int)from.n) == 1);
    CHECK((size_t)n == from.n);
}

int aes_cbc_decrypt(struct arena *arena, const unsigned char key[AES_KEY_BYTES],
                    const unsigned char iv[AES_BLOCK_BYTES], struct str ciphertext,
                    struct str *ret_text)
{
    int n = 0, last = 0;
    if (ciphertext.n == 0 || ciphertext.n % AES_BLOCK_BYTES != 0 ||
        ciphertext.n > INT_MAX - AES_BLOCK_BYTES)
        return -1;
    aes_ready();
    unsigned char *text = ARENA_NEW_N(arena, ciphertext.n + AES_BLOCK_BYTES, unsigned char);
    EVP_CIPHER_CTX *context = begin(fetched.cbc, key, iv);
    CHECK(EVP_DecryptUpdate(context, text, &n, (const unsigned char *)ciphertext.p,
                            (int)ciphertext.n) == 1);
    int good = EVP_DecryptFinal_ex(context, text + n, &last);
    EVP_CIPHER_CTX_free(context);
    if (good != 1) {
        mem_wipe(text, ciphertext.n);
        return -1;
    }
    *ret_text = str_make(text, (size_t)n + (size_t)last);
    return 0;
}

void aes_gcm_seal(const unsigned char key[AES_128_BYTES],
                  const unsigned char nonce[AES_NONCE_BYTES], struct str text,
                  unsigned char *ret_sealed)
{
    int n = 0, last = 0;
    CHECK(text.n <= INT_MAX);
    aes_ready();
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    CHECK(context && EVP_EncryptInit_ex2(context, fetched.gcm, key, nonce, NULL) == 1);
    CHECK(EVP_EncryptUpdate(context, ret_sealed, &n, (const unsigned char *)text.p, (int)text.n) ==
          1);
    CHECK(EVP_EncryptFinal_ex(context, ret_sealed + n, &last) == 1);
    CHECK((size_t)n + (size_t)last == text.n);
    CHECK(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, AES_TAG_BYTES, ret_sealed + text.n) ==
          1);
    EVP_CIPHER_CTX_free(context);
}
