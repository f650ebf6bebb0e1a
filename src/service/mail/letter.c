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
};

struct draft {
    struct arena *arena;
    struct str subject;
    struct section sections[2];
    size_t n_sections;
};

/* ---- arguments ---- */

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
    buf_init(&out, LIMIT_MAIL_ARGS);
    json_writer_init(&w, &out);
    json_write_object(&w);
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
    buf_init(&out, LIMIT_MAIL_ARGS);
    json_writer_init(&w, &out);
    json_write_object(&w);
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
    buf_init(&out, LIMIT_MAIL_ARGS);
    json_writer_init(&w, &out);
    json_write_object(&w);
    json_write_member_str(&w, STR("link"), link);
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

static int write_invitation(struct draft *draft, const struct json *args, struct letter *letter)
{
    struct str inviter = json_find_str(args, STR("inviter"));
    letter->link = json_find_str(args, STR("link"));
    if (!inviter.p || !letter->link.p)
        return -1;
    if (!inviter.n)
        inviter = STR("?");
    draft->subject = STR("Vous êtes invité dans un salon – You are invited to a room");
    begin_section(draft, false);
    say(&draft->sections[0],
        arena_printf(draft->arena,
                     "%.*s vous invite à échanger avec l’administration, dans un salon de sa "
                     "messagerie. Pour entrer, créez un compte avec l’adresse à laquelle vous "
                     "recevez ce message :",
                     STR_ARG(inviter)));
    draft->sections[0].link = letter->link;
    draft->sections[0].link_label = STR("Créer mon compte");
    say(&draft->sections[0], STR("L’invitation vaut pour votre adresse seule. Si vous n’attendiez "
                                 "rien de cette personne, ne faites rien."));
    begin_section(draft, true);
    say(&draft->sections[1],
        arena_printf(draft->arena,
                     "%.*s invites you to a room of the administration’s messaging. To come in, "
                     "create an account with the address that got this message:",
                     STR_ARG(inviter)));
    draft->sections[1].link = letter->link;
    draft->sections[1].link_label = STR("Create my account");
    say(&draft->sections[1],
        STR("The invitation is for your address alone. If you expected nothing "
            "of this person, do nothing."));
    return 0;
}

static int write_address(struct draft *draft)
{
    draft->subject = STR("L’adresse de votre compte a changé – Your account’s address has changed");
    begin_section(draft, false);
    say(&draft->sections[0], STR("Votre compte a désormais une autre adresse. Celle-ci n’y donne "
                                 "plus accès."));
    say(&draft->sections[0], STR("Si ce n’est pas vous qui l’avez voulu, prévenez tout de suite "
                                 "votre support informatique."));
    begin_section(draft, true);
    say(&draft->sections[1], STR("Your account has another address from now on. This one gives no "
                                 "access to it any more."));
    say(&draft->sections[1], STR("If this was not your wish, tell your IT support at once."));
    return 0;
}

static int write_renewal(struct draft *draft, const struct json *args, struct letter *letter)
{
    letter->link = json_find_str(args, STR("link"));
    if (!letter->link.p)
        return -1;
    draft->subject = STR("Prolongez votre compte – Renew your account");
    begin_section(draft, false);
    say(&draft->sections[0],
        STR("Votre compte de messagerie doit être prolongé de temps en temps par la personne qui "
            "reçoit le courrier de cette adresse. Pour continuer à l’utiliser :"));
    draft->sections[0].link = letter->link;
    draft->sections[0].link_label = STR("Prolonger mon compte");
    say(&draft->sections[0], STR("Sans cela, votre compte sera suspendu à son échéance ; rien ne "
                                 "sera effacé, et ce lien le rétablira. Seul le lien du dernier "
                                 "courriel est valable."));
    begin_section(draft, true);
    say(&draft->sections[1],
        STR("Your messaging account has to be renewed now and then by whoever receives the mail of "
            "this address. To go on using it:"));
    draft->sections[1].link = letter->link;
    draft->sections[1].link_label = STR("Renew my account");
    say(&draft->sections[1], STR("Without that your account is suspended when it comes to its end; "
                                 "nothing is deleted, and this link brings it back. Only the link "
                                 "of the last mail holds."));
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
        if (i == 0 && section->link.p) {
            print_element(out, "<p><a href=\"", section->link, "\">");
            print_element(out, "", section->link_label, "</a></p>\r\n");
        }
    }
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
