/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ACCOUNTS_CLIENT_CONFIG_H
#define CHAPPE_SERVICE_ACCOUNTS_CLIENT_CONFIG_H

/* What clients keep on the server (client-server API, "Client Config", "Room Tagging"), byte by
 * byte. */

#include "service/use.h"
#include "json/doc.h"

/* room_id STR_NONE: the user's own. m.fully_read and m.push_rules have endpoints of their own: 405.
 */
int config_put(struct use *use, struct str room_id, struct str type,
               const struct json *content) MUST_USE;
/* 404 M_NOT_FOUND when there is none. */
int config_get(struct use *use, struct str room_id, struct str type,
               struct str *ret_content) MUST_USE;

/* {"tags":{…}}, also when there are none. */
int config_get_tags(struct use *use, struct str room_id, struct str *ret_content) MUST_USE;
/* tag NULL: takes it away. */
int config_set_tag(struct use *use, struct str room_id, struct str name,
                   const struct json *tag) MUST_USE;

#endif
