/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/sync/reader.h"

#include "base/mem.h"
#include "service/rooms/membership.h"

int reader_load(struct use *use, struct reader **ret_reader)
{
    struct ignored ignored;
    bool own_rules;
    if (ignored_load(use, &ignored) < 0 || push_has_own_rules(use, &own_rules) < 0)
        return -1;
    int blocked = invites_are_blocked(use, use->caller.user);
    if (blocked < 0)
        return -1;
    struct reader *reader = MEM_NEW(struct reader);
    *reader = (struct reader){
        .refs = 1,
        .ignored = ignored,
        .blocks_invites = blocked,
        .own_rules = own_rules,
        .may_change = ignored.has_unknown,
    };
    reader->ignored.users =
        ignored.n ? mem_copy(ignored.users, ignored.n * sizeof *ignored.users) : NULL;
    *ret_reader = reader;
    return 0;
}

struct reader *reader_ref(struct reader *reader)
{
    __atomic_add_fetch(&reader->refs, 1, __ATOMIC_RELAXED);
    return reader;
}

void reader_unref(struct reader *reader)
{
    if (!reader || __atomic_sub_fetch(&reader->refs, 1, __ATOMIC_ACQ_REL) != 0)
        return;
    push_program_unref(reader->program);
    mem_free((void *)(uintptr_t)reader->ignored.users);
    mem_free(reader);
}

int reader_program(struct use *use, struct reader *reader, const struct push_program **ret_program)
{
    struct push_program *program = __atomic_load_n(&reader->program, __ATOMIC_ACQUIRE);
    struct push_program *made = NULL;
    if (!program && push_load_program(use, &made) < 0)
        return -1;
    if (made && __atomic_compare_exchange_n(&reader->program, &program, made, false,
                                            __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        program = made;
    else
        push_program_unref(made); /* another thread was first */
    *ret_program = program;
    return 0;
}
