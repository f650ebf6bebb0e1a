/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_PUSH_VAPID_H
#define CHAPPE_SERVICE_PUSH_VAPID_H

/* Who we are to the push services of browsers (RFC 8292): a P-256 key of this service, in the file
 * push.key. A browser's subscription is made for its public key, and takes messages of it alone.
 * Immutable; any thread. */

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct vapid;

int vapid_load_or_make(const char *path, struct vapid **ret_vapid, struct err *err) MUST_USE;
void vapid_free(struct vapid *vapid); /* NULL is allowed */

/* The uncompressed point, base64url without padding: for PushManager.subscribe. The key's. */
struct str vapid_public(const struct vapid *vapid);
/* "Authorization: vapid t=…, k=…", for the push service at that URL, valid for twelve hours.
 * subject: who may be written to about it, "mailto:…" or https. */
struct str vapid_authorize(const struct vapid *vapid, struct arena *arena, struct str url,
                           struct str subject, int64_t now_ms);

#endif
