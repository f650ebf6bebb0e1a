/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_MEDIA_MEDIA_H
#define CHAPPE_SERVICE_MEDIA_MEDIA_H

/* The media repository (client-server API, "Content repository"; docs/design/media.md): who may
 * have which file, and its bytes. Every road to a file - download, thumbnail, the scanner's routes,
 * export - passes media_look. Uploads are in service/media/upload.h. */

#include <stdbool.h>

#include "base/err.h"
#include "service/scan/gate.h"
#include "service/use.h"
#include "store/media.h"

struct content; /* service/media/content.h */
struct media_repository;

int media_repository_new(struct server *server, struct media_repository **ret_repository,
                         struct err *err) MUST_USE;
void media_repository_free(struct media_repository *repository); /* NULL is allowed */
/* Once, before there are requests: what an earlier run left is looked at. */
int media_start(struct server *server, struct err *err) MUST_USE;
/* The server stops: what waits for the network ends soon. NULL is allowed. */
void media_stop(struct media_repository *repository);
/* NULL in a server whose configuration has no media.store (tests). */
struct content *media_content(struct server *server);

/* How a file is asked for; the gate decides by it. */
enum media_road {
    MEDIA_ROAD_ORDINARY,
    MEDIA_ROAD_SCANNER, /* the scanner's routes, without a key */
    MEDIA_ROAD_SEALED,  /* the same with the key: the scanner judges by itself */
};

struct media_question {
    struct str server_name, media_id; /* from a path: looked at here */
    enum media_road road;
    int64_t timeout_ms;           /* how long to wait for what is not there yet; 0: not at all */
    struct scan_found *ret_found; /* NULL, or what the antivirus said, whatever comes of it */
};

/* USE_DONE: the caller may have it; the row's texts are in use->arena. USE_PARK: not yet, the
 * handler parks. USE_FAILED: 400 for a question that is none, 404 M_NOT_FOUND, 504
 * M_NOT_YET_UPLOADED when its time is up, or why the gate is closed. */
int media_look(struct use *use, const struct media_question *question,
               struct media *ret_media) MUST_USE;

/* Its bytes, as a descriptor that is the caller's: USE_DONE. USE_WAIT: they are fetched, and the
 * handler is run again. USE_FAILED: they are not there, or not as many as they were, which is
 * logged; 503 while they cannot be reached. */
int media_open(struct use *use, const struct media *media, int *ret_fd) MUST_USE;

/* Those who wait for a file (0: for any) look again. Any thread, after the commit. */
void media_wake(struct server *server, int64_t id);

/* A name for a new file: letters and digits, drawn. */
struct str media_new_id(struct arena *arena);
/* "mxc://…". */
struct str media_uri(struct use *use, const struct media *media);

/* ---- for administrators; audited ---- */

/* "mxc://…" as it is written. -1: 400, 404. */
int media_find_uri(struct use *use, struct str uri, struct media *ret_media) MUST_USE;
int media_remove(struct use *use, const struct media *media) MUST_USE;
/* Its content, under whatever ids, now and when it is sent again. */
int media_set_quarantine(struct use *use, const struct media *media, bool quarantined) MUST_USE;
/* The antivirus looks at its content anew; until it has, nobody but who sent it is given it. 409
 * with scanner.engine none. */
int media_rescan(struct use *use, const struct media *media) MUST_USE;

/* ---- erasure ---- */

/* The contents of an account's files, before a job that gives them up (media_delete_owner)… */
struct media_contents {
    struct str *hashes; /* in use->arena */
    size_t n;
};
int media_list_contents(struct use *use, int64_t owner,
                        struct media_contents *ret_contents) MUST_USE;
/* …and after its commit: those that nobody else names are taken away. Any thread. */
void media_give_up(struct server *server, const struct media_contents *contents);

/* ---- upkeep ---- */

/* Reservations that have expired go, and contents that no row names. A piece of the work: for the
 * background. */
void media_upkeep(struct server *server);

/* Every content is there with its size and its hash. A line a fault; *ret_faults counts them. What
 * no row names is told too, and is no fault. Takes as long as reading everything. */
int media_check(struct use *use, void (*report)(void *arg, const char *line), void *arg,
                int64_t *ret_faults) MUST_USE;

#endif
