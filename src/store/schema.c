/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/schema.h"

#include "base/attr.h"
#include "store/txn.h"

/* What each column means stands in the header of the file that owns the table. */

/* store.h */
static const char LOG_TABLES[] =
    "CREATE TABLE counter (id {pk}, pos {int} NOT NULL, next_id {int} NOT NULL);"
    "INSERT INTO counter (id, pos, next_id) VALUES (1, 0, 1);"
    "CREATE TABLE epoch (epoch {pk}, base {int} NOT NULL);"
    "INSERT INTO epoch (epoch, base) VALUES (1, 0);"
    "CREATE TABLE batch (node {pk}, seq {int} NOT NULL, ts {int} NOT NULL);"
    "CREATE TABLE log (pos {pk}, kind {int} NOT NULL, room {int} NOT NULL, user_id {int} NOT NULL,"
    " ref {int} NOT NULL);"
    "CREATE INDEX log_user ON log (user_id, pos) WHERE user_id <> 0;"
    "CREATE TABLE name (id {pk}, text {bytes} NOT NULL);"
    "CREATE UNIQUE INDEX name_text ON name (text);";

/* event.h. The index covers event_list_room and event_place_at. */
static const char EVENT_TABLES[] =
    "CREATE TABLE event (id {pk}, room {int} NOT NULL, place {int}, pos {int} NOT NULL,"
    " hash {bytes} NOT NULL, type {int} NOT NULL, state_key {int} NOT NULL,"
    " sender {int} NOT NULL, ts {int} NOT NULL, depth {int} NOT NULL, flags {int} NOT NULL,"
    " state {int} NOT NULL, state_before {int} NOT NULL, redacted_by {int} NOT NULL,"
    " members {bytes} NOT NULL, json {bytes} NOT NULL);"
    "CREATE UNIQUE INDEX event_hash ON event (hash);"
    "CREATE INDEX event_place ON event (room, place, pos, flags) WHERE place IS NOT NULL;"
    "CREATE TABLE redaction_wait (target {bytes} NOT NULL, event {int} NOT NULL,"
    " PRIMARY KEY (target, event)) {keyed};"
    /* auth_chain.h */
    "CREATE TABLE auth_chain (event {pk}, chain {int} NOT NULL, seq {int} NOT NULL);"
    "CREATE UNIQUE INDEX auth_chain_seq ON auth_chain (chain, seq);"
    "CREATE TABLE chain_link (chain {int} NOT NULL, seq {int} NOT NULL, to_chain {int} NOT NULL,"
    " to_seq {int} NOT NULL, PRIMARY KEY (chain, seq, to_chain)) {keyed};";

/* state.h */
static const char STATE_TABLES[] =
    "CREATE TABLE state (id {pk}, room {int} NOT NULL, parent {int} NOT NULL, jump {int} NOT NULL,"
    " height {int} NOT NULL, hash {bytes} NOT NULL, delta {bytes} NOT NULL, jump_delta {bytes});"
    "CREATE INDEX state_hash ON state (hash);";

/* room.h, membership.h, txn.h */
static const char ROOM_TABLES[] =
    "CREATE TABLE room (id {pk}, version {int} NOT NULL, creator {int} NOT NULL,"
    " create_event {int} NOT NULL, head {int} NOT NULL, pos {int} NOT NULL, state {int} NOT NULL,"
    " first_place {int} NOT NULL, last_place {int} NOT NULL, depth {int} NOT NULL,"
    " flags {int} NOT NULL, joined {int} NOT NULL, invited {int} NOT NULL,"
    " knocked {int} NOT NULL, local_joined {int} NOT NULL, events {int} NOT NULL,"
    " notices {int} NOT NULL);"
    "CREATE TABLE extremity (room {int} NOT NULL, event {int} NOT NULL,"
    " PRIMARY KEY (room, event)) {keyed};"
    "CREATE TABLE membership (user_id {int} NOT NULL, room {int} NOT NULL,"
    " membership {int} NOT NULL, event {int} NOT NULL, sender {int} NOT NULL,"
    " pos {int} NOT NULL, flags {int} NOT NULL, PRIMARY KEY (user_id, room)) {keyed};"
    "CREATE INDEX membership_room ON membership (room, membership, user_id);"
    "CREATE TABLE txn (device {int} NOT NULL, scope {int} NOT NULL, txn {bytes} NOT NULL,"
    " event {int} NOT NULL, ts {int} NOT NULL, PRIMARY KEY (device, scope, txn)) {keyed};"
    "CREATE INDEX txn_event ON txn (event, device);";

/* account.h, device.h, uia.h, registration_token.h */
static const char ACCOUNT_TABLES[] =
    "CREATE TABLE account (user_name {pk}, password_hash {bytes}, created_ms {int} NOT NULL,"
    " flags {int} NOT NULL, display_name {bytes}, avatar_url {bytes});"
    "CREATE TABLE device (id {pk}, user_name {int} NOT NULL, device_id {bytes} NOT NULL,"
    " display_name {bytes}, created_ms {int} NOT NULL, last_seen_ms {int} NOT NULL,"
    " last_seen_ip {bytes});"
    "CREATE UNIQUE INDEX device_user ON device (user_name, device_id);"
    "CREATE TABLE token (id {pk}, user_name {int} NOT NULL, device {int} NOT NULL,"
    " kind {int} NOT NULL, state {int} NOT NULL, generation {int} NOT NULL,"
    " parent {int} NOT NULL, expires_ms {int} NOT NULL, digest {bytes} NOT NULL);"
    "CREATE UNIQUE INDEX token_digest ON token (digest);"
    "CREATE INDEX token_user ON token (user_name, device);"
    "CREATE INDEX token_generation ON token (generation);"
    "CREATE INDEX token_parent ON token (parent) WHERE parent <> 0;"
    "CREATE TABLE uia (id {bytes} PRIMARY KEY, user_name {int} NOT NULL, action {bytes} NOT NULL,"
    " created_ms {int} NOT NULL, completed {int} NOT NULL, body {bytes}) {keyed};"
    "CREATE INDEX uia_created ON uia (created_ms);"
    "CREATE TABLE registration_token (token {bytes} PRIMARY KEY, uses_left {int} NOT NULL,"
    " expires_ms {int} NOT NULL) {keyed};";

/* relation.h */
static const char RELATION_TABLES[] =
    "CREATE TABLE relation (parent {bytes} NOT NULL, child {int} NOT NULL, room {int} NOT NULL,"
    " kind {int} NOT NULL, rel_type {int} NOT NULL, type {int} NOT NULL, sender {int} NOT NULL,"
    " place {int} NOT NULL, ts {int} NOT NULL, key {bytes}, PRIMARY KEY (parent, child)) {keyed};"
    "CREATE INDEX relation_thread ON relation (room, place, parent) WHERE kind = 3;";

/* alias.h */
static const char ALIAS_TABLES[] =
    "CREATE TABLE alias (alias {bytes} PRIMARY KEY, room {int} NOT NULL, creator {int} NOT NULL)"
    " {keyed};"
    "CREATE INDEX alias_room ON alias (room);"
    "CREATE TABLE directory (room {pk});";

/* account_data.h, receipt.h */
static const char USER_TABLES[] =
    "CREATE TABLE account_data (user_name {int} NOT NULL, room {int} NOT NULL,"
    " type {bytes} NOT NULL, content {bytes} NOT NULL, pos {int} NOT NULL,"
    " PRIMARY KEY (user_name, room, type)) {keyed};"
    "CREATE INDEX account_data_pos ON account_data (user_name, pos);"
    "CREATE TABLE filter (user_name {int} NOT NULL, id {int} NOT NULL, json {bytes} NOT NULL,"
    " PRIMARY KEY (user_name, id)) {keyed};"
    "CREATE TABLE receipt (room {int} NOT NULL, user_name {int} NOT NULL, type {int} NOT NULL,"
    " thread {bytes} NOT NULL, event {int} NOT NULL, place {int} NOT NULL, ts {int} NOT NULL,"
    " pos {int} NOT NULL, PRIMARY KEY (room, user_name, type, thread)) {keyed};"
    "CREATE INDEX receipt_pos ON receipt (room, pos);";

/* to_device.h, device_key.h, device_list.h, cross_signing.h, key_backup.h, dehydrated_device.h. The
 * index on the log serves device_list_changes. */
static const char KEY_TABLES[] =
    "CREATE TABLE to_device (device {int} NOT NULL, pos {int} NOT NULL, sender {int} NOT NULL,"
    " json {bytes} NOT NULL, PRIMARY KEY (device, pos)) {keyed};"
    "CREATE TABLE inbox (device {int} NOT NULL, sender {int} NOT NULL, waiting {int} NOT NULL,"
    " PRIMARY KEY (device, sender)) {keyed};"
    "CREATE TABLE device_key (device {pk}, user_name {int} NOT NULL, json {bytes} NOT NULL);"
    "CREATE INDEX device_key_user ON device_key (user_name);"
    "CREATE TABLE one_time_key (id {pk}, device {int} NOT NULL, given {int} NOT NULL,"
    " algorithm {bytes} NOT NULL, pos {int} NOT NULL, key_id {bytes} NOT NULL,"
    " json {bytes} NOT NULL);"
    "CREATE UNIQUE INDEX one_time_key_id ON one_time_key (device, algorithm, key_id);"
    "CREATE INDEX one_time_key_next ON one_time_key (device, given, algorithm, pos, id);"
    "CREATE TABLE fallback_key (id {pk}, device {int} NOT NULL, algorithm {bytes} NOT NULL,"
    " used {int} NOT NULL, key_id {bytes} NOT NULL, json {bytes} NOT NULL);"
    "CREATE UNIQUE INDEX fallback_key_device ON fallback_key (device, algorithm);"
    "CREATE INDEX log_device_list ON log (room, pos, user_id, ref) WHERE kind = 6;"
    "CREATE TABLE cross_signing (user_name {int} NOT NULL, usage_kind {int} NOT NULL,"
    " public_key {bytes} NOT NULL, json {bytes} NOT NULL, PRIMARY KEY (user_name, usage_kind))"
    " {keyed};"
    "CREATE TABLE key_signature (target {int} NOT NULL, target_key {bytes} NOT NULL,"
    " signer {int} NOT NULL, signer_key_id {bytes} NOT NULL, signature {bytes} NOT NULL,"
    " PRIMARY KEY (target, target_key, signer, signer_key_id)) {keyed};"
    "CREATE TABLE backup_version (user_name {int} NOT NULL, version {int} NOT NULL,"
    " algorithm {bytes} NOT NULL, auth_data {bytes} NOT NULL, etag {int} NOT NULL,"
    " n_keys {int} NOT NULL, deleted {int} NOT NULL, PRIMARY KEY (user_name, version)) {keyed};"
    "CREATE TABLE backup_key (user_name {int} NOT NULL, version {int} NOT NULL,"
    " room {bytes} NOT NULL, session {bytes} NOT NULL, first_index {int} NOT NULL,"
    " forwarded {int} NOT NULL, verified {int} NOT NULL, json {bytes} NOT NULL,"
    " PRIMARY KEY (user_name, version, room, session)) {keyed};"
    "CREATE TABLE dehydrated_device (user_name {pk}, device {int} NOT NULL, json {bytes} NOT "
    "NULL);";

/* profile_pending.h */
static const char PROFILE_TABLES[] =
    "CREATE TABLE profile_pending (user_name {pk}, version {int} NOT NULL);";

/* audit.h */
static const char AUDIT_TABLES[] =
    "CREATE TABLE audit (seq {pk}, ts {int} NOT NULL, actor {bytes} NOT NULL,"
    " action {bytes} NOT NULL, target {bytes} NOT NULL, detail {bytes} NOT NULL,"
    " hash {bytes} NOT NULL);";

/* report.h */
static const char REPORT_TABLES[] =
    "CREATE TABLE report (id {pk}, reporter {int} NOT NULL, created_ms {int} NOT NULL,"
    " room {int} NOT NULL, event {int} NOT NULL, target {int} NOT NULL, reason {bytes} NOT NULL);";
/* event.h: event_list_time. */
static const char EVENT_TIME_INDEX[] =
    "CREATE INDEX event_time ON event (room, ts, place) WHERE place IS NOT NULL;";

/* uia.h */
static const char UIA_TOKEN[] = "ALTER TABLE uia ADD COLUMN token {bytes};";

/* relation.h: children of one event in the order of their places; threads in that of their last
 * replies. account_closed: accounts whose rooms are to be left. */
static const char READ_INDEXES[] =
    "CREATE INDEX relation_place ON relation (parent, place);"
    "DROP INDEX relation_thread;"
    "CREATE TABLE thread (room {int} NOT NULL, parent {bytes} NOT NULL, place {int} NOT NULL,"
    " PRIMARY KEY (room, parent)) {keyed};"
    "CREATE INDEX thread_place ON thread (room, place);"
    "INSERT INTO thread (room, parent, place) SELECT room, parent, MAX(place) FROM relation"
    " WHERE kind = 3 GROUP BY room, parent;"
    "CREATE INDEX account_closed ON account (user_name) WHERE (flags & 8) <> 0;";

/* email.h, invitation.h; the organisation: account.h */
static const char EMAIL_TABLES[] =
    "CREATE TABLE email (address {bytes} PRIMARY KEY, user_name {int} NOT NULL,"
    " added_ms {int} NOT NULL) {keyed};"
    "CREATE UNIQUE INDEX email_user ON email (user_name);"
    "ALTER TABLE account ADD COLUMN organisation {bytes};"
    "CREATE TABLE invitation (id {pk}, address {bytes} NOT NULL, room {int} NOT NULL,"
    " inviter {int} NOT NULL, token {bytes} NOT NULL, created_ms {int} NOT NULL,"
    " expires_ms {int} NOT NULL, state {int} NOT NULL, user_name {int} NOT NULL);"
    "CREATE UNIQUE INDEX invitation_token ON invitation (token);"
    "CREATE INDEX invitation_address ON invitation (address, state);"
    "CREATE INDEX invitation_room ON invitation (room, state);"
    "CREATE INDEX invitation_expires ON invitation (expires_ms);"
    "CREATE INDEX invitation_state ON invitation (state, user_name);";

/* validation.h, mail.h, lease.h */
static const char MAIL_TABLES[] =
    "CREATE TABLE validation (sid {bytes} PRIMARY KEY, purpose {int} NOT NULL,"
    " address {bytes} NOT NULL, secret {bytes} NOT NULL, code {bytes} NOT NULL,"
    " link {bytes} NOT NULL, attempt {int} NOT NULL, sent_ms {int} NOT NULL,"
    " expires_ms {int} NOT NULL, tries {int} NOT NULL, validated_ms {int} NOT NULL) {keyed};"
    "CREATE UNIQUE INDEX validation_asked ON validation (address, purpose, secret);"
    "CREATE INDEX validation_expires ON validation (expires_ms);"
    "CREATE TABLE mail (id {pk}, address {bytes} NOT NULL, kind {int} NOT NULL,"
    " args {bytes} NOT NULL, created_ms {int} NOT NULL, expires_ms {int} NOT NULL,"
    " due_ms {int} NOT NULL, tries {int} NOT NULL, begun {int} NOT NULL, state {int} NOT NULL);"
    "CREATE INDEX mail_due ON mail (state, due_ms);"
    "CREATE INDEX mail_made ON mail (state, created_ms);"
    "CREATE INDEX mail_address ON mail (address, created_ms);"
    "CREATE TABLE lease (name {bytes} PRIMARY KEY, node {int} NOT NULL, until_ms {int} NOT NULL)"
    " {keyed};"
    "ALTER TABLE uia ADD COLUMN validation {bytes};";

/* identity_token.h; the hash of an address: email.h */
static const char IDENTITY_TABLES[] =
    "CREATE TABLE identity_token (digest {bytes} PRIMARY KEY, user_name {int} NOT NULL,"
    " kind {int} NOT NULL, expires_ms {int} NOT NULL) {keyed};"
    "CREATE INDEX identity_token_user ON identity_token (user_name);"
    "CREATE INDEX identity_token_expires ON identity_token (expires_ms);"
    "ALTER TABLE email ADD COLUMN hash {bytes};"
    "CREATE INDEX email_hash ON email (hash);";

/* alias.h: listed rooms stand in the order of their pages. */
static const char DIRECTORY_ORDER[] =
    "ALTER TABLE directory ADD COLUMN rank {int} NOT NULL DEFAULT 0;"
    "UPDATE directory SET rank = COALESCE((SELECT -joined FROM room WHERE id = directory.room), 0);"
    "CREATE INDEX directory_rank ON directory (rank, room);";

/* renewal.h; the end of an account: account.h */
static const char VALIDITY_TABLES[] =
    "ALTER TABLE account ADD COLUMN end_ms {int} NOT NULL DEFAULT 0;"
    "CREATE TABLE renewal (user_name {pk}, digest {bytes} NOT NULL, mail_ms {int} NOT NULL,"
    " renewed_ms {int} NOT NULL);"
    "CREATE INDEX renewal_digest ON renewal (digest);"
    "CREATE INDEX renewal_mail ON renewal (mail_ms);";

/* media.h */
static const char MEDIA_TABLES[] =
    "CREATE TABLE media (id {pk}, origin {bytes} NOT NULL, media_id {bytes} NOT NULL,"
    " owner {int} NOT NULL, state {int} NOT NULL, size {int} NOT NULL, type {bytes}, name {bytes},"
    " hash {bytes}, created_ms {int} NOT NULL, expires_ms {int} NOT NULL);"
    "CREATE UNIQUE INDEX media_uri ON media (origin, media_id);"
    "CREATE INDEX media_hash ON media (hash);"
    "CREATE INDEX media_owner ON media (owner, id);"
    "CREATE INDEX media_reserved ON media (owner, expires_ms) WHERE state = 0;"
    "CREATE INDEX media_expires ON media (expires_ms) WHERE state = 0;"
    "CREATE TABLE media_usage (user_name {pk}, bytes {int} NOT NULL, files {int} NOT NULL);";

/* media_scan.h, media_verdict.h */
static const char SCAN_TABLES[] =
    "CREATE TABLE media_scan (content {bytes} PRIMARY KEY, since_ms {int} NOT NULL,"
    " due_ms {int} NOT NULL, tries {int} NOT NULL, judged {int} NOT NULL) {keyed};"
    "CREATE INDEX media_scan_due ON media_scan (judged, due_ms);"
    "CREATE TABLE media_verdict (content {bytes} NOT NULL, key_hash {bytes} NOT NULL,"
    " state {int} NOT NULL, cause {int} NOT NULL, signature_ms {int} NOT NULL,"
    " scanned_ms {int} NOT NULL, PRIMARY KEY (content, key_hash)) {keyed};"
    "CREATE INDEX media_verdict_signature ON media_verdict (key_hash, signature_ms);";

/* digest.h */
static const char DIGEST_TABLES[] =
    "CREATE TABLE digest (user_name {pk}, sent_ms {int} NOT NULL, pos {int} NOT NULL);"
    "CREATE TABLE digest_link (digest {bytes} PRIMARY KEY, user_name {int} NOT NULL,"
    " created_ms {int} NOT NULL) {keyed};"
    "CREATE INDEX digest_link_created ON digest_link (created_ms);";

/* media_thumbnail.h */
static const char THUMBNAIL_TABLES[] =
    "CREATE TABLE media_thumbnail (id {pk}, source {bytes} NOT NULL, width {int} NOT NULL,"
    " height {int} NOT NULL, crop {int} NOT NULL, animated {int} NOT NULL, hash {bytes},"
    " type {bytes}, size {int} NOT NULL, failure {int} NOT NULL, made_ms {int} NOT NULL);"
    "CREATE UNIQUE INDEX media_thumbnail_wish ON media_thumbnail"
    " (source, width, height, crop, animated);"
    "CREATE INDEX media_thumbnail_hash ON media_thumbnail (hash);";

/* search.h. The one table with two definitions; what is there already is taken in by the store's
 * thread, from the beginning of the log. detail=none: which row holds a word, and not where in it.
 */
static const char SEARCH_TABLES[] =
    "CREATE TABLE search_mark (id {pk}, pos {int} NOT NULL);"
    "INSERT INTO search_mark (id, pos) VALUES (1, 0);"
    "{sqlite}"
    "CREATE VIRTUAL TABLE search USING fts5(words, detail='none',"
    " tokenize=\"ascii tokenchars '_'\");"
    "CREATE VIRTUAL TABLE search_word USING fts5vocab(search, 'instance');"
    "{/sqlite}"
    "{postgresql}"
    "CREATE TABLE search (pos {pk}, words tsvector NOT NULL);"
    "CREATE INDEX search_words ON search USING gin (words);"
    "{/postgresql}";

/* profile_field.h */
static const char PROFILE_FIELDS[] =
    "CREATE TABLE profile_field (user_name {int} NOT NULL, field {bytes} NOT NULL,"
    " value {bytes} NOT NULL, PRIMARY KEY (user_name, field)) {keyed};";

/* media_claim.h */
static const char CLAIM_TABLES[] =
    "CREATE TABLE media_claim (content {bytes} NOT NULL, node {int} NOT NULL, goes {int} NOT NULL,"
    " until_ms {int} NOT NULL, PRIMARY KEY (content, node)) {keyed};"
    "CREATE INDEX media_claim_until ON media_claim (until_ms);";

/* delayed.h */
static const char DELAYED_TABLES[] =
    "CREATE TABLE delayed (id {pk}, user_name {int} NOT NULL, room {int} NOT NULL,"
    " device {int} NOT NULL, txn {bytes}, delay_id {bytes} NOT NULL, type {bytes} NOT NULL,"
    " state_key {bytes}, content {bytes} NOT NULL, delay_ms {int} NOT NULL,"
    " since_ms {int} NOT NULL, due_ms {int} NOT NULL, tries {int} NOT NULL, state {int} NOT NULL,"
    " by_action {int} NOT NULL, final_ms {int} NOT NULL, event {int} NOT NULL, error {bytes});"
    "CREATE UNIQUE INDEX delayed_delay_id ON delayed (delay_id);"
    "CREATE UNIQUE INDEX delayed_txn ON delayed (device, room, txn) WHERE txn IS NOT NULL;"
    "CREATE INDEX delayed_user ON delayed (user_name, final_ms);"
    "CREATE INDEX delayed_due ON delayed (due_ms) WHERE state = 0;"
    "CREATE INDEX delayed_final ON delayed (final_ms) WHERE final_ms > 0;"
    "CREATE INDEX delayed_event ON delayed (event) WHERE event <> 0;";

/* notice_room.h */
static const char NOTICE_TABLES[] =
    "CREATE TABLE notice_room (user_name {pk}, room {int} NOT NULL);";

/* appservice.h */
static const char APPSERVICE_TABLES[] =
    "CREATE TABLE appservice (id {bytes} PRIMARY KEY, pos {int} NOT NULL, txn {int} NOT NULL,"
    " upto {int} NOT NULL, body {bytes}) {keyed};";

/* pusher.h */
static const char PUSHER_TABLES[] =
    "CREATE TABLE pusher (id {pk}, user_name {int} NOT NULL, device {int} NOT NULL,"
    " kind {int} NOT NULL, app_id {bytes} NOT NULL, pushkey {bytes} NOT NULL,"
    " app_name {bytes} NOT NULL, device_name {bytes} NOT NULL, lang {bytes} NOT NULL,"
    " profile_tag {bytes}, data {bytes} NOT NULL, made_ms {int} NOT NULL, pos {int} NOT NULL,"
    " behind {int} NOT NULL, tries {int} NOT NULL, failing_ms {int} NOT NULL,"
    " due_ms {int} NOT NULL, begun {int} NOT NULL);"
    "CREATE UNIQUE INDEX pusher_key ON pusher (app_id, pushkey, user_name);"
    "CREATE INDEX pusher_user ON pusher (user_name);"
    "CREATE INDEX pusher_device ON pusher (device);"
    "CREATE INDEX pusher_due ON pusher (behind, due_ms);"
    "CREATE TABLE push_progress (id {pk}, pos {int} NOT NULL, generation {int} NOT NULL,"
    " begun {int} NOT NULL, at_pusher {int} NOT NULL, at_pos {int} NOT NULL);"
    "INSERT INTO push_progress VALUES (1, 0, 0, 0, 0, 0);"
    "CREATE TABLE push_suspect (pusher {int} NOT NULL, pos {int} NOT NULL,"
    " crashes {int} NOT NULL, PRIMARY KEY (pusher, pos)) {keyed};";

/* network_room.h */
static const char NETWORK_TABLES[] =
    "CREATE TABLE network_room (instance {bytes} NOT NULL, room {int} NOT NULL,"
    " PRIMARY KEY (instance, room)) {keyed};";

/* hold.h */
static const char HOLD_TABLES[] =
    "CREATE TABLE hold (target {pk}, since_ms {int} NOT NULL, reason {bytes} NOT NULL);";

/* room.h: rooms that anybody may join or read. One that was made world readable before this, and is
 * not public, is among them from its next history visibility on. */
static const char OPEN_ROOMS[] = "CREATE INDEX room_open ON room (id) WHERE (flags & 6) <> 0;";

/* media.h: files that are kept for a time. */
static const char MEDIA_ENDS[] = "CREATE INDEX media_ends ON media (expires_ms)"
                                 " WHERE state = 1 AND owner = 0 AND expires_ms > 0;";

/* media_use.h */
static const char MEDIA_USE_TABLES[] =
    "CREATE TABLE media_use (media {int} NOT NULL, event {int} NOT NULL,"
    " PRIMARY KEY (media, event)) {keyed};"
    "CREATE INDEX media_use_event ON media_use (event);"
    "CREATE TABLE media_use_mark (id {pk}, pos {int} NOT NULL);"
    "INSERT INTO media_use_mark (id, pos) VALUES (1, 0);"
    "CREATE TABLE media_doomed (media {pk});";

/* event.h: an event keeps the transaction that it was sent by. Then the index txn_event goes. */
static const char EVENT_TRANSACTION[] =
    "ALTER TABLE event ADD COLUMN device {int} NOT NULL DEFAULT 0;"
    "ALTER TABLE event ADD COLUMN txn {bytes};";

/* event.h: half of a hash tells events apart as well, and fills half the pages. */
static const char EVENT_HASH_HEAD[] =
    "CREATE UNIQUE INDEX event_hash_head ON event (substr(hash, 1, 16));"
    "DROP INDEX event_hash;";

const struct db_migration STORE_MIGRATIONS[] = {
    {.number = 1, .name = "log", .script = LOG_TABLES},
    {.number = 2, .name = "event", .script = EVENT_TABLES},
    {.number = 3, .name = "state", .script = STATE_TABLES},
    {.number = 4, .name = "room", .script = ROOM_TABLES},
    {.number = 5, .name = "account", .script = ACCOUNT_TABLES},
    {.number = 6, .name = "relation", .script = RELATION_TABLES},
    {.number = 7, .name = "alias", .script = ALIAS_TABLES},
    {.number = 8, .name = "user", .script = USER_TABLES},
    {.number = 9, .name = "keys", .script = KEY_TABLES},
    {.number = 10, .name = "profile", .script = PROFILE_TABLES},
    {.number = 11, .name = "audit", .script = AUDIT_TABLES},
    {.number = 12, .name = "report", .script = REPORT_TABLES},
    {.number = 13, .name = "event time", .script = EVENT_TIME_INDEX},
    {.number = 14, .name = "uia token", .script = UIA_TOKEN},
    {.number = 15, .name = "read indexes", .script = READ_INDEXES},
    {.number = 16, .name = "email", .script = EMAIL_TABLES},
    {.number = 17, .name = "mail", .script = MAIL_TABLES},
    {.number = 18, .name = "identity", .script = IDENTITY_TABLES},
    {.number = 19, .name = "directory order", .script = DIRECTORY_ORDER},
    {.number = 20, .name = "validity", .script = VALIDITY_TABLES},
    {.number = 21, .name = "media", .script = MEDIA_TABLES},
    {.number = 22, .name = "scan", .script = SCAN_TABLES},
    {.number = 23, .name = "digest", .script = DIGEST_TABLES},
    {.number = 24, .name = "thumbnail", .script = THUMBNAIL_TABLES},
    {.number = 25, .name = "search", .script = SEARCH_TABLES},
    {.number = 26, .name = "profile fields", .script = PROFILE_FIELDS},
    {.number = 27, .name = "claim", .script = CLAIM_TABLES},
    {.number = 28, .name = "delayed", .script = DELAYED_TABLES},
    {.number = 29, .name = "notice", .script = NOTICE_TABLES},
    {.number = 30, .name = "appservice", .script = APPSERVICE_TABLES},
    {.number = 31, .name = "pusher", .script = PUSHER_TABLES},
    {.number = 32, .name = "network", .script = NETWORK_TABLES},
    {.number = 33, .name = "hold", .script = HOLD_TABLES},
    {.number = 34, .name = "open rooms", .script = OPEN_ROOMS},
    {.number = 35, .name = "media ends", .script = MEDIA_ENDS},
    {.number = 36, .name = "media use", .script = MEDIA_USE_TABLES},
    {.number = 37,
     .name = "event transaction",
     .script = EVENT_TRANSACTION,
     .background = txn_copy_to_events},
    {.number = 38, .name = "event hash", .script = EVENT_HASH_HEAD},
};
const size_t STORE_MIGRATIONS_N = ARRAY_LEN(STORE_MIGRATIONS);
