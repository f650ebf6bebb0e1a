// SPDX-License-Identifier: EUPL-1.2
import type { errors as fr } from '../fr/errors.ts';

export const errors: Record<keyof typeof fr, string> = {
  'error.OFFLINE': 'The server does not answer. Check your connection, then try again.',
  'error.RUBBISH':
    'The server gave an answer that cannot be read. Try again in a few minutes; if it lasts, tell support.',
  'error.UNEXPECTED': 'Something unforeseen stopped this. Try again; if it happens again, tell support.',
  'error.STORAGE': 'Your browser has no room left for the messages. Free some space, then reload the page.',
  'error.WRONG_CODE': 'This code is not the right one. Check it, then type it again.',
  'error.M_BAD_ALIAS': 'The address of this room does not exist. Check it.',
  'error.M_BAD_JSON': 'The server did not understand the request. Reload the page, then try again.',
  'error.M_BAD_STATE': 'This is no longer possible: things have changed. Reload the page.',
  'error.M_CANNOT_LEAVE_SERVER_NOTICE_ROOM': 'The room of service announcements cannot be left.',
  'error.M_DUPLICATE_ANNOTATION': 'You have already reacted so to this message.',
  'error.M_EXCLUSIVE': 'This name is reserved. Choose another.',
  'error.M_FORBIDDEN': 'You are not allowed to do this. Ask an administrator of the room.',
  'error.M_GUEST_ACCESS_FORBIDDEN': 'This needs an account. Sign in or create one.',
  'error.M_INCOMPATIBLE_ROOM_VERSION':
    'This room is of a version that this server does not know. Tell support.',
  'error.M_INVALID_PARAM': 'Some information is not valid. Check what you typed.',
  'error.M_INVALID_ROOM_STATE': 'These room settings do not go together. Choose others.',
  'error.M_INVALID_SIGNATURE': 'The protection of this device could not be set up. Sign out, then in again.',
  'error.M_INVALID_USERNAME':
    'This user name is not valid: letters without accents, digits, dot and dash only.',
  'error.M_INVITE_BLOCKED': 'This person accepts no invitations.',
  'error.M_LIMIT_EXCEEDED': 'Too many requests in a short time. Wait a moment, then try again.',
  'error.M_MISSING_PARAM': 'Some information is missing. Check what you typed.',
  'error.M_MISSING_TOKEN': 'You are no longer signed in. Sign in again.',
  'error.M_NOT_FOUND': 'Not found: it does not exist, or no longer does.',
  'error.M_NOT_JSON': 'The server did not understand the request. Reload the page, then try again.',
  'error.M_RESOURCE_LIMIT_EXCEEDED': 'The service has reached one of its limits. Tell support.',
  'error.M_ROOM_IN_USE': 'This room address is taken. Choose another.',
  'error.M_SERVER_NOT_TRUSTED': 'This server is not trusted. Tell support.',
  'error.M_THREEPID_AUTH_FAILED': 'The code received by e-mail is not the right one, or is no longer valid.',
  'error.M_THREEPID_DENIED': 'This address cannot be used here.',
  'error.M_THREEPID_IN_USE': 'An account already has this address. Sign in.',
  'error.M_THREEPID_NOT_FOUND': 'No account has this address.',
  'error.M_TOO_LARGE': 'This is too large to be sent. Shorten it, then try again.',
  'error.M_UNABLE_TO_AUTHORISE_JOIN': 'The server cannot check your access to this room. Try again later.',
  'error.M_UNABLE_TO_GRANT_JOIN': 'The server cannot let you into this room. Try again later.',
  'error.M_UNAUTHORIZED': 'You are no longer signed in. Sign in again.',
  'error.M_UNKNOWN': 'The service met a problem. Try again in a few minutes.',
  'error.M_UNKNOWN_TOKEN': 'You are no longer signed in. Sign in again.',
  'error.M_UNRECOGNIZED': 'This service cannot do that yet.',
  'error.M_UNSUPPORTED_ROOM_VERSION': 'This room version does not exist here.',
  'error.M_USER_DEACTIVATED': 'This account has been closed. Ask the administrator.',
  'error.M_USER_IN_USE': 'This user name is taken. Choose another.',
  'error.M_USER_LOCKED': 'Your account is locked for now. Ask the administrator.',
  'error.M_USER_SUSPENDED': 'Your account is suspended: you may read, not write. Ask the administrator.',
  'error.M_WEAK_PASSWORD': 'This password is too easy to guess. Choose a longer one.',
  'error.M_WRONG_ROOM_KEYS_VERSION':
    'The backup of your messages was changed on another device. Reload the page.',
  'error.signIn.M_FORBIDDEN': 'Wrong user name or password. Check them, then try again.',
  'error.signUp.M_FORBIDDEN': 'Sign-up is not open here. Ask the administrator for an account.',
  'error.restart.M_FORBIDDEN': 'This password is not the right one. Check it, then try again.',
  'error.M_INVALID_EMAIL': 'This is not an e-mail address. Check it.',
  'error.M_NO_VALID_SESSION': 'This request is no longer valid. Ask for a new code.',
  'error.M_SESSION_EXPIRED':
    'This code is no longer valid: it has expired, or too many tries have cancelled it. Ask for another.',
  'error.M_THREEPID_DENIED.other_server':
    'This address belongs to another messaging service. Use that of your administration.',
  'error.M_THREEPID_DENIED.invitation_missing':
    'This address cannot make an account without an invitation. Ask an agent to invite you.',
  'error.M_INVALID_PARAM.code_wrong': 'This is not the right code. Check it, then try again.',
  'error.M_WEAK_PASSWORD.password_short': 'This password is too short. Choose a longer one.',
  'error.M_WEAK_PASSWORD.password_common': 'This password is too common. Choose a sentence of your own.',
  'error.signUp.M_UNAUTHORIZED':
    'Your address is not confirmed yet. Type the code received by e-mail, or open its link.',
  'error.M_INVALID_PEPPER': 'The directory has changed meanwhile. Search again.',
  'error.M_SESSION_NOT_VALIDATED': 'Your address is not confirmed yet. Type the code received by e-mail.',
  'error.M_FORBIDDEN.last_administrator':
    'You are the last administrator of this room. Name another one before you give this role up.',
  'error.M_USER_LOCKED.address_displaced':
    'Your address has no place here any more: your account is locked. Ask the administrator.',
  'error.M_FORBIDDEN.name_fixed':
    'Your name comes from your professional address: it cannot be changed here.',
  'error.M_FORBIDDEN.external_directory': 'The directory is not open to external accounts.',
  'error.M_FORBIDDEN.external_invite': 'An external account cannot invite. Ask an agent to do it.',
  'error.M_CANNOT_OVERWRITE_MEDIA': 'This file has already been sent.',
  'error.M_NOT_YET_UPLOADED': 'This file is not there yet. Try again in a moment.',
  'error.M_FORBIDDEN.media_quota':
    'Your files take all the room your account has. Ask the administrator.',
};
