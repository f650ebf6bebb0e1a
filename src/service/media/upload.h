/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_MEDIA_UPLOAD_H
#define CHAPPE_SERVICE_MEDIA_UPLOAD_H

/* Uploads (client-server API, "Content repository"; those that can be gone on with are ours:
 * docs/design/resumable-upload.md). A body is taken piece by piece, hashed and
 * written as it comes; when it is whole it is made durable by the pool of sleepers, and then its
 * row is committed. Whatever cuts it short leaves neither a file nor a byte of the quota. All of a
 * body is always taken, so that nothing tells whether its content was known (MED-19). */

#include "service/media/media.h"

struct upload_args {
    struct str type, name;            /* as declared; STR_NONE: not */
    struct str length;                /* Content-Length; STR_NONE: not said */
    struct str server_name, media_id; /* of a reservation; media_id STR_NONE: a new file */
    bool resumes;                     /* the body is a part of a reservation's content, */
    int64_t offset, total;            /* from there on, of so much in all */
};

/* How much of a reservation's content has come. */
struct upload_progress {
    int64_t offset;
    int64_t expires_ms; /* 0: it is whole, and there */
};

/* Takes the body of the exchange. USE_WAIT: the handler is run again. USE_DONE: the answer leaves
 * when the row is committed; *ret_media is the file. USE_FAILED: 403 (somebody else's reservation;
 * over the quota), 404, 409, 413, 400 for a name that is too long or a body that is cut. The
 * declared length and quota are looked at before any of the body. */
int upload_take(struct use *use, const struct upload_args *args, struct media *ret_media) MUST_USE;

/* A part: as upload_take, and 409 (reason "wrong_offset") unless it begins where the last has
 * ended, 413 for a total over media.max_size, 400 for more bytes than the total. What has come of
 * it stays, also when it is cut. Of two at once the one that began first is refused the rest.
 * *ret_progress is what there is afterwards; the file is there when that is all. */
int upload_take_part(struct use *use, const struct upload_args *args,
                     struct upload_progress *ret_progress) MUST_USE;
/* For its owner. -1: 400, 403, 404. */
int upload_look(struct use *use, struct str server_name, struct str media_id,
                struct upload_progress *ret_progress) MUST_USE;

/* An id whose content is to come, until ret_media->expires_ms. 429. */
int upload_reserve(struct use *use, struct media *ret_media) MUST_USE;

#endif
