/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_CONFIG_H
#define CHAPPE_SERVICE_CONFIG_H

/* The configuration in force, as plain data. It is filled and checked once, by bin/config.c, whose
 * table names every key; afterwards it is read-only and outlives the server. Each str is terminated
 * by a NUL after its n bytes, so that its p may be given to C interfaces; one that was not set is
 * STR_NONE. Tests fill the few members they need by hand. */

#include <stdbool.h>
#include <stdint.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/str.h"
#include "net/limiter.h"

struct config_listen {
    struct str address;                  /* "127.0.0.1", "::1": numeric */
    int port;                            /* 0: any free one */
    struct str tls_certificate, tls_key; /* paths of PEM files; both or none */
};

enum config_registration {
    CONFIG_REGISTRATION_CLOSED,
    CONFIG_REGISTRATION_TOKEN,
    CONFIG_REGISTRATION_OPEN,
    CONFIG_REGISTRATION_EMAIL,
};

/* Accounts whose address has no place here: service/accounts/displaced.h. */
enum config_displaced { CONFIG_DISPLACED_LOCK, CONFIG_DISPLACED_REPORT };

/* The figures of each rate class (rate_limits.CLASS.per_minute and .burst). */
struct config_rates {
    struct limiter_rule read;          /* a user reads */
    struct limiter_rule sync;          /* a user polls */
    struct limiter_rule write;         /* messages, receipts, account data, to-device */
    struct limiter_rule room;          /* creating, joining, inviting */
    struct limiter_rule keys;          /* uploads, queries and claims of keys */
    struct limiter_rule login;         /* sign-in attempts from one address */
    struct limiter_rule login_account; /* failed sign-ins to one account */
    struct limiter_rule registration;  /* sign-ups from one address */
};

struct appservice; /* service/appservice/registration.h */

enum config_scanner_gate {
    CONFIG_SCANNER_ADVISORY, /* files that may be ciphertext stay open on the ordinary roads */
    CONFIG_SCANNER_ENFORCE,
};

struct config {
    struct str server_name;
    struct str data_dir; /* absolute */
    struct config_listen listen[LIMIT_LISTEN];
    size_t n_listen;           /* at least 1 */
    struct str public_url;     /* without a slash at its end; STR_NONE: the first listener's */
    struct str database;       /* as db_open takes it: "sqlite:PATH" or "postgresql://…" */
    struct str signing_key;    /* path of the key file */
    struct str mail_transport; /* "file:DIR" or smtp://…, smtps://…; STR_NONE (tests): none */
    struct str mail_from;      /* an address; STR_NONE: files only */
    struct str mail_ca;        /* PEM file; STR_NONE: the system's */
    struct str terms_url;      /* STR_NONE: this server's page */
    struct str terms_version;
    /* The same for the other pages that are owed: api/legal.c. */
    struct str legal_accessibility_url, legal_notice_url, legal_privacy_url, legal_help_url;
    struct str operator_name; /* who runs the service; STR_NONE: not said */
    /* Whom to ask, in /.well-known/matrix/support; STR_NONE: not said. */
    struct str support_email, support_user, support_page;
    struct str domains; /* path of the domain map; STR_NONE: that of the demonstration */

    enum config_registration registration_mode;
    struct str registration_shared_secret; /* STR_NONE: the route does not exist */

    int64_t accounts_validity_ms; /* 0: accounts do not end */
    enum config_displaced accounts_displaced;
    int64_t mail_digest_after_ms; /* service/mail/digest.h; 0: none */

    bool rate_limits; /* false: no limit at all (tests) */
    struct config_rates rates;

    struct str rooms_default_version; /* "12" */
    bool rooms_access_rules;          /* the rooms of an administration: matrix/access_rules.h */
    bool rooms_enforce_encryption;
    bool rooms_unencrypted_private;
    struct str rooms_themes;              /* with commas between */
    unsigned rooms_receipts_max_members;  /* 0: no limit */
    struct str appservice_files;          /* with commas between; STR_NONE: none */
    const struct appservice *appservices; /* what they register; service/appservice/ */
    size_t n_appservices;
    bool previews;                 /* of links */
    struct str previews_hosts;     /* with commas between; set when there are previews */
    bool previews_private;         /* they may have private addresses */
    bool presence;                 /* whether users are told who is there */
    struct str turn_uris;          /* with commas between; STR_NONE: none */
    struct str turn_shared_secret; /* the same */
    int64_t turn_lifetime_ms;
    struct str notices_localpart, notices_name; /* who sends server notices */
    int64_t delayed_events_max_delay_ms;        /* 0: none is taken */
    unsigned delayed_events_max_per_user;
    bool retention;                                /* whether old messages are purged */
    int64_t retention_default_ms;                  /* of rooms that say nothing; 0: for ever */
    int64_t retention_least_ms, retention_most_ms; /* what rooms may say; most 0: for ever too */
    int64_t retention_media_ms; /* of files that nobody is known to name; 0: for ever */
    int64_t retention_interval_ms;
    bool federation; /* always false for now */

    struct str media_store; /* "path:DIR", "s3:https://…"; STR_NONE (tests): none */
    /* Of s3: alone. */
    struct str media_s3_region, media_s3_access_key, media_s3_secret;
    struct str media_s3_secret_file; /* where the secret was read from */
    struct str media_s3_ca;          /* PEM file; STR_NONE: the system's */
    int64_t media_s3_timeout_ms;
    struct str media_cache; /* directory */
    int64_t media_cache_size;
    int64_t media_max_size; /* bytes */
    int64_t media_quota;    /* bytes of one account's files; 0: no limit */

    struct str scanner_engine; /* "none", "clamd:unix:PATH", "clamd:tcp:HOST:PORT"; STR_NONE: the
                                  usual sockets */
    enum config_scanner_gate scanner_gate;
    bool scanner_plain_keys;
    struct str scanner_key; /* path of the caged scanner's private key; STR_NONE (tests): no scanner
                               is started */

    struct str push_key; /* path of the VAPID key; STR_NONE (tests): no Web Push */
    bool push_web;
    bool push_event_id_only; /* whatever a pusher asks for */
    struct str push_allow;   /* networks_parse takes it; STR_NONE: none */
    struct str push_hosts;   /* with commas between; STR_NONE: any */
    struct str push_ca;      /* PEM file; STR_NONE: the system's */

    int64_t tokens_access_lifetime_ms;  /* of access tokens that have a refresh token */
    int64_t tokens_refresh_lifetime_ms; /* 0: no end */
    bool tokens_header_only;            /* none in the query string */

    struct str web_host;             /* STR_NONE: the web client shares the API's host */
    bool web_client;                 /* whether it is served */
    struct str web_files;            /* its directory; STR_NONE once started: there is none */
    struct config_listen metrics;    /* address STR_NONE: none */
    unsigned http_workers;           /* 0: 2 × processors, at least 4 */
    unsigned http_io_threads;        /* 0: 1 */
    struct str http_trusted_proxies; /* addresses, comma separated; STR_NONE: none */

    enum log_level log_level;
    enum log_format log_format;
};

/* The next of the themes, from *rest on, which moves behind it; STR_NONE: none is left. */
struct str config_next_theme(struct str *rest);
bool config_has_theme(const struct config *config, struct str theme);

/* The directory of media.store; NULL: files are elsewhere, or nowhere. */
const char *config_media_directory(const struct config *config);

/* Every listener is on the loopback. */
bool config_is_local(const struct config *config);
/* Sign-up by e-mail without a domain map: only on loopback listeners, with mails in files, and
 * without a public URL. The built-in map and the page of mails are for it alone. */
bool config_is_demonstration(const struct config *config);
/* Sign-up by e-mail with neither a map nor that: refused at start. */
bool config_wants_domains(const struct config *config);

#endif
