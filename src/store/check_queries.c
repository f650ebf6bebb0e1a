/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/check.h"

/* Faults that a statement can find: each row is one, told as its words and up to two numbers. */

#define LINES_MAX 20

#define NO_NAME(column, table)                                                                     \
    "SELECT DISTINCT " column ", 0 FROM " table " WHERE " column " <> 0 AND NOT EXISTS"            \
    " (SELECT 1 FROM name WHERE name.id = " table "." column ")"
#define NO_EVENT(column, table)                                                                    \
    "SELECT " column ", 0 FROM " table " WHERE " column " <> 0 AND NOT EXISTS"                     \
    " (SELECT 1 FROM event WHERE event.id = " table "." column ")"

static const struct {
    const char *words;
    struct db_stmt stmt;
} QUERIES[] = {
    {"log: an epoch whose positions have a hole or do not begin at its base",
     {"check_log_dense",
      "SELECT e.epoch, count(*) FROM epoch e, log WHERE log.pos > e.base AND log.pos <="
      " coalesce((SELECT min(n.base) FROM epoch n WHERE n.epoch > e.epoch), 9223372036854775807)"
      " GROUP BY e.epoch, e.base HAVING count(*) <> max(log.pos) - e.base"}},
    {"log: the counter is past the last position",
     {"check_log_head",
      "SELECT pos, last FROM (SELECT counter.pos, coalesce((SELECT max(log.pos) FROM log), 0) AS"
      " last, (SELECT max(base) FROM epoch) AS base FROM counter WHERE counter.id = 1) AS c"
      " WHERE pos > CASE WHEN last > base THEN last ELSE base END"}},
    {"ids: one that was not given out is in use",
     {"check_ids",
      "SELECT next_id, used FROM (SELECT next_id, (SELECT max(used) FROM (SELECT"
      " coalesce(max(id), 0) AS used FROM event UNION ALL SELECT coalesce(max(id), 0) FROM state"
      " UNION ALL SELECT coalesce(max(id), 0) FROM name) AS a) AS used FROM counter) AS b"
      " WHERE used >= next_id"}},
    {"log: an entry of an event that is not there",
     {"check_log_event", "SELECT log.pos, log.ref FROM log WHERE log.kind = 1 AND NOT EXISTS"
                         " (SELECT 1 FROM event WHERE event.id = log.ref AND event.pos = log.pos"
                         " AND event.room = log.room)"}},
    {"event: not in the log at its position",
     {"check_event_log",
      "SELECT event.id, event.pos FROM event WHERE (event.flags & 1) = 0 AND NOT EXISTS"
      " (SELECT 1 FROM log WHERE log.pos = event.pos AND log.ref = event.id AND log.kind = 1)"}},
    {"event: two at one place (room, place)",
     {"check_event_place",
      "SELECT room, place FROM event WHERE place IS NOT NULL GROUP BY room, place"
      " HAVING count(*) > 1"}},
    {"event: an outlier with a place, or another without",
     {"check_event_outlier",
      "SELECT id, flags FROM event WHERE ((flags & 1) = 1) = (place IS NOT NULL)"}},
    {"event: its state is not there",
     {"check_event_state", "SELECT id, state FROM event WHERE state <> 0 AND NOT EXISTS"
                           " (SELECT 1 FROM state WHERE state.id = event.state)"}},
    {"event: its state before is not there",
     {"check_event_state_before",
      "SELECT id, state_before FROM event WHERE state_before <> 0 AND NOT EXISTS"
      " (SELECT 1 FROM state WHERE state.id = event.state_before)"}},
    {"event: of a room that is not there",
     {"check_event_room", "SELECT min(id), room FROM event WHERE NOT EXISTS"
                          " (SELECT 1 FROM room WHERE room.id = event.room) GROUP BY room"}},
    {"name: two with one text",
     {"check_name", "SELECT min(id), max(id) FROM name GROUP BY text HAVING count(*) > 1"}},
    {"event: the name of its type is not there", {"check_name_type", NO_NAME("type", "event")}},
    {"event: the name of its sender is not there",
     {"check_name_sender", NO_NAME("sender", "event")}},
    {"event: the name of its state key is not there",
     {"check_name_key", NO_NAME("state_key", "event")}},
    {"room: its name is not there", {"check_name_room", NO_NAME("id", "room")}},
    {"membership: the name of its user is not there",
     {"check_name_member", NO_NAME("user_id", "membership")}},
    {"membership: its event is not there", {"check_member_event", NO_EVENT("event", "membership")}},
    {"hold: what it names is not there", {"check_name_hold", NO_NAME("target", "hold")}},
    {"transaction id: its event is not there", {"check_txn", NO_EVENT("event", "txn")}},
    {"auth chain: its event is not there", {"check_auth_event", NO_EVENT("event", "auth_chain")}},
    {"extremity: not an event of its room (room, event)",
     {"check_extremity", "SELECT room, event FROM extremity WHERE NOT EXISTS (SELECT 1 FROM event"
                         " WHERE event.id = extremity.event AND event.room = extremity.room"
                         " AND event.place IS NOT NULL)"}},
    {"relation: its event is not there", {"check_relation", NO_EVENT("child", "relation")}},
    {"thread: not at its last reply (room, place)",
     {"check_thread", "SELECT room, place FROM thread WHERE place <> coalesce((SELECT MAX(place)"
                      " FROM relation WHERE relation.parent = thread.parent"
                      " AND relation.room = thread.room AND relation.kind = 3), 0)"}},
    {"thread: a reply whose thread is not there (room, place)",
     {"check_thread_reply", "SELECT room, place FROM relation WHERE kind = 3 AND NOT EXISTS"
                            " (SELECT 1 FROM thread WHERE thread.parent = relation.parent"
                            " AND thread.room = relation.room)"}},
    {"media: an account's sum of bytes is wrong (user, bytes)",
     {"check_media_bytes",
      "SELECT user_name, bytes FROM media_usage WHERE bytes <> coalesce((SELECT sum(size) FROM"
      " media WHERE media.owner = media_usage.user_name AND media.hash IS NOT NULL), 0)"}},
    {"media: an account's number of files is wrong (user, files)",
     {"check_media_files",
      "SELECT user_name, files FROM media_usage WHERE files <> (SELECT count(*) FROM media"
      " WHERE media.owner = media_usage.user_name AND media.hash IS NOT NULL)"}},
    {"media: files of an account that has no sum (user)",
     {"check_media_owner",
      "SELECT DISTINCT owner, 0 FROM media WHERE hash IS NOT NULL AND owner <> 0 AND NOT EXISTS"
      " (SELECT 1 FROM media_usage WHERE media_usage.user_name = media.owner)"}},
    {"media: a content without its state, or the other way round (id, state)",
     {"check_media_state",
      "SELECT id, state FROM media WHERE (state IN (1, 2)) <> (hash IS NOT NULL)"}},
    {"media use: its event is not there", {"check_media_use", NO_EVENT("event", "media_use")}},
    {"auth chain: a hole (chain, seq)",
     {"check_auth_hole",
      "SELECT a.chain, a.seq FROM auth_chain a WHERE a.seq > 1 AND NOT EXISTS"
      " (SELECT 1 FROM auth_chain b WHERE b.chain = a.chain AND b.seq = a.seq - 1)"}},
    {"auth chain: a link from or to nowhere (chain, to chain)",
     {"check_auth_link",
      "SELECT chain, to_chain FROM chain_link WHERE NOT EXISTS (SELECT 1 FROM auth_chain a"
      " WHERE a.chain = chain_link.to_chain AND a.seq = chain_link.to_seq) OR NOT EXISTS"
      " (SELECT 1 FROM auth_chain a WHERE a.chain = chain_link.chain"
      " AND a.seq = chain_link.seq)"}},
};

static int run_query(struct check *check, const struct db_stmt *stmt, const char *words,
                     struct err *err)
{
    CLEANUP(db_query_cleanup) struct db_query *query = NULL;
    int64_t lines = 0;
    int more;
    if (db_query(check->conn, stmt, DB_NO_PARAMS, &query, err) < 0)
        return -1;
    while ((more = db_step(query, err)) > 0)
        if (lines++ < LINES_MAX)
            check_fault(check, "%s: %lld %lld", words, (long long)db_column_int(query, 0),
                        (long long)db_column_int(query, 1));
    if (lines > LINES_MAX)
        check_fault(check, "%s: %lld more", words, (long long)(lines - LINES_MAX));
    return more;
}

int check_queries(struct check *check, struct err *err)
{
    for (size_t i = 0; i < ARRAY_LEN(QUERIES); i++)
        if (run_query(check, &QUERIES[i].stmt, QUERIES[i].words, err) < 0)
            return -1;
    return 0;
}
