/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_ACCOUNTS_PROFILE_H
#define CHAPPE_SERVICE_ACCOUNTS_PROFILE_H

/* Profiles (client-server API, "Profiles"): display name and avatar. A change is answered when it
 * is in the account; the member events of the user's rooms follow in the background, a room at a
 * time, and a restart goes on with those whose event says something else. */

#include "service/use.h"
#include "store/account.h"
#include "json/doc.h"

enum profile_field { PROFILE_DISPLAY_NAME, PROFILE_AVATAR_URL };

/* 404 M_NOT_FOUND when there is no such user. */
int profile_load(struct use *use, struct str user_id, struct account *ret_account) MUST_USE;
/* Of the caller; STR_NONE takes it away. 400 when it is too long or no mxc URI. */
int profile_set(struct use *use, enum profile_field field, struct str value) MUST_USE;

/* The background's part. */
void profile_update_rooms(struct server *server);

/* Where accounts have addresses, a name comes from the address alone. */
bool profile_names_are_fixed(const struct server *server);
/* The same for that user's, of whom the caller says it: an application service names its own, which
 * are no persons. account is zeroed where there is none. */
bool profile_name_is_fixed(const struct use *use, struct str user_id,
                           const struct account *account);

/* What a member event may say of a user's name: where names come from addresses, that one or
 * nothing, for users of this server. 403 M_FORBIDDEN, name_fixed. */
int profile_check_member(struct use *use, struct str user_id, const struct json *content) MUST_USE;

#endif
