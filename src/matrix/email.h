/* SPDX-License-Identifier: EUPL-1.2 */
#ifndef CHAPPE_MATRIX_EMAIL_H
#define CHAPPE_MATRIX_EMAIL_H

/* An e-mail address: one strict grammar, one value. It is made by email_parse alone, folded to
 * lower case there, and that value is what is decided on, mailed, stored and compared; the text it
 * came from is not looked at again. The grammar is small on purpose: what a mail server, a domain
 * map and a reader could understand in two ways is refused, never repaired.
 *
 *     address = local "@" domain       at most EMAIL_MAX bytes
 *     local   = atom *("." atom)       1 to 64 bytes; atom: [a-z0-9_+'-]
 *     domain  = label 1*("." label)    label: 1 to 63 of [a-z0-9-], no hyphen first or last;
 *                                      the last one begins with a letter
 *
 * An atom of the local part does not begin with "-": no tool takes the address for an option. */

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"

#define EMAIL_MAX       254 /* RFC 5321, 4.5.3.1.3, without the brackets */
#define EMAIL_LOCAL_MAX 64

struct email {
    struct str full, local, domain; /* views of one text in the arena, in lower case */
};

/* -1: 400 M_INVALID_EMAIL. */
int email_parse(struct arena *arena, struct str text, struct email *ret_email,
                struct err *err) MUST_USE;

/* The local part of a Matrix id: "@" becomes "-", and what that grammar does not know is left out.
 * The nth candidate, from 0: the ones after the first are for names that are taken, and count up as
 * the reference does (a number at the end grows by one, else "1" is appended). */
struct str email_localpart(struct arena *arena, const struct email *email, size_t nth);

/* "Prénom Nom": dots are blanks, each word and each hyphenated part begins with a capital. */
struct str email_person(struct arena *arena, const struct email *email);
/* The label before gouv.fr ("Gouv" when there is none), else the second label from the end, with a
 * capital. */
struct str email_organisation(struct arena *arena, const struct email *email);
/* "Prénom Nom [Organisation]", from both. */
struct str email_display_name(struct arena *arena, const struct email *email);

#endif
