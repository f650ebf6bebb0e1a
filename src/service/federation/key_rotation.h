/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_FEDERATION_KEY_ROTATION_H
#define CHAPPE_SERVICE_FEDERATION_KEY_ROTATION_H

/* Putting a new signing key in force (docs/design/keys.md): in the file, in the audit table and in
 * the running server. Each step may be the last before a power cut; the next start finishes what
 * was begun. */

#include "service/use.h"

/* Rotates, or finishes a rotation that was begun. Without an exchange. When it returns 0, events
 * are signed with the new key, and none is with the old one after the time noted with it. */
int key_rotation_run(struct use *use) MUST_USE;

/* At start: finishes a rotation that was cut short, if there is one. */
int key_rotation_finish(struct server *server, struct err *err) MUST_USE;

#endif
