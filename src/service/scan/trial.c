/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/scan/trial.h"

#include "base/buf.h"
#include "base/limits.h"

/* clamd refuses a MaxRecursion of more. */
#define NESTED 101

/* Neither this file nor the program holds the test file's text: scanners would find it there. Each
 * letter is one above. */
static const char SHIFTED[] = "Y6P\"Q&ABQ\\5]Q[Y65)Q_*8DD*8~%FJDBS.TUBO"
                              "EBSE.BOUJWJSVT.UFTU.GJMF\"%I,I+";

static struct str make_eicar(struct arena *arena)
{
    struct str shifted = str_from(SHIFTED);
    char *text = ARENA_NEW_N(arena, shifted.n, char);
    for (size_t i = 0; i < shifted.n; i++)
        text[i] = (char)(shifted.p[i] - 1);
    return str_make(text, shifted.n);
}

/* ---- archives (the ZIP format, PKWARE's APPNOTE 4.3): one entry "a", stored ---- */

static void add16(struct buf *out, unsigned value)
{
    buf_add_byte(out, (char)(value & 0xff));
    buf_add_byte(out, (char)(value >> 8 & 0xff));
}

static void add32(struct buf *out, size_t value)
{
    add16(out, (unsigned)(value & 0xffff));
    add16(out, (unsigned)(value >> 16 & 0xffff));
}

/* What the two headers of an entry have in common. */
static void add_entry(struct buf *out, unsigned flags, size_t n)
{
    add16(out, 20); /* version */
    add16(out, flags);
    add16(out, 0); /* stored */
    add32(out, 0); /* time */
    add32(out, 0); /* checksum */
    add32(out, n);
    add32(out, n);
    add16(out, 1); /* length of the name */
    add16(out, 0);
}

static void add_archive(struct buf *out, unsigned flags, struct str inside)
{
    size_t directory = 31 + inside.n;
    buf_add(out, STR("PK\x03\x04"));
    add_entry(out, flags, inside.n);
    buf_add(out, STR("a"));
    buf_add(out, inside);
    buf_add(out, STR("PK\x01\x02"));
    add16(out, 20);
    add_entry(out, flags, inside.n);
    for (int i = 0; i < 3; i++)
        add16(out, 0);
    add32(out, 0);
    add32(out, 0);
    buf_add(out, STR("aPK\x05\x06"));
    add32(out, 0);
    add16(out, 1);
    add16(out, 1);
    add32(out, 47);
    add32(out, directory);
    add16(out, 0);
}

static struct str make_archive(struct arena *arena, unsigned flags, struct str inside, int depth)
{
    struct buf in, out;
    buf_init(&in, KIB(64));
    buf_add(&in, inside);
    for (int i = 0; i < depth; i++) {
        buf_init(&out, KIB(64));
        add_archive(&out, flags, buf_str(&in));
        buf_done(&in);
        in = out;
    }
    struct str archive = arena_str(arena, buf_str(&in));
    buf_done(&in);
    return archive;
}

void trial_make(struct arena *arena, struct trial ret_trials[TRIALS])
{
    ret_trials[0] = (struct trial){"text", STR("Bonjour."), SCAN_CLEAN, "it finds what is not"};
    ret_trials[1] = (struct trial){"eicar", make_eicar(arena), SCAN_INFECTED,
                                   "it does not find the EICAR test file"};
    ret_trials[2] =
        (struct trial){"encrypted archive", make_archive(arena, 1, STR("twelve bytes and more"), 1),
                       SCAN_NOT_SCANNABLE, "clamd.conf: AlertEncrypted yes"};
    ret_trials[3] =
        (struct trial){"nested archive", make_archive(arena, 0, STR("Bonjour."), NESTED),
                       SCAN_NOT_SCANNABLE, "clamd.conf: AlertExceedsMax yes"};
}
