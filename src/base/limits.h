/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_BASE_LIMITS_H
#define CHAPPE_BASE_LIMITS_H

/* Every maximum in one place. A reader stops at the limit, not after it. Change them here; drop
 * none. (Numbers of the specification carry their section.) */

#define KIB(n) ((size_t)(n) << 10)
#define MIB(n) ((size_t)(n) << 20)

/* JSON */
#define LIMIT_JSON_DEPTH 100

/* Events: client-server API, "Size limits" */
#define LIMIT_EVENT_BYTES       65536
#define LIMIT_EVENT_FIELD_BYTES 255    /* type, state_key, sender, room_id, event ids: bytes */
#define LIMIT_EVENT_OPENED      KIB(8) /* bytes of a state event that changes share, opened */
#define LIMIT_AUTH_EVENTS       10
#define LIMIT_PREV_EVENTS       20
#define LIMIT_INVITE_SIGNATURES 256 /* tried on one third-party invite, of any signer and key */
#define LIMIT_EVENT_TIME_MS     8640000000000000 /* the last moment that a Date of ECMAScript tells */
#define LIMIT_SAFE_INTEGER      9007199254740991 /* 2^53-1, canonical JSON */

/* HTTP */
#define LIMIT_HTTP_REQUEST_LINE  KIB(16)
#define LIMIT_HTTP_HEADERS       KIB(32) /* all of them, names and values */
#define LIMIT_HTTP_HEADER_COUNT  100
#define LIMIT_HTTP_BODY_JSON     KIB(256) /* default of a JSON route */
#define LIMIT_HTTP_BODY_SMALL    KIB(16)  /* taken however many there are */
#define LIMIT_HTTP_BODIES        MIB(512) /* buffered, of all requests; past it 503 for large ones */
#define LIMIT_HTTP_PIPELINE      KIB(16)  /* bytes kept behind a request that is not answered yet */
#define LIMIT_HTTP_CHUNK_EXTRA   1024     /* extensions of a chunk, trailer fields of a body */
#define LIMIT_HTTP_STREAM_BUFFER KIB(256) /* of a streamed body, between socket and handler */
#define LIMIT_HTTP_OUT_BUFFER    KIB(256) /* handed to the kernel's side at once */
#define LIMIT_HTTP_DISCARD       KIB(256) /* body of a refused request read over to keep alive */
#define LIMIT_HTTP_QUEUE         16384    /* requests waiting for a worker; past it 503 */
#define LIMIT_HTTP_POLL_QUEUE    262144   /* polls that do; all may be woken by one message */
#define LIMIT_HTTP_POLL_WORKERS  16       /* threads; half of LIMIT_DB_READERS */
#define LIMIT_HTTP_LINGER_MS     2000     /* after a refusal, so that the peer reads it */
#define LIMIT_HTTP_HEADERS_MS    10000    /* from the first byte to the last header */
#define LIMIT_HTTP_BODY_GRACE_MS 10000    /* then at least LIMIT_HTTP_BODY_RATE bytes a second */
#define LIMIT_HTTP_BODY_RATE     1024
#define LIMIT_HTTP_IDLE_MS       75000
#define LIMIT_HTTP_PER_ADDRESS   200
#define LIMIT_HTTP_SPARE_FILES   256 /* descriptors that connections leave to the rest of us */
#define LIMIT_HTTP2_STREAMS      128
#define LIMIT_HTTP2_WINDOW                                                                         \
    KIB(256) /* of a connection; a stream has half of LIMIT_HTTP_STREAM_BUFFER */
#define LIMIT_HTTP2_BODIES                                                                         \
    MIB(12) /* of the requests of a connection, buffered: more than the largest */
#define LIMIT_HTTP2_FLOOD_BURST                                                                    \
    500                            /* resets, pings, settings, priorities, empty frames at once    \
                                    */
#define LIMIT_HTTP2_FLOOD_RATE 100 /* and a second */
#define LIMIT_TLS_OUT          MIB(1)
#define LIMIT_REQUEST_ARENA    MIB(1)
#define LIMIT_ANSWER_BYTES     MIB(64)
#define LIMIT_PIECE_BYTES      MIB(16) /* written in one step of an answer in pieces */
#define LIMIT_PIECE_ARENA      MIB(64) /* used in one step: the map of a state of half a million */

/* Accounts */
#define LIMIT_PASSWORD_BYTES     1024
#define LIMIT_PASSWORD_MIN       12 /* characters */
#define LIMIT_DEVICE_ID_BYTES    512
#define LIMIT_DEVICE_NAME_BYTES  512
#define LIMIT_TXN_ID_BYTES       255
#define LIMIT_TXN_KEY_BYTES      1024 /* as it is stored, with what it is for */
#define LIMIT_DISPLAY_NAME_BYTES 255
#define LIMIT_PROFILE_KEY        255
#define LIMIT_PROFILE_BYTES      61440 /* of fields: with name, avatar and commas below 64 KiB */
#define LIMIT_CLOCK_MS           60000 /* clocks of two nodes, or of one before and after it was set */
#define LIMIT_UIA_MS             (15 * 60 * 1000)
#define LIMIT_ORGANISATION_BYTES 100
#define LIMIT_LOOKUP             1000 /* hashes in one look-up */

/* Directories */
#define LIMIT_DIRECTORY_TERMS  8    /* words of one search; those after are not looked at */
#define LIMIT_DIRECTORY_FOUND  64   /* people that one search ranks in the end */
#define LIMIT_DIRECTORY_VISITS 4000 /* people looked at for one search, best matches first */
#define LIMIT_USERS_INFO       1000 /* users of one question about accounts */
#define LIMIT_DIRECTORY_ROOM   50   /* members of a room that says that people know each other */

/* Search of messages */
#define LIMIT_SEARCH_TERM    KIB(4) /* bytes of what is searched */
#define LIMIT_SEARCH_WORDS   32     /* different words in it; and words in phrases */
#define LIMIT_SEARCH_WORD    64     /* bytes of a word; longer ones are found by their beginning */
#define LIMIT_SEARCH_ROOMS   1000   /* searched at once, those that moved last */
#define LIMIT_SEARCH_PAGE    100    /* results */
#define LIMIT_SEARCH_CONTEXT 20     /* events on either side of one */
#define LIMIT_SEARCH_VISITS  500    /* matches looked at for one page */
#define LIMIT_SEARCH_ROUND   500    /* entries of the log taken into the index at once */
#define LIMIT_SEARCH_TEXTS   KIB(256) /* bytes of words that make a round end before */

/* Mail */
#define LIMIT_MAIL_WAITING    100000  /* in the queue; past it 503 */
#define LIMIT_MAIL_ARGS       KIB(4)  /* what is kept of a mail until it is sent */
#define LIMIT_MAIL_BYTES      KIB(32) /* the text of one, or its HTML */
#define LIMIT_MAIL_NAME       100     /* bytes of a person's name in one */
#define LIMIT_SMTP_CONNECT_MS 10000
#define LIMIT_SMTP_MS         30000 /* handing one over */

/* Files */
#define LIMIT_MEDIA_ID          255                  /* bytes of a media id of another server */
#define LIMIT_MEDIA_NAME        1024                 /* bytes of a file's name */
#define LIMIT_MEDIA_TYPE        255                  /* bytes of a declared type; longer: none */
#define LIMIT_MEDIA_UPLOADS     16                   /* of one account, under way at once */
#define LIMIT_MEDIA_RESERVED    5                    /* ids without a content, of one account */
#define LIMIT_MEDIA_RESERVED_MS (24LL * 3600 * 1000) /* how long such an id waits */
#define LIMIT_THUMBNAIL_ASKED   4096  /* a side of a thumbnail that is asked for; more: 400 */
#define LIMIT_MEDIA_WAIT_MS     60000 /* a download for a content to come */

/* S3-compatible storage */
#define LIMIT_S3_NAME       64          /* bytes of a bucket, of a region */
#define LIMIT_S3_PREFIX     128         /* bytes before the names of objects */
#define LIMIT_S3_ACCESS_KEY 128         /* bytes */
#define LIMIT_S3_SECRET     256         /* bytes */
#define LIMIT_S3_REQUEST    KIB(8)      /* what is signed of a request */
#define LIMIT_S3_KEY        1024        /* bytes of an object's name (what S3 allows) */
#define LIMIT_S3_LIST       MIB(4)      /* a page of a listing */
#define LIMIT_S3_PAGE       1000        /* objects of one */
#define LIMIT_S3_OBJECT     (5LL << 30) /* what one request may bring (what S3 allows) */
#define LIMIT_S3_ERROR      KIB(4)      /* what is read of a refusal */
#define LIMIT_S3_CONNECT_MS 5000
#define LIMIT_S3_MS         (15LL * 60000) /* one request, whatever it brings */
#define LIMIT_S3_TRIES      3
#define LIMIT_S3_AT_ONCE    32 /* connections that are kept */

/* Previews of links */
#define LIMIT_PREVIEW_URL        2048     /* bytes */
#define LIMIT_PREVIEW_PAGE       MIB(1)   /* of a page that are read */
#define LIMIT_PREVIEW_TAGS       20000    /* of its nodes that are looked at */
#define LIMIT_PREVIEW_TAG_BYTES  KIB(256) /* of its titles and meta tags */
#define LIMIT_PREVIEW_TEXT       1000     /* bytes of each text that is shown */
#define LIMIT_PREVIEW_JSON       KIB(32)
#define LIMIT_PREVIEW_REDIRECTS  3
#define LIMIT_PREVIEW_CONNECT_MS 5000
#define LIMIT_PREVIEW_MS         10000
#define LIMIT_PREVIEW_IMAGE      MIB(5) /* of an image, before it is made small */
#define LIMIT_PREVIEW_IMAGE_MS   (7 * 24 * 3600 * INT64_C(1000)) /* how long it is kept */
#define LIMIT_PREVIEWS_KEPT      1000

/* Antivirus */
#define LIMIT_SCAN_PIECE       KIB(64) /* sent to clamd at once */
#define LIMIT_SCAN_CONNECT_MS  5000
#define LIMIT_SCAN_PROGRESS_MS 30000        /* without a byte taken or given */
#define LIMIT_SCAN_ANSWER_MS   (180 * 1000) /* from the last byte to the verdict */
#define LIMIT_SCAN_BODY        KIB(64)      /* a request of the content scanner's API */
#define LIMIT_SCAN_WAIT_MS     30000        /* a question for a verdict that is pending */
#define LIMIT_SCAN_TASKS       1000         /* requests that wait for the caged scanner */
#define LIMIT_SCAN_URL         512          /* bytes of the mxc URI in one */

/* Rooms */
#define LIMIT_MESSAGES_DEFAULT 10
#define LIMIT_MESSAGES_MAX     1000
#define LIMIT_MUTUAL_ROOMS     100 /* of one page */
#define LIMIT_FILTER_BYTES     KIB(64)
#define LIMIT_FILTER_ENTRIES   1000
#define LIMIT_FILTER_STARS     32 /* entries of one list that hold a `*` */
#define LIMIT_TIMELINE_DEFAULT 10
#define LIMIT_TIMELINE_MAX     100
#define LIMIT_CREATE_INVITES   100

/* Application services */
#define LIMIT_APPSERVICES           32
#define LIMIT_APPSERVICE_ID         255 /* bytes */
#define LIMIT_APPSERVICE_NAMESPACES 100 /* of one kind */
#define LIMIT_APPSERVICE_PROTOCOLS  32
#define LIMIT_APPSERVICE_EVENTS     100    /* in one transaction */
#define LIMIT_APPSERVICE_BODY       MIB(1) /* of one, more or less */
#define LIMIT_APPSERVICE_USERS      10000  /* in one, whose devices changed, or more by a room */
#define LIMIT_APPSERVICE_CONNECT_MS 5000
#define LIMIT_APPSERVICE_CALL_MS    30000   /* a transaction, until it is acknowledged */
#define LIMIT_APPSERVICE_ASK_MS     10000   /* a question that a client waits for */
#define LIMIT_APPSERVICE_ANSWER     KIB(64) /* to one */
#define LIMIT_APPSERVICE_QUERIES    10      /* names that one request asks for */
#define LIMIT_PATTERN_BYTES         512     /* a regular expression of a namespace */
#define LIMIT_PATTERN_STEPS         1000    /* of its automaton */
#define LIMIT_PATTERN_DEPTH         16      /* groups in groups */

/* Presence */
#define LIMIT_PRESENCE_USERS  200000 /* remembered; who is beyond is offline */
#define LIMIT_PRESENCE_STATUS 1024   /* bytes of what one says of oneself */
#define LIMIT_PRESENCE_TOLD   200    /* in one sync, the latest */

#define LIMIT_NOTICE_BYTES KIB(16) /* the text of a server notice */

#define LIMIT_MEDIA_USES  100 /* files that one event is known to name */
#define LIMIT_MEDIA_ROUND 500 /* positions of the log that are looked through for them at once */
#define LIMIT_HOLD_REASON 500 /* bytes of an operator's words on a legal hold */

/* Delayed events */
#define LIMIT_DELAYED_FINAL    100 /* sent, cancelled and failed ones of an account that are kept */
#define LIMIT_DELAYED_FINAL_MS (7 * 86400 * INT64_C(1000)) /* and for how long */
#define LIMIT_DELAYED_PAGE     20                          /* in one answer */
#define LIMIT_DELAYED_EACH     1000 /* what delayed_events.max_per_user may be */

/* Database */
#define LIMIT_SQL_BYTES       KIB(256) /* one statement or script */
#define LIMIT_SQL_PARAMS      64       /* of one statement */
#define LIMIT_DB_LIST         1000000  /* integers in one in-list */
#define LIMIT_DB_BATCH_BYTES  MIB(8)   /* arrays of one INSERT of many rows */
#define LIMIT_DB_PIPELINE     512      /* statements sent before their outcomes are read */
#define LIMIT_DB_READERS      32       /* connections of the pool, unless told otherwise */
#define LIMIT_DB_READERS_MORE 4        /* besides, for who may hold another reader */
#define LIMIT_DB_PAUSE_MS     30000    /* a writer's, between two statements (PostgreSQL) */
#define LIMIT_DB_HURRY_S      5        /* silence of the server that a stop bears with */
#define LIMIT_DB_READ_MS      60000    /* one statement of a reader (PostgreSQL) */
#define LIMIT_DB_WAL_PAGES    4096     /* past it a checkpoint asks for a restart of the log */
/* Written to the log of SQLite in one go; its file system masks a size with 0x1ffff. */
#define LIMIT_DB_WAL_GATHERED KIB(120)

/* Sync */
#define LIMIT_SYNC_TIMEOUT_MS      120000
#define LIMIT_TO_DEVICE_PER_SYNC   100
#define LIMIT_TO_DEVICE_SYNC_BYTES MIB(1)
#define LIMIT_TO_DEVICE_BYTES      KIB(64) /* one message */

#define LIMIT_RECEIPTS 500 /* of a room, in one answer */

/* Sliding sync: what one request may ask, and what is remembered of its clients
 * (docs/design/sliding-sync.md). */
#define LIMIT_SLIDING_BODY          KIB(256)
#define LIMIT_SLIDING_LISTS         100
#define LIMIT_SLIDING_SUBSCRIPTIONS 100  /* of the merged form */
#define LIMIT_SLIDING_SUBSCRIBED    500  /* of the deployed one */
#define LIMIT_SLIDING_RANGES        100  /* of a list */
#define LIMIT_SLIDING_REQUIRED      200  /* elements of one required_state */
#define LIMIT_SLIDING_FILTER        32   /* entries of one member of a filter */
#define LIMIT_SLIDING_SPACES        32   /* spaces that all lists of a request filter by */
#define LIMIT_SLIDING_TAGS          100  /* of a room, looked at */
#define LIMIT_SLIDING_SCOPE         500  /* lists or rooms that one extension names */
#define LIMIT_SLIDING_LIST_NAME     64   /* bytes */
#define LIMIT_SLIDING_TIMELINE      1000 /* asked for at most; LIMIT_TIMELINE_MAX are given */
#define LIMIT_SLIDING_CONN_ID       255  /* bytes */
#define LIMIT_SLIDING_PER_DEVICE    8    /* connections; past it the oldest goes */
#define LIMIT_SLIDING_CONNECTIONS   200000
#define LIMIT_SLIDING_BYTES         MIB(512) /* of what all connections remember */
#define LIMIT_SLIDING_IDLE_MS       (2 * 3600 * 1000)
#define LIMIT_SLIDING_CONFIGS       64   /* texts of required_state a connection goes by */
#define LIMIT_SLIDING_MEMBERS       2048 /* lazily told ones remembered a connection */

/* Kept for a time. A message may be sent again by a telephone that was off for a weekend; what
 * waits for a device that has not been seen for long is cut to its newest part. */
#define LIMIT_TXN_AGE_MS      (7LL * 24 * 3600 * 1000)
#define LIMIT_DEVICE_STALE_MS (90LL * 24 * 3600 * 1000)
#define LIMIT_STALE_INBOX     1000 /* messages */

/* Unread events of a room looked at for one reader's count, newest first; and how many of them by
 * reading their text (docs/design/unread.md). */
#define LIMIT_UNREAD_COUNTED 100000
#define LIMIT_UNREAD_WALKED  500 /* past it readers share the room's tally */
#define LIMIT_UNREAD_JUDGED  5000
#define LIMIT_UNREAD_THREADS 1000

/* Keys */
#define LIMIT_ONE_TIME_KEYS_UPLOAD 1000
#define LIMIT_ONE_TIME_KEYS_KEPT   1000    /* of a device, of one algorithm, not given yet */
#define LIMIT_ONE_TIME_KEYS_GIVEN  500     /* remembered after they were given */
#define LIMIT_ONE_TIME_KEY_BYTES   KIB(2)  /* one key, signatures included */
#define LIMIT_KEY_ALGORITHMS       20      /* of a device, or of its one-time keys */
#define LIMIT_DEVICE_KEY_BYTES     KIB(16) /* identity keys of a device, or a cross-signing key */
#define LIMIT_KEYS_QUERY_USERS     10000
#define LIMIT_KEYS_CLAIM           2000   /* devices in one claim */
#define LIMIT_KEY_SIGNATURES       1000   /* objects in one upload */
#define LIMIT_TO_DEVICE_TARGETS    10000  /* devices that one request sends to */
#define LIMIT_TO_DEVICE_INBOX      50000  /* messages that wait for a device */
#define LIMIT_TO_DEVICE_SENDER     10000  /* of them, from one user */
#define LIMIT_BACKUP_BODY          MIB(8) /* keys in one upload */
#define LIMIT_BACKUP_KEYS          1000000
#define LIMIT_BACKUP_SESSION_BYTES KIB(64) /* session_data of one key */
#define LIMIT_BACKUP_SESSION_ID    512
#define LIMIT_DEHYDRATED_BYTES     KIB(192) /* device_data */

/* Push rules */
#define LIMIT_PUSH_RULES      1000
#define LIMIT_PUSH_RULE_ID    1024
#define LIMIT_PUSH_RULE_BYTES KIB(16)  /* conditions and actions of one rule */
#define LIMIT_PUSH_BYTES      KIB(256) /* what a user wrote in all their rules */
#define LIMIT_PUSH_CONDITIONS 20       /* of one rule; more never match */
#define LIMIT_GLOB_BYTES      1024

/* Pushers (docs/design/push.md) */
#define LIMIT_PUSHERS            50  /* of one account */
#define LIMIT_PUSHKEY            512 /* as the specification says */
#define LIMIT_PUSHER_APP_ID      64  /* the same */
#define LIMIT_PUSHER_TEXT        255 /* names, language, tag */
#define LIMIT_PUSHER_URL         2048
#define LIMIT_PUSHER_DATA        KIB(8)
#define LIMIT_PUSH_ANSWER        KIB(16) /* of a gateway */
#define LIMIT_PUSH_CONNECT_MS    5000
#define LIMIT_PUSH_MS            10000 /* until a gateway has answered */
#define LIMIT_PUSHES_AT_ONCE     64
#define LIMIT_PUSHES_OF_HOST     16      /* of those, to one host */
#define LIMIT_PUSH_HOSTS         10000   /* that do not answer, remembered */
#define LIMIT_PUSHES_WAITING     20000   /* in memory, of all pushers */
#define LIMIT_PUSHER_WAITING     100     /* in memory, of one */
#define LIMIT_PUSHES_OF_ROOM     20      /* told of one room to a pusher that was behind */
#define LIMIT_PUSH_RETRY_MS      3600000 /* between two attempts at most */
#define LIMIT_PUSH_AGE_MS        (24LL * 3600 * 1000)     /* older events are not pushed */
#define LIMIT_PUSHER_FAILING_MS  (7LL * 24 * 3600 * 1000) /* then it is deleted */
#define LIMIT_PUSH_RECIPIENTS    50000                    /* accounts remembered */
#define LIMIT_PUSH_ROOMS         4096                     /* rooms whose recipients are */
#define LIMIT_PUSH_COUNTED_ROOMS 200000 /* rooms whose unread messages are, of all accounts */
#define LIMIT_PUSH_TEST_TEXT     64
#define LIMIT_NETWORKS           32 /* in one list of the configuration */

/* A page of GET /notifications: events whose marks, and whose texts, are looked at */
#define LIMIT_NOTIFICATIONS       100
#define LIMIT_NOTIFICATIONS_MARKS 5000
#define LIMIT_NOTIFICATIONS_TEXTS 500

/* The cage (docs/design/media.md). Of one child; the pixels of an image have what its program and
 * the file itself leave of the memory. */
#define LIMIT_CAGE_MEMORY        MIB(256)
#define LIMIT_CAGE_PROGRAM       MIB(72) /* code, libraries, stack, what is small */
#define LIMIT_CAGE_CPU_SECONDS   5
#define LIMIT_CAGE_AT_ONCE       4
#define LIMIT_DECODE_MS          15000 /* from its start to its end */
#define LIMIT_IMAGE_BYTES        MIB(64)
#define LIMIT_IMAGE_SIDE         65535
#define LIMIT_IMAGE_PIXELS       100000000 /* where rows are dropped as they come */
#define LIMIT_JPEG_SCANS         64
#define LIMIT_PNG_CHUNK_BYTES    KIB(64) /* of those that are read: palettes */
#define LIMIT_THUMBNAIL_SIDE     1024
#define LIMIT_THUMBNAIL_BYTES    MIB(8)
#define LIMIT_ANIMATION_FRAMES   128
#define LIMIT_ANIMATION_PIXELS   64000000 /* of all its pictures, as they are stored */
#define LIMIT_ANIMATION_PRINTED  16000000 /* and as they are asked for */
#define LIMIT_ANIMATION_FRAME_MS 60000

/* Configuration and the command line */
#define LIMIT_CONFIG_BYTES   MIB(1)
#define LIMIT_CONFIG_DEPTH   16
#define LIMIT_CONFIG_KEY     128 /* bytes of a key, with its dots */
#define LIMIT_CONFIG_VALUE   KIB(16)
#define LIMIT_LISTEN         16
#define LIMIT_KEY_FILE_BYTES KIB(64)
#define LIMIT_ADMIN_MESSAGE  MIB(4) /* a command sent to the running server, or its answer */
#define LIMIT_AUDIT_ROW      KIB(64)

/* What a server reads of an event's content */
#define LIMIT_MENTIONS 1000 /* m.mentions.user_ids; those after are not looked at */

#endif
