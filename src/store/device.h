/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_STORE_DEVICE_H
#define CHAPPE_STORE_DEVICE_H

/* Devices of local accounts, and their tokens, of which only the SHA-256 is stored. A device's id
 * in other tables is its row's. */

#include "crypto/hash.h"
#include "store/store.h"

struct device {
    int64_t id, user;
    struct str device_id;
    struct str display_name; /* STR_NONE: none */
    int64_t created_ms, last_seen_ms;
    struct str last_seen_ip;
};

/* A precondition: the device is still there. ERR_KIND_MOVED. */
int device_expect(struct write *w, int64_t id, struct err *err) MUST_USE;
/* ERR_KIND_MOVED when the user has a device of that id by now. */
int device_insert(struct write *w, const struct device *device, struct err *err) MUST_USE;
/* 1, 0, -1; texts are copied into the arena. */
int device_find(struct read *r, int64_t user, struct str device_id, struct arena *arena,
                struct device *ret_device, struct err *err) MUST_USE;
/* The text of a device's id, by its row; "" when it is gone. */
int device_id_of(struct read *r, int64_t id, struct arena *arena, struct str *ret_device_id,
                 struct err *err) MUST_USE;
int device_list(struct read *r, int64_t user, struct arena *arena, struct device **ret_devices,
                size_t *ret_n, struct err *err) MUST_USE;
int device_set_display_name(struct write *w, int64_t id, struct str name, struct err *err) MUST_USE;
int device_set_last_seen(struct write *w, int64_t id, int64_t ms, struct str ip,
                         struct err *err) MUST_USE;
/* With its tokens. Other tables that hang on a device are emptied by device_purge (keys, inbox,
 * delayed events). Writes LOG_KIND_DEVICE. */
int device_delete(struct write *w, int64_t user, int64_t id, struct err *err) MUST_USE;
/* All that the user has when the job runs, but one (0: none), and the tokens that have no device.
 */
int device_delete_all(struct write *w, int64_t user, int64_t except, struct err *err) MUST_USE;

enum token_kind { TOKEN_KIND_ACCESS = 1, TOKEN_KIND_REFRESH = 2 };

/* A new pair stays fresh until one of the two is first used; only then do the tokens it replaces
 * die, so that an answer lost on the way costs nothing. A refresh token that was replaced is kept
 * as spent: who presents it again gives away a theft. */
enum token_state { TOKEN_STATE_FRESH = 0, TOKEN_STATE_ACTIVE = 1, TOKEN_STATE_SPENT = 2 };

struct token {
    int64_t id, user, device; /* device 0: none */
    enum token_kind kind;
    enum token_state state;
    int64_t generation; /* shared by the access and the refresh token of a pair */
    int64_t parent;     /* generation of the refresh token that made it; 0: made by a login */
    int64_t expires_ms; /* 0: never */
    unsigned char digest[SHA256_BYTES];
};

int token_insert(struct write *w, const struct token *token, struct err *err) MUST_USE;
int token_find(struct read *r, const unsigned char digest[SHA256_BYTES], struct token *ret_token,
               struct err *err) MUST_USE;
/* A precondition: the token is still there, and in that state. ERR_KIND_MOVED. */
int token_expect(struct write *w, const struct token *token, struct err *err) MUST_USE;
/* First use of a token of `generation`: it becomes active, its parent's access tokens go, the
 * parent's refresh token is spent, and so do other fresh children of that parent. */
int token_activate(struct write *w, const struct token *token, struct err *err) MUST_USE;
/* All tokens of a device (of its older generations when it signs in again). Writes LOG_KIND_DEVICE.
 */
int token_delete_device(struct write *w, int64_t user, int64_t device, struct err *err) MUST_USE;

#endif
