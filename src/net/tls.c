/* SPDX-License-Identifier: EUPL-1.2 */
#include "net/tls.h"

#include <pthread.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/limits.h"
#include "base/mem.h"

struct tls {
    pthread_mutex_t lock;
    SSL_CTX *context; /* under lock */
    BIO_METHOD *method;
    const char *certificate, *key;
};

/* Between OpenSSL and the socket stand two stretches of bytes: what has come, which OpenSSL takes
 * into its own record buffer at once, and what is to go. */
struct tls_session {
    SSL *ssl;
    struct str in;
    struct buf out;
    bool broken;
};

#define SUITES_1_3 "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256"
#define SUITES_1_2                                                                                 \
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"                                   \
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"                                   \
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
#define GROUPS "X25519:P-256:P-384:X448:P-521"
#define SIGNATURES                                                                                 \
    "ed25519:ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:RSA-PSS+SHA256:RSA-PSS+SHA384:"                \
    "RSA-PSS+SHA512:RSA+SHA256:RSA+SHA384:RSA+SHA512"

/* ---- bytes ---- */

static int bio_read(BIO *bio, char *room, int n)
{
    struct tls_session *session = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (session->in.n == 0) {
        BIO_set_retry_read(bio);
        return -1;
    }
    struct str piece = str_first(session->in, n > 0 ? (size_t)n : 0);
    memcpy(room, piece.p, piece.n);
    session->in = str_skip(session->in, piece.n);
    return (int)piece.n;
}

static int bio_write(BIO *bio, const char *bytes, int n)
{
    struct tls_session *session = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    buf_add(&session->out, str_make(bytes, n > 0 ? (size_t)n : 0));
    return buf_is_full(&session->out) ? -1 : n;
}

static long bio_ctrl(BIO *bio, int command, long number, void *p)
{
    (void)bio, (void)number, (void)p;
    return command == BIO_CTRL_FLUSH;
}

static BIO_METHOD *bio_method(void)
{
    BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "chappe");
    if (method) {
        BIO_meth_set_read(method, bio_read);
        BIO_meth_set_write(method, bio_write);
        BIO_meth_set_ctrl(method, bio_ctrl);
    }
    return method;
}

/* ---- certificates ---- */

static int tls_fail(struct err *err, const char *what, const char *file)
{
    char reason[160] = "";
    unsigned long code = ERR_get_error();
    if (code)
        ERR_error_string_n(code, reason, sizeof reason);
    ERR_clear_error();
    return err_internal(err, "%s %s: %s", what, file, reason);
}

static int alpn_choose(SSL *ssl, const unsigned char **out, unsigned char *out_n,
                       const unsigned char *in, unsigned in_n, void *arg)
{
    static const unsigned char ours[] = "\x02h2\x08http/1.1";
    unsigned char *chosen;
    (void)ssl, (void)arg;
    if (SSL_select_next_proto(&chosen, out_n, ours, sizeof ours - 1, in, in_n) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

/* A key with a passphrase cannot be read: there is nobody to ask. */
static int no_passphrase(char *room, int n, int writing, void *arg)
{
    (void)room, (void)n, (void)writing, (void)arg;
    return 0;
}

/* No tickets and no session cache: nothing to steal that opens past sessions, and an ECDSA
 * handshake costs a tenth of a millisecond. */
static int context_configure(SSL_CTX *context)
{
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_TICKET);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_security_level(context, 2);
    SSL_CTX_set_alpn_select_cb(context, alpn_choose, NULL);
    SSL_CTX_set_default_passwd_cb(context, no_passphrase);
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
                   SSL_CTX_set_num_tickets(context, 0) == 1 &&
                   SSL_CTX_set_max_early_data(context, 0) == 1 &&
                   SSL_CTX_set_ciphersuites(context, SUITES_1_3) == 1 &&
                   SSL_CTX_set_cipher_list(context, SUITES_1_2) == 1 &&
                   SSL_CTX_set1_groups_list(context, GROUPS) == 1 &&
                   SSL_CTX_set1_sigalgs_list(context, SIGNATURES) == 1
               ? 0
               : -1;
}

static int context_load(SSL_CTX *context, const struct tls *tls, struct err *err)
{
    if (context_configure(context) < 0)
        return tls_fail(err, "cannot set up TLS for", tls->certificate);
    if (SSL_CTX_use_certificate_chain_file(context, tls->certificate) != 1)
        return tls_fail(err, "cannot read the certificate", tls->certificate);
    if (SSL_CTX_use_PrivateKey_file(context, tls->key, SSL_FILETYPE_PEM) != 1)
        return tls_fail(err, "cannot read the key", tls->key);
    if (SSL_CTX_check_private_key(context) != 1)
        return tls_fail(err, "the key does not belong to the certificate", tls->certificate);
    return 0;
}

int tls_reload(struct tls *tls, struct err *err)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (!context)
        return tls_fail(err, "cannot set up TLS for", tls->certificate);
    if (context_load(context, tls, err) < 0) {
        SSL_CTX_free(context);
        return -1;
    }
    pthread_mutex_lock(&tls->lock);
    SSL_CTX *before = tls->context;
    tls->context = context;
    pthread_mutex_unlock(&tls->lock);
    SSL_CTX_free(before);
    return 0;
}

int tls_new(const char *certificate, const char *key, struct tls **ret_tls, struct err *err)
{
    struct tls *tls = MEM_NEW(struct tls);
    pthread_mutex_init(&tls->lock, NULL);
    tls->certificate = mem_copy(certificate, strlen(certificate) + 1);
    tls->key = mem_copy(key ? key : certificate, strlen(key ? key : certificate) + 1);
    tls->method = bio_method();
    if (!tls->method || tls_reload(tls, err) < 0) {
        tls_free(tls);
        return -1;
    }
    *ret_tls = tls;
    return 0;
}

void tls_free(struct tls *tls)
{
    if (!tls)
        return;
    SSL_CTX_free(tls->context);
    BIO_meth_free(tls->method);
    pthread_mutex_destroy(&tls->lock);
    mem_free((void *)(uintptr_t)tls->certificate);
    mem_free((void *)(uintptr_t)tls->key);
    mem_free(tls);
}

/* ---- sessions ---- */

struct tls_session *tls_session_new(struct tls *tls)
{
    struct tls_session *session = MEM_NEW(struct tls_session);
    BIO *bio = BIO_new(tls->method);
    buf_init(&session->out, LIMIT_TLS_OUT);
    pthread_mutex_lock(&tls->lock);
    session->ssl = SSL_new(tls->context);
    pthread_mutex_unlock(&tls->lock);
    if (!bio || !session->ssl) {
        BIO_free(bio);
        session->broken = true;
        return session;
    }
    BIO_set_data(bio, session);
    BIO_set_init(bio, 1);
    SSL_set_bio(session->ssl, bio, bio);
    SSL_set_accept_state(session->ssl);
    return session;
}

void tls_session_free(struct tls_session *session)
{
    if (!session)
        return;
    SSL_free(session->ssl);
    buf_done(&session->out);
    mem_free(session);
}

void tls_session_input(struct tls_session *session, struct str cipher)
{
    session->in = cipher;
}

int tls_session_read(struct tls_session *session, char *room, size_t n)
{
    size_t got = 0;
    if (session->broken)
        return -1;
    ERR_clear_error();
    int result = SSL_read_ex(session->ssl, room, n, &got);
    if (result == 1)
        return (int)got;
    int error = SSL_get_error(session->ssl, result);
    if (error == SSL_ERROR_WANT_READ)
        return 0;
    session->broken = true;
    return -1;
}

int tls_session_write(struct tls_session *session, struct str plain)
{
    size_t n = 0;
    if (session->broken)
        return -1;
    ERR_clear_error();
    if (plain.n && SSL_write_ex(session->ssl, plain.p, plain.n, &n) != 1)
        session->broken = true;
    return session->broken ? -1 : 0;
}

void tls_session_goodbye(struct tls_session *session)
{
    ERR_clear_error();
    if (!session->broken && SSL_is_init_finished(session->ssl))
        (void)SSL_shutdown(session->ssl);
}

struct buf *tls_session_output(struct tls_session *session)
{
    return &session->out;
}

bool tls_session_is_ready(const struct tls_session *session)
{
    return !session->broken && SSL_is_init_finished(session->ssl);
}

bool tls_session_is_h2(const struct tls_session *session)
{
    const unsigned char *name = NULL;
    unsigned n = 0;
    if (session->broken)
        return false;
    SSL_get0_alpn_selected(session->ssl, &name, &n);
    return str_eq(str_make(name, n), STR("h2"));
}
