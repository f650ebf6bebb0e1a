/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/mail/letter.h"

#include "base/check.h"
#include "base/html.h"
#include "base/limits.h"
#include "json/doc.h"
#include "json/write.h"

#define PARAGRAPHS_MAX 6

/* One language's part of a letter. Texts are plain; what is inserted is among them. */
struct section {
    const char *language; /* "fr", "en" */
    struct str greeting, paragraphs[PARAGRAPHS_MAX];
    size_t n;
    struct str code, link, link_label; /* after the first paragraph; STR_NONE: none */
    struct str stop, stop_label;       /* a link at the end; STR_NONE: none */
};

struct draft {
    struct arena *arena;
    struct str subject;
    struct section sections[2];
    size_t n_sections;
};

/* ---- arguments ---- */

static void begin(struct json_writer *w, struct buf *out)
{
    buf_init(out, LIMIT_MAIL_ARGS);
    json_writer_init(w, out);
    json_write_object(w);
}

static struct str finish(struct arena *arena, struct json_writer *w, struct buf *out)
{
    json_write_end(w);
    CHECK(!buf_is_full(out)); /* our own texts, all short */
    struct str args = arena_str(arena, buf_str(out));
    buf_done(out);
    return args;
}

struct str letter_code_args(struct arena *arena, const struct letter_code *code)
{
    struct json_writer w;
    struct buf out;
    begin(&w, &out);
    json_write_member_int(&w, STR("purpose"), code->purpose);
    json_write_member_int(&w, STR("language"), code->language);
    json_write_member_str(&w, STR("code"), code->code);
    json_write_member_str(&w, STR("link"), code->link);
    return finish(arena, &w, &out);
}

/* A name is one line of letters, and short: what could be a link or a header is left out. */
static struct str clean_name(struct arena *arena, struct str name)
{
    char *out = ARENA_NEW_N(arena, name.n + 1, char);
    size_t n = 0;
    for (size_t i = 0; i < name.n && n < LIMIT_MAIL_NAME; i++) {
        unsigned char c = (unsigned char)name.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (letter || c >= 0x80 || c == ' ' || c == '-' || c == '\'' || c == '[' || c == ']')
            out[n++] = (char)c;
    }
    while (n && !str_is_utf8(str_make(out, n)))
        n--; /* cut inside a character */
    return str_make(out, n);
}

struct str letter_invitation_args(struct arena *arena, struct str inviter, struct str link)
{
    struct json_writer w;
    struct buf out;
    begin(&w, &out);
    json_write_member_str(&w, STR("inviter"), clean_name(arena, inviter));
    json_write_member_str(&w, STR("link"), link);
    return finish(arena, &w, &out);
}

struct str letter_address_args(struct arena *arena)
{
    (void)arena;
    return STR("{}");
}

struct str letter_renewal_args(struct arena *arena, struct str link)
{
    struct json_writer w;
    struct buf out;
    begin(&w, &out);
    json_write_member_str(&w, STR("link"), link);
    return finish(arena, &w, &out);
}

static const struct str room_keys[] = {
    [LETTER_DIRECT] = STR_INIT("direct"),
    [LETTER_PRIVATE] = STR_INIT("private"),
    [LETTER_FORUM] = STR_INIT("forum"),
};

struct str letter_digest_args(struct arena *arena, const struct letter_digest *digest)
{
    struct json_writer w;
    struct buf out;
    begin(&w, &out);
    for (size_t i = 0; i < LETTER_ROOMS; i++) {
        json_write_key(&w, room_keys[i]);
        json_write_array(&w);
        json_write_int(&w, digest->of[i].messages);
        json_write_int(&w, digest->of[i].rooms);
        json_write_end(&w);
    }
    json_write_member_int(&w, STR("invitations"), digest->invitations);
    json_write_member_str(&w, STR("link"), digest->link);
    json_write_member_str(&w, STR("stop"), digest->stop);
    return finish(arena, &w, &out);
}

/* ---- what is said ---- */

static void say(struct section *section, struct str paragraph)
{
    CHECK(section->n < PARAGRAPHS_MAX);
    section->paragraphs[section->n++] = paragraph;
}

struct code_words {
    struct str subject, why, link_label, ignore;
};

static const struct code_words code_words[][2] = {
    [LETTER_TO_SIGN_UP] =
        {{STR_INIT("Votre code pour créer un compte"),
          STR_INIT("Voici le code qui confirme votre adresse et permet de créer votre compte :"),
          STR_INIT("Confirmer mon adresse"),
          STR_INIT("Si vous n’avez pas demandé à créer un compte, ne faites rien : sans ce code, "
                   "personne ne peut en créer un à votre adresse.")},
         {STR_INIT("Your code to create an account"),
          STR_INIT("Here is the code that confirms your address and lets you create your account:"),
          STR_INIT("Confirm my address"),
          STR_INIT("If you have not asked for an account, do nothing: without this code nobody can "
                   "create one with your address.")}},
    [LETTER_TO_RESET_PASSWORD] =
        {{STR_INIT("Votre code pour changer de mot de passe"),
          STR_INIT("Voici le code qui permet de choisir un nouveau mot de passe :"),
          STR_INIT("Autoriser le changement de mot de passe"),
          STR_INIT(
              "Si vous n’avez rien demandé, n’utilisez ni ce code ni ce lien, et ne les donnez "
              "à personne : votre mot de passe reste inchangé.")},
         {STR_INIT("Your code to change your password"),
          STR_INIT("Here is the code that lets you choose a new password:"),
          STR_INIT("Allow the change of password"),
          STR_INIT("If you have asked for nothing, use neither this code nor this link, and give "
                   "them to nobody: your password stays as it is.")}},
    [LETTER_TO_CHANGE_ADDRESS] =
        {{STR_INIT("Votre code pour changer d’adresse"),
          STR_INIT("Voici le code qui confirme le changement d’adresse de votre compte :"),
          STR_INIT("Confirmer le changement d’adresse"),
          STR_INIT(
              "Si vous n’avez rien demandé, n’utilisez ni ce code ni ce lien, et ne les donnez "
              "à personne.")},
         {STR_INIT("Your code to change your address"),
          STR_INIT("Here is the code that confirms the change of your account’s address:"),
          STR_INIT("Confirm the change of address"),
          STR_INIT("If you have asked for nothing, use neither this code nor this link, and give "
                   "them to nobody.")}},
    [LETTER_TO_BIND] = {{STR_INIT("Votre code de confirmation"),
                         STR_INIT("Voici le code qui confirme votre adresse :"),
                         STR_INIT("Confirmer mon adresse"),
                         STR_INIT("Si vous n’avez rien demandé, ne faites rien.")},
                        {STR_INIT("Your confirmation code"),
                         STR_INIT("Here is the code that confirms your address:"),
                         STR_INIT("Confirm my address"),
                         STR_INIT("If you have asked for nothing, do nothing.")}},
};

static void begin_section(struct draft *draft, bool english)
{
    struct section *section = &draft->sections[draft->n_sections++];
    *section = (struct section){.language = english ? "en" : "fr",
                                .greeting = english ? STR("Hello,") : STR("Bonjour,")};
}

/* "1234 5678": two groups are read and typed with less error. */
static struct str spaced(struct arena *arena, struct str code)
{
    size_t half = code.n / 2;
    return arena_printf(arena, "%.*s %.*s", STR_ARG(str_first(code, half)),
                        STR_ARG(str_skip(code, half)));
}

static int write_code(struct draft *draft, const struct json *args, struct letter *letter)
{
    int64_t purpose = 0, language = 0;
    letter->code = json_find_str(args, STR("code"));
    letter->link = json_find_str(args, STR("link"));
    if (!json_as_int(json_find(args, STR("purpose")), &purpose) || purpose < LETTER_TO_SIGN_UP ||
        purpose > LETTER_TO_BIND || !letter->code.p || !letter->link.p)
        return -1;
    bool english =
        json_as_int(json_find(args, STR("language")), &language) && language == LETTER_ENGLISH;
    const struct code_words *words = &code_words[purpose][english];
    begin_section(draft, english);
    struct section *section = &draft->sections[0];
    draft->subject = words->subject;
    say(section, words->why);
    section->code = spaced(draft->arena, letter->code);
    section->link = letter->link;
    section->link_label = words->link_label;
    say(section, english ? STR("The code and the link work for 10 minutes, and once.")
                         : STR("Le code et le lien sont valables 10 minutes, une seule fois."));
    say(section, words->ignore);
    return 0;
}

/* French, then English: what each says before the link, the link's label, and what follows. */
struct words {
    struct str before, label, after;
};

/* link STR_NONE: there is none. */
static void say_both(struct draft *draft, const struct words words[2], struct str link)
{
    for (size_t i = 0; i < 2; i++) {
        begin_section(draft, i == 1);
        struct section *section = &draft->sections[draft->n_sections - 1];
        say(section, words[i].before);
        section->link = link;
        section->link_label = words[i].label;
        say(section, words[i].after);
    }
}

static int write_invitation(struct draft *draft, const struct json *args, struct letter *letter)
{
    struct str inviter = json_find_str(args, STR("inviter"));
    letter->link = json_find_str(args, STR("link"));
    if (!inviter.p || !letter->link.p)
        return -1;
    if (!inviter.n)
        inviter = STR("?");
    struct words words[2] = {
        {arena_printf(draft->arena,
                      "%.*s vous invite à échanger avec l’administration, dans un salon de sa "
                      "messagerie. Pour entrer, créez un compte avec l’adresse à laquelle vous "
                      "recevez ce message :",
                      STR_ARG(inviter)),
         STR("Créer mon compte"),
         STR("L’invitation vaut pour votre adresse seule. Si vous n’attendiez rien de cette "
             "personne, ne faites rien.")},
        {arena_printf(draft->arena,
                      "%.*s invites you to a room of the administration’s messaging. To come in, "
                      "create an account with the address that got this message:",
                      STR_ARG(inviter)),
         STR("Create my account"),
         STR("The invitation is for your address alone. If you expected nothing of this person, do "
             "nothing.")}};
    draft->subject = STR("Vous êtes invité dans un salon – You are invited to a room");
    say_both(draft, words, letter->link);
    return 0;
}

static int write_address(struct draft *draft)
{
    static const struct words words[2] = {
        {STR_INIT("Votre compte a désormais une autre adresse. Celle-ci n’y donne plus accès."),
         STR_INIT(""),
         STR_INIT("Si ce n’est pas vous qui l’avez voulu, prévenez tout de suite votre support "
                  "informatique.")},
        {STR_INIT("Your account has another address from now on. This one gives no access to it "
                  "any more."),
         STR_INIT(""), STR_INIT("If this was not your wish, tell your IT support at once.")}};
    draft->subject = STR("L’adresse de votre compte a changé – Your account’s address has changed");
    say_both(draft, words, STR_NONE);
    return 0;
}

static int write_renewal(struct draft *draft, const struct json *args, struct letter *letter)
{
    static const struct words words[2] = {
        {STR_INIT("Votre compte de messagerie doit être prolongé de temps en temps par la personne "
                  "qui reçoit le courrier de cette adresse. Pour continuer à l’utiliser :"),
         STR_INIT("Prolonger mon compte"),
         STR_INIT("Sans cela, votre compte sera suspendu à son échéance ; rien ne sera effacé, et "
                  "ce lien le rétablira. Seul le lien du dernier courriel est valable.")},
        {STR_INIT("Your messaging account has to be renewed now and then by whoever receives the "
                  "mail of this address. To go on using it:"),
         STR_INIT("Renew my account"),
         STR_INIT("Without that your account is suspended when it comes to its end; nothing is "
                  "deleted, and this link brings it back. Only the link of the last mail holds.")}};
    letter->link = json_find_str(args, STR("link"));
    if (!letter->link.p)
        return -1;
    draft->subject = STR("Prolongez votre compte – Renew your account");
    say_both(draft, words, letter->link);
    return 0;
}

/* ---- the digest ---- */

/* "3 messages dans 2 conversations directes"; STR_NONE: none. */
static struct str count_kind(struct draft *draft, const struct json *args, enum letter_room kind,
                             bool english)
{
    static const char *const rooms[LETTER_ROOMS][2][2] = {
        [LETTER_DIRECT] = {{"conversation directe", "conversations directes"},
                           {"direct conversation", "direct conversations"}},
        [LETTER_PRIVATE] = {{"salon privé", "salons privés"}, {"private room", "private rooms"}},
        [LETTER_FORUM] = {{"forum", "forums"}, {"forum", "forums"}},
    };
    const struct json *pair = json_find(args, room_keys[kind]);
    int64_t messages = 0, n = 0;
    if (!json_is(pair, JSON_ARRAY) || pair->array.n != 2 ||
        !json_as_int(&pair->array.items[0], &messages) || !json_as_int(&pair->array.items[1], &n) ||
        !messages)
        return STR_NONE;
    return arena_printf(draft->arena, "%lld message%s %s %lld %s", (long long)messages,
                        messages > 1 ? "s" : "", english ? "in" : "dans", (long long)n,
                        rooms[kind][english][n > 1]);
}

static struct str count_messages(struct draft *draft, const struct json *args, bool english)
{
    struct str list = STR("");
    for (int kind = 0; kind < LETTER_ROOMS; kind++) {
        struct str part = count_kind(draft, args, (enum letter_room)kind, english);
        if (part.p)
            list = arena_printf(draft->arena, "%.*s%s%.*s", STR_ARG(list), list.n ? ", " : "",
                                STR_ARG(part));
    }
    if (!list.n)
        return list;
    return arena_printf(draft->arena,
                        english ? "You have unread messages: %.*s."
                                : "Vous avez des messages non lus : %.*s.",
                        STR_ARG(list));
}

static struct str count_invitations(struct draft *draft, int64_t invitations, bool english)
{
    if (!invitations)
        return STR("");
    return arena_printf(draft->arena,
                        english ? "Invitation%s waiting for your answer: %lld."
                                : "Invitation%s en attente de votre réponse : %lld.",
                        invitations > 1 ? "s" : "", (long long)invitations);
}

/* What waits, in one language. Messages are said first, and untold what they say. */
static void say_digest(struct draft *draft, const struct json *args, bool english,
                       struct words *words)
{
    int64_t invitations = 0;
    (void)json_as_int(json_find(args, STR("invitations")), &invitations);
    struct str messages = count_messages(draft, args, english);
    struct str others = count_invitations(draft, invitations, english);
    words->before = arena_printf(draft->arena, "%.*s%s%.*s", STR_ARG(messages),
                                 messages.n && others.n ? " " : "", STR_ARG(others));
    words->label = english ? STR("Open the messaging") : STR("Ouvrir la messagerie");
    if (messages.n)
        words->after =
            english ? STR("This mail says neither whom they are from nor what they say. You can "
                          "stop such mails:")
                    : STR("Ce courriel ne dit ni de qui ils viennent, ni ce qu’ils contiennent. "
                          "Vous pouvez ne plus en recevoir :");
    else
        words->after = english ? STR("This mail says neither who invites you nor where to. You can "
                                     "stop such mails:")
                               : STR("Ce courriel ne dit ni qui vous invite, ni où. Vous pouvez ne "
                                     "plus en recevoir :");
    if (!draft->subject.p)
        draft->subject = messages.n ? STR("Des messages vous attendent – Messages wait for you")
                         : invitations > 1
                             ? STR("Des invitations vous attendent – Invitations wait for you")
                             : STR("Une invitation vous attend – An invitation waits for you");
}

static int write_digest(struct draft *draft, const struct json *args, struct letter *letter)
{
    static const struct str stop[2] = {STR_INIT("Ne plus recevoir ces courriels"),
                                       STR_INIT("Send me no such mails")};
    struct words words[2];
    letter->link = json_find_str(args, STR("link"));
    letter->stop = json_find_str(args, STR("stop"));
    if (!letter->link.p || !letter->stop.p)
        return -1;
    for (size_t i = 0; i < 2; i++)
        say_digest(draft, args, i == 1, &words[i]);
    say_both(draft, words, letter->link);
    for (size_t i = 0; i < 2; i++) {
        draft->sections[i].stop = letter->stop;
        draft->sections[i].stop_label = stop[i];
    }
    return 0;
}

/* ---- text ---- */

static void print_text_section(const struct section *section, struct buf *out)
{
    buf_printf(out, "%.*s\r\n\r\n", STR_ARG(section->greeting));
    for (size_t i = 0; i < section->n; i++) {
        buf_printf(out, "%.*s\r\n\r\n", STR_ARG(section->paragraphs[i]));
        if (i == 0 && section->code.p)
            buf_printf(out, "    %.*s\r\n\r\n", STR_ARG(section->code));
        if (i == 0 && section->link.p)
            buf_printf(out, "%.*s%s\r\n%.*s\r\n\r\n", STR_ARG(section->link_label),
                       section->language[0] == 'f' ? " :" : ":", STR_ARG(section->link));
    }
    if (section->stop.p)
        buf_printf(out, "%.*s%s\r\n%.*s\r\n\r\n", STR_ARG(section->stop_label),
                   section->language[0] == 'f' ? " :" : ":", STR_ARG(section->stop));
}

static void print_text(const struct draft *draft, struct str server_name, struct buf *out)
{
    for (size_t i = 0; i < draft->n_sections; i++) {
        if (i)
            buf_add(out, STR("----\r\n\r\n"));
        print_text_section(&draft->sections[i], out);
    }
    buf_printf(out, "-- \r\n%.*s\r\n", STR_ARG(server_name));
}

/* ---- HTML ---- */

static void print_element(struct buf *out, const char *open, struct str text, const char *close)
{
    buf_add(out, str_from(open));
    html_escape(out, text);
    buf_add(out, str_from(close));
}

static void print_link(struct buf *out, struct str link, struct str label)
{
    print_element(out, "<p><a href=\"", link, "\">");
    print_element(out, "", label, "</a></p>\r\n");
}

static void print_html_section(const struct section *section, struct buf *out)
{
    buf_printf(out, "<div lang=\"%s\">\r\n", section->language);
    print_element(out, "<p>", section->greeting, "</p>\r\n");
    for (size_t i = 0; i < section->n; i++) {
        print_element(out, "<p>", section->paragraphs[i], "</p>\r\n");
        if (i == 0 && section->code.p)
            print_element(out,
                          "<p style=\"font-size:1.75em;font-weight:bold;letter-spacing:.1em\">",
                          section->code, "</p>\r\n");
        if (i == 0 && section->link.p)
            print_link(out, section->link, section->link_label);
    }
    if (section->stop.p)
        print_link(out, section->stop, section->stop_label);
    buf_add(out, STR("</div>\r\n"));
}

static void print_html(const struct draft *draft, struct str server_name, struct buf *out)
{
    buf_printf(out,
               "<!DOCTYPE html>\r\n<html lang=\"%s\">\r\n<head>\r\n<meta charset=\"utf-8\">\r\n",
               draft->sections[0].language);
    print_element(out, "<title>", draft->subject, "</title>\r\n</head>\r\n");
    buf_add(out, STR("<body style=\"font-family:sans-serif;line-height:1.5;max-width:36em\">\r\n"));
    for (size_t i = 0; i < draft->n_sections; i++) {
        if (i)
            buf_add(out, STR("<hr>\r\n"));
        print_html_section(&draft->sections[i], out);
    }
    print_element(out, "<p><small>", server_name, "</small></p>\r\n</body>\r\n</html>\r\n");
}

/* ---- the letter ---- */

static int fill(struct draft *draft, const struct mail *mail, struct letter *letter)
{
    struct err ignored = ERR_INIT;
    const struct json *args;
    if (json_parse(draft->arena, mail->args, &args, &ignored) < 0)
        return -1;
    switch (mail->kind) {
    case LETTER_CODE:
        return write_code(draft, args, letter);
    case LETTER_INVITATION:
        return write_invitation(draft, args, letter);
    case LETTER_ADDRESS:
        return write_address(draft);
    case LETTER_RENEWAL:
        return write_renewal(draft, args, letter);
    case LETTER_DIGEST:
        return write_digest(draft, args, letter);
    default:
        return -1;
    }
}

static struct str printed(struct arena *arena, const struct draft *draft, struct str server_name,
                          void (*print)(const struct draft *, struct str, struct buf *))
{
    struct buf out;
    buf_init(&out, LIMIT_MAIL_BYTES);
    print(draft, server_name, &out);
    CHECK(!buf_is_full(&out));
    struct str text = arena_str(arena, buf_str(&out));
    buf_done(&out);
    return text;
}

int letter_write(struct arena *arena, const struct mail *mail, struct str server_name,
                 struct letter *ret_letter, struct err *err)
{
    struct draft draft = {.arena = arena};
    struct letter letter = {0};
    if (fill(&draft, mail, &letter) < 0)
        return err_internal(err, "mail %lld: its arguments cannot be read", (long long)mail->id);
    letter.subject = draft.subject;
    letter.text = printed(arena, &draft, server_name, print_text);
    letter.html = printed(arena, &draft, server_name, print_html);
    *ret_letter = letter;
    return 0;
}
