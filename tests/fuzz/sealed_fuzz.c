/* SPDX-License-Identifier: EUPL-1.2 */
#include "fuzz/harness.h"

#include "base/check.h"
#include "base/limits.h"
#include "service/scan/message.h"
#include "service/scan/sealed.h"

/* Bodies for the content scanner, in clear and sealed; and the packets between the server and the
 * caged scanner, which say the same when they are written again. */
static void check_messages(struct str bytes)
{
    struct scan_ask ask;
    struct scan_reply reply;
    struct buf again;
    buf_init(&again, SCAN_ASK_MAX);
    if (scan_ask_read(bytes, &ask) == 0) {
        scan_ask_write(&again, &ask);
        CHECK(str_eq(buf_str(&again), bytes));
    }
    buf_clear(&again);
    if (scan_reply_read(bytes, &reply) == 0) {
        scan_reply_write(&again, &reply);
        CHECK(str_eq(buf_str(&again), bytes));
    }
    buf_done(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const unsigned char secret[X25519_BYTES] = {
        0x77, 0x07, 0x6d, 0x0a, 0x73, 0x18, 0xa5, 0x7d, 0x3c, 0x16, 0xc1,
        0x72, 0x51, 0xb2, 0x66, 0x45, 0xdf, 0x4c, 0x2f, 0x87, 0xeb, 0xc0,
        0x99, 0x2a, 0xb1, 0x77, 0xfb, 0xa5, 0x1d, 0xb9, 0x2c, 0x2a};
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(1));
    struct str body = str_make((const char *)data, size), opened;
    struct attachment attachment;
    check_messages(body);
    if (size > LIMIT_SCAN_BODY)
        return 0;
    if (sealed_read(arena, secret, body, true, &attachment, &opened) == SEALED_OPENED)
        CHECK(attachment.url.n <= LIMIT_SCAN_URL);
    if (sealed_read(arena, secret, body, false, &attachment, &opened) == SEALED_OPENED)
        CHECK(opened.n > 0);
    return 0;
}
