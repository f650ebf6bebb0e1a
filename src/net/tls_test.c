/* SPDX-License-Identifier: EUPL-1.2 */

/* HTTP-16: what TLS lets in and what it does not, with OpenSSL as the client and a certificate made
 * here. */

#include "base/unit.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/check.h"
#include "base/limits.h"
#include "base/mem.h"
#include "net/fixture.h"

static struct fixture fixture;
static char folder[] = "/tmp/chappe-tls-XXXXXX";
static char certificate_file[64], key_file[64];

/* A self-signed certificate for "localhost" with that serial number. */
static void certificate_write(long serial)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME *name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"localhost", -1, -1,
                               0);
    X509_set_issuer_name(certificate, name);
    CHECK(X509_sign(certificate, key, EVP_sha256()) > 0);
    FILE *file = fopen(certificate_file, "w");
    CHECK(file && PEM_write_X509(file, certificate) == 1 && fclose(file) == 0);
    file = fopen(key_file, "w");
    CHECK(file && PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1);
    CHECK(fclose(file) == 0);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

static int setup(void **state)
{
    (void)state;
    CHECK(mkdtemp(folder));
    snprintf(certificate_file, sizeof certificate_file, "%s/cert.pem", folder);
    snprintf(key_file, sizeof key_file, "%s/key.pem", folder);
    certificate_write(1);
    const struct http_listen listen_on[] = {{"127.0.0.1", 0, NULL, NULL},
                                            {"127.0.0.1", 0, certificate_file, key_file}};
    fixture_start(&fixture, &(struct http_server_config){
                                .listen = listen_on, .n_listen = 2, .per_address_off = true});
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fixture_stop(&fixture);
    unlink(certificate_file);
    unlink(key_file);
    rmdir(folder);
    return 0;
}

struct client {
    SSL_CTX *context;
    SSL *ssl;
    int fd;
};

static struct client client_new(void)
{
    struct client client = {.context = SSL_CTX_new(TLS_client_method())};
    SSL_CTX_set_security_level(client.context, 0);
    return client;
}

/* Whether the handshake succeeds. */
static bool client_shake(struct client *client)
{
    client->ssl = SSL_new(client->context);
    client->fd = client_connect(fixture.tls_port);
    SSL_set_fd(client->ssl, client->fd);
    return SSL_connect(client->ssl) == 1;
}

static void client_done(struct client *client)
{
    SSL_free(client->ssl);
    SSL_CTX_free(client->context);
    close(client->fd);
}

static void client_hello(struct client *client)
{
    struct str request = STR("GET /hello HTTP/1.1\r\nHost: a\r\nAuthorization: x\r\n\r\n");
    char room[4096];
    size_t n = 0;
    assert_int_equal(SSL_write(client->ssl, request.p, (int)request.n), (int)request.n);
    while (!str_ends(str_make(room, n), STR("hello x"))) {
        int got = SSL_read(client->ssl, room + n, (int)(sizeof room - n));
        assert_true(got > 0);
        n += (size_t)got;
    }
    assert_true(str_starts(str_make(room, n), STR("HTTP/1.1 200 OK\r\n")));
}

static void both_versions_and_all_suites_of_the_state(void **state)
{
    static const char *const suites_1_3[] = {"TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256",
                                             "TLS_CHACHA20_POLY1305_SHA256"};
    static const char *const suites_1_2[] = {"ECDHE-ECDSA-AES256-GCM-SHA384",
                                             "ECDHE-ECDSA-AES128-GCM-SHA256",
                                             "ECDHE-ECDSA-CHACHA20-POLY1305"};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct client client = client_new();
        assert_int_equal(SSL_CTX_set_ciphersuites(client.context, suites_1_3[i]), 1);
        SSL_CTX_set_min_proto_version(client.context, TLS1_3_VERSION);
        assert_true(client_shake(&client));
        client_hello(&client);
        client_hello(&client);
        client_done(&client);
        client = client_new();
        assert_int_equal(SSL_CTX_set_cipher_list(client.context, suites_1_2[i]), 1);
        SSL_CTX_set_max_proto_version(client.context, TLS1_2_VERSION);
        assert_true(client_shake(&client));
        client_hello(&client);
        client_done(&client);
    }
}

static void http_16_old_versions_are_refused(void **state)
{
    static const int versions[] = {TLS1_VERSION, TLS1_1_VERSION};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
        struct client client = client_new();
        SSL_CTX_set_min_proto_version(client.context, versions[i]);
        SSL_CTX_set_max_proto_version(client.context, versions[i]);
        SSL_CTX_set_cipher_list(client.context, "ALL:@SECLEVEL=0");
        assert_false(client_shake(&client));
        client_done(&client);
    }
}

static void http_16_other_suites_are_refused(void **state)
{
    static const char *const suites[] = {
        "ECDHE-ECDSA-AES128-SHA",        "ECDHE-ECDSA-AES256-SHA384",
        "ECDHE-ECDSA-AES128-CCM8",       "AES128-GCM-SHA256",
        "DHE-RSA-AES256-GCM-SHA384",     "AES256-SHA",
        "ECDHE-ECDSA-CAMELLIA128-SHA256"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(suites); i++) {
        struct client client = client_new();
        SSL_CTX_set_max_proto_version(client.context, TLS1_2_VERSION);
        assert_int_equal(SSL_CTX_set_cipher_list(client.context, suites[i]), 1);
        assert_false(client_shake(&client));
        client_done(&client);
    }
    struct client client = client_new();
    SSL_CTX_set_min_proto_version(client.context, TLS1_3_VERSION);
    SSL_CTX_set_ciphersuites(client.context, "TLS_AES_128_CCM_8_SHA256");
    assert_false(client_shake(&client));
    client_done(&client);
}

static void http_16_nothing_is_resumed_renegotiated_or_early(void **state)
{
    (void)state;
    struct client client = client_new();
    SSL_CTX_set_max_proto_version(client.context, TLS1_2_VERSION);
    assert_true(client_shake(&client));
    client_hello(&client);
    assert_null(SSL_get_current_compression(client.ssl));
    assert_int_equal(SSL_SESSION_has_ticket(SSL_get_session(client.ssl)), 0);
    assert_int_equal(SSL_renegotiate(client.ssl), 1);
    assert_int_not_equal(SSL_do_handshake(client.ssl), 1);
    client_done(&client);
    client = client_new();
    assert_true(client_shake(&client));
    client_hello(&client);
    assert_int_equal(SSL_SESSION_get_max_early_data(SSL_get_session(client.ssl)), 0);
    assert_int_equal(SSL_SESSION_is_resumable(SSL_get_session(client.ssl)), 0);
    client_done(&client);
}

/* A socket that passes the handshake on byte by byte. */
static void http_16_a_hello_in_a_thousand_pieces(void **state)
{
    (void)state;
    struct client client = client_new();
    BIO *to = BIO_new(BIO_s_mem()), *from = BIO_new(BIO_s_mem());
    client.ssl = SSL_new(client.context);
    SSL_set_bio(client.ssl, from, to);
    client.fd = client_connect(fixture.tls_port);
    while (SSL_connect(client.ssl) != 1) {
        char byte, room[4096];
        while (BIO_read(to, &byte, 1) == 1)
            client_send(client.fd, str_make(&byte, 1));
        ssize_t n = recv(client.fd, room, sizeof room, 0);
        assert_true(n > 0);
        BIO_write(from, room, (int)n);
    }
    assert_true(SSL_is_init_finished(client.ssl));
    client_done(&client);
}

static void plain_bytes_on_a_tls_port_are_cut(void **state)
{
    (void)state;
    int fd = client_connect(fixture.tls_port);
    client_send(fd, STR("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"));
    client_read_to_end(fd);
    close(fd);
    assert_int_equal(client_ask(fixture.port, STR("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")), 200);
}

static const unsigned char *chosen(struct client *client, unsigned *n)
{
    const unsigned char *name;
    SSL_get0_alpn_selected(client->ssl, &name, n);
    return name;
}

static void alpn_prefers_http_2(void **state)
{
    unsigned n;
    (void)state;
    struct client client = client_new();
    SSL_CTX_set_alpn_protos(client.context, (const unsigned char *)"\x08http/1.1\x02h2", 12);
    assert_true(client_shake(&client));
    assert_memory_equal(chosen(&client, &n), "h2", 2);
    client_done(&client);
    client = client_new();
    SSL_CTX_set_alpn_protos(client.context, (const unsigned char *)"\x08http/1.1", 9);
    assert_true(client_shake(&client));
    assert_memory_equal(chosen(&client, &n), "http/1.1", 8);
    client_hello(&client);
    client_done(&client);
    client = client_new();
    SSL_CTX_set_alpn_protos(client.context, (const unsigned char *)"\x03xyz", 4);
    assert_false(client_shake(&client));
    client_done(&client);
}

static void read_exactly(struct client *client, unsigned char *room, size_t n)
{
    for (size_t got = 0; got < n;) {
        int piece = SSL_read(client->ssl, room + got, (int)(n - got));
        assert_true(piece > 0);
        got += (size_t)piece;
    }
}

/* GET /hello in HPACK, with frames by hand; the answer's head begins with ":status: 200" (0x88). */
static void http_2_runs_inside_tls(void **state)
{
    static const char request[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
                                  "\0\0\0\x04\0\0\0\0\0"
                                  "\0\0\x0d\x01\x05\0\0\0\x01"
                                  "\x82\x87\x04\x06/hello\x01\x01"
                                  "a";
    unsigned char head[9], payload[16384];
    (void)state;
    struct client client = client_new();
    SSL_CTX_set_alpn_protos(client.context, (const unsigned char *)"\x02h2", 3);
    assert_true(client_shake(&client));
    assert_int_equal(SSL_write(client.ssl, request, sizeof request - 1), sizeof request - 1);
    do {
        read_exactly(&client, head, 9);
        size_t n = (size_t)head[1] << 8 | head[2];
        assert_true(head[0] == 0 && n <= sizeof payload);
        read_exactly(&client, payload, n);
    } while (head[3] != 1);
    assert_int_equal(payload[0], 0x88);
    client_done(&client);
}

static long serial_of(struct client *client)
{
    X509 *certificate = SSL_get1_peer_certificate(client->ssl);
    long serial = ASN1_INTEGER_get(X509_get0_serialNumber(certificate));
    X509_free(certificate);
    return serial;
}

static void certificates_are_reloaded_under_living_connections(void **state)
{
    struct err err = ERR_INIT;
    (void)state;
    struct client before = client_new(), after = client_new();
    assert_true(client_shake(&before));
    assert_int_equal(serial_of(&before), 1);
    certificate_write(2);
    assert_int_equal(http_server_reload_tls(fixture.server, &err), 0);
    client_hello(&before);
    assert_true(client_shake(&after));
    assert_int_equal(serial_of(&after), 2);
    client_hello(&after);
    client_done(&before);
    client_done(&after);
    FILE *file = fopen(certificate_file, "w");
    assert_non_null(file);
    fclose(file);
    assert_int_equal(http_server_reload_tls(fixture.server, &err), -1);
    assert_true(err.detail[0]);
    after = client_new();
    assert_true(client_shake(&after));
    assert_int_equal(serial_of(&after), 2);
    client_done(&after);
    certificate_write(1);
    assert_int_equal(http_server_reload_tls(fixture.server, &err), 0);
}

static void a_large_answer_comes_whole(void **state)
{
    static char room[65536];
    (void)state;
    struct client client = client_new();
    struct str request = STR("GET /big?n=20000000&known=1 HTTP/1.1\r\nHost: a\r\n"
                             "Connection: close\r\n\r\n");
    size_t total = 0;
    int n;
    assert_true(client_shake(&client));
    assert_int_equal(SSL_write(client.ssl, request.p, (int)request.n), (int)request.n);
    while ((n = SSL_read(client.ssl, room, sizeof room)) > 0)
        total += (size_t)n;
    assert_int_equal(SSL_get_error(client.ssl, n), SSL_ERROR_ZERO_RETURN);
    assert_true(total > 20000000 && total < 20001000);
    client_done(&client);
}

/* Opens n connections that park and then waits for the pipe to close. A process of its own, so that
 * its side of TLS is not counted. */
static void parked_clients(int port, int n, int until)
{
    char byte;
    struct str request = STR("GET /gate HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
                             "syt_YWxpY2U_0123456789abcdef0123_0abcde\r\n\r\n");
    fixture.tls_port = port;
    for (int i = 0; i < n; i++) {
        struct client client = client_new();
        CHECK(client_shake(&client));
        CHECK(SSL_write(client.ssl, request.p, (int)request.n) == (int)request.n);
    }
    CHECK(read(until, &byte, 1) == 0);
}

static void a_parked_connection_is_small(void **state)
{
    static const int n = 100;
    int closed = fixture.n_closed, ends[2];
    (void)state;
    struct client client = client_new();
    assert_true(client_shake(&client));
    client_hello(&client);
    client_done(&client);
    struct mallinfo2 before = mallinfo2();
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        close(ends[1]);
        parked_clients(fixture.tls_port, n, ends[0]);
        _exit(0);
    }
    close(ends[0]);
    fixture_wait_parked(&fixture, (size_t)n);
    struct mallinfo2 after = mallinfo2();
    size_t each = (after.uordblks + after.hblkhd - before.uordblks - before.hblkhd) / (size_t)n;
    print_message("a parked TLS connection: %zu bytes of heap\n", each);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    assert_true(each <= KIB(20));
#endif
    close(ends[1]);
    assert_int_equal(waitpid(child, NULL, 0), child);
    fixture_wait(&fixture, &fixture.n_closed, closed + n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_versions_and_all_suites_of_the_state),
        cmocka_unit_test(http_16_old_versions_are_refused),
        cmocka_unit_test(http_16_other_suites_are_refused),
        cmocka_unit_test(http_16_nothing_is_resumed_renegotiated_or_early),
        cmocka_unit_test(http_16_a_hello_in_a_thousand_pieces),
        cmocka_unit_test(plain_bytes_on_a_tls_port_are_cut),
        cmocka_unit_test(alpn_prefers_http_2),
        cmocka_unit_test(http_2_runs_inside_tls),
        cmocka_unit_test(certificates_are_reloaded_under_living_connections),
        cmocka_unit_test(a_large_answer_comes_whole),
        cmocka_unit_test(a_parked_connection_is_small),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
