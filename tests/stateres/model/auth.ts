// SPDX-License-Identifier: EUPL-1.2
// The authorization rules of room versions 10 and 12. Rules bear the numbers of version 12; those of
// version 10 from its second on are one less (v12 5.3.1 is v10 4.3.1), except where said. Signatures
// (and so join_authorised_via_users_server) and third party invites are not modelled: they throw.
import { actionLevel, creators, requiredLevel, userLevel } from './power.ts';
import { powerLevelsRefusal, USER_ID } from './power_levels.ts';
import { type Event, keyOf, type Room, stateKey } from './room.ts';

/** The state that an event is checked against. */
export type Lookup = (type: string, key: string) => Event | undefined;

/** Why the rules reject the event, or undefined when they allow it. */
export function refusal(room: Room, event: Event, find: Lookup): string | undefined {
  if (event.type === 'm.room.create') return createRefusal(room, event);

  const create = createOf(room, event, find);
  if (!create || create.rejected) return '2: the room has no accepted create event';
  const bad = authEventsRefusal(room, event);
  if (bad) return bad;

  const isForeign = serverOf(event.sender) !== serverOf(create.sender);
  if (create.content['m.federate'] === false && isForeign) return '4: the room is not federated';

  if (event.type === 'm.room.member') return memberRefusal(room, event, create, find);
  if (membershipIn(find, event.sender) !== 'join') return '6: the sender is not joined';
  if (event.type === 'm.room.third_party_invite') throw notModelled(event, 'third party invite');

  const levels = find('m.room.power_levels', '');
  const level = userLevel(room, create, levels, event.sender);
  if (requiredLevel(levels, event) > level) return '8: the sender has too little power';
  if (event.state_key?.startsWith('@') && event.state_key !== event.sender) return "9: another user's key";
  if (event.type === 'm.room.power_levels') {
    const named = room.version === '12' ? creators(room, create) : new Set<string>();
    return powerLevelsRefusal(event, levels, level, named);
  }
  return undefined; // 11
}

function notModelled(event: Event, what: string): Error {
  return new Error(`${event.event_id}: not modelled: ${what}`);
}

function serverOf(id: string): string {
  return id.slice(id.indexOf(':') + 1);
}

/** Version 12 names its create event in the room ID; before, it is in the state as any other event. */
export function createOf(room: Room, event: Event, find: Lookup): Event | undefined {
  if (room.version === '10') return find('m.room.create', '');
  const create = room.find(`$${event.room_id?.slice(1)}`);
  return create?.type === 'm.room.create' ? create : undefined;
}

/** Rule 1, in both versions. */
function createRefusal(room: Room, event: Event): string | undefined {
  const { content, room_id } = event;
  if (event.prev_events.length > 0) return '1.1: a create event with prev_events';
  if (room.version === '10' && serverOf(room_id ?? '') !== serverOf(event.sender)) return '1.2: other domain';
  if (room.version === '12' && room_id !== undefined) return '1.2: a create event with a room_id';
  if (content.room_version !== undefined && content.room_version !== room.version) return '1.3: room version';
  if (room.version === '10') return content.creator === undefined ? 'v10 1.4: no creator' : undefined;
  const additional = content.additional_creators ?? [];
  const areUsers =
    Array.isArray(additional) && additional.every((a) => typeof a === 'string' && USER_ID.test(a));
  return areUsers ? undefined : '1.4: bad additional_creators';
}

/** Rule 3: what the event's auth_events may be, whatever the state. */
function authEventsRefusal(room: Room, event: Event): string | undefined {
  const entries = room.authEvents(event);
  const keys = entries.map(keyOf);
  if (new Set(keys).size !== keys.length) return '3.1: two auth events for one key';
  const selected = selectedKeys(room, event);
  if (!keys.every((key) => selected.has(key))) return '3.2: an auth event that is not to be selected';
  if (entries.some((entry) => entry.rejected)) return '3.3: a rejected auth event';
  const hasCreate = keys.includes(stateKey('m.room.create', ''));
  if (room.version === '10' && !hasCreate) return 'v10 2.4: no create event among the auth events';
  const isElsewhere = entries.some((entry) => entry.room_id !== event.room_id);
  if (room.version === '12' && isElsewhere) return '3.5: an auth event of another room';
  return undefined;
}

/** server-server API, "Auth events selection"; v12: the create event must not be selected. */
function selectedKeys(room: Room, event: Event): Set<string> {
  const keys = new Set([stateKey('m.room.power_levels', ''), stateKey('m.room.member', event.sender)]);
  if (room.version === '10') keys.add(stateKey('m.room.create', ''));
  if (event.type !== 'm.room.member') return keys;
  keys.add(stateKey('m.room.member', event.state_key ?? ''));
  const membership = event.content.membership;
  if (membership === 'join' || membership === 'invite' || membership === 'knock') {
    keys.add(stateKey('m.room.join_rules', ''));
  }
  return keys;
}

function membershipIn(find: Lookup, user: string): string | undefined {
  const membership = find('m.room.member', user)?.content.membership;
  return typeof membership === 'string' ? membership : undefined;
}

/** The text names no default: without a join_rules event the room is by invitation. */
function joinRuleIn(find: Lookup): string {
  const event = find('m.room.join_rules', '');
  return event ? String(event.content.join_rule) : 'invite';
}

/** Rule 5. */
function memberRefusal(room: Room, event: Event, create: Event, find: Lookup): string | undefined {
  const { content, state_key: target } = event;
  if (target === undefined || content.membership === undefined) return '5.1: no state_key or membership';
  if (content.join_authorised_via_users_server !== undefined) throw notModelled(event, 'restricted join');
  const member: Membership = {
    event,
    target,
    isSelf: event.sender === target,
    senders: membershipIn(find, event.sender),
    targets: membershipIn(find, target),
    can: (action) => levelOf(event.sender) >= actionLevel(find('m.room.power_levels', ''), action),
    outranks: () => levelOf(target) < levelOf(event.sender),
  };
  function levelOf(user: string): number {
    return userLevel(room, create, find('m.room.power_levels', ''), user);
  }
  switch (content.membership) {
    case 'join':
      return joinRefusal(room, member, create, find);
    case 'invite':
      return inviteRefusal(member);
    case 'leave':
      return leaveRefusal(member);
    case 'ban':
      return banRefusal(member);
    case 'knock':
      return knockRefusal(member, find);
    default:
      return '5.8: unknown membership';
  }
}

/** What rule 5 asks about a membership event. */
interface Membership {
  event: Event;
  target: string;
  isSelf: boolean;
  /** The membership that the sender has, and that the target has, in the state. */
  senders: string | undefined;
  targets: string | undefined;
  can: (action: 'invite' | 'kick' | 'ban') => boolean;
  /** The target user's power level is less than the sender's. */
  outranks: () => boolean;
}

/** Rule 5.3. */
function joinRefusal(room: Room, member: Membership, create: Event, find: Lookup): string | undefined {
  const { event, target, isSelf, senders } = member;
  const first = room.version === '12' ? create.sender : create.content.creator;
  const prev = room.prevEvents(event);
  if (prev.length === 1 && prev[0].type === 'm.room.create' && target === first) return undefined; // 5.3.1
  if (!isSelf) return '5.3.2: joining another user';
  if (senders === 'ban') return '5.3.3: the sender is banned';
  const rule = joinRuleIn(find);
  const isExpected = senders === 'invite' || senders === 'join';
  if (rule === 'invite' || rule === 'knock') return isExpected ? undefined : '5.3.4: not invited'; // 5.3.4
  if (rule === 'restricted' || rule === 'knock_restricted') {
    return isExpected ? undefined : '5.3.5.2: no authorising user'; // 5.3.5
  }
  return rule === 'public' ? undefined : '5.3.7: unknown join rule'; // 5.3.6
}

/** Rule 5.4. */
function inviteRefusal({ event, senders, targets, can }: Membership): string | undefined {
  if (event.content.third_party_invite !== undefined) throw notModelled(event, 'third party invite');
  if (senders !== 'join') return '5.4.2: the sender is not joined';
  if (targets === 'join' || targets === 'ban') return '5.4.3: the target is joined or banned';
  return can('invite') ? undefined : '5.4.5: below the invite level'; // 5.4.4
}

/** Rule 5.5. */
function leaveRefusal({ isSelf, senders, targets, can, outranks }: Membership): string | undefined {
  if (isSelf) {
    const isInside = senders === 'invite' || senders === 'join' || senders === 'knock';
    return isInside ? undefined : '5.5.1: nothing to leave';
  }
  if (senders !== 'join') return '5.5.2: the sender is not joined';
  if (targets === 'ban' && !can('ban')) return '5.5.3: below the ban level';
  return can('kick') && outranks() ? undefined : '5.5.5: cannot kick'; // 5.5.4
}

/** Rule 5.6. */
function banRefusal({ senders, can, outranks }: Membership): string | undefined {
  if (senders !== 'join') return '5.6.1: the sender is not joined';
  return can('ban') && outranks() ? undefined : '5.6.3: cannot ban'; // 5.6.2
}

/** Rule 5.7. */
function knockRefusal({ isSelf, senders }: Membership, find: Lookup): string | undefined {
  const rule = joinRuleIn(find);
  if (rule !== 'knock' && rule !== 'knock_restricted') return '5.7.1: the join rule allows no knock';
  if (!isSelf) return '5.7.2: knocking for another user';
  const isOutside = senders !== 'ban' && senders !== 'invite' && senders !== 'join';
  return isOutside ? undefined : '5.7.4: cannot knock from here'; // 5.7.3
}
