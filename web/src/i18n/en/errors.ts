// SPDX-License-Identifier: EUPL-1.2
import type { errors as fr } from '../fr/errors.ts';

export const errors: Record<keyof typeof fr, string> = {
  'error.OFFLINE': 'The server does not answer. Check your connection, then try again.',
  'error.RUBBISH':
    'The server gave an answer that cannot be read. Try again in a few minutes; if it lasts, tell support.',
  'error.UNEXPECTED': 'Something unforeseen stopped this. Try again; if it happens again, tell support.',
  'error.KEEPS_NOTES':
    'This browser cannot take out of this picture what the camera wrote into it, such as where it was taken. It was not sent.',
  'error.STORAGE': 'Your browser has no room left for the messages. Free some space, then reload the page.',
  'error.NO_MICROPHONE':
    'There is no microphone to use: plug one in, or allow it in the settings of the browser.',
  'error.BROKEN_FILE':
    'This file is damaged: it is not the one that was sent. Ask its author to send it again.',
  'error.UNREADABLE_FILE':
    'This file cannot be read on your device: it may have been moved. Choose it again.',
  'error.IDENTITY_CHANGED':
    'Nothing was sent: the account of somebody in this conversation is protected in another way than before. Check that it is really them, then try again.',
  'error.IDENTITY_REPLACED':
    'Nothing was sent: this device is no longer confirmed. Confirm it again, then try again.',
  'error.WRONG_QR': 'This is not the code that your other device shows right now. Aim at its screen.',
  'error.NO_CAMERA':
    'The camera cannot be used: there is none, or this browser refuses it. Let the other device read your code, or compare pictures.',
  'error.INVITATION_REFUSED':
    'This invitation code is not known, or has been used. Check it, or ask your administration for another.',
  'error.WRONG_CODE': 'This code is not the right one. Check it, then type it again.',
  'error.M_BAD_ALIAS': 'The address of this room does not exist. Check it.',
  'error.M_BAD_JSON': 'The server did not understand the request. Reload the page, then try again.',
  'error.M_BAD_STATE': 'This is no longer possible: things have changed. Reload the page.',
  'error.M_BAD_STATUS': 'The connected application answered with an error. Try again later, or tell support.',
  'error.M_CONNECTION_FAILED':
    'The connected application cannot be reached. Try again later, or tell support.',
  'error.M_CONNECTION_TIMEOUT': 'The connected application did not answer in time. Try again later.',
  'error.M_UNKNOWN_DEVICE': 'This device does not exist, or no longer does.',
  'error.M_URL_NOT_SET': 'The connected application has no address. Tell support.',
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
  'error.M_KEY_TOO_LARGE': 'The name of this profile field is too long.',
  'error.M_MAX_DELAY_EXCEEDED': 'This delay is too long. Choose an earlier time.',
  'error.M_LIMIT_EXCEEDED': 'Too many requests in a short time. Wait a moment, then try again.',
  'error.M_MISSING_PARAM': 'Some information is missing. Check what you typed.',
  'error.M_MISSING_TOKEN': 'You are no longer signed in. Sign in again.',
  'error.M_NOT_FOUND': 'Not found: it does not exist, or no longer does.',
  'error.M_NOT_JSON': 'The server did not understand the request. Reload the page, then try again.',
  'error.M_PROFILE_TOO_LARGE': 'The profile would be too large. Shorten it, then try again.',
  'error.M_RESOURCE_LIMIT_EXCEEDED': 'The service has reached one of its limits. Tell support.',
  'error.M_ROOM_IN_USE': 'This room address is taken. Choose another.',
  'error.M_SERVER_NOT_TRUSTED': 'This server is not trusted. Tell support.',
  'error.M_THREEPID_AUTH_FAILED': 'The code received by e-mail is not the right one, or is no longer valid.',
  'error.M_THREEPID_DENIED': 'This address cannot be used here.',
  'error.M_THREEPID_IN_USE': 'An account already has this address. Sign in.',
  'error.M_THREEPID_MEDIUM_NOT_SUPPORTED': 'Accounts have e-mail addresses, and no telephone numbers.',
  'error.M_THREEPID_NOT_FOUND': 'No account has this address.',
  'error.M_TOKEN_INCORRECT': 'This is not the right code. Check it, then try again.',
  'error.M_TOO_LARGE': 'This is too large to be sent. Shorten it, then try again.',
  'error.M_UNABLE_TO_AUTHORISE_JOIN': 'The server cannot check your access to this room. Try again later.',
  'error.M_UNABLE_TO_GRANT_JOIN': 'The server cannot let you into this room. Try again later.',
  'error.M_UNAUTHORIZED': 'You are no longer signed in. Sign in again.',
  'error.M_UNKNOWN': 'The service met a problem. Try again in a few minutes.',
  'error.M_UNKNOWN_POS': 'Synchronisation starts over. Wait a moment.',
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
  'reason.other_server':
    'This address belongs to another messaging service. Use that of your administration.',
  'reason.invitation_missing':
    'This address cannot make an account without an invitation. Ask an agent to invite you.',
  'reason.code_wrong': 'This is not the right code. Check it, then try again.',
  'reason.password_short': 'This password is too short. Choose a longer one.',
  'reason.password_common': 'This password is too common. Choose a sentence of your own.',
  'error.signUp.M_UNAUTHORIZED':
    'Your address is not confirmed yet. Type the code received by e-mail, or open its link.',
  'error.M_INVALID_PEPPER': 'The directory has changed meanwhile. Search again.',
  'error.M_SESSION_NOT_VALIDATED': 'Your address is not confirmed yet. Type the code received by e-mail.',
  'reason.name_fixed': 'Your name comes from your professional address: it cannot be changed here.',
  'reason.external_directory': 'The directory is not open to external accounts.',
  'reason.external_invite': 'An external account cannot invite. Ask an agent to do it.',
  'error.ORG_MATRIX_EXPIRED_ACCOUNT':
    'Your account has expired: renew it with the link you were sent by e-mail.',
  'error.M_CONCURRENT_WRITE': 'Somebody changed this at the same time. Reload the page, then try again.',
  'reason.access_rule_direct': 'A direct conversation is between two people. Create a room instead.',
  'reason.access_rule_fixed': 'This was chosen when the room was made and can no longer be changed.',
  'reason.access_rule_forum': 'A public room is for agents: it cannot be opened to externals.',
  'reason.access_rule_history':
    'This room shows its past to newcomers: it cannot be opened to externals. Create another one.',
  'reason.access_rule_unknown': 'There is no such kind of room here.',
  'reason.code_void':
    'This code holds no longer: it has expired, or was tried too often. Ask for another one.',
  'reason.direct_full': 'A direct conversation stays between two people. Create a room to be more.',
  'reason.direct_private': 'A direct conversation is entered by invitation only.',
  'reason.direct_unnamed': 'A direct conversation has neither name nor topic.',
  'reason.encryption_enforced':
    'This room is encrypted: this message was not, and was not sent. Reload the page, then send it again.',
  'reason.encryption_fixed': 'The encryption of a room is not taken away.',
  'reason.encryption_unknown': 'This encryption is not allowed here.',
  'reason.external_address': 'This address is not part of the administration: it cannot become yours.',
  'reason.external_create_room': 'An external account creates no rooms. Ask an agent to do it.',
  'reason.external_forum': 'Public rooms are for agents only.',
  'reason.external_power': 'An external person cannot hold a role in a room.',
  'reason.external_restricted_room':
    'This room is for agents only: an external person cannot be invited until it is opened to externals.',
  'reason.external_uninvited': 'You have to be invited by an agent to enter this room.',
  'reason.forum_public': 'A public room stays open to all agents.',
  'reason.forum_unencrypted': 'A public room is not encrypted: every agent can read it.',
  'reason.forum_unlisted': 'A public room is in the list of public rooms.',
  'reason.history_external': 'A room open to externals does not show its past to newcomers.',
  'reason.history_fixed': 'What newcomers see was chosen when the room was made and does not change.',
  'reason.history_unknown': 'This setting of the history is not allowed here.',
  'reason.no_sign_up': 'Nobody signs up by e-mail here: this address cannot be invited.',
  'reason.room_unencrypted': 'This room was made without encryption and stays so.',
  'reason.state_fixed': 'What defines a room cannot be deleted.',
  'reason.theme_unknown': 'This theme is not in the list. Choose another one.',
  'reason.unencrypted_private': 'Private rooms are always encrypted here.',
  'reason.visibility_fixed': 'A room is public from its making, or never.',
  'reason.visibility_mismatch': 'These settings of the room do not go together. Choose others.',
  'error.reset.M_UNAUTHORIZED':
    'Your address is not confirmed yet. Type the code you were sent, or open its link.',
  'error.password.M_FORBIDDEN': 'This password is not the right one. Check it, then try again.',
  'reason.last_administrator':
    'You are the last administrator of this room. Name another one before you give this role up.',
  'reason.address_displaced':
    'Your address has no place here any more: your account is locked. Ask the administrator.',
  'error.M_CANNOT_OVERWRITE_MEDIA': 'This file has already been sent.',
  'error.M_NOT_YET_UPLOADED': 'This file is not there yet. Try again in a moment.',
  'reason.media_quota': 'Your files take all the room your account has. Ask the administrator.',
  'reason.files_away': 'Files cannot be reached at the moment. Try again shortly.',
  'reason.wrong_offset': 'The file is being sent from elsewhere. Send it again.',
};
