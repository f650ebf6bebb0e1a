// SPDX-License-Identifier: EUPL-1.2
// A file as an event of a room has it, and back. What comes from others is checked here.
import type { Attachment, FileKind, FileRef, Sealed, Voice } from './files.ts';

type Json = Record<string, unknown>;

const KINDS: ReadonlyMap<unknown, FileKind> = new Map([
  ['m.image', 'image'],
  ['m.file', 'file'],
  ['m.video', 'video'],
  ['m.audio', 'audio'],
]);
const NAME_MAX = 120;
/** Separators, what disks do not take, controls, and marks that turn the direction of what follows. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const UNFIT = /[/\\:*?"<>|\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null;
const objectOf = (value: unknown): Json => (isJson(value) ? value : {});
const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value ? value : undefined;
const countOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;

/** A name that is one, whoever chose it; the end of it, with what tells its type, is kept. */
export function safeName(name: string): string {
  const clean = name
    .replaceAll(UNFIT, '_')
    .replace(/^[.\s]+/, '')
    .replace(/[.\s]+$/, '');
  const letters = [...clean];
  if (letters.length <= NAME_MAX) return clean || 'fichier';
  const end = /\.[\p{Letter}\d]{1,8}$/u.exec(clean)?.[0] ?? '';
  return letters.slice(0, NAME_MAX - end.length).join('') + end;
}

/** Neither part may climb in the path that is made of it (WEB-03). */
export const isAddress = (url: unknown): url is string =>
  typeof url === 'string' && /^mxc:\/\/[A-Za-z\d[][A-Za-z\d.:\]-]*\/[\w-]+$/.test(url);

function sealedOf(value: unknown): Sealed | undefined {
  const { v, url, iv, hashes, key } = objectOf(value);
  const { k, alg, kty } = objectOf(key);
  const { sha256 } = objectOf(hashes);
  if (v !== 'v2' || alg !== 'A256CTR' || kty !== 'oct' || !isAddress(url)) return undefined;
  if (typeof iv !== 'string' || typeof k !== 'string' || typeof sha256 !== 'string') return undefined;
  return {
    v,
    url,
    iv,
    hashes: { sha256 },
    key: { kty, alg, ext: true, key_ops: ['encrypt', 'decrypt'], k },
  };
}

function refOf(file: unknown, url: unknown): FileRef | undefined {
  const sealed = sealedOf(file);
  if (sealed) return { url: sealed.url, sealed };
  return file === undefined && isAddress(url) ? { url, sealed: undefined } : undefined;
}

/** MSC3245, with the names that clients write it with. */
const VOICE = 'org.matrix.msc3245.voice';
const AUDIO = 'org.matrix.msc1767.audio';
/** A waveform has whole numbers up to this. */
const LOUDEST = 1024;
const BARS_MAX = 120;

function voiceOf(content: Json): Voice | undefined {
  if (content.msgtype !== 'm.audio' || !isJson(content[VOICE])) return undefined;
  const { duration, waveform } = objectOf(content[AUDIO]);
  const levels = Array.isArray(waveform) ? waveform.slice(0, BARS_MAX) : [];
  return {
    duration: countOf(duration) ?? countOf(objectOf(content.info).duration) ?? 0,
    waveform: levels.map((level) => Math.min(countOf(level) ?? 0, LOUDEST) / LOUDEST),
  };
}

const voiceContent = ({ duration, waveform }: Voice): Json => ({
  [VOICE]: {},
  [AUDIO]: { duration, waveform: waveform.map((level) => Math.round(level * LOUDEST)) },
});

export const isFile = (msgtype: unknown): boolean => KINDS.has(msgtype);

/** Undefined for a file that nobody could fetch. */
export function attachmentOf(content: Json): Attachment | undefined {
  const kind = KINDS.get(content.msgtype);
  const source = refOf(content.file, content.url);
  if (!kind || !source) return undefined;
  const info = objectOf(content.info);
  const body = textOf(content.body);
  const name = textOf(content.filename) ?? body ?? '';
  const voice = voiceOf(content);
  return {
    kind,
    name: safeName(name),
    description: body === name ? undefined : body,
    type: textOf(info.mimetype) ?? 'application/octet-stream',
    size: countOf(info.size),
    width: countOf(info.w),
    height: countOf(info.h),
    source,
    thumbnail: refOf(info.thumbnail_file, info.thumbnail_url),
    ...(voice ? { voice } : {}),
  };
}

export function contentOfFile(attachment: Attachment): Json {
  const { kind, name, description, type, size, width, height, source, thumbnail, voice } = attachment;
  return {
    msgtype: `m.${kind}`,
    body: description ?? name,
    filename: name,
    info: {
      mimetype: type,
      ...(size === undefined ? {} : { size }),
      ...(voice ? { duration: voice.duration } : {}),
      ...(width && height ? { w: width, h: height } : {}),
      ...(thumbnail?.sealed ? { thumbnail_file: thumbnail.sealed } : {}),
      ...(thumbnail && !thumbnail.sealed ? { thumbnail_url: thumbnail.url } : {}),
    },
    ...(voice ? voiceContent(voice) : {}),
    ...(source.sealed ? { file: source.sealed } : { url: source.url }),
  };
}
