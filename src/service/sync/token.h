/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_SERVICE_SYNC_TOKEN_H
#define CHAPPE_SERVICE_SYNC_TOKEN_H

/* Tokens that clients hand back. They carry no right: what they name is looked up as any other.
 *
 *   sync      "s<epoch>_<pos>_<to_device>_<boot>_<typing>": positions of the log; boot
 *             (hexadecimal) and typing are of the process
 *   sliding   "p<seq>_" and a sync token
 *   messages  "t<place>": between two events of a room, before the event at place
 *
 * A sync token of another boot is answered with the typing lists as they are; one of an older
 * epoch, made before a restore, is answered from the start of the epoch; one from the future is
 * refused. */

#include "service/use.h"

struct sync_token {
    struct log_position at;
    int64_t to_device; /* a position */
    int64_t typing;    /* 0: of another process, or none */
};

/* The text alone, for those who ask no server. What is read is written as it was: no token has two
 * spellings. -1: not a token. */
int sync_token_read(struct str text, struct sync_token *ret_token, uint64_t *ret_boot) MUST_USE;
struct str sync_token_write(struct arena *arena, const struct sync_token *token, uint64_t boot);
int place_token_read(struct str text, int64_t *ret_place) MUST_USE;
struct str place_token_write(struct arena *arena, int64_t place);

/* pos of a sliding sync, "p<seq>_<sync token>": the number of a generation (connections.h), and
 * where it stands, for those that take it as a token of messages. */
int sliding_pos_read(struct str text, int64_t *ret_seq, struct sync_token *ret_token,
                     uint64_t *ret_boot) MUST_USE;
struct str sliding_pos_write(struct arena *arena, int64_t seq, const struct sync_token *token,
                             uint64_t boot);

struct str sync_token_format(struct use *use, const struct sync_token *token);
/* -1: 400 M_INVALID_PARAM. */
int sync_token_parse(struct use *use, struct str text, struct sync_token *ret_token) MUST_USE;

struct str place_token_format(struct use *use, int64_t place);
/* Any kind of token as a place in a room: events with a place below it come before the token. */
int place_token_parse(struct use *use, int64_t room, struct str text, int64_t *ret_place) MUST_USE;

#endif
