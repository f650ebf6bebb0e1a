// SPDX-License-Identifier: EUPL-1.2
// The raw client: one request, its answer, and everything the specification says about that answer.
import { recordCall } from './calls.ts';
import { type Any, faultsOf } from './spec.ts';

/** Builds a path; every inserted value becomes one encoded segment. */
export function path(parts: TemplateStringsArray, ...values: string[]): string {
  return parts.reduce(
    (out, part, i) => out + part + (i < values.length ? encodeURIComponent(values[i]) : ''),
    '',
  );
}

type QueryValue = string | number | boolean | undefined | string[];

export interface CallOptions {
  token?: string;
  body?: unknown; // sent as JSON
  raw?: string | Uint8Array; // sent as it is
  query?: Record<string, QueryValue>;
  headers?: Record<string, string>;
  /** Status wanted, with the errcode when it is an error. Default 200. "any": only the schema is checked. */
  expect?: number | [number, string] | 'any';
  signal?: AbortSignal;
}

export interface Answer {
  status: number;
  headers: Headers;
  bytes: Uint8Array;
  text: string;
  body: Any;
}

export function queryString(query: Record<string, QueryValue> | undefined): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) params.append(key, String(one));
  }
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}

function parseBody(text: string): Any {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What every file carries, whatever it is. */
function fileFaults(headers: Headers): string[] {
  const wanted: [string, RegExp][] = [
    ['content-type', /^[^/;\s]+\/[^/;\s]+/],
    ['content-disposition', /^(inline|attachment)(;|$)/],
    ['content-security-policy', /^sandbox;/],
    ['x-content-type-options', /^nosniff$/],
    ['cross-origin-resource-policy', /^cross-origin$/],
  ];
  return wanted
    .filter(([name, pattern]) => !pattern.test(headers.get(name) ?? ''))
    .map(([name]) => `a file's ${name} is ${headers.get(name)}`);
}

const FILE =
  /^\/_matrix\/(client\/v1\/media\/(download|thumbnail)\/|media_proxy\/unstable\/(download|thumbnail)(\/|_encrypted))/;

/** What is wrong with an answer, whoever asked: schema, headers, form of errors. */
export function inspect(
  method: string,
  rawPath: string,
  status: number,
  headers: Headers,
  text: string,
): string[] {
  const body = parseBody(text);
  recordCall(method, rawPath, status, body);
  if (!rawPath.startsWith('/_matrix/') && !rawPath.startsWith('/.well-known/matrix/')) return [];
  const faults: string[] = [];
  if (headers.get('access-control-allow-origin') !== '*') faults.push('no Access-Control-Allow-Origin: *');
  if (method === 'OPTIONS' || status === 304 || (status >= 301 && status <= 308)) return faults;
  const isHtml = rawPath.includes('/fallback/web') || rawPath.startsWith('/_matrix/static/');
  if (isHtml && status < 400) return faults;
  if (FILE.test(rawPath) && status < 400) return [...faults, ...fileFaults(headers)];
  // A page for people, also when the link holds no longer.
  if (/org\.chappe\/(email\/confirm|mail_digest\/stop)$/.test(rawPath)) return faults;
  if (/account_validity\/renew$/.test(rawPath)) return faults;
  if (!/^application\/json\b/.test(headers.get('content-type') ?? ''))
    faults.push('content type is not application/json');
  if (method === 'HEAD') return faults;
  if (body === undefined) return [...faults, `not JSON: ${text.slice(0, 200)}`];
  return [...faults, ...faultsOf(method, rawPath, status, body)];
}

function checkExpected(expect: CallOptions['expect'], answer: Answer): string[] {
  if (expect === 'any') return answer.status >= 500 ? [`server error ${answer.status}`] : [];
  const [status, errcode] = Array.isArray(expect) ? expect : [expect ?? 200, undefined];
  if (answer.status !== status) return [`status ${answer.status}, wanted ${status} ${errcode ?? ''}`];
  if (errcode !== undefined && answer.body?.errcode !== errcode)
    return [`errcode ${answer.body?.errcode}, wanted ${errcode}`];
  return [];
}

export class Api {
  readonly base: () => string;

  constructor(base: () => string) {
    this.base = base;
  }

  async call(method: string, pathAndQuery: string, options: CallOptions = {}): Promise<Answer> {
    const headers: Record<string, string> = { ...options.headers };
    if (options.token !== undefined) headers.authorization = `Bearer ${options.token}`;
    // As bytes: fetch would add a content type of its own to a string.
    let sent = (typeof options.raw === 'string' ? new TextEncoder().encode(options.raw) : options.raw) as
      | BodyInit
      | undefined;
    if (options.body !== undefined) {
      sent = JSON.stringify(options.body);
      headers['content-type'] ??= 'application/json';
    }
    const target = `${pathAndQuery}${queryString(options.query)}`;
    const response = await fetch(`${this.base()}${target}`, {
      method,
      headers,
      body: sent,
      signal: options.signal,
      redirect: 'manual',
    });
    const bytes = new Uint8Array(await response.arrayBuffer());
    const text = new TextDecoder().decode(bytes);
    const answer: Answer = {
      status: response.status,
      headers: response.headers,
      bytes,
      text,
      body: parseBody(text),
    };
    const faults = [
      ...checkExpected(options.expect, answer),
      ...inspect(method, target.split('?')[0], answer.status, answer.headers, text),
    ];
    if (faults.length > 0) {
      throw new Error(
        `${method} ${target}\n  ${faults.slice(0, 8).join('\n  ')}\n  answer ${answer.status} ${text.slice(0, 600)}`,
      );
    }
    return answer;
  }
}
