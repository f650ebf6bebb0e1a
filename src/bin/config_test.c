/* SPDX-License-Identifier: EUPL-1.2 */
#include "bin/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/unit.h"
#include "bin/config_keys.h"

struct outcome {
    struct arena *arena;
    struct settings settings;
    struct config config;
    struct err err;
    int result;
};

static void done(struct outcome *o)
{
    arena_free(o->arena);
}

/* A file, then pairs as --set gives them, ended by NULL. */
static struct outcome load_with(const char *yaml, const char *const *pairs)
{
    struct outcome o = {.arena = arena_new(1 << 20), .err = ERR_INIT};
    settings_init(&o.settings, o.arena);
    o.result = yaml ? settings_add_yaml(&o.settings, str_from(yaml), "c.yaml", &o.err) : 0;
    for (; o.result == 0 && pairs && *pairs; pairs++)
        o.result = settings_add_pair(&o.settings, str_from(*pairs), &o.err);
    if (o.result == 0)
        o.result = config_load(o.arena, &o.settings, &o.config, &o.err);
    return o;
}

static struct outcome load(const char *yaml)
{
    return load_with(yaml, NULL);
}

static void good(struct outcome *o)
{
    if (o->result != 0)
        print_error("refused: %s\n", o->err.detail);
    assert_int_equal(o->result, 0);
}

static void refused(const char *yaml, const char *line)
{
    struct outcome o = load(yaml);
    assert_int_equal(o.result, -1);
    assert_string_equal(o.err.detail, line);
    done(&o);
}

static void pair_refused(const char *pair, const char *line)
{
    struct outcome o = load_with(NULL, (const char *const[]){pair, NULL});
    if (o.result != -1)
        print_error("accepted: %s\n", pair);
    assert_int_equal(o.result, -1);
    assert_string_equal(o.err.detail, line);
    done(&o);
}

/* The storage with its access key, and one pair more; the secret is in a file of that mode. */
static struct outcome load_s3(const char *text, mode_t mode, const char *pair)
{
    char path[] = "/tmp/chappe-secret-XXXXXX", secret[64];
    int fd = mkstemp(path);
    assert_true(fd >= 0 && fchmod(fd, mode) == 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    snprintf(secret, sizeof secret, "media.s3.secret_file=%s", path);
    const char *const pairs[] = {"media.store=s3:https://s3.example:9000/files/here",
                                 "media.s3.access_key=AKID", secret, pair, NULL};
    struct outcome o = load_with(NULL, pairs);
    unlink(path);
    return o;
}

static void s3_refused(const char *text, mode_t mode, const char *pair, const char *line)
{
    struct outcome o = load_s3(text, mode, pair);
    assert_int_equal(o.result, -1);
    assert_string_equal(o.err.detail, line);
    done(&o);
}

static void the_secret_of_a_storage_is_read_from_its_file(void **state)
{
    struct outcome o = load_s3("a secret/+=\n", 0640, NULL);
    (void)state;
    assert_int_equal(o.result, 0);
    assert_str(o.config.media_s3_secret, STR("a secret/+="));
    assert_str(o.config.media_s3_region, STR("us-east-1"));
    assert_str(o.config.media_store, STR("s3:https://s3.example:9000/files/here"));
    assert_null(config_media_directory(&o.config));
    done(&o);
    s3_refused("\n", 0600, NULL, "media.s3.secret_file: it holds no secret");
    s3_refused("a secret", 0644, NULL, "media.s3.secret_file: everybody may read it");
    s3_refused("a secret", 0600, "media.cache_size=399 MiB",
               "media.cache_size is less than four times media.max_size");
    pair_refused("media.store=s3:https://s3.example/files",
                 "media.s3.access_key and media.s3.secret_file are wanted with media.store: s3:…");
}

static void mail_servers_are_read_one_way(void **state)
{
    static const char *const right[] = {"smtp://mail.example", "smtps://mail.example:465",
                                        "smtp://user:p%40ss@mail.example:587", "smtp://[::1]:25",
                                        "smtp://10.0.0.1"};
    static const char *const bad[] = {"smtp://",
                                      "smtp:mail.example",
                                      "smtp://mail.example/x",
                                      "smtp://a@b@mail.example",
                                      "smtp://@mail.example",
                                      "smtp://mail.example?x",
                                      "smtp://mail.example#x",
                                      "smtp://mail.example\\@evil",
                                      "smtp://mail.example:0",
                                      "http://mail.example",
                                      "file:"};
    char pair[128];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(right); i++) {
        snprintf(pair, sizeof pair, "mail.transport=%s", right[i]);
        struct outcome o =
            load_with(NULL, (const char *const[]){"mail.from=a@b.example", pair, NULL});
        good(&o);
        assert_str(o.config.mail_transport, str_from(right[i]));
        done(&o);
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        snprintf(pair, sizeof pair, "mail.transport=%s", bad[i]);
        struct outcome o =
            load_with(NULL, (const char *const[]){"mail.from=a@b.example", pair, NULL});
        if (o.result == 0)
            print_error("accepted: %s\n", bad[i]);
        assert_int_equal(o.result, -1);
        done(&o);
    }
}

/* The contract's demonstration: loopback, mails in files, no public URL, no map. */
static void the_demonstration_stays_at_home(void **state)
{
    static const struct {
        const char *pair;
        bool demonstration, wants_domains;
    } rows[] = {
        {"listen=127.0.0.1:0,[::1]:0", true, false},
        {"listen=127.0.0.1:0,0.0.0.0:0", false, true},
        {"listen=192.168.1.2:8008", false, true},
        {"public_url=https://chappe.example", false, true},
        {"mail.transport=smtp://mail.example", false, true},
        {"domains=/map.yaml", false, false},
        {"registration.mode=open", false, false},
        {"registration.mode=closed", false, false},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct outcome o =
            load_with(NULL, (const char *const[]){"mail.from=a@b.example", rows[i].pair, NULL});
        good(&o);
        if (config_is_demonstration(&o.config) != rows[i].demonstration ||
            config_wants_domains(&o.config) != rows[i].wants_domains)
            fail_msg("%s", rows[i].pair);
        done(&o);
    }
}

static void nothing_gives_the_defaults(void **state)
{
    struct outcome o = load("");
    (void)state;
    good(&o);
    assert_str(o.config.server_name, STR("localhost"));
    assert_int_equal(o.config.n_listen, 1);
    assert_str(o.config.listen[0].address, STR("127.0.0.1"));
    assert_int_equal(o.config.listen[0].port, 8008);
    assert_int_equal(o.config.registration_mode, CONFIG_REGISTRATION_EMAIL);
    assert_true(config_is_demonstration(&o.config));
    assert_true(str_ends(o.config.mail_transport, STR("/data/mail")));
    assert_null(o.config.registration_shared_secret.p);
    assert_true(o.config.rate_limits);
    assert_false(o.config.federation);
    assert_str(o.config.rooms_default_version, STR("12"));
    assert_int_equal(o.config.media_max_size, 100 << 20);
    assert_int_equal(o.config.tokens_access_lifetime_ms, 3600 * 1000);
    assert_true(str_starts(o.config.database, STR("sqlite:/")));
    assert_true(str_ends(o.config.database, STR("/data/chappe.db")));
    assert_true(o.config.rates.login.per_second > 0.99 && o.config.rates.login.per_second < 1.01);
    assert_null(o.config.metrics.address.p);
    assert_null(o.config.public_url.p);
    done(&o);
}

static void a_file_sets_every_kind(void **state)
{
    struct outcome o = load("# first\n"
                            "server_name: interieur.example\n"
                            "data: /srv/chappe\n"
                            "listen:\n"
                            "  - 127.0.0.1:1\n"
                            "  - address: '[::]:8448'\n"
                            "    tls: {certificate: /c.pem, key: /k.pem}\n"
                            "public_url: https://m.interieur.example/\n"
                            "registration: {mode: token, shared_secret: 0123456789abcdef-x}\n"
                            "rate_limits:\n"
                            "  login: {per_minute: 6, burst: 3}\n"
                            "rooms:\n  enforce_encryption: yes\n  default_version: \"11\"\n"
                            "tokens: {access_lifetime: 5m, refresh_lifetime: 30d}\n"
                            "media: {max_size: 2 GiB}\n"
                            "http: {workers: 3, trusted_proxies: '10.0.0.1,::1'}\n"
                            "metrics: {listen: '127.0.0.1:9000'}\n"
                            "log: {level: debug, format: json}\n");
    (void)state;
    good(&o);
    assert_str(o.config.server_name, STR("interieur.example"));
    assert_str(o.config.database, STR("sqlite:/srv/chappe/chappe.db"));
    assert_str(o.config.signing_key, STR("/srv/chappe/signing.key"));
    assert_int_equal(o.config.n_listen, 2);
    assert_int_equal(o.config.listen[0].port, 1);
    assert_null(o.config.listen[0].tls_key.p);
    assert_str(o.config.listen[1].address, STR("::"));
    assert_str(o.config.listen[1].tls_key, STR("/k.pem"));
    assert_str(o.config.public_url, STR("https://m.interieur.example"));
    assert_int_equal(o.config.registration_mode, CONFIG_REGISTRATION_TOKEN);
    assert_str(o.config.registration_shared_secret, STR("0123456789abcdef-x"));
    assert_true(o.config.rate_limits);
    assert_true(o.config.rates.login.burst > 2.9 && o.config.rates.login.burst < 3.1);
    assert_true(o.config.rooms_enforce_encryption);
    assert_int_equal(o.config.tokens_refresh_lifetime_ms, INT64_C(30) * 86400 * 1000);
    assert_int_equal(o.config.media_max_size, INT64_C(2) << 30);
    assert_int_equal(o.config.http_workers, 3);
    assert_int_equal(o.config.metrics.port, 9000);
    assert_int_equal(o.config.log_level, LOG_LEVEL_DEBUG);
    assert_int_equal(o.config.log_format, LOG_FORMAT_JSON);
    assert_int_equal(strlen(o.config.server_name.p), o.config.server_name.n);
    done(&o);
}

static void email_mode_turns_the_rules_on(void **state)
{
    struct outcome open = load("registration: {mode: open}\n");
    struct outcome email = load("registration: {mode: email}\n");
    struct outcome given = load("registration: {mode: email}\nrooms: {access_rules: off}\n");
    struct outcome wanted = load("registration: {mode: open}\nrooms: {access_rules: on}\n");
    (void)state;
    good(&open);
    assert_false(open.config.rooms_access_rules || open.config.rooms_enforce_encryption);
    good(&email);
    assert_true(email.config.rooms_access_rules && email.config.rooms_enforce_encryption);
    assert_false(email.config.rooms_unencrypted_private);
    good(&given);
    assert_true(!given.config.rooms_access_rules && given.config.rooms_enforce_encryption);
    good(&wanted);
    assert_true(wanted.config.rooms_access_rules && !wanted.config.rooms_enforce_encryption);
    done(&open);
    done(&email);
    done(&given);
    done(&wanted);
}

static void the_command_line_wins(void **state)
{
    const char *const pairs[] = {"log.level=warn", "listen=127.0.0.1:1,[::1]:2", "log.level=error",
                                 "rate_limits=off", NULL};
    struct outcome o = load_with("log: {level: debug}\nlisten: [127.0.0.1:5]\n", pairs);
    (void)state;
    good(&o);
    assert_int_equal(o.config.log_level, LOG_LEVEL_ERROR);
    assert_int_equal(o.config.n_listen, 2);
    assert_int_equal(o.config.listen[1].port, 2);
    assert_false(o.config.rate_limits);
    done(&o);
}

static void mistakes_name_key_and_line(void **state)
{
    (void)state;
    refused("a: 1\n", "c.yaml:1: a: no such key (chappe config schema lists them)");
    refused("\nlog:\n  level: loud\n", "c.yaml:3: log.level: must be debug, info, warn or error");
    refused("log: {level: info}\nserver_name: a.b\nserver_name: a.b\n",
            "c.yaml:3: server_name: is given twice");
    refused("log: {level: info, level: info}\n", "c.yaml:1: log.level: is given twice");
    refused("server_name: [a]\n", "c.yaml:1: server_name: is one value, not a list");
    refused("rooms: [a]\n", "c.yaml:1: rooms: is not a list");
    refused("server_name: {a: b}\n",
            "c.yaml:1: server_name.a: no such key (chappe config schema lists them)");
    refused("listen: []\n", "listen: at least one ADDR:PORT is wanted");
    refused("listen: [{tls: {certificate: a, key: b}}]\n", "listen.0.address is missing");
    refused("listen: [{address: '127.0.0.1:1', tls: {key: b}}]\n",
            "listen.0.tls: certificate and key go together");
    refused("registration: {mode: mail}\n",
            "c.yaml:1: registration.mode: must be email, closed, token or open");
    refused("mail: {transport: x}\n",
            "c.yaml:1: mail.transport: must be file:DIR, smtp://… or smtps://…");
    refused("mail: {transport: 'smtps://mail.example'}\n",
            "mail.from is missing: a mail server wants a sender");
    refused("mail: {from: a@b@c.example}\n", "c.yaml:1: mail.from: is not an e-mail address");
    refused("server_name: \"a\\0b\"\n",
            "c.yaml:1: server_name: holds a control character or is not UTF-8");
    refused(
        "server_name:\n",
        "c.yaml:1: server_name: is not a Matrix server name, as interieur.example or host:8448");
}

static void wrong_yaml_is_refused(void **state)
{
    (void)state;
    refused("a", "c.yaml:1: KEY: VALUE is wanted");
    refused("- a\n", "c.yaml:1: KEY: VALUE is wanted, not a list");
    refused("log: &x {level: info}\n", "c.yaml:1: anchors and tags are not used here");
    refused("server_name: !!str a\n", "c.yaml:1: anchors and tags are not used here");
    refused("a: *b\n", "c.yaml:1: aliases are not used here");
    refused("log: {}\n---\nlog: {}\n", "c.yaml:2: one document is enough");
    refused("? [a]\n: b\n", "c.yaml:1: a key is a plain word");
    refused("? {a: b}\n: b\n", "c.yaml:1: a key is a plain word");
    refused("a: [[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]\n", "c.yaml:1: nested too deeply");
    refused("server_name: \"a\n", "c.yaml:2: found unexpected end of stream");
    struct outcome o = load("\ta: b");
    assert_int_equal(o.result, -1);
    done(&o);
}

static void wrong_values_are_refused(void **state)
{
    static const char address[] =
        "--set: listen: must be ADDR:PORT, as 127.0.0.1:8008 or [::1]:8008";
    (void)state;
    pair_refused("listen=localhost:1", address);
    pair_refused("listen=127.0.0.1", address);
    pair_refused("listen=127.0.0.1:", address);
    pair_refused("listen=127.0.0.1:65536", address);
    pair_refused("listen=127.0.0.1:-1", address);
    pair_refused("listen=::1:80", address);
    pair_refused("listen=[127.0.0.1]:80", address);
    pair_refused("listen=", address);
    pair_refused("listen.2=127.0.0.1:1",
                 "--set: listen.2: items are numbered from 0, without a gap, up to 15");
    pair_refused("listen.x=127.0.0.1:1",
                 "--set: listen.x: no such key (chappe config schema lists them)");
    pair_refused("rate_limits=maybe", "--set: rate_limits: must be on or off");
    pair_refused("rate_limits.login.burst=0",
                 "--set: rate_limits.login.burst: is out of range (see chappe config schema)");
    pair_refused("rate_limits.login.burst=1.5",
                 "--set: rate_limits.login.burst: must be a whole number");
    pair_refused("media.max_size=9223372036854775807 GiB",
                 "--set: media.max_size: is out of range (see chappe config schema)");
    pair_refused("media.max_size=1 MB",
                 "--set: media.max_size: must be a number of bytes, as 4096 or 100 MiB");
    pair_refused("tokens.access_lifetime=0",
                 "--set: tokens.access_lifetime: must be a duration, as 30s, 5m, 12h or 30d");
    pair_refused("public_url=matrix.example",
                 "--set: public_url: must be a base URL, as https://matrix.interieur.example");
    pair_refused("public_url=https://a b/",
                 "--set: public_url: must be a base URL, as https://matrix.interieur.example");
    pair_refused("database=mysql://x",
                 "--set: database: must be sqlite:PATH or postgresql://HOST/NAME");
    pair_refused("media.store=s3:x",
                 "--set: media.store: s3:https://HOST[:PORT]/BUCKET[/PREFIX] is wanted");
    pair_refused("federation=on", "--set: federation: must be off (federation does not exist yet)");
    pair_refused("rooms.default_version=2",
                 "--set: rooms.default_version: is not a room version this server makes (3 to 12)");
    pair_refused("http.trusted_proxies=10.0.0.1,",
                 "--set: http.trusted_proxies: must be IP addresses with commas between, without "
                 "blanks");
    pair_refused("http.workers=2000",
                 "--set: http.workers: is out of range (see chappe config schema)");
    pair_refused("log.level", "--set log.level: KEY=VALUE is wanted");
    pair_refused("=x", "--set =x: KEY=VALUE is wanted");
    pair_refused("data=", "--set: data: is empty: a path is wanted");
    pair_refused("data=a\nb", "--set: data: holds a control character or is not UTF-8");
}

/* SIG-15: start with an empty or default secret in the configuration. */
static void sig_15_default_secrets_are_refused(void **state)
{
    (void)state;
    pair_refused(
        "registration.shared_secret=",
        "--set: registration.shared_secret: is empty: leave it out, or set a random secret");
    pair_refused("registration.shared_secret=ChangeMe",
                 "--set: registration.shared_secret: is a well-known example: set a random secret");
    pair_refused("registration.shared_secret=registration_shared_secret",
                 "--set: registration.shared_secret: is a well-known example: set a random secret");
    pair_refused("registration.shared_secret=aaaaaaaaaaaaaaaaaaaaaaaa",
                 "--set: registration.shared_secret: is a well-known example: set a random secret");
    pair_refused("registration.shared_secret=x7Kp2",
                 "--set: registration.shared_secret: is too short: 16 bytes at least, drawn at "
                 "random");
}

static void a_shown_configuration_hides_secrets_and_can_be_read(void **state)
{
    const char *const pairs[] = {"registration.shared_secret=zR3-very-private-1",
                                 "database=postgresql://u:pw@h/d",
                                 "server_name=a.example",
                                 "data=/srv/a b",
                                 "listen=[::1]:5",
                                 NULL};
    struct outcome o = load_with(NULL, pairs);
    struct buf out;
    (void)state;
    good(&o);
    buf_init(&out, 1 << 20);
    config_show(&o.settings, &o.config, &out);
    assert_false(str_contains(buf_str(&out), STR("zR3")));
    assert_false(str_contains(buf_str(&out), STR("pw")));
    assert_true(str_contains(buf_str(&out), STR("registration.shared_secret: \"***\"\n")));
    assert_true(str_contains(buf_str(&out), STR("server_name: a.example\n")));
    assert_true(str_contains(buf_str(&out), STR("signing_key: \"/srv/a b/signing.key\"\n")));

    /* Without the masked ones it is a file that gives the same. */
    struct outcome plain = load_with(NULL, pairs + 2), again;
    good(&plain);
    buf_clear(&out);
    config_show(&plain.settings, &plain.config, &out);
    buf_add_byte(&out, 0);
    again = load(out.p);
    good(&again);
    assert_str(again.config.data_dir, STR("/srv/a b"));
    assert_str(again.config.database, plain.config.database);
    assert_str(again.config.listen[0].address, STR("::1"));
    assert_int_equal(again.config.listen[0].port, 5);
    buf_done(&out);
    done(&again);
    done(&plain);
    done(&o);
}

static void private_pages_are_of_named_hosts(void **state)
{
    (void)state;
    refused("server_name: a.example\npreviews: on\n",
            "previews.hosts is missing: which hosts may be looked at");
    refused("server_name: a.example\npreviews: on\npreviews.hosts: 'wiki.example, *'\n"
            "previews.private_addresses: on\n",
            "previews.private_addresses with every host in previews.hosts would let users reach all"
            " that this machine can");
    struct outcome o = load("server_name: a.example\npreviews: on\n"
                            "previews.hosts: '*.example'\npreviews.private_addresses: on\n");
    good(&o);
    done(&o);
}

static void the_table_is_sound(void **state)
{
    struct buf out;
    (void)state;
    buf_init(&out, 1 << 20);
    config_schema(&out);
    for (size_t i = 0; i < config_keys_n; i++) {
        int64_t item;
        assert_ptr_equal(config_key_find(str_from(config_keys[i].name), &item),
                         config_keys[i].is_item ? NULL : &config_keys[i]);
        assert_true(str_contains(buf_str(&out), str_from(config_keys[i].name)));
    }
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_gives_the_defaults),
        cmocka_unit_test(mail_servers_are_read_one_way),
        cmocka_unit_test(the_secret_of_a_storage_is_read_from_its_file),
        cmocka_unit_test(the_demonstration_stays_at_home),
        cmocka_unit_test(a_file_sets_every_kind),
        cmocka_unit_test(email_mode_turns_the_rules_on),
        cmocka_unit_test(the_command_line_wins),
        cmocka_unit_test(mistakes_name_key_and_line),
        cmocka_unit_test(wrong_yaml_is_refused),
        cmocka_unit_test(wrong_values_are_refused),
        cmocka_unit_test(sig_15_default_secrets_are_refused),
        cmocka_unit_test(a_shown_configuration_hides_secrets_and_can_be_read),
        cmocka_unit_test(private_pages_are_of_named_hosts),
        cmocka_unit_test(the_table_is_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
