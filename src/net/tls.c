/* SPDX-License-Identifier: EUPL-1.2 */
#include "net/tls.h"

int tls_new(const char *certificate, const char *key, struct tls **ret_tls, struct err *err)
{
    (void)certificate, (void)key, (void)ret_tls;
    return err_internal(err, "TLS is not there yet");
}
int tls_reload(struct tls *tls, struct err *err)
{
    (void)tls;
    return err_internal(err, "TLS is not there yet");
}
void tls_free(struct tls *tls)
{
    (void)tls;
}
struct tls_session *tls_session_new(struct tls *tls)
{
    (void)tls;
    return NULL;
}
void tls_session_free(struct tls_session *session)
{
    (void)session;
}
void tls_session_input(struct tls_session *session, struct str cipher)
{
    (void)session, (void)cipher;
}
int tls_session_read(struct tls_session *session, char *room, size_t n)
{
    (void)session, (void)room, (void)n;
    return -1;
}
int tls_session_write(struct tls_session *session, struct str plain)
{
    (void)session, (void)plain;
    return -1;
}
void tls_session_goodbye(struct tls_session *session)
{
    (void)session;
}
struct buf *tls_session_output(struct tls_session *session)
{
    (void)session;
    return NULL;
}
bool tls_session_is_ready(const struct tls_session *session)
{
    (void)session;
    return false;
}
bool tls_session_is_h2(const struct tls_session *session)
{
    (void)session;
    return false;
}
