/* SPDX-License-Identifier: EUPL-1.2 */
#include "cage/walls.h"

#include <errno.h>
#include <linux/capability.h>
#include <seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cage/sanitized.h"

static int fail(struct err *err, const char *what)
{
    return err_internal(err, "walls: %s: %s", what, strerror(errno));
}

static int close_between(unsigned first, unsigned last)
{
    return first > last ? 0 : (int)syscall(SYS_close_range, first, last, 0);
}

static int close_others(const struct walls *walls, struct err *err)
{
    unsigned next = 0;
    for (size_t i = 0; i < walls->n_keep; i++) {
        unsigned kept = (unsigned)walls->keep[i];
        if (kept > 0 && close_between(next, kept - 1) < 0)
            return fail(err, "closing descriptors");
        next = kept + 1;
    }
    return close_between(next, ~0U) < 0 ? fail(err, "closing descriptors") : 0;
}

static int drop_privileges(struct err *err)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {0};
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
        return fail(err, "parent's death");
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
        return fail(err, "dumpable");
    if (syscall(SYS_capset, &header, none) < 0)
        return fail(err, "capabilities");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return fail(err, "no_new_privs");
    return 0;
}

static rlim_t lower(rlim_t a, rlim_t b)
{
    return a < b ? a : b;
}

/* A limit that is lower already stays. */
static int limit(int resource, rlim_t soft, rlim_t hard, struct err *err)
{
    __rlimit_resource_t which = (__rlimit_resource_t)resource;
    struct rlimit now;
    if (getrlimit(which, &now) < 0)
        return fail(err, "limits");
    now.rlim_max = lower(now.rlim_max, hard);
    now.rlim_cur = lower(now.rlim_max, soft);
    return setrlimit(which, &now) < 0 ? fail(err, "limits") : 0;
}

static int set_limits(const struct walls *walls, struct err *err)
{
    static const int nothing[] = {RLIMIT_CORE, RLIMIT_FSIZE, RLIMIT_NPROC, RLIMIT_MEMLOCK,
                                  RLIMIT_MSGQUEUE};
    for (size_t i = 0; i < ARRAY_LEN(nothing); i++)
        if (limit(nothing[i], 0, 0, err) < 0)
            return -1;
    /* The sanitizers' shadow memory takes terabytes of address space. */
    if (walls->memory && !CAGE_SANITIZED && limit(RLIMIT_AS, walls->memory, walls->memory, err) < 0)
        return -1;
    /* SIGXCPU tells what happened; SIGKILL follows if that was not enough. */
    if (walls->cpu_seconds &&
        limit(RLIMIT_CPU, walls->cpu_seconds, (rlim_t)walls->cpu_seconds + 1, err) < 0)
        return -1;
    return limit(RLIMIT_NOFILE, walls->files, walls->files, err);
}

/* ---- Landlock: the header that the program is built with may be older than the kernel ---- */

struct landlock_attributes {
    uint64_t fs, net, scoped;
};

#define LANDLOCK_VERSION_FLAG 1u

/* Of a kernel's version: how much of the struct it knows, and every right in it. */
static size_t landlock_rights(long version, struct landlock_attributes *ret)
{
    unsigned fs = version >= 5 ? 16 : version >= 3 ? 15 : version == 2 ? 14 : 13;
    *ret = (struct landlock_attributes){
        .fs = (UINT64_C(1) << fs) - 1,
        .net = version >= 4 ? 3 : 0,
        .scoped = version >= 6 ? 3 : 0,
    };
    return version >= 6   ? sizeof *ret
           : version >= 4 ? offsetof(struct landlock_attributes, scoped)
                          : offsetof(struct landlock_attributes, net);
}

int walls_landlock(struct err *err)
{
    struct landlock_attributes attributes;
    long version = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, LANDLOCK_VERSION_FLAG);
    /* Not built in, switched off, or hidden by a filter that stands around us. */
    if (version < 1)
        return 0;
    size_t size = landlock_rights(version, &attributes);
    long rules = syscall(SYS_landlock_create_ruleset, &attributes, size, 0u);
    if (rules < 0)
        return fail(err, "Landlock");
    long restricted = syscall(SYS_landlock_restrict_self, (int)rules, 0u);
    if (restricted < 0)
        (void)fail(err, "Landlock");
    close((int)rules);
    return restricted < 0 ? -1 : 1;
}

/* ---- seccomp ---- */

static const struct walls_call for_all[] = {
    {SYS_brk, -1},
    {SYS_munmap, -1},
    {SYS_mremap, -1},
    {SYS_exit_group, -1},
};

/* What the sanitizers' runtimes need besides; never in a release. */
static const struct walls_call for_sanitizers[] = {
    {SYS_madvise, -1},       {SYS_mprotect, -1}, {SYS_futex, -1},  {SYS_sched_yield, -1},
    {SYS_sigaltstack, -1},   {SYS_gettid, -1},   {SYS_getpid, -1}, {SYS_rt_sigprocmask, -1},
    {SYS_clock_gettime, -1}, {SYS_write, 2},
};

static int allow(scmp_filter_ctx filter, const struct walls_call *calls, size_t n)
{
    int failed = 0;
    for (size_t i = 0; i < n && !failed; i++) {
        /* A descriptor is 32 bits of its register. */
        struct scmp_arg_cmp is_fd =
            SCMP_A0(SCMP_CMP_MASKED_EQ, UINT32_MAX, (scmp_datum_t)(unsigned)calls[i].fd);
        failed = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, (int)calls[i].number,
                                        calls[i].fd >= 0 ? 1 : 0, &is_fd);
    }
    return failed;
}

/* Memory that holds code is neither made here nor made so later: mprotect is not on the list. */
static int allow_memory(scmp_filter_ctx filter)
{
    struct scmp_arg_cmp no_code = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
    return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, &no_code);
}

static int fill(scmp_filter_ctx filter, const struct walls *walls)
{
    int failed = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (!failed)
        failed = allow_memory(filter);
    if (!failed)
        failed = allow(filter, for_all, ARRAY_LEN(for_all));
    if (!failed && CAGE_SANITIZED)
        failed = allow(filter, for_sanitizers, ARRAY_LEN(for_sanitizers));
    return failed ? failed : allow(filter, walls->calls, walls->n_calls);
}

static int filter_calls(const struct walls *walls, struct err *err)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (!filter)
        return err_internal(err, "walls: seccomp");
    int failed = fill(filter, walls);
    if (!failed)
        failed = seccomp_load(filter);
    seccomp_release(filter);
    return failed ? err_internal(err, "walls: seccomp: %s", strerror(-failed)) : 0;
}

int walls_enter(const struct walls *walls, struct err *err)
{
    if (close_others(walls, err) < 0 || drop_privileges(err) < 0)
        return -1;
    /* Before the limit on descriptors: its rules are one, for a moment. */
    if (walls_landlock(err) < 0 || set_limits(walls, err) < 0)
        return -1;
    return filter_calls(walls, err);
}
