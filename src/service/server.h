/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_SERVER_H
#define CHAPPE_SERVICE_SERVER_H

/* The server: everything that lives as long as the program, reachable from here and from nowhere
 * else. Its parts are opened in the order of the members and closed in the reverse order. Parts
 * lock themselves; the struct itself does not change after server_open. */

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "crypto/ed25519.h"

struct config;           /* service/config.h */
struct signer;           /* service/federation/signer.h */
struct store;            /* store/store.h */
struct limiter;          /* net/limiter.h */
struct rooms;            /* service/rooms/room.h */
struct notifier;         /* service/sync/notifier.h */
struct presence;         /* service/sync/presence.h */
struct connections;      /* service/sync/connections.h */
struct push_program;     /* matrix/push.h */
struct pushing;          /* service/push/pushing.h */
struct accounts;         /* service/accounts/accounts.h */
struct background;       /* service/background.h */
struct http_mount;       /* net/http.h */
struct mailer;           /* service/mail/mailer.h */
struct timers;           /* service/rooms/timers.h */
struct purger;           /* service/rooms/purger.h */
struct previews;         /* service/media/previews.h */
struct senders;          /* service/appservice/senders.h */
struct directory;        /* service/directory/directory.h */
struct identity;         /* service/identity/identity.h */
struct http_server;      /* net/http.h */
struct media_repository; /* service/media/media.h */
struct scanner;          /* service/scan/scanner.h */
struct task_pool;        /* service/task_pool.h */

struct server {
    const struct config *config;
    struct str name; /* the Matrix server name */

    struct signer *signer; /* the signing key in force */
    struct store *store;
    struct limiter *limiter;
    struct push_program *judge; /* service/push/judge.h */
    struct identity *identity;
    struct directory *directory;
    struct rooms *rooms;
    struct notifier *notifier;
    struct presence *presence; /* NULL: off */
    struct connections *connections;
    struct accounts *accounts;
    struct task_pool *passwords; /* hashes of passwords */
    struct task_pool *sleepers;  /* what waits for the disk */
    struct task_pool *carriers;  /* what waits for files from elsewhere */
    struct task_pool *askers;    /* what waits for an application service */
    struct task_pool *lookers;   /* what waits for a page that a link leads to */
    struct task_pool *cages;     /* what waits for a child process that opens an image */
    struct media_repository *media;
    struct previews *previews; /* of links */
    struct scanner *scanner;
    struct background *background;
    struct mailer *mailer;
    struct timers *timers;   /* delayed events */
    struct purger *purger;   /* of what has expired; NULL: nothing does */
    struct senders *senders; /* what application services are told; NULL: there are none */
    struct pushing *pushing;
    struct task_pool *push_tests; /* what waits for a push service that is tried */
    struct http_server *http;
    struct http_route *http_routes; /* what http refers to */
    struct http_mount *web_mount;   /* the same; NULL: no web client */
    struct http_server *metrics;    /* metrics.listen; NULL: none */
    struct http_route *metrics_routes;

    int64_t started_monotonic_ms;
    int64_t boot; /* random: marks what lives in memory only */
    int64_t node; /* this data directory on this machine: stays over restarts; holder of leases */
};

/* Opens the store and all parts, and finishes a rotation of the signing key that was cut short. The
 * configuration stays the caller's and outlives the server; the key is copied. */
int server_open(const struct config *config, const struct ed25519_key *key, struct str key_id,
                struct server **ret_server, struct err *err) MUST_USE;
void server_close(struct server *server);

/* What this server is reached by, where an outsider must not choose it, in mails: public_url, or
 * the first listener's. */
struct str server_own_url(struct server *server, struct arena *arena);
/* The same of the web client's pages: web.host where it is kept apart. */
struct str server_web_url(struct server *server, struct arena *arena);

#endif
