/* SPDX-License-Identifier: EUPL-1.2 */

/* usage: filtered DESCRIPTOR PROGRAM WORD...
 *
 * Runs the program under a filter that lets through the system calls named on that descriptor, one
 * a line, and answers EPERM to all others, as systemd does for a unit with a SystemCallFilter.
 * Names of another machine's calls are passed over. */

#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    char name[128];
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    FILE *names = argc > 2 ? fdopen((int)strtol(argv[1], NULL, 10), "r") : NULL;
    if (!names || !filter)
        return 64;
    while (fgets(name, sizeof name, names)) {
        name[strcspn(name, "\n")] = '\0';
        int number = seccomp_syscall_resolve_name(name);
        if (number >= 0 && seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0) < 0)
            return 65;
    }
    fclose(names);
    if (seccomp_load(filter) < 0)
        return 66;
    seccomp_release(filter);
    execv(argv[2], argv + 2);
    return 67;
}
