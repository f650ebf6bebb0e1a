/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_NET_TLS_H
#define CHAPPE_NET_TLS_H

/* TLS 1.2 and 1.3 with the suites the State allows (ANSSI, TLS guide 1.2, R6 to R12): forward
 * secrecy and AEAD only. No renegotiation, no compression, no early data; tickets live a day. A
 * struct tls is the certificate of one listener and may be reloaded from any thread; connections
 * keep the one they began with. A session belongs to its connection's thread. */

#include <stdbool.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

struct tls;
struct tls_session;

int tls_new(const char *certificate, const char *key, struct tls **ret_tls,
            struct err *err) MUST_USE;
int tls_reload(struct tls *tls, struct err *err) MUST_USE;
void tls_free(struct tls *tls);

struct tls_session *tls_session_new(struct tls *tls);
void tls_session_free(struct tls_session *session);

/* Gives it what came from the socket; it is all taken. */
void tls_session_input(struct tls_session *session, struct str cipher);
/* Decrypts the next piece into room[0..n). >0 bytes; 0 nothing now; -1 broken or closed. What TLS
 * itself has to send is then in tls_session_output. */
int tls_session_read(struct tls_session *session, char *room, size_t n) MUST_USE;
/* Encrypts all of it into the output. -1 broken. */
int tls_session_write(struct tls_session *session, struct str plain) MUST_USE;
void tls_session_goodbye(struct tls_session *session);
/* What is to go to the socket; the caller takes it away. */
struct buf *tls_session_output(struct tls_session *session);

bool tls_session_is_ready(const struct tls_session *session); /* the handshake is over */
bool tls_session_is_h2(const struct tls_session *session);    /* ALPN chose h2 */

#endif
