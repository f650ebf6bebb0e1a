/* SPDX-License-Identifier: EUPL-1.2 */
#include "db/db_unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/random.h"

struct db_unit {
    enum db_engine engine;
    char name[32];
    char dir[64];
    char uri[1024];
};

static const char *server_uri(void)
{
    return getenv("CHAPPE_TEST_PG_URI");
}

bool db_unit_engine(int argc, char **argv, enum db_engine *ret_engine)
{
    bool is_postgres = argc > 1 && strcmp(argv[1], "postgresql") == 0;
    *ret_engine = is_postgres ? DB_ENGINE_POSTGRESQL : DB_ENGINE_SQLITE;
    if (!is_postgres || server_uri())
        return true;
    printf("SKIP: CHAPPE_TEST_PG_URI is not set; run it through tools/with-postgres\n");
    return false;
}

static void run_on_server(const char *script)
{
    struct err err = ERR_INIT;
    struct db *db;
    struct db_conn *conn;
    if (db_open(server_uri(), NULL, &db, &err) || db_conn_open(db, DB_MODE_WRITE, &conn, &err) ||
        db_run_script(conn, script, &err)) {
        fprintf(stderr, "%s: %s\n", script, err.detail);
        exit(1);
    }
    db_conn_close(conn);
    db_close(db);
}

static void make_postgres(struct db_unit *unit)
{
    char script[128];
    const char *server = server_uri();
    snprintf(script, sizeof script, "CREATE SCHEMA %s", unit->name);
    run_on_server(script);
    snprintf(unit->uri, sizeof unit->uri, "%s%coptions=-csearch_path%%3D%s", server,
             strchr(server, '?') ? '&' : '?', unit->name);
}

struct db_unit *db_unit_new(enum db_engine engine)
{
    struct db_unit *unit = MEM_NEW(struct db_unit);
    unit->engine = engine;
    snprintf(unit->name, sizeof unit->name, "unit_%d_%u", (int)getpid(),
             (unsigned)random_below(1000000000));
    snprintf(unit->dir, sizeof unit->dir, "/tmp/chappe_unit_XXXXXX");
    if (!mkdtemp(unit->dir)) {
        perror(unit->dir);
        exit(1);
    }
    if (engine == DB_ENGINE_SQLITE)
        snprintf(unit->uri, sizeof unit->uri, "sqlite:%s/test.db", unit->dir);
    else
        make_postgres(unit);
    return unit;
}

const char *db_unit_uri(const struct db_unit *unit)
{
    return unit->uri;
}

const char *db_unit_dir(const struct db_unit *unit)
{
    return unit->dir;
}

static void remove_directory(const char *path)
{
    DIR *dir = opendir(path);
    if (!dir)
        return;
    for (struct dirent *entry; (entry = readdir(dir));)
        if (entry->d_name[0] != '.')
            unlinkat(dirfd(dir), entry->d_name, 0);
    closedir(dir);
    rmdir(path);
}

void db_unit_free(struct db_unit *unit)
{
    char script[128];
    if (!unit)
        return;
    snprintf(script, sizeof script, "DROP SCHEMA %s CASCADE", unit->name);
    if (unit->engine == DB_ENGINE_POSTGRESQL)
        run_on_server(script);
    remove_directory(unit->dir);
    mem_free(unit);
}
