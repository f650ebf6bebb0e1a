/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ACCOUNTS_PRIVATE_H
#define CHAPPE_SERVICE_ACCOUNTS_PRIVATE_H

/* What the files of service/accounts/ share. */

#include "service/accounts/accounts.h"
#include "service/accounts/sessions.h"
#include "service/accounts/shared_secret.h"
#include "store/uia.h"

struct accounts {
    struct server *server;
    struct sessions *sessions;
    struct nonces nonces;
};

/* Tokens and a device for a session, decided before the job that writes them. */
struct session_draft {
    bool wanted, device_is_new;
    struct device device;
    struct token access, refresh; /* refresh.id 0: none */
};

/* 401 M_USER_LOCKED; of a displaced account with the reason address_displaced. */
int accounts_refuse_barred(struct use *use, int64_t flags);

/* Draws ids and tokens. */
int session_draft_make(struct use *use, int64_t user, const struct new_session *session,
                       struct session_draft *ret_draft, struct session_tokens *ret_tokens) MUST_USE;
/* Writes them; the older tokens of the device die. */
int session_draft_write(struct write *w, const struct session_draft *draft,
                        struct err *err) MUST_USE;
/* A new pair, or a single access token, for draft->device. parent: the generation it replaces, or
 * 0. */
void session_draw_tokens(struct use *use, int64_t parent, bool refresh, struct session_draft *draft,
                         struct session_tokens *ret_tokens);

#endif
