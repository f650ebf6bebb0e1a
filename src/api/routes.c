/* SPDX-License-Identifier: EUPL-1.2 */
#include "api/routes.h"

#include "api/client/tables.h"
#include "api/identity/tables.h"
#include "api/scanner/tables.h"
#include "base/limits.h"
#include "base/mem.h"
#include "service/config.h"

const struct api_table *const api_tables[] = {
    &api_root,
    &api_demo,
    &api_legal,
    &api_client_admin,
    &api_client_appservice,
    &api_client_fallback,
    &api_client_presence,
    &api_client_versions,     //
    &api_client_login,        //
    &api_client_login_page,   //
    &api_client_register,     //
    &api_client_account,      //
    &api_client_devices,      //
    &api_client_email,        //
    &api_client_threepid,     //
    &api_client_rooms,        //
    &api_client_send,         //
    &api_client_delayed,      //
    &api_client_sync,         //
    &api_client_account_data, //
    &api_client_profile,      //
    &api_client_push_rules,   //
    &api_client_pushers,      //
    &api_client_receipts,     //
    &api_client_keys,         //
    &api_client_media,        //
    &api_client_messages,     //
    &api_client_relations,    //
    &api_client_aliases,      //
    &api_client_digest,       //
    &api_client_directory,    //
    &api_client_upgrade,      //
    &api_client_state,        //
    &api_client_to_device,    //
    &api_client_key_backup,   //
    &api_client_dehydrated,   //
    &api_client_report,       //
    &api_client_people,       //
    &api_client_search,       //
    &api_client_mutual,       //
    &api_client_old_sync,     //
    &api_client_validity,     //
    &api_client_retention,    //
    &api_client_voip,         //
    &api_identity_info,
    &api_identity_account,
    &api_identity_association,
    &api_identity_invite,
    &api_identity_keys,
    &api_identity_lookup,
    &api_scanner,
    NULL,
};

static size_t count(const struct api_table *const *tables)
{
    size_t n = 0;
    for (size_t t = 0; tables[t]; t++)
        n += tables[t]->n;
    return n;
}

static size_t body_max(const struct api_route *row, const struct config *config)
{
    return row->flags & API_FILE_BODY ? (size_t)config->media_max_size : row->body_max;
}

struct http_route *api_http_routes_new(const struct api_table *const *tables,
                                       const struct config *config, bool has_web, size_t *ret_n)
{
    struct http_route *rows = MEM_NEW_N(count(tables), struct http_route);
    size_t n = 0;
    for (size_t t = 0; tables[t]; t++)
        for (size_t i = 0; i < tables[t]->n; i++) {
            const struct api_route *row = &tables[t]->routes[i];
            if (has_web && (row->flags & API_UNLESS_WEB))
                continue;
            rows[n++] = (struct http_route){
                .method = row->method,
                .path = row->path,
                .body_max = body_max(row, config),
                .flags = row->flags & API_HTTP_FLAGS,
                .row = row,
                .arena_max = row->arena_max ? row->arena_max : API_ARENA_MAX,
            };
        }
    *ret_n = n;
    return rows;
}
