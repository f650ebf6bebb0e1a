/* SPDX-License-Identifier: EUPL-1.2 */
#include "cage/cage.h"

#include <signal.h>
#include <stdio.h>

#include "base/check.h"
#include "base/limits.h"
#include "cage/message.h"

static int too_large(struct err *err)
{
    return err_client(err, 413, "M_TOO_LARGE", "The image is too large to be shown small");
}

static int unreadable(struct err *err)
{
    return err_client(err, 400, "M_UNKNOWN", "The image cannot be read");
}

/* A child that was killed or lied has met something that attacks it, or a bug of a codec. */
static int suspicious(struct err *err, const char *what, int code)
{
    (void)unreadable(err);
    snprintf(err->detail, sizeof err->detail, "the decoder %s (%d)", what, code);
    return -1;
}

static int refused(enum decode_status status, struct err *err)
{
    switch (status) {
    case DECODE_UNKNOWN:
        return err_client(err, 400, "M_UNKNOWN",
                          "Only JPEG, PNG, GIF and WebP images are shown small");
    case DECODE_TOO_LARGE:
        return too_large(err);
    case DECODE_DONE:
    case DECODE_BROKEN:
    case DECODE_STATUS_COUNT:
        break;
    }
    return unreadable(err);
}

static int take_answer(struct str said, const struct thumbnail_wish *wish,
                       struct thumbnail *ret_thumbnail, struct err *err)
{
    struct decode_answer answer;
    struct str body;
    if (decode_answer_parse(said, wish, &answer, &body) < 0)
        return suspicious(err, "gave an answer that cannot be", 0);
    if (answer.status != DECODE_DONE)
        return refused((enum decode_status)answer.status, err);
    *ret_thumbnail = (struct thumbnail){
        .format = (enum image_format)answer.format,
        .width = answer.width,
        .height = answer.height,
        .frames = answer.frames,
    };
    buf_init(&ret_thumbnail->bytes, LIMIT_THUMBNAIL_BYTES);
    buf_add(&ret_thumbnail->bytes, body);
    return 0;
}

static int judge(const struct talk_end *end, struct str said, const struct thumbnail_wish *wish,
                 struct thumbnail *ret_thumbnail, struct err *err)
{
    switch (end->outcome) {
    case TALK_ENDED:
        if (end->code == 0)
            return take_answer(said, wish, ret_thumbnail, err);
        return err_internal(err, "the decoder could not work (%d)", end->code);
    case TALK_KILLED:
        return end->code == SIGXCPU ? too_large(err)
                                    : suspicious(err, "was ended by a signal", end->code);
    case TALK_FLOODED:
        return suspicious(err, "said too much", 0);
    case TALK_LATE:
        break;
    }
    /* It was not given the processor time that it may take: not the image's fault. */
    return err_internal(err, "the decoder was not done in time");
}

int cage_thumbnail(const struct cage_source *source, const struct thumbnail_wish *wish,
                   struct thumbnail *ret_thumbnail, struct err *err)
{
    CLEANUP(buf_done) struct buf said;
    struct talk_end end;
    CHECK(thumbnail_wish_is_valid(wish) && source->size >= 0);
    buf_init(&said, sizeof(struct decode_answer) + LIMIT_THUMBNAIL_BYTES);
    if (source->size > (int64_t)LIMIT_IMAGE_BYTES)
        return too_large(err);
    const struct decode_request request = {
        .magic = DECODE_REQUEST_MAGIC,
        .width = wish->width,
        .height = wish->height,
        .method = wish->method,
        .animated = wish->animated,
        .size = (uint64_t)source->size,
    };
    const struct talk talk = {
        .command = "decode",
        .head = str_make(&request, sizeof request),
        .source = *source,
        .milliseconds = LIMIT_DECODE_MS,
    };
    if (child_talk(&talk, &said, &end, err) < 0)
        return -1;
    return judge(&end, buf_str(&said), wish, ret_thumbnail, err);
}
