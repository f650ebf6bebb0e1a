/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/clock.h"
#include "base/wait.h"
#include "db/sqlite.h"

void sqlite_turn_init(struct sqlite_turn *turn)
{
    pthread_mutex_init(&turn->lock, NULL);
    wait_init(&turn->wake);
}

void sqlite_turn_done(struct sqlite_turn *turn)
{
    pthread_cond_destroy(&turn->wake);
    pthread_mutex_destroy(&turn->lock);
}

void sqlite_turn_take(struct sqlite_turn *turn)
{
    pthread_mutex_lock(&turn->lock);
    while (turn->held)
        pthread_cond_wait(&turn->wake, &turn->lock);
    turn->writing++;
    pthread_mutex_unlock(&turn->lock);
}

/* A log that is not longer than before was begun anew. */
static void count_commit(struct sqlite_turn *turn, int log_pages)
{
    turn->commits++;
    turn->grown += log_pages > turn->log_pages ? log_pages - turn->log_pages : log_pages;
    turn->log_pages = log_pages;
}

void sqlite_turn_leave(struct sqlite_turn *turn, int log_pages)
{
    pthread_mutex_lock(&turn->lock);
    turn->writing--;
    if (log_pages > 0)
        count_commit(turn, log_pages);
    bool wakes = turn->held && turn->writing == 0;
    pthread_mutex_unlock(&turn->lock);
    if (wakes)
        pthread_cond_broadcast(&turn->wake);
}

void sqlite_turn_note(struct sqlite_turn *turn, int log_pages)
{
    pthread_mutex_lock(&turn->lock);
    count_commit(turn, log_pages);
    pthread_mutex_unlock(&turn->lock);
}

int64_t sqlite_turn_commits(struct sqlite_turn *turn)
{
    pthread_mutex_lock(&turn->lock);
    int64_t commits = turn->commits;
    pthread_mutex_unlock(&turn->lock);
    return commits;
}

int64_t sqlite_turn_log_pages(struct sqlite_turn *turn)
{
    pthread_mutex_lock(&turn->lock);
    int64_t pages = turn->log_pages;
    pthread_mutex_unlock(&turn->lock);
    return pages;
}

int64_t sqlite_turn_grown(struct sqlite_turn *turn)
{
    pthread_mutex_lock(&turn->lock);
    int64_t grown = turn->grown;
    pthread_mutex_unlock(&turn->lock);
    return grown;
}

void sqlite_turn_clear_grown(struct sqlite_turn *turn)
{
    pthread_mutex_lock(&turn->lock);
    turn->grown = 0;
    pthread_mutex_unlock(&turn->lock);
}

/* Each transaction under way adds one at most. */
int64_t sqlite_turn_horizon(struct sqlite_turn *turn)
{
    pthread_mutex_lock(&turn->lock);
    int64_t horizon = turn->commits + turn->writing;
    pthread_mutex_unlock(&turn->lock);
    return horizon;
}

bool sqlite_turn_hold(struct sqlite_turn *turn, int64_t ms)
{
    int64_t until = clock_monotonic_ms() + ms;
    pthread_mutex_lock(&turn->lock);
    turn->held = true;
    turn->holds++;
    while (turn->writing > 0 && wait_until(&turn->wake, &turn->lock, until))
        ;
    bool mine = turn->writing == 0;
    turn->held = mine;
    pthread_mutex_unlock(&turn->lock);
    if (!mine)
        pthread_cond_broadcast(&turn->wake);
    return mine;
}

void sqlite_turn_release(struct sqlite_turn *turn)
{
    pthread_mutex_lock(&turn->lock);
    turn->held = false;
    pthread_mutex_unlock(&turn->lock);
    pthread_cond_broadcast(&turn->wake);
}
