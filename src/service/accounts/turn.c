/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/accounts/turn.h"

#include "base/clock.h"
#include "crypto/base64.h"
#include "crypto/hash.h"
#include "service/config.h"

int turn_make_credentials(struct use *use, struct turn_credentials *ret_credentials)
{
    const struct config *config = use->server->config;
    int64_t ttl_s = config->turn_lifetime_ms / 1000;
    unsigned char mac[20];
    if (!config->turn_uris.p || !config->turn_shared_secret.p)
        return 0;
    int64_t end_s = clock_wall_ms() / 1000 + ttl_s;
    struct str username =
        arena_printf(use->arena, "%lld:%.*s", (long long)end_s, STR_ARG(use->caller.user_id));
    hmac_sha1(config->turn_shared_secret, username, mac);
    struct str password =
        base64_encode_arena(use->arena, str_make(mac, sizeof mac), BASE64_STANDARD);
    /* Padded, as TURN servers compare it: 20 bytes end in one "=". */
    *ret_credentials = (struct turn_credentials){
        username, arena_printf(use->arena, "%.*s=", STR_ARG(password)), ttl_s};
    return 1;
}
