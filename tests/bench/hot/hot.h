/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_TESTS_BENCH_HOT_H
#define CHAPPE_TESTS_BENCH_HOT_H

/* The hot paths, each done N times in this process, for a program that counts instructions
 * (tests/bench/unit). What N costs less of it than 2 N is what an operation costs, whatever was
 * prepared before. */

#include "service/config.h"
#include "service/use.h"

struct hot {
    struct config config;
    struct server *server; /* on a preloaded store */
    struct caller caller;  /* agent1, which is in up to 50 rooms */
    struct str token;
    int64_t room;                /* the first of them */
    struct str room_id, content; /* a message's, encrypted, 500 bytes */
    struct arena *arena;         /* of what is prepared */
};

/* One use of the service: its memory and snapshot, as a request has. */
void hot_use_begin(struct hot *hot, struct use *ret_use);
void hot_use_end(struct use *use);

/* Ends the program. */
void hot_fail(const char *what, const struct err *err) NORETURN;

/* Each does its operation n times; a failure ends the program. */
void hot_send(struct hot *hot, size_t n);         /* rooms_send, up to its commit */
void hot_format_event(struct hot *hot, size_t n); /* a stored event → a client's JSON */
void hot_empty_sync(struct hot *hot, size_t n);   /* GET /sync over HTTP, nothing new */
void hot_json_parse(struct hot *hot, size_t n);   /* the text of one event */
void hot_json_canonical(struct hot *hot, size_t n);
void hot_pdu_build(struct hot *hot, size_t n);  /* from a template: hashed and signed */
void hot_pdu_verify(struct hot *hot, size_t n); /* hash and signature of one event */
void hot_auth_check(struct hot *hot, size_t n); /* a message against its room */

#endif
