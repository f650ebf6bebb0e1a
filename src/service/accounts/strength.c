/* SPDX-License-Identifier: EUPL-1.2 */
#include "service/accounts/strength.h"

#include "base/attr.h"
#include "base/limits.h"

static const char *const words[] = {
    /* what passwords are called, and what is said to a machine */
    "motdepasse",
    "password",
    "passwort",
    "passe",
    "passphrase",
    "secret",
    "secrets",
    "private",
    "prive",
    "login",
    "admin",
    "administrateur",
    "administrator",
    "root",
    "user",
    "utilisateur",
    "guest",
    "invite",
    "default",
    "changeme",
    "change",
    "changer",
    "changez",
    "letmein",
    "welcome",
    "bienvenue",
    "access",
    "acces",
    "compte",
    "account",
    "connexion",
    "temporaire",
    "temp",
    "test",
    "tests",
    "demo",
    "demonstration",
    "example",
    "exemple",
    "internet",
    "computer",
    "ordinateur",
    "windows",
    "google",
    "facebook",
    "microsoft",
    "apple",
    "samsung",
    "linux",
    "chappe",
    "tchap",
    "matrix",
    "element",
    "messagerie",
    "message",
    "email",
    "mail",
    "courriel",
    "code",
    "clef",
    "cle",
    /* administrations and places */
    "france",
    "francais",
    "francaise",
    "republique",
    "marianne",
    "ministere",
    "ministre",
    "gouvernement",
    "gouv",
    "interieur",
    "culture",
    "education",
    "nationale",
    "defense",
    "justice",
    "finances",
    "prefecture",
    "prefet",
    "mairie",
    "police",
    "gendarmerie",
    "armee",
    "agent",
    "agents",
    "service",
    "services",
    "public",
    "direction",
    "bureau",
    "travail",
    "paris",
    "lyon",
    "marseille",
    "toulouse",
    "bordeaux",
    "nantes",
    "lille",
    "strasbourg",
    "rennes",
    "nice",
    "montpellier",
    "bretagne",
    "london",
    "europe",
    "liberte",
    "egalite",
    "fraternite",
    "securite",
    "security",
    /* greetings, feelings, family */
    "bonjour",
    "bonsoir",
    "salut",
    "coucou",
    "hello",
    "merci",
    "soleil",
    "amour",
    "iloveyou",
    "jetaime",
    "love",
    "bisous",
    "chouchou",
    "doudou",
    "loulou",
    "maman",
    "papa",
    "famille",
    "family",
    "enfant",
    "ange",
    "angel",
    "princesse",
    "princess",
    "coeur",
    "vie",
    "life",
    "joie",
    "bonheur",
    "happy",
    "forever",
    "toujours",
    "jamais",
    "toi",
    "moi",
    "monde",
    "world",
    "maison",
    "home",
    "jardin",
    "vacances",
    "summer",
    "winter",
    "spring",
    "autumn",
    "hiver",
    "printemps",
    "automne",
    /* months and days */
    "janvier",
    "fevrier",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "aout",
    "septembre",
    "octobre",
    "novembre",
    "decembre",
    "january",
    "february",
    "march",
    "april",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "lundi",
    "mardi",
    "mercredi",
    "jeudi",
    "vendredi",
    "samedi",
    "dimanche",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    /* first names and family names */
    "marie",
    "jean",
    "pierre",
    "michel",
    "andre",
    "philippe",
    "nicolas",
    "alain",
    "patrick",
    "julien",
    "thomas",
    "alexandre",
    "antoine",
    "camille",
    "chloe",
    "emma",
    "lea",
    "manon",
    "sarah",
    "laura",
    "julie",
    "sophie",
    "isabelle",
    "nathalie",
    "catherine",
    "christine",
    "martine",
    "sylvie",
    "claire",
    "pauline",
    "charlotte",
    "lucas",
    "hugo",
    "louis",
    "arthur",
    "paul",
    "jacques",
    "francois",
    "laurent",
    "olivier",
    "david",
    "daniel",
    "michael",
    "robert",
    "martin",
    "bernard",
    "dubois",
    "durand",
    "dupont",
    "moreau",
    "simon",
    "lefebvre",
    "leroy",
    "roux",
    "petit",
    "garcia",
    "jessica",
    "ashley",
    "jennifer",
    "jordan",
    "charlie",
    "george",
    "william",
    "james",
    "maxime",
    /* animals, things, sports, heroes */
    "dragon",
    "monkey",
    "tiger",
    "tigre",
    "lion",
    "chat",
    "chien",
    "chaton",
    "cheval",
    "panda",
    "shadow",
    "master",
    "killer",
    "ninja",
    "batman",
    "superman",
    "spiderman",
    "pokemon",
    "starwars",
    "naruto",
    "zidane",
    "football",
    "soccer",
    "baseball",
    "basketball",
    "rugby",
    "tennis",
    "hockey",
    "olympique",
    "guitare",
    "musique",
    "music",
    "chocolat",
    "chocolate",
    "orange",
    "banane",
    "pomme",
    "cookie",
    "cheese",
    "pepper",
    "ginger",
    "flower",
    "fleur",
    "voiture",
    "moto",
    "porsche",
    "ferrari",
    "mustang",
    "harley",
    "diamond",
    "silver",
    "golden",
    "purple",
    "rouge",
    "bleu",
    "vert",
    "noir",
    "blanc",
    "black",
    "white",
    "green",
    "freedom",
    "trustno",
    "whatever",
    "sunshine",
    "qwerty",
    "azerty",
    "abcdef",
    "super",
    "hello",
    "please",
    "fuck",
    "merde",
    "putain",
    "bite",
    "sexe",
};

/* Rows of keys, both ways; the second run of digits is the French row of letters. */
static const char *const rows[] = {
    "azertyuiopqsdfghjklmwxcvbn", "qwertyuiopasdfghjklzxcvbnm",
    "abcdefghijklmnopqrstuvwxyz", "01234567890",
    "aqwzsxedcrfvtgbyhnuj",       "qazwsxedcrfvtgbyhnujmik",
};

struct folded {
    char p[LIMIT_PASSWORD_BYTES];
    size_t n;
};

/* ---- one form for what looks alike ---- */

/* The letter under an accent of two bytes (C3 xx), the usual ones. */
static char unaccented(unsigned char second)
{
    static const char *const of[] = {"aaaaaa", NULL, "c", "eeee", "iiii", NULL};
    static const unsigned char first_of[] = {0xa0, 0xa6, 0xa7, 0xa8, 0xac, 0xb0};
    unsigned char small = second < 0xa0 ? (unsigned char)(second + 0x20) : second;
    for (size_t i = 0; i + 1 < ARRAY_LEN(first_of); i++)
        if (small >= first_of[i] && small < first_of[i + 1])
            return of[i] ? of[i][0] : '?';
    if (small >= 0xb2 && small <= 0xb6)
        return 'o';
    return small >= 0xb9 && small <= 0xbc ? 'u' : '?';
}

static void fold(struct str password, struct folded *out)
{
    for (size_t i = 0; i < password.n && out->n < sizeof out->p; i++) {
        unsigned char c = (unsigned char)password.p[i];
        if (c == 0xc3 && i + 1 < password.n)
            c = (unsigned char)unaccented((unsigned char)password.p[++i]);
        else if (c >= 'A' && c <= 'Z')
            c |= 0x20;
        out->p[out->n++] = (char)c;
    }
}

/* Whether a character of the password may stand for a letter. */
static bool stands_for(char c, char letter)
{
    static const char pairs[] = "@a4a3e1i!i0o$s5s7t1l9g8b(c";
    if (c == letter)
        return true;
    for (size_t i = 0; i + 1 < sizeof pairs; i += 2)
        if (pairs[i] == c && pairs[i + 1] == letter)
            return true;
    return false;
}

/* ---- pieces: how many characters of one begin here; 0: none ---- */

static size_t word_at(struct str text)
{
    size_t longest = 0;
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        size_t n = 0;
        while (words[i][n] && n < text.n && stands_for(text.p[n], words[i][n]))
            n++;
        if (!words[i][n] && n > longest)
            longest = n;
    }
    return longest;
}

static size_t run_in_row(struct str text, const char *row, int step)
{
    struct str keys = str_from(row);
    ptrdiff_t at = str_find(keys, text.p[0]);
    size_t n = 0;
    while (at >= 0 && at < (ptrdiff_t)keys.n && n < text.n && text.p[n] == keys.p[at]) {
        n++;
        at += step;
    }
    return n;
}

static size_t row_at(struct str text)
{
    size_t longest = 0;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (int step = -1; step <= 1; step += 2) {
            size_t n = run_in_row(text, rows[i], step);
            longest = n > longest ? n : longest;
        }
    return longest >= 3 ? longest : 0;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* 1900 to 2099, or a day and a month in digits. */
static size_t date_at(struct str text)
{
    for (size_t i = 0; i < 4; i++)
        if (i >= text.n || !is_digit(text.p[i]))
            return 0;
    bool year = (text.p[0] == '1' && text.p[1] == '9') || (text.p[0] == '2' && text.p[1] == '0');
    bool day = text.p[0] <= '3' && text.p[2] <= '1';
    return year || day ? 4 : 0;
}

/* The same character again, or the same group of up to half of what is behind. */
static size_t repetition_at(const struct folded *all, size_t at)
{
    for (size_t period = 1; period <= at; period++) {
        size_t n = 0;
        while (at + n < all->n && all->p[at + n] == all->p[at + n - period])
            n++;
        if (n >= period && n >= 2)
            return n;
    }
    return 0;
}

static size_t step_at(const struct folded *all, size_t at, size_t *ret_steps)
{
    struct str rest = str_make(all->p + at, all->n - at);
    size_t word = word_at(rest), row = row_at(rest), date = date_at(rest);
    size_t again = repetition_at(all, at);
    *ret_steps += 1;
    if (again >= word && again >= row && again >= date && again)
        return again;
    if (row >= word && row >= date && row)
        return row;
    if (date >= word && date)
        return date;
    if (word < 3)
        return 1;
    *ret_steps += 1;
    return word;
}

bool password_is_common(struct str password)
{
    struct folded all = {.n = 0};
    size_t steps = 0;
    fold(password, &all);
    for (size_t at = 0; at < all.n && steps < STRENGTH_STEPS_MIN;)
        at += step_at(&all, at, &steps);
    return steps < STRENGTH_STEPS_MIN;
}
