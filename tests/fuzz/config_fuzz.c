/* SPDX-License-Identifier: EUPL-1.2 */
#include "fuzz/harness.h"

#include <string.h>

#include "base/check.h"
#include "base/limits.h"
#include "bin/config.h"

/* The bytes of a configuration file. What is refused is refused in one line; what is accepted is
 * whole, and is shown in a form that is accepted again (secrets aside, which are masked). */

static int load(struct arena *arena, struct str text, struct settings *settings,
                struct config *ret_config)
{
    struct err err = ERR_INIT;
    settings_init(settings, arena);
    if (settings_add_yaml(settings, text, "fuzz", &err) == 0 &&
        config_load(arena, settings, ret_config, &err) == 0)
        return 0;
    CHECK(err.kind == ERR_KIND_INTERNAL && err.detail[0] && !strchr(err.detail, '\n'));
    return -1;
}

static void check_whole(const struct config *config)
{
    CHECK(config->n_listen >= 1 && config->n_listen <= LIMIT_LISTEN);
    for (size_t i = 0; i < config->n_listen; i++) {
        CHECK(config->listen[i].address.n > 0 && config->listen[i].port >= 0);
        CHECK(!config->listen[i].tls_key.p == !config->listen[i].tls_certificate.p);
    }
    CHECK(strlen(config->server_name.p) == config->server_name.n);
    CHECK(config->database.p[config->database.n] == 0);
    CHECK(config->media_max_size > 0 && config->tokens_access_lifetime_ms > 0);
}

static void check_shown(struct arena *arena, const struct settings *settings,
                        const struct config *config)
{
    struct settings settings_again;
    struct config again;
    struct buf out;
    buf_init(&out, LIMIT_CONFIG_BYTES);
    config_show(settings, config, &out);
    if (!buf_is_full(&out) && !str_contains(buf_str(&out), STR("\"***\""))) {
        CHECK(load(arena, buf_str(&out), &settings_again, &again) == 0);
        CHECK(str_eq(again.server_name, config->server_name));
        CHECK(str_eq(again.database, config->database));
        CHECK(again.n_listen == config->n_listen);
        CHECK(again.media_max_size == config->media_max_size);
    }
    buf_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(16));
    struct settings settings;
    struct config config;
    if (load(arena, str_make(data, size), &settings, &config) < 0)
        return 0;
    check_whole(&config);
    check_shown(arena, &settings, &config);
    return 0;
}
