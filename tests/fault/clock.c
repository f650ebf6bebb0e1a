/* SPDX-License-Identifier: EUPL-1.2 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* Loaded before libc (LD_PRELOAD): a wall clock that is wrong. It is FAULT_CLOCK_DAYS away from
 * what it is; and the file FAULT_CLOCK_FILE, which a test writes while the program runs, moves it
 * or stops it. The monotonic clock stays. */

#define NS_A_SECOND INT64_C(1000000000)

/* The file, in the machine's order of bytes. */
struct control {
    int64_t offset_ns; /* added */
    int64_t frozen_ns; /* since 1970; 0: the clock goes */
};

static const volatile struct control *control;

__attribute__((constructor)) static void map_control(void)
{
    const char *path = getenv("FAULT_CLOCK_FILE");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    void *page = mmap(NULL, sizeof *control, PROT_READ, MAP_SHARED, fd, 0);
    if (page != MAP_FAILED)
        control = page;
    close(fd);
}

static int64_t wrong(int64_t ns)
{
    const char *days = getenv("FAULT_CLOCK_DAYS");
    if (days)
        ns += strtol(days, NULL, 10) * 86400 * NS_A_SECOND;
    if (control)
        ns = control->frozen_ns ? control->frozen_ns : ns + control->offset_ns;
    return ns;
}

int clock_gettime(clockid_t clock, struct timespec *ret)
{
    union {
        void *symbol;
        int (*function)(clockid_t, struct timespec *);
    } real = {dlsym(RTLD_NEXT, "clock_gettime")};
    int result = real.function(clock, ret);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        int64_t ns = wrong(ret->tv_sec * NS_A_SECOND + ret->tv_nsec);
        *ret = (struct timespec){ns / NS_A_SECOND, ns % NS_A_SECOND};
    }
    return result;
}

int gettimeofday(struct timeval *restrict ret, void *restrict zone)
{
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    *ret = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    return 0;
}

time_t time(time_t *ret)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (ret)
        *ret = now.tv_sec;
    return now.tv_sec;
}
