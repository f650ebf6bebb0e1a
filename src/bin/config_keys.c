/* SPDX-License-Identifier: EUPL-1.2 */
#include "bin/config_keys.h"

#include "service/config.h"

#define AT(member)      offsetof(struct config, member)
#define ITEM(member)    offsetof(struct config_listen, member), .is_item = true
#define DAY_MS          (INT64_C(86400) * 1000)
#define RANGE(low, top) .least = (low), .most = (top)

/* Two rows for each rate class. */
#define RATE(class, per_minute, burst_, who)                                                       \
    {"rate_limits." #class ".per_minute",                                                          \
     &config_type_rate,                                                                            \
     AT(rates.class.per_second),                                                                   \
     per_minute,                                                                                   \
     who ": how many a minute in the long run; 0: no limit",                                       \
     RANGE(0, 1000000)},                                                                           \
    {                                                                                              \
        "rate_limits." #class ".burst", &config_type_burst, AT(rates.class.burst), burst_,         \
            who ": how many at once", RANGE(1, 1000000)                                            \
    }

const struct config_key config_keys[] = {
    {"server_name", &config_type_server_name, AT(server_name), "localhost",
     "Matrix server name: the part after the colon of every identifier. It can never be changed"},
    {"data", &config_type_path, AT(data_dir), "data",
     "directory of all that the server keeps; made when absent, mode 0700"},
    {"listen.N", &config_type_address, offsetof(struct config_listen, address), "127.0.0.1:8008",
     "where to answer HTTP: a list of ADDR:PORT; --set listen=A:P,A:P replaces it", .is_item = true},
    {"listen.N.address", &config_type_address, offsetof(struct config_listen, address), NULL,
     "the same, for a listener that has more to say", .is_item = true},
    {"listen.N.tls.certificate", &config_type_path, ITEM(tls_certificate), NULL,
     "PEM file of the certificate and its chain: this listener speaks TLS", .is_reloaded = true},
    {"listen.N.tls.key", &config_type_path, ITEM(tls_key), NULL, "PEM file of its private key",
     .is_reloaded = true},
    {"public_url", &config_type_url, AT(public_url), NULL,
     "base URL that clients use, when it is not the first listener's"},
    {"database", &config_type_database, AT(database), "sqlite:{data}/chappe.db",
     "sqlite:PATH, or postgresql://… (several hosts allowed)", .is_secret = true},
    {"media.store", &config_type_media_store, AT(media_store), "path:{data}/media",
     "where files are kept: path:DIR"},
    {"media.max_size", &config_type_size, AT(media_max_size), "100 MiB",
     "largest file that may be sent", RANGE(1024, INT64_C(1) << 40)},
    {"registration.mode", &config_type_word, AT(registration_mode), "closed",
     "who may sign up: nobody (closed), holders of a token (token), anybody (open; for tests only)",
     .words = "closed|token|open",
     .words_why = "must be closed, token or open (sign-up by e-mail does not exist yet)"},
    {"registration.shared_secret", &config_type_secret, AT(registration_shared_secret), NULL,
     "enables /_synapse/admin/v1/register, with which tools that know it make accounts",
     .is_secret = true},
    {"signing_key", &config_type_path, AT(signing_key), "{data}/signing.key",
     "file of the server's Ed25519 key, mode 0600; made at the first start"},
    {"rate_limits", &config_type_switch, AT(rate_limits), "on", "off is for tests only"},
    RATE(read, "1200", "300", "requests that read, by one account"),
    RATE(sync, "600", "60", "polls, by one account"),
    RATE(write, "600", "100", "messages, receipts and other writes, by one account"),
    RATE(room, "30", "20", "rooms made or joined and invitations, by one account"),
    RATE(keys, "300", "100", "uploads, queries and claims of keys, by one account"),
    RATE(login, "60", "60", "sign-in attempts, from one address"),
    RATE(login_account, "6", "6", "failed sign-ins, to one account"),
    RATE(registration, "10", "20", "sign-ups, from one address"),
    {"rooms.default_version", &config_type_room_version, AT(rooms_default_version), "12",
     "version of the rooms that are made here"},
    {"rooms.enforce_encryption", &config_type_switch, AT(rooms_enforce_encryption), "off",
     "private rooms are encrypted when they are made, and content in clear is refused in encrypted "
     "rooms"},
    {"federation", &config_type_off, AT(federation), "off", "talking to other servers",
     .words_why = "must be off (federation does not exist yet)"},
    {"tokens.access_lifetime", &config_type_duration, AT(tokens_access_lifetime_ms), "1h",
     "of the access tokens of clients that know how to refresh them", RANGE(1000, 365 * DAY_MS)},
    {"tokens.refresh_lifetime", &config_type_duration, AT(tokens_refresh_lifetime_ms), "0",
     "of an unused refresh token; 0: no end", RANGE(0, 3650 * DAY_MS)},
    {"web.host", &config_type_host, AT(web_host), NULL,
     "host name of the web client, when it is kept apart from the API's"},
    {"http.workers", &config_type_count, AT(http_workers), "0",
     "threads that run handlers; 0: twice the processors, at least 4", RANGE(0, 1024)},
    {"http.io_threads", &config_type_count, AT(http_io_threads), "0",
     "threads that own sockets; 0: 1", RANGE(0, 64)},
    {"http.trusted_proxies", &config_type_addresses, AT(http_trusted_proxies), NULL,
     "addresses whose X-Forwarded-For is believed, with commas between"},
    {"metrics.listen", &config_type_address, AT(metrics), NULL,
     "ADDR:PORT of /metrics (Prometheus), apart from the API"},
    {"log.level", &config_type_word, AT(log_level), "info", "least level that is written",
     .words = "debug|info|warn|error", .words_why = "must be debug, info, warn or error",
     .is_reloaded = true},
    {"log.format", &config_type_word, AT(log_format), "{terminal}",
     "text or json; text when standard error is a terminal, else json", .words = "text|json",
     .words_why = "must be text or json", .is_reloaded = true},
};

const size_t config_keys_n = ARRAY_LEN(config_keys);
_Static_assert(ARRAY_LEN(config_keys) <= CONFIG_KEYS_MAX, "raise CONFIG_KEYS_MAX");

/* Part by part; "N" of the row matches a number, which goes to *ret_item. */
static bool matches(struct str pattern, struct str name, int64_t *ret_item)
{
    struct str wanted, part;
    bool more_wanted = true, more = true;
    *ret_item = -1;
    while (more_wanted && more) {
        more_wanted = str_cut(pattern, '.', &wanted, &pattern);
        more = str_cut(name, '.', &part, &name);
        if (str_eq(wanted, STR("N")) ? str_parse_uint(part, ret_item) < 0 : !str_eq(wanted, part))
            return false;
    }
    return more_wanted == more;
}

const struct config_key *config_key_find(struct str name, int64_t *ret_item)
{
    for (size_t i = 0; i < config_keys_n; i++)
        if (matches(str_from(config_keys[i].name), name, ret_item))
            return &config_keys[i];
    return NULL;
}

const char *config_key_later(struct str name)
{
    static const struct {
        struct str start;
        const char *why;
    } later[] = {
        {STR_INIT("domains"), "sign-up by e-mail does not exist yet"},
        {STR_INIT("mail."), "sending mail does not exist yet"},
        {STR_INIT("scanner."), "the content scanner does not exist yet"},
        {STR_INIT("federation."), "federation does not exist yet"},
    };
    for (size_t i = 0; i < ARRAY_LEN(later); i++)
        if (str_starts(name, later[i].start))
            return later[i].why;
    return NULL;
}
