// SPDX-License-Identifier: EUPL-1.2
// ZIP archives for tests, also those that no honest program makes.
import { crc32, deflateRawSync } from 'node:zlib';

export interface Entry {
  name: string;
  bytes: Uint8Array;
  encrypted?: boolean; // says so, whatever the bytes are
}

interface Packed {
  name: Buffer;
  deflated: Buffer;
  crc: number;
  size: number;
  flags: number;
}

function pack({ name, bytes, encrypted }: Entry): Packed {
  return {
    name: Buffer.from(name),
    deflated: deflateRawSync(bytes, { level: 9 }),
    crc: crc32(bytes),
    size: bytes.length,
    flags: encrypted ? 1 : 0,
  };
}

/** What the two headers of an entry have in common. */
function fields(entry: Packed): Buffer {
  const out = Buffer.alloc(26);
  out.writeUInt16LE(20, 0);
  out.writeUInt16LE(entry.flags, 2);
  out.writeUInt16LE(8, 4); // deflate
  out.writeUInt32LE(entry.crc, 10);
  out.writeUInt32LE(entry.deflated.length, 14);
  out.writeUInt32LE(entry.size, 18);
  out.writeUInt16LE(entry.name.length, 22);
  return out;
}

export function zip(entries: Entry[]): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let at = 0;
  for (const entry of entries.map(pack)) {
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), fields(entry), entry.name, entry.deflated]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(at, 10);
    central.push(Buffer.from('PK\x01\x02'), Buffer.from([20, 0]), fields(entry), rest, entry.name);
    locals.push(local);
    at += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...locals, directory, Buffer.from('PK\x05\x06'), end]);
}

/** Archives in archives. */
export function nest(bytes: Uint8Array, depth: number): Buffer {
  let inside: Uint8Array = bytes;
  for (let i = 0; i < depth; i++) inside = zip([{ name: `level-${i}.zip`, bytes: inside }]);
  return Buffer.from(inside);
}
