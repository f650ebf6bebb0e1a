/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_APPSERVICE_REGISTRATION_H
#define CHAPPE_SERVICE_APPSERVICE_REGISTRATION_H

/* Application services as the operator registered them (application service API, "Registration"):
 * plain data, read once from their files by bin/appservice_file.c, and read-only afterwards. No two
 * have an id, a token or a sender in common. */

#include <stdbool.h>
#include <stddef.h>

#include "base/pattern.h"
#include "base/str.h"

struct config;

struct appservice_namespace {
    const struct pattern *pattern;
    bool exclusive;
};

struct appservice_namespaces {
    const struct appservice_namespace *items;
    size_t n;
};

struct appservice {
    struct str id;
    struct str url; /* without a slash at its end, terminated; STR_NONE: it is sent nothing */
    struct str as_token, hs_token;
    struct str sender_localpart;
    struct str sender; /* its user id */
    struct appservice_namespaces users, aliases, rooms;
    const struct str *protocols;
    size_t n_protocols;
    bool rate_limited;      /* of all but the sender */
    bool receive_ephemeral; /* typing, receipts, presence and to-device messages, too */
    bool follows_devices;   /* device lists and counts of keys, too (MSC3202) */
};

/* The one that a token is of; NULL. In a time that does not depend on the tokens' bytes. */
const struct appservice *appservice_find_token(const struct config *config, struct str token);
const struct appservice *appservice_find_id(const struct config *config, struct str id);
const struct appservice *appservice_find_protocol(const struct config *config, struct str protocol);

/* The one whose sender it is; NULL. */
const struct appservice *appservice_find_sender(const struct config *config, struct str user_id);

/* A user of this server that it may act as: its sender, or one of its namespace. */
bool appservice_has_user(const struct config *config, const struct appservice *as,
                         struct str user_id);
/* Its sender, or one of a namespace that is its alone. */
bool appservice_owns_user(const struct config *config, const struct appservice *as,
                          struct str user_id);
bool appservice_has_alias(const struct appservice *as, struct str alias);
bool appservice_has_room(const struct appservice *as, struct str room_id);

/* Whether a name is kept for another application service than `as` (NULL: the asker is none): it is
 * in an exclusive namespace, or its sender. */
bool appservice_keeps_user(const struct config *config, const struct appservice *as,
                           struct str user_id);
bool appservice_keeps_alias(const struct config *config, const struct appservice *as,
                            struct str alias);

#endif
