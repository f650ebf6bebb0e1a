// SPDX-License-Identifier: EUPL-1.2
// Messages that came twice. Each that is encrypted with one key has a number, which nobody can change but who
// has written it; the cryptography takes the same again under another name and hour, as whoever runs the server
// could give it: an old "agreed" for an answer of today. Both are told; which was the first cannot be, since
// earlier ones may come later. What this page has not seen is not compared, nor what others send again as their
// own: of that it is known that it is not theirs, and it says nothing of the true one.
import type { MatrixEvent } from 'matrix-js-sdk';
import { str } from '../unchecked.ts';

/** Letters of base64 that hold the beginning: a version, and a number of ten bytes at most. */
const BEGINNING = 16;

/** The number of a message of a group key: "m.megolm.v1.aes-sha2", "Message format". Undefined: it has none. */
export function numberOf(ciphertext: string): number | undefined {
  let bytes: string;
  try {
    bytes = atob(ciphertext.slice(0, BEGINNING));
  } catch {
    return undefined;
  }
  if (bytes.charCodeAt(0) !== 3 || bytes.charCodeAt(1) !== 8) return undefined;
  let number = 0;
  for (let at = 2; at < bytes.length; at++) {
    const byte = bytes.charCodeAt(at);
    number += (byte & 0x7f) * 2 ** (7 * (at - 2));
    if (byte < 0x80) return number;
  }
  return undefined;
}

/** Of one message, wherever it stands: its key, and its number. Undefined: it has none. */
export function sealOf(event: MatrixEvent): { session: string; number: number } | undefined {
  const { session_id: session, ciphertext } = event.getWireContent() as Record<string, unknown>;
  const number = numberOf(str(ciphertext) ?? '');
  return number === undefined ? undefined : { session: str(session) ?? '', number };
}

/** Messages that are remembered; the oldest are forgotten. */
const MOST = 20_000;

export class Repeats {
  /** By room, sender, key and number, the first that came. */
  private readonly first = new Map<string, string>();
  private readonly twice = new Set<string>();

  /** Whether it has come under another name too. `told`: that was not known before. To be asked of what its
   * sender is known to have written alone. */
  look(roomId: string, event: MatrixEvent): { twice: boolean; told: boolean } {
    const id = event.getId() ?? '';
    const seal = sealOf(event);
    if (!seal) return { twice: false, told: false };
    const key = `${roomId} ${event.getSender() ?? ''} ${seal.session} ${seal.number}`;
    const first = this.first.get(key);
    if (first === undefined) this.note(key, id);
    if (first === undefined || first === id) return { twice: this.twice.has(key), told: false };
    const told = !this.twice.has(key);
    this.twice.add(key);
    return { twice: true, told };
  }

  private note(key: string, id: string): void {
    this.first.set(key, id);
    const [oldest] = this.first.keys();
    if (this.first.size <= MOST || oldest === undefined) return;
    this.first.delete(oldest);
    this.twice.delete(oldest);
  }
}
