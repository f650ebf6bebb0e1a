/* SPDX-License-Identifier: EUPL-1.2 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "bin/command.h"

/* What a command keeps while it runs: its configuration, and answers it prints. */
#define PROGRAM_ARENA_BYTES MIB(64)

static const struct command commands[] = {
    {"serve", "", "runs the server", cmd_serve},
    {"user", "add|list|show|password|email|export|deactivate|lock …", "accounts", cmd_user},
    {"notice", "NAME|--all --file FILE", "tells people something, in their room of announcements",
     cmd_notice},
    {"room", "orphans", "rooms that people are in and nobody may run", cmd_room},
    {"hold", "add|release ROOM_ID|NAME | list", "legal holds: nothing of it is purged", cmd_hold},
    {"media", "show|quarantine|release|delete URI", "one file, by its mxc:// URI", cmd_media},
    {"report", "list [--before NUMBER]", "what users have reported", cmd_report},
    {"token", "add|list|delete …", "registration tokens", cmd_token},
    {"audit", "list|verify", "what administrators and operators did", cmd_audit},
    {"routes", "", "every route served: METHOD, tab, PATH", cmd_routes},
    {"check", "", "verifies the store; exit status 0 when it is sound", cmd_check},
    {"backup", "FILE", "one consistent snapshot of database, media and keys", cmd_backup},
    {"restore", "FILE", "puts a snapshot in place; the server is stopped", cmd_restore},
    {"key", "rotate|show", "the server's signing key", cmd_key},
    {"domains", "check FILE|test ADDRESS|reload", "the map from e-mail addresses to servers",
     cmd_domains},
    {"config", "show|check|schema", "the configuration in force, and every key", cmd_config},
    {"decode", "", NULL, cmd_decode},
    {"read-page", "", NULL, cmd_read_page},
    {"scan", "", NULL, cmd_scan},
    {"version", "", "version, commit, libraries", cmd_version},
};

static void print_usage(FILE *to)
{
    fputs("usage: chappe COMMAND [--config FILE] [--data DIR] [--listen ADDR:PORT]\n"
          "              [--server-name NAME] [--set KEY=VALUE]... [WORD]...\n\n",
          to);
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (commands[i].summary)
            fprintf(to, "  %-8s %-48s %s\n", commands[i].name, commands[i].usage,
                    commands[i].summary);
}

static const struct command *find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_usage(stderr);
        return COMMAND_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        print_usage(stdout);
        return COMMAND_OK;
    }
    const char *name = strcmp(argv[1], "--version") == 0 ? "version" : argv[1];
    const struct command *command = find(name);
    if (!command)
        return command_fail(COMMAND_USAGE, "unknown command \"%s\" (chappe help lists them)", name);
    signal(SIGPIPE, SIG_IGN);
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(PROGRAM_ARENA_BYTES);
    return command->run(arena, argc - 2, argv + 2);
}
