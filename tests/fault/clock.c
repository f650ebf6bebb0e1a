/* SPDX-License-Identifier: EUPL-1.2 */
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

/* Loaded before libc (LD_PRELOAD): the wall clock is FAULT_CLOCK_DAYS away from what it is. The
 * monotonic clock stays. */

static time_t shift(void)
{
    const char *days = getenv("FAULT_CLOCK_DAYS");
    return days ? strtol(days, NULL, 10) * 86400 : 0;
}

int clock_gettime(clockid_t clock, struct timespec *ret)
{
    union {
        void *symbol;
        int (*function)(clockid_t, struct timespec *);
    } real = {dlsym(RTLD_NEXT, "clock_gettime")};
    int result = real.function(clock, ret);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        ret->tv_sec += shift();
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
