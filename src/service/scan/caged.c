/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/scan/caged.h"

#include <errno.h>
#include <stdalign.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "cage/walls.h"
#include "service/scan/clamd.h"
#include "service/scan/message.h"
#include "service/scan/sealed.h"
#include "service/secret.h"

#define MEMORY_MAX MIB(256)
#define FILES_MAX  8
#define ARENA_MAX  MIB(1)

/* ---- the stored bytes, decrypted on their way to clamd ---- */

struct stream {
    int fd;
    struct aes_ctr *ctr;
    struct sha256_stream *hash;
    char piece[LIMIT_SCAN_PIECE];
};

static int next_piece(void *arg, struct str *ret_piece, struct err *err)
{
    struct stream *stream = arg;
    ssize_t n;
    do {
        n = read(stream->fd, stream->piece, sizeof stream->piece);
    } while (n < 0 && errno == EINTR);
    if (n < 0)
        return err_internal(err, "reading the file: %s", strerror(errno));
    struct str piece = str_make(stream->piece, (size_t)n);
    sha256_add(stream->hash, piece);
    aes_ctr_apply(stream->ctr, piece, stream->piece);
    *ret_piece = piece;
    return n > 0;
}

static void reply_failed(struct scan_reply *reply, enum scan_said said, const char *detail)
{
    reply->said = said;
    reply->detail = str_from(detail);
}

/* The verdict counts only when the bytes that were read are the ones that are stored under that
 * hash. */
static void settle(struct stream *stream, const struct scan_ask *ask,
                   const struct clamd_answer *answer, struct scan_reply *reply)
{
    unsigned char digest[SHA256_BYTES];
    sha256_end(stream->hash, digest);
    stream->hash = NULL;
    bool early = answer->state == SCAN_NOT_SCANNABLE; /* it may not have wanted the rest */
    if (!early && memcmp(digest, ask->content, sizeof digest) != 0) {
        reply_failed(reply, SCAN_SAID_NO_CONTENT, "the bytes are not those that were stored");
        return;
    }
    reply->state = answer->state;
    reply->cause = answer->cause;
    reply->detail = str_from(answer->name);
}

static void scan(const struct scan_ask *ask, const struct attachment *attachment, int content_fd,
                 int clamd_fd, struct arena *arena, struct scan_reply *reply)
{
    struct stream *stream = MEM_NEW(struct stream);
    struct clamd_answer *answer = ARENA_NEW(arena, struct clamd_answer);
    struct err *err = ARENA_NEW(arena, struct err);
    stream->fd = content_fd;
    stream->ctr = aes_ctr_new(attachment->key, attachment->iv);
    stream->hash = sha256_begin();
    switch (clamd_scan(clamd_fd, next_piece, stream, NULL, answer, err)) {
    case CLAMD_ANSWERED:
        settle(stream, ask, answer, reply);
        break;
    case CLAMD_FAILED:
        reply_failed(reply, SCAN_SAID_NO_VERDICT, err->detail);
        break;
    case CLAMD_SOURCE_FAILED:
        reply_failed(reply, SCAN_SAID_NO_CONTENT, err->detail);
        break;
    }
    aes_ctr_free(stream->ctr);
    sha256_free(stream->hash);
    mem_wipe(stream->piece, sizeof stream->piece);
    mem_free(stream);
}

/* ---- one request ---- */

/* Of the key and the first block: with either other, other bytes come out. */
static void name_key(const struct attachment *attachment, unsigned char ret_key[SHA256_BYTES])
{
    struct buf both;
    buf_init(&both, 64);
    buf_add(&both, str_make(attachment->key, sizeof attachment->key));
    buf_add(&both, str_make(attachment->iv, sizeof attachment->iv));
    sha256(buf_str(&both), ret_key);
    mem_wipe(both.p, both.n);
    buf_done(&both);
}

static void answer_sealed(struct arena *arena, const unsigned char *secret,
                          const struct scan_ask *ask, const int *fds, struct scan_reply *reply)
{
    struct attachment attachment = {0};
    struct str opened;
    enum sealed_outcome outcome =
        sealed_read(arena, secret, ask->body, ask->plain_too, &attachment, &opened);
    if (outcome != SEALED_OPENED) {
        reply->said = outcome == SEALED_BAD_KEY ? SCAN_SAID_BAD_KEY : SCAN_SAID_MALFORMED;
    } else {
        name_key(&attachment, reply->key);
        memcpy(reply->hash, attachment.sha256, SHA256_BYTES);
        reply->url = arena_str(arena, attachment.url);
        if (ask->op == SCAN_OP_SCAN && memcmp(attachment.sha256, ask->content, SHA256_BYTES) != 0)
            reply->said = SCAN_SAID_OTHER_CONTENT;
        else if (ask->op == SCAN_OP_SCAN)
            scan(ask, &attachment, fds[0], fds[1], arena, reply);
    }
    mem_wipe((void *)(uintptr_t)opened.p, opened.n);
    mem_wipe(&attachment, sizeof attachment);
}

static void answer(struct arena *arena, const unsigned char *secret, struct str message,
                   const int *fds, struct scan_reply *reply)
{
    struct scan_ask ask;
    if (scan_ask_read(message, &ask) < 0 || (ask.op == SCAN_OP_SCAN && (fds[0] < 0 || fds[1] < 0)))
        reply->said = SCAN_SAID_MALFORMED;
    else if (ask.op == SCAN_OP_KEY)
        x25519_public(secret, reply->key);
    else
        answer_sealed(arena, secret, &ask, fds, reply);
}

/* ---- the socket ---- */

/* What comes with a message, at most two descriptors; more end the process's use of them all. */
static void take_descriptors(struct msghdr *header, int fds[2])
{
    fds[0] = fds[1] = -1;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS ||
            c->cmsg_len != CMSG_LEN(2 * sizeof(int)))
            continue;
        memcpy(fds, CMSG_DATA(c), 2 * sizeof(int));
    }
}

/* > 0 its bytes; 0 the other end is closed; -1. */
static ssize_t receive(int socket, char *message, int fds[2])
{
    alignas(struct cmsghdr) char control[CMSG_SPACE(2 * sizeof(int))];
    struct iovec part = {message, SCAN_ASK_MAX};
    struct msghdr header = {.msg_iov = &part,
                            .msg_iovlen = 1,
                            .msg_control = control,
                            .msg_controllen = sizeof control};
    ssize_t n;
    do {
        n = recvmsg(socket, &header, 0);
    } while (n < 0 && errno == EINTR);
    if (n > 0)
        take_descriptors(&header, fds);
    return n;
}

static int reply_to(int socket, const struct scan_reply *reply)
{
    CLEANUP(buf_done) struct buf out;
    buf_init(&out, SCAN_REPLY_MAX);
    scan_reply_write(&out, reply);
    struct iovec part = {out.p, out.n};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
    return sendmsg(socket, &header, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

static int serve_one(int socket, const unsigned char *secret, char *message)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(ARENA_MAX);
    struct scan_reply reply = {0};
    int fds[2] = {-1, -1};
    ssize_t n = receive(socket, message, fds);
    if (n <= 0)
        return -1;
    answer(arena, secret, str_make(message, (size_t)n), fds, &reply);
    mem_wipe(message, (size_t)n);
    fd_cleanup(&fds[0]);
    fd_cleanup(&fds[1]);
    return reply_to(socket, &reply);
}

void caged_serve(int socket, const unsigned char *secret)
{
    char *message = MEM_NEW_N(SCAN_ASK_MAX, char);
    while (serve_one(socket, secret, message) == 0)
        continue;
    mem_free(message);
}

/* ---- life ---- */

/* Whatever libraries set up at their first use, they set up now. */
static void warm_up(const unsigned char *secret)
{
    unsigned char bytes[SHA256_BYTES];
    aes_ready();
    x25519_public(secret, bytes);
    hkdf_sha256(STR("warm"), STR_NONE, STR_NONE, bytes, sizeof bytes);
    sha256_free(sha256_begin());
    aes_ctr_free(aes_ctr_new(bytes, bytes));
}

static int enter(struct err *err)
{
    static const int keep[] = {CAGED_SOCKET};
    static const struct walls_call calls[] = {
        {SYS_recvmsg, CAGED_SOCKET},
        {SYS_sendmsg, -1},
        {SYS_recvfrom, -1},
        {SYS_read, -1},
        {SYS_close, -1},
        {SYS_ppoll, -1},
        {SYS_clock_gettime, -1},
#ifdef SYS_poll
        {SYS_poll, -1},
#endif
    };
    static const struct walls walls = {
        .memory = MEMORY_MAX,
        .files = FILES_MAX,
        .keep = keep,
        .n_keep = ARRAY_LEN(keep),
        .calls = calls,
        .n_calls = ARRAY_LEN(calls),
    };
    return walls_enter(&walls, err);
}

int caged_run(const char *key_path, struct err *err)
{
    unsigned char secret[X25519_BYTES];
    if (secret_load_or_make(key_path, secret, err) < 0)
        return -1;
    warm_up(secret);
    if (enter(err) < 0)
        return -1;
    caged_serve(CAGED_SOCKET, secret);
    mem_wipe(secret, sizeof secret);
    _exit(0); /* what runs at an ordinary end asks for more than the walls allow */
}
