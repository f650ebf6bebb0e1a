// SPDX-License-Identifier: EUPL-1.2
// The OpenAPI files of the specification, made into one validator: finds the operation of a request
// and says what is wrong with an answer to it. Nothing here knows how the server is written.
import { readdirSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { SPEC, TESTS } from './paths.ts';
import { readYaml } from './yaml.ts';

// biome-ignore lint/suspicious/noExplicitAny: schema documents and answers are checked at run time
export type Any = any;
type Schema = Record<string, Any>;

export interface Operation {
  method: string;
  template: string;
  pattern: RegExp;
  pointer: string; // of the operation, inside its file
  responses: Record<string, Any>;
}

interface Exception {
  route: string;
  status?: number;
  key?: string;
  path?: string;
  with?: string;
  reason: string;
}

const FORMATS: Record<string, RegExp> = {
  'mx-user-id': /^@[^:]*:.+$/s,
  'mx-room-id': /^!.+$/s,
  'mx-event-id': /^\$.+$/s,
  'mx-room-alias': /^#[^:]*:.+$/s,
  'mx-server-name': /^[A-Za-z0-9.:[\]-]+$/,
  'mx-mxc-uri': /^mxc:\/\/[^/]+\/[A-Za-z0-9_-]+$|^$/,
  'mx-unpadded-base64': /^[A-Za-z0-9+/]*$/,
  'mx-urlsafe-unpadded-base64': /^[A-Za-z0-9_-]*$/,
};

const ajv = new Ajv2020({
  strict: false,
  allErrors: true,
  formats: FORMATS,
  validateFormats: true,
  logger: false,
});
for (const plain of ['uri', 'int64', 'int32', 'float', 'email', 'byte', 'double', 'password'])
  ajv.addFormat(plain, true);

const documents = new Map<string, Schema>();
const validators = new Map<string, ValidateFunction>();
const exceptions = (readYaml(join(TESTS, 'schema-exceptions.yaml')) ?? []) as Exception[];

const idOf = (file: string) => `spec:/${relative(SPEC, file)}`;

/** Makes every $ref absolute and drops what is only for readers. */
function absolute(node: Any, file: string, inProperties = false): Any {
  if (Array.isArray(node)) return node.map((item) => absolute(item, file));
  if (node === null || typeof node !== 'object') return node;
  const out: Schema = {};
  for (const [key, value] of Object.entries(node)) {
    if (!inProperties && (key === 'example' || key === 'examples' || key === '$schema' || key === 'title'))
      continue;
    if (key === 'oneOf' && !inProperties) {
      // The branches overlap (an event is also an object): one that fits is enough.
      out.anyOf = absolute(value, file);
    } else if (key === '$ref' && typeof value === 'string') {
      const [path, fragment] = value.split('#');
      const target = path === '' ? file : normalize(join(dirname(file), path));
      if (target.endsWith('.yaml')) loadDocument(target);
      out.$ref = `${idOf(target)}${fragment === undefined ? '' : `#${fragment}`}`;
    } else {
      out[key] = absolute(
        value,
        file,
        !inProperties && (key === 'properties' || key === 'patternProperties'),
      );
    }
  }
  return out;
}

function loadDocument(file: string): Schema {
  const known = documents.get(idOf(file));
  if (known) return known;
  const holder: Schema = {};
  documents.set(idOf(file), holder);
  Object.assign(holder, absolute(readYaml(file), file));
  ajv.addSchema(holder, idOf(file));
  return holder;
}

const escapePointer = (part: string) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
const escapeRegExp = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** A template such as /a/{b} as a pattern of raw (still encoded) request paths. */
export function templatePattern(template: string): RegExp {
  const body = template
    .split(/(\{[^}]+\})/)
    .map((part) => (part.startsWith('{') ? '[^/]+' : escapeRegExp(part)))
    .join('');
  return new RegExp(`^${body}$`);
}

/** Literal segments win over parameters. */
export const templateRank = (template: string) => (template.match(/\{/g) ?? []).length;

function operationsOf(file: string): Operation[] {
  const document = loadDocument(file);
  const base: string = document.servers?.[0]?.variables?.basePath?.default ?? '';
  const found: Operation[] = [];
  for (const [rawPath, item] of Object.entries<Schema>(document.paths ?? {})) {
    for (const method of ['get', 'put', 'post', 'delete']) {
      if (!item[method]) continue;
      const template = `${base}${rawPath}`.trim();
      found.push({
        method: method.toUpperCase(),
        template,
        pattern: templatePattern(template),
        pointer: `${idOf(file)}#/paths/${escapePointer(rawPath)}/${method}`,
        responses: item[method].responses ?? {},
      });
    }
  }
  return found;
}

const folder = join(SPEC, 'api/client-server');
export const operations: Operation[] = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .sort()
  .flatMap((name) => operationsOf(join(folder, name)))
  .sort((a, b) => templateRank(a.template) - templateRank(b.template));

/** Older prefixes answer like the current ones. */
const currentPath = (path: string) =>
  path
    .replace(/^\/_matrix\/client\/r0\//, '/_matrix/client/v3/')
    .replace(/^\/_matrix\/media\/r0\//, '/_matrix/media/v3/')
    .replace(/^\/_matrix\/media\/v1\/(?!create)/, '/_matrix/media/v3/')
    .replace(/\/unstable\/uk\.tcpip\.msc4133\/profile\//, '/v3/profile/')
    .replace(/\/unstable\/im\.nheko\.summary\/rooms\/([^/]+)\/summary$/, '/v1/room_summary/$1')
    .replace(/\/unstable\/im\.nheko\.summary\/summary\//, '/v1/room_summary/')
    .replace(/\/unstable\/uk\.half-shot\.msc2666\/user\/mutual_rooms$/, '/v1/mutual_rooms')
    .replace(/\/unstable\/org\.matrix\.msc3882\/login\/(get_)?token$/, '/v1/login/get_token')
    .replace(/\/unstable\/uk\.timedout\.msc4323\/admin\//, '/v1/admin/')
    .replace(/\/unstable\/org\.matrix\.msc3916\/media\//, '/v1/media/')
    // The state key may be empty, with and without the slash; "_" stands for it when matching.
    .replace(/^(\/_matrix\/client\/v3\/rooms\/[^/]+\/state\/[^/]+)\/?$/, '$1/_');

export function findOperations(method: string, path: string): Operation[] {
  const wanted = currentPath(path);
  const matching = operations.filter((o) => o.method === method && o.pattern.test(wanted));
  return matching.filter((o) => o.template === matching[0].template);
}

function resolve(ref: string): Schema | undefined {
  const [id, fragment] = ref.split('#');
  let node: Any = documents.get(id);
  for (const part of (fragment ?? '').split('/').slice(1)) {
    node = node?.[decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return node;
}

/** The keys a schema documents at its top level; undefined when it is open. */
function documentedKeys(schema: Schema | undefined): Set<string> | undefined {
  if (!schema) return undefined;
  if (schema.$ref) return documentedKeys(resolve(schema.$ref));
  if (schema.additionalProperties && schema.additionalProperties !== false) return undefined;
  if (schema.patternProperties) return undefined;
  const keys = new Set<string>(Object.keys(schema.properties ?? {}));
  const branches: Schema[] = [...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  for (const branch of branches) {
    const inner = documentedKeys(branch);
    if (!inner) {
      if (schema.allOf?.includes(branch) && !branch.additionalProperties) continue;
      return undefined;
    }
    for (const key of inner) keys.add(key);
  }
  return keys.size === 0 && !schema.properties ? undefined : keys;
}

const isExcepted = (route: string, status: number, match: (e: Exception) => boolean) =>
  exceptions.some(
    (e) => (e.route === '*' || e.route === route) && (e.status ?? status) === status && match(e),
  );

const hasKey = (body: unknown, key: string | undefined) =>
  key === undefined || (body !== null && typeof body === 'object' && key in body);

function checkSchema(ref: string, route: string, status: number, body: unknown): string[] {
  let validate = validators.get(ref);
  if (!validate) {
    validate = ajv.compile({ $ref: ref });
    validators.set(ref, validate);
  }
  const faults: string[] = [];
  if (!validate(body)) {
    for (const error of validate.errors ?? []) {
      const where = error.instancePath || '/';
      const matches = (e: Exception) => e.path !== undefined && new RegExp(e.path).test(where);
      if (isExcepted(route, status, (e) => matches(e) && hasKey(body, e.with))) continue;
      faults.push(`${where} ${error.message} ${JSON.stringify(error.params)}`);
    }
  }
  const keys = documentedKeys(resolve(ref));
  if (keys && body !== null && typeof body === 'object' && !Array.isArray(body)) {
    for (const key of Object.keys(body)) {
      if (!keys.has(key) && !isExcepted(route, status, (e) => e.key === key))
        faults.push(`undocumented key "${key}"`);
    }
  }
  return faults;
}

function checkError(body: Any): string[] {
  const faults: string[] = [];
  if (typeof body?.errcode !== 'string' || !/^[A-Z0-9_.]+$/.test(body.errcode))
    faults.push('error without errcode');
  if (typeof body?.error !== 'string' || body.error === '') faults.push('error without text');
  return faults;
}

/** Everything the specification objects to in this answer. Empty: none. */
export function faultsOf(method: string, path: string, status: number, body: unknown): string[] {
  const candidates = findOperations(method, path);
  const isUia = status === 401 && typeof body === 'object' && body !== null && 'flows' in body;
  const faults = status >= 400 && !isUia ? checkError(body) : [];
  // A missing token is a plain error also where 401 asks for authentication.
  if (status === 401 && !isUia) return faults;
  if (candidates.length === 0) {
    const excepted =
      isExcepted(currentPath(path), status, () => true) ||
      exceptions.some((e) => templatePattern(e.route).test(path));
    return status < 400 && !excepted ? ['answered, but the specification has no such route'] : faults;
  }
  const operation = candidates[0];
  const route = `${operation.method} ${operation.template}`;
  const response = operation.responses[status];
  if (!response) return status < 400 && status !== 304 ? [`status ${status} is not documented`] : faults;
  const schemaRef = response.content?.['application/json']?.schema;
  if (!schemaRef) return faults;
  const perCandidate = candidates
    .filter((o) => o.responses[status]?.content?.['application/json']?.schema)
    .map((o) =>
      checkSchema(`${o.pointer}/responses/${status}/content/application~1json/schema`, route, status, body),
    );
  const best = perCandidate.sort((a, b) => a.length - b.length)[0] ?? [];
  return [...faults, ...best];
}
