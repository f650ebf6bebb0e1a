/* SPDX-License-Identifier: EUPL-1.2 */

/* `chappe decode`: one image in, one thumbnail out, behind the walls. It trusts its parent's head
 * and not one byte after it. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "cage/cage.h"
#include "cage/film.h"
#include "cage/inside.h"
#include "cage/message.h"

#define NICENESS 10

/* A picture through a codec and back: what it or the C library sets up at first use (a seed, what
 * the processor can do, on some machines read from /proc) is there before the walls are. The other
 * libraries ask the kernel for memory only. */
static void use_once(const struct picture *picture,
                     int (*encode)(const struct picture *, struct buf *))
{
    const struct thumbnail_wish wish = {4, 4, THUMBNAIL_SCALE, false};
    struct thumbnail thumbnail = {0};
    struct buf bytes;
    buf_init(&bytes, KIB(64));
    if (encode(picture, &bytes) == 0)
        (void)thumbnail_make(buf_str(&bytes), &wish, MIB(1), &thumbnail);
    thumbnail_done(&thumbnail);
    buf_done(&bytes);
}

static void use_codecs_once(void)
{
    struct picture picture = {8, 8, mem_new(64, 4)};
    use_once(&picture, jpeg_encode);
    use_once(&picture, png_encode);
    picture_done(&picture);
}

/* Whatever else the machine has to do comes first; and when it is out of memory, this is the
 * process to end. Both are for good manners: nothing rests on them. */
static void step_back(void)
{
    CLEANUP(fd_cleanup) int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd >= 0 && write(fd, "1000", 4) < 0)
        errno = 0;
    if (setpriority(PRIO_PROCESS, 0, NICENESS) < 0)
        errno = 0;
}

static int read_request(struct decode_request *ret_request, struct thumbnail_wish *ret_wish)
{
    if (inside_read(ret_request, sizeof *ret_request) < 0 ||
        ret_request->magic != DECODE_REQUEST_MAGIC || ret_request->size > LIMIT_IMAGE_BYTES)
        return -1;
    *ret_wish = (struct thumbnail_wish){ret_request->width, ret_request->height,
                                        (enum thumbnail_method)ret_request->method,
                                        ret_request->animated != 0};
    return thumbnail_wish_is_valid(ret_wish) ? 0 : -1;
}

static int answer(enum decode_status status, const struct thumbnail *thumbnail)
{
    struct str body = buf_str(&thumbnail->bytes);
    const struct decode_answer head = {
        .magic = DECODE_ANSWER_MAGIC,
        .status = status,
        .format = thumbnail->format,
        .width = thumbnail->width,
        .height = thumbnail->height,
        .frames = thumbnail->frames,
        .size = body.n,
    };
    return inside_write(str_make(&head, sizeof head)) < 0 || inside_write(body) < 0
               ? INSIDE_NO_READER
               : INSIDE_GOOD;
}

static int work(void)
{
    struct decode_request request;
    struct thumbnail_wish wish;
    struct thumbnail thumbnail = {0};
    if (read_request(&request, &wish) < 0)
        return INSIDE_NO_REQUEST;
    char *image = mem_new(request.size, 1);
    if (inside_read(image, request.size) < 0)
        return INSIDE_NO_REQUEST;
    enum decode_status status =
        thumbnail_make(str_make(image, request.size), &wish,
                       LIMIT_CAGE_MEMORY - LIMIT_CAGE_PROGRAM - request.size, &thumbnail);
    return answer(status, &thumbnail);
}

/* Nothing is freed and nothing runs at the exit: the process is its own arena. */
void decode_run(void)
{
    step_back();
    use_codecs_once();
    _exit(inside_enter() < 0 ? INSIDE_NO_WALLS : work());
}
