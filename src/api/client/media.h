/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_API_CLIENT_MEDIA_H
#define CHAPPE_API_CLIENT_MEDIA_H

#include "api/api.h"
#include "service/media/thumbnails.h"

/* Answers with a file, or the part of it that is asked for, under the headers that every file has.
 * name: another than its own, or STR_NONE. API_WAIT while its bytes are fetched. For routes with
 * API_PAGE. */
int api_media_send(struct request *rq, const struct media *media, struct str name) MUST_USE;

/* What the query asks for, as the nearest listed size. -1: 400. */
int api_thumbnail_question(struct request *rq, struct thumbnail_question *ret_question) MUST_USE;

#endif
