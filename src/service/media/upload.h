/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_MEDIA_UPLOAD_H
#define CHAPPE_SERVICE_MEDIA_UPLOAD_H

/* Uploads (client-server API, "Content repository"). A body is taken piece by piece, hashed and
 * written as it comes; when it is whole it is made durable by the pool of sleepers, and then its
 * row is committed. Whatever cuts it short leaves neither a file nor a byte of the quota. All of a
 * body is always taken, so that nothing tells whether its content was known (MED-19). */

#include "service/media/media.h"

struct upload_args {
    struct str type, name;            /* as declared; STR_NONE: not */
    struct str length;                /* Content-Length; STR_NONE: not said */
    struct str server_name, media_id; /* of a reservation; media_id STR_NONE: a new file */
};

/* Takes the body of the exchange. USE_WAIT: the handler is run again. USE_DONE: the answer leaves
 * when the row is committed; *ret_media is the file. USE_FAILED: 403 (somebody else's reservation;
 * over the quota), 404, 409, 413, 400 for a name that is too long or a body that is cut. The
 * declared length and quota are looked at before any of the body. */
int upload_take(struct use *use, const struct upload_args *args, struct media *ret_media) MUST_USE;

/* An id whose content is to come, until ret_media->expires_ms. 429. */
int upload_reserve(struct use *use, struct media *ret_media) MUST_USE;

#endif
