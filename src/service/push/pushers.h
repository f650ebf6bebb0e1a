/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_PUSH_PUSHERS_H
#define CHAPPE_SERVICE_PUSH_PUSHERS_H

/* The pushers of an account (client-server API, "Push Notifications"; docs/design/push.md):
 * setting, deleting and listing them. What they send: service/push/pushing.h. */

#include "net/courier.h"
#include "service/use.h"
#include "store/pusher.h"
#include "json/write.h"

#define PUSHER_KIND_HTTP "http"
#define PUSHER_KIND_WEB  "org.matrix.msc4174.webpush"

/* Where pushes of this server may go. */
int push_rules_of_way_out(const struct config *config, struct courier_rules *ret_rules,
                          struct err *err) MUST_USE;

/* What POST /pushers/set is given; absent texts are STR_NONE. */
struct pusher_wish {
    struct str kind; /* STR_NONE: null, delete */
    struct str app_id, pushkey, app_display_name, device_display_name, profile_tag, lang;
    const struct json *data;
    bool append; /* others with that app_id and pushkey stay */
};

/* 400: M_MISSING_PARAM, M_INVALID_PARAM, M_TOO_LARGE. */
int pushers_set(struct use *use, const struct pusher_wish *wish) MUST_USE;
/* {"pushers": […]} of the caller. */
int pushers_write(struct use *use, struct json_writer *out) MUST_USE;

/* The URL that a pusher sends to; the web pusher's receiver. -1: its row is damaged. */
int pusher_url(struct arena *arena, const struct pusher *pusher, struct str *ret_url,
               const struct json **ret_data) MUST_USE;

#endif
