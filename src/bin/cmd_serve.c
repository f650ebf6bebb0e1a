/* SPDX-License-Identifier: EUPL-1.2 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/front.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "bin/admin_socket.h"
#include "bin/command.h"
#include "bin/data_dir.h"
#include "bin/domain_file.h"
#include "bin/notify.h"
#include "bin/web_files.h"
#include "net/http.h"
#include "service/admin/admin.h"
#include "service/federation/signer.h"
#include "service/federation/signing_key.h"
#include "service/identity/identity.h"
#include "service/rooms/welcome.h"
#include "service/server.h"

/* Of the 10 s that a stop may take; the rest is for the store. */
#define STOP_GRACE_MS 7000

struct serving {
    struct options *options;
    struct server *server;
    struct admin_socket *admin;
    sigset_t signals;
};

/* Signals are taken one at a time by sigtimedwait, on the main thread; every other thread is born
 * with them blocked. */
static void block_signals(sigset_t *signals)
{
    sigemptyset(signals);
    sigaddset(signals, SIGTERM);
    sigaddset(signals, SIGINT);
    sigaddset(signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, signals, NULL);
}

/* As many sockets as we may have; no core file, which would hold tokens and keys. */
static void set_limits(void)
{
    struct rlimit files, none = {0, 0};
    umask(077);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    setrlimit(RLIMIT_CORE, &none);
    if (geteuid() == 0)
        log_line(LOG_LEVEL_WARN, "runs_as_root", "advice",
                 LOG_Z("run the server as a user of its own (packaging/systemd)"), NULL);
}

static void answer_command(void *arg, struct str request, struct buf *out)
{
    admin_run(arg, request, out);
}

static int start(struct arena *arena, struct serving *s, struct err *err)
{
    const struct config *config = &s->options->config;
    struct signing_key key;
    if (signing_key_load_or_make(arena, config->signing_key.p, &key, err) < 0)
        return -1;
    int opened = server_open(config, &key.key, key.id, &s->server, err);
    signing_key_done(&key);
    if (opened < 0 || domain_file_serve(s->server, config, err) < 0 ||
        admin_socket_open(config->data_dir, answer_command, s->server, &s->admin, err) < 0)
        return -1;
    return rooms_welcome(s->server, err) < 0 ? -1 : api_front_start(s->server, err);
}

/* In the reverse order: nothing new comes in while the rest is finished. */
static void stop(struct serving *s)
{
    if (s->server)
        store_hurry(s->server->store);
    admin_socket_close(s->admin);
    if (s->server)
        api_front_stop(s->server, STOP_GRACE_MS);
    server_close(s->server);
}

static void say_flaw(const struct serving *s)
{
    const char *flaw = db_flaw(store_db(s->server->store));
    if (flaw)
        log_line(LOG_LEVEL_INFO, "database_flaw", "detail", LOG_Z(flaw), NULL);
}

static void say_ready(const struct serving *s)
{
    const struct config_listen *first = &s->options->config.listen[0];
    bool v6 = str_find(first->address, ':') >= 0;
    printf("ready %s://%s%.*s%s:%d\n", first->tls_certificate.p ? "https" : "http", v6 ? "[" : "",
           STR_ARG(first->address), v6 ? "]" : "", http_server_port(s->server->http, 0));
    fflush(stdout);
    const struct server_key *key = signer_take(s->server->signer);
    log_line(LOG_LEVEL_INFO, "ready", "server_name", LOG_STR(s->server->name), "key",
             LOG_STR(key->id), NULL);
    signer_give(s->server->signer, key);
    say_flaw(s);
    notify_manager("READY=1");
}

/* What can change without a restart: the log level, and the contents of certificate files and of
 * the domain map. The configuration in force stays as it is: others hold pointers into it. */
static void reload(const struct serving *s)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new(MIB(4));
    struct options again = *s->options;
    struct err err = ERR_INIT;
    size_t n;
    again.arena = arena;
    if (options_load(&again, &err) < 0 || http_server_reload_tls(s->server->http, &err) < 0 ||
        identity_reload(s->server, &n, &err) < 0) {
        log_line(LOG_LEVEL_ERROR, "reload_failed", "detail", LOG_Z(err.detail), NULL);
        return;
    }
    log_configure(again.config.log_level, s->options->config.log_format);
    log_line(LOG_LEVEL_INFO, "reloaded", NULL);
}

static void run_until_stopped(const struct serving *s)
{
    int64_t watchdog_ms = notify_watchdog_ms();
    int64_t wait_ms = watchdog_ms ? watchdog_ms : 3600 * 1000;
    struct timespec wait = {.tv_sec = wait_ms / 1000, .tv_nsec = wait_ms % 1000 * 1000000};
    for (;;) {
        int signal_number = sigtimedwait(&s->signals, NULL, &wait);
        if (signal_number == SIGTERM || signal_number == SIGINT)
            return;
        if (signal_number == SIGHUP)
            reload(s);
        if (watchdog_ms)
            notify_manager("WATCHDOG=1");
    }
}

static int serve(struct arena *arena, struct options *options)
{
    struct serving s = {.options = options};
    struct err err = ERR_INIT;
    CLEANUP(fd_cleanup) int lock_fd = -1;
    block_signals(&s.signals);
    set_limits();
    int locked = data_dir_lock(options->config.data_dir, &lock_fd, &err);
    if (locked <= 0)
        return command_fail(locked < 0 ? COMMAND_FAILED : COMMAND_IN_USE, "%s", err.detail);
    int result = start(arena, &s, &err);
    if (result == 0) {
        say_ready(&s);
        run_until_stopped(&s);
        notify_manager("STOPPING=1");
        log_line(LOG_LEVEL_INFO, "stopping", NULL);
    }
    stop(&s);
    if (result < 0)
        return command_fail(COMMAND_FAILED, "%s", err.detail[0] ? err.detail : err.text);
    log_line(LOG_LEVEL_INFO, "stopped", NULL);
    return COMMAND_OK;
}

/* A map that is wanted, or cannot be read, is a mistake of the configuration: nothing is started.
 */
static int check_domains(const struct config *config)
{
    struct domain_map *map;
    struct err err = ERR_INIT;
    if (config_wants_domains(config))
        return command_fail(COMMAND_CONFIG,
                            "domains is missing: without a domain map, sign-up by e-mail is a "
                            "demonstration, on loopback listeners, with mails in files and no "
                            "public_url (or registration.mode=closed)");
    if (config->registration_mode == CONFIG_REGISTRATION_EMAIL && !config->public_url.p &&
        !config_is_local(config))
        return command_fail(COMMAND_CONFIG,
                            "public_url is missing: mails hold links to this server");
    if (!config->domains.p)
        return COMMAND_OK;
    if (domain_file_read(config->domains.p, &map, &err) < 0)
        return command_fail(COMMAND_CONFIG, "%s", err.detail);
    domain_map_unref(map);
    return COMMAND_OK;
}

int cmd_serve(struct arena *arena, int argc, char **argv)
{
    struct options options;
    int status = command_begin(arena, argc, argv, NULL, &options);
    if (status != COMMAND_OK)
        return status;
    if (options.n_words)
        return command_fail(COMMAND_USAGE, "chappe serve takes no word: %s", options.words[0]);
    struct err err = ERR_INIT;
    status = check_domains(&options.config);
    if (status != COMMAND_OK)
        return status;
    log_configure(options.config.log_level, options.config.log_format);
    if (web_files_find(arena, &options.config, &err) < 0)
        return command_fail(COMMAND_CONFIG, "%s", err.detail);
    return serve(arena, &options);
}
