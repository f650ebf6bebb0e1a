/* SPDX-License-Identifier: EUPL-1.2 */
#include "bin/config_keys.h"

#include "base/limits.h"
#include "service/config.h"

#define AT(member)      offsetof(struct config, member)
#define ITEM(member)    offsetof(struct config_listen, member)
#define DAY_MS          (INT64_C(86400) * 1000)
#define RANGE(low, top) .least = (low), .most = (top)
#define ROW(name_, type_, offset_, otherwise_, meaning_)                                           \
    .name = name_, .type = &config_type_##type_, .offset = offset_, .otherwise = otherwise_,       \
    .meaning = meaning_

/* The two rows of a rate class. */
#define RATE(class, per_minute, burst_, who)                                                       \
    {ROW("rate_limits." #class ".per_minute", rate, AT(rates.class.per_second), per_minute,        \
         who ": how many a minute in the long run; 0: no limit"),                                  \
     RANGE(0, 1000000)},                                                                           \
    {                                                                                              \
        ROW("rate_limits." #class ".burst", burst, AT(rates.class.burst), burst_,                  \
            who ": how many at once"),                                                             \
            RANGE(1, 1000000)                                                                      \
    }

const struct config_key config_keys[] = {
    {ROW("server_name", server_name, AT(server_name), "localhost",
         "Matrix server name: the part after the colon of every identifier. It can never change")},
    {ROW("data", path, AT(data_dir), "data",
         "directory of all that the server keeps; made when absent, mode 0700")},
    {ROW("listen.N", address, 0, "127.0.0.1:8008",
         "where to answer HTTP: a list of ADDR:PORT; --set listen=A:P,A:P replaces it"),
     .is_item = true},
    {ROW("listen.N.address", address, 0, NULL, "the same, for a listener that has more to say"),
     .is_item = true},
    {ROW("listen.N.tls.certificate", path, ITEM(tls_certificate), NULL,
         "PEM file of the certificate and its chain: this listener speaks TLS"),
     .is_item = true, .is_reloaded = true},
    {ROW("listen.N.tls.key", path, ITEM(tls_key), NULL, "PEM file of its private key"),
     .is_item = true, .is_reloaded = true},
    {ROW("public_url", url, AT(public_url), NULL,
         "base URL that clients use, when it is not the first listener's")},
    {ROW("database", database, AT(database), "sqlite:{data}/chappe.db",
         "sqlite:PATH, or postgresql://… (several hosts allowed)"),
     .is_secret = true},
    {ROW("media.store", media_store, AT(media_store), "path:{data}/media",
         "where files are kept: path:DIR, or s3:https://HOST[:PORT]/BUCKET[/PREFIX], S3-compatible "
         "storage (http:// crosses the network in clear)")},
    {ROW("media.s3.region", text, AT(media_s3_region), "us-east-1", "region of the bucket")},
    {ROW("media.s3.access_key", text, AT(media_s3_access_key), NULL, "name of the access key")},
    {ROW("media.s3.secret_file", path, AT(media_s3_secret_file), NULL,
         "file of its secret, alone, which not everybody may read")},
    {ROW("media.s3.ca", path, AT(media_s3_ca), NULL,
         "PEM file of the authorities that the storage's certificate may come from; without it, "
         "the system's")},
    {ROW("media.s3.timeout", duration, AT(media_s3_timeout_ms), "20s",
         "a transfer is given up when less than 1 KiB a second comes or goes for so long"),
     RANGE(1000, 600000)},
    {ROW("media.cache", path, AT(media_cache), "{data}/media-cache",
         "with s3: directory of files under way and of copies of those that were last asked for")},
    {ROW("media.cache_size", size, AT(media_cache_size), "2 GiB",
         "how much these copies may take; four times media.max_size at least"),
     RANGE(1024, INT64_C(1) << 50)},
    {ROW("media.max_size", size, AT(media_max_size), "100 MiB", "largest file that may be sent"),
     RANGE(1024, INT64_C(1) << 40)},
    {ROW("media.quota", size, AT(media_quota), "10 GiB",
         "how much the files of one account may take; 0: no limit"),
     RANGE(0, INT64_C(1) << 50)},
    {ROW(
        "scanner.engine", scanner, AT(scanner_engine), NULL,
        "the antivirus: clamd:unix:PATH, clamd:tcp:HOST:PORT (files cross the network in clear) or "
        "none; without it, Debian's clamd (/run/clamav/clamd.ctl): while it is not there, files "
        "wait")},
    {ROW("scanner.gate", word, AT(scanner_gate), CONFIG_EMAIL_GATE,
         "enforce: a file that nothing clean was said of is given to its sender alone, and an "
         "encrypted one by the content scanner's API alone; advisory: the ordinary roads stay open "
         "for encrypted files. Unencrypted ones are withheld in both"),
     .words = "advisory|enforce", .words_why = "must be enforce or advisory"},
    {ROW("scanner.accept_plain_keys", switch, AT(scanner_plain_keys), "off",
         "take keys of encrypted files that are not sealed to the scanner's key")},
    {ROW("scanner.key", path, AT(scanner_key), "{data}/scanner.key",
         "file of the content scanner's private key, mode 0600; made at its first start, read by a "
         "process of its own alone; all nodes of a service have the same")},
    {ROW("registration.mode", word, AT(registration_mode), "email",
         "who may sign up: nobody (closed), holders of a token (token), anybody (open: for tests), "
         "who has a professional address (email; see domains)"),
     .words = "closed|token|open|email", .words_why = "must be email, closed, token or open"},
    {ROW("registration.shared_secret", secret, AT(registration_shared_secret), NULL,
         "enables /_synapse/admin/v1/register, with which tools that know it make accounts"),
     .is_secret = true},
    {ROW("signing_key", path, AT(signing_key), "{data}/signing.key",
         "file of the server's Ed25519 key, mode 0600; made at the first start")},
    {ROW("domains", path, AT(domains), NULL,
         "file of the domain map: from an e-mail address to its server, its organisation and "
         "whether it is external; without it, the built-in map of the demonstration"),
     .is_reloaded = true},
    {ROW("mail.transport", mail_transport, AT(mail_transport), "file:{data}/mail",
         "how mails leave: file:DIR (one .eml a mail), smtp://[USER:PASSWORD@]HOST[:PORT] "
         "(STARTTLS) or smtps://…; TLS is always verified"),
     .is_secret = true},
    {ROW("mail.from", email, AT(mail_from), NULL, "the sender's address; SMTP needs one")},
    {ROW("mail.ca", path, AT(mail_ca), NULL,
         "PEM file of the authorities that the mail server's certificate may come from; without "
         "it, the system's")},
    {ROW("terms.url", url, AT(terms_url), NULL,
         "page of the terms that a new account accepts; without it, a page of this server")},
    {ROW("terms.version", text, AT(terms_version), "1", "of these terms")},
    {ROW("legal.accessibility.url", url, AT(legal_accessibility_url), NULL,
         "the operator's accessibility statement; without it, a page of this server")},
    {ROW("legal.notice.url", url, AT(legal_notice_url), NULL, "the same for the legal notice")},
    {ROW("legal.privacy.url", url, AT(legal_privacy_url), NULL,
         "the same for what is said of personal data")},
    {ROW("legal.help.url", url, AT(legal_help_url), NULL, "the same for the help")},
    {ROW("operator.name", text, AT(operator_name), NULL,
         "organisation that runs the service, named before one signs in and on its legal pages")},
    {ROW("support.email", email, AT(support_email), NULL,
         "address of who runs the server, told to anybody in /.well-known/matrix/support")},
    {ROW("support.user", text, AT(support_user), NULL, "the same as a Matrix id")},
    {ROW("support.page", url, AT(support_page), NULL, "the same as a page")},
    {ROW("accounts.validity", duration, AT(accounts_validity_ms), "0",
         "after which an account with an e-mail address ends unless it is renewed from a mail; 0: "
         "never"),
     RANGE(0, 3650 * DAY_MS)},
    {ROW("accounts.displaced", word, AT(accounts_displaced), "lock",
         "what becomes of accounts whose address has no place here any more by the domain map: "
         "locked until it has (lock), or told in the log (report)"),
     .words = "lock|report", .words_why = "must be lock or report"},
    {ROW("mail.digest_after", duration, AT(mail_digest_after_ms), "8h",
         "who was away for so long is mailed how many messages and invitations wait for so long, "
         "three times as long after the last such mail at the earliest; 0: never"),
     RANGE(0, 365 * DAY_MS)},
    {ROW("rate_limits", switch, AT(rate_limits), "on", "off is for tests only")},
    RATE(read, "1200", "300", "requests that read, by one account"),
    RATE(sync, "600", "60", "polls, by one account"),
    RATE(write, "600", "100", "messages, receipts and other writes, by one account"),
    RATE(room, "30", "20", "rooms made or joined and invitations, by one account"),
    RATE(keys, "300", "100", "uploads, queries and claims of keys, by one account"),
    RATE(login, "60", "60", "sign-in attempts, from one address"),
    RATE(login_account, "6", "6", "failed sign-ins, to one account"),
    RATE(registration, "10", "20", "sign-ups, from one address"),
    {ROW("rooms.default_version", room_version, AT(rooms_default_version), "12",
         "version of the rooms that are made here")},
    {ROW("rooms.access_rules", switch, AT(rooms_access_rules), CONFIG_EMAIL_MODE,
         "the rooms of an administration: kinds of room, what externals may do, "
         "the last administrator's successor (docs/design/room-rules.md); off: plain Matrix")},
    {ROW("rooms.unencrypted_private", switch, AT(rooms_unencrypted_private), "off",
         "private rooms may be made without encryption, under rooms.access_rules")},
    {ROW("rooms.enforce_encryption", switch, AT(rooms_enforce_encryption), CONFIG_EMAIL_MODE,
         "private rooms are encrypted when they are made, and content in clear is refused in "
         "encrypted rooms")},
    {ROW("rooms.receipts_max_members", count, AT(rooms_receipts_max_members), "500",
         "in a room with more members, receipts are told to their own user alone; 0: no limit"),
     RANGE(0, 100000000)},
    {ROW("delayed_events.max_delay", duration, AT(delayed_events_max_delay_ms), "24h",
         "how late an event may be scheduled to be sent; 0: none is scheduled"),
     RANGE(0, 366 * DAY_MS)},
    {ROW("delayed_events.max_per_user", count, AT(delayed_events_max_per_user), "100",
         "events that one account may have scheduled at once"),
     RANGE(1, LIMIT_DELAYED_EACH)},
    {ROW("retention", switch, AT(retention), "off",
         "old messages are deleted for good, by what their room says (m.room.retention) or else "
         "retention.default.max_lifetime; chappe hold keeps them")},
    {ROW("retention.default.max_lifetime", duration, AT(retention_default_ms), "0",
         "how long the messages of rooms that say nothing are kept; 0: for ever"),
     RANGE(0, 36500 * DAY_MS)},
    {ROW("retention.allowed.min", duration, AT(retention_least_ms), "1d",
         "what a room says is taken for this at least"),
     RANGE(0, 36500 * DAY_MS)},
    {ROW("retention.allowed.max", duration, AT(retention_most_ms), "0",
         "and for this at most; 0: no limit"),
     RANGE(0, 36500 * DAY_MS)},
    {ROW("retention.media.max_lifetime", duration, AT(retention_media_ms), "0",
         "how long a file is kept that no message in clear, no state of a room and no profile "
         "names: those of encrypted rooms; 0: for ever"),
     RANGE(0, 36500 * DAY_MS)},
    {ROW("retention.interval", duration, AT(retention_interval_ms), "10m",
         "how often is looked for what has expired"),
     RANGE(100, DAY_MS)},
    {ROW("appservices", text, AT(appservice_files), NULL,
         "registration files of application services, which not everybody may read, with commas "
         "between")},
    {ROW("previews", switch, AT(previews), "off",
         "show what pages say of themselves whose links are sent: this server looks at them")},
    {ROW("previews.hosts", text, AT(previews_hosts), NULL,
         "hosts that it may look at, with commas between: example.org, *.example.org (below it), * "
         "(any)")},
    {ROW("previews.private_addresses", switch, AT(previews_private), "off",
         "these may have private addresses and any port, for an intranet; not with `*` among the"
         " hosts")},
    {ROW("presence", switch, AT(presence), "off",
         "people who share a room see who is there, and since when not")},
    {ROW("voip.turn.uris", turn_uris, AT(turn_uris), NULL,
         "TURN servers for calls, with commas between: turn:HOST[:PORT] or turns:HOST[:PORT], with "
         "?transport=udp or ?transport=tcp behind where it matters")},
    {ROW("voip.turn.shared_secret", secret, AT(turn_shared_secret), NULL,
         "the secret they share with this server (coturn: static-auth-secret), from which "
         "credentials of limited life are made"),
     .is_secret = true},
    {ROW("voip.turn.lifetime", duration, AT(turn_lifetime_ms), "1h", "of these credentials"),
     RANGE(60000, 7 * DAY_MS)},
    {ROW("notices.localpart", localpart, AT(notices_localpart), "annonces",
         "local part of the account that sends the announcements of chappe notice; it is made with "
         "the first, and nobody signs in to it")},
    {ROW("notices.name", text, AT(notices_name), "Annonces du service",
         "name of that account, and of the room where each user gets them")},
    {ROW("rooms.themes", text, AT(rooms_themes),
         "innovation publique, cybersécurité, emploi public, communautés, numérique, ressources "
         "humaines, achats publics, transition écologique, formation, vie locale",
         "themes that a listed room may have (state org.chappe.room.theme), with commas between")},
    {ROW("push.key", path, AT(push_key), "{data}/push.key",
         "file of the key that Web Push goes by (VAPID), mode 0600; made at the first start; all "
         "nodes of a service have the same")},
    {ROW("push.web", switch, AT(push_web), "on",
         "pushes to browsers that are closed, by the push service of each browser's maker; what "
         "goes there is encrypted and names rooms and events by id alone")},
    {ROW("push.event_id_only", switch, AT(push_event_id_only), CONFIG_EMAIL_MODE,
         "push gateways are told of ids and counts alone, whatever an application asks for")},
    {ROW("push.allow", networks, AT(push_allow), NULL,
         "networks beside the public ones that pushes may go to, also by plain http: as "
         "10.1.0.0/16,192.0.2.7")},
    {ROW("push.hosts", text, AT(push_hosts), NULL,
         "the only hosts that pushes may go to, with commas between; *.example.org stands for "
         "those under example.org; without it, any")},
    {ROW("push.ca", path, AT(push_ca), NULL,
         "PEM file of the authorities that the certificates of push gateways may come from; "
         "without it, the system's")},
    {ROW("federation", off, AT(federation), "off", "talking to other servers"),
     .words_why = "must be off (federation does not exist yet)"},
    {ROW("tokens.access_lifetime", duration, AT(tokens_access_lifetime_ms), "1h",
         "of the access tokens of clients that know how to refresh them"),
     RANGE(1000, 365 * DAY_MS)},
    {ROW("tokens.header_only", switch, AT(tokens_header_only), CONFIG_EMAIL_MODE,
         "access tokens are taken from the Authorization header alone; off: from the query string "
         "too, as the specification asks for old clients, where proxies may log them")},
    {ROW("tokens.refresh_lifetime", duration, AT(tokens_refresh_lifetime_ms), "0",
         "of an unused refresh token; 0: no end"),
     RANGE(0, 3650 * DAY_MS)},
    {ROW("web.host", host, AT(web_host), NULL,
         "host name of the web client, when it is kept apart from the API's")},
    {ROW("web.client", switch, AT(web_client), "on", "serve the web client")},
    {ROW("web.files", path, AT(web_files), NULL,
         "directory of its files, when they are neither beside the program nor where they were "
         "installed")},
    {ROW("http.workers", count, AT(http_workers), "0",
         "threads that run handlers, and as many (16 at most) that answer polls; 0: twice the "
         "processors, at "
         "least 4"),
     RANGE(0, 1024)},
    {ROW("http.io_threads", count, AT(http_io_threads), "0", "threads that own sockets; 0: 1"),
     RANGE(0, 64)},
    {ROW("http.trusted_proxies", addresses, AT(http_trusted_proxies), NULL,
         "addresses whose X-Forwarded-For is believed, with commas between")},
    {ROW("metrics.listen", address, AT(metrics), NULL,
         "ADDR:PORT of /metrics (Prometheus), apart from the API")},
    {ROW("log.level", word, AT(log_level), "info", "least level that is written"),
     .words = "debug|info|warn|error", .words_why = "must be debug, info, warn or error",
     .is_reloaded = true},
    {ROW("log.format", word, AT(log_format), "{terminal}",
         "text when standard error is a terminal, else json"),
     .words = "text|json", .words_why = "must be text or json"},
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
        {STR_INIT("federation."), "federation does not exist yet"},
    };
    for (size_t i = 0; i < ARRAY_LEN(later); i++)
        if (str_starts(name, later[i].start))
            return later[i].why;
    return NULL;
}
