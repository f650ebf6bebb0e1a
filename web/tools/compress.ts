// SPDX-License-Identifier: EUPL-1.2
// usage: compress.ts DIRECTORY CACHE
// Puts a .br and a .gz beside each file that is worth it, as the server serves them (net/static.c). The
// cryptography module takes brotli a quarter of a minute: what was compressed once is kept by its content.
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const WORTH = new Set(['.html', '.js', '.css', '.wasm', '.svg', '.json', '.webmanifest']);
const [directory, cache] = process.argv.slice(2);
if (!directory || !cache) {
  process.stderr.write('usage: compress.ts DIRECTORY CACHE\n');
  process.exit(64);
}

const brotli = (bytes: Buffer): Buffer =>
  brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });

function put(file: string, bytes: Buffer, ending: string, compress: (bytes: Buffer) => Buffer): void {
  const kept = join(cache!, createHash('sha256').update(bytes).digest('hex') + ending);
  if (!existsSync(kept)) writeFileSync(kept, compress(bytes));
  copyFileSync(kept, file + ending);
}

mkdirSync(cache, { recursive: true });
for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
  const file = join(entry.parentPath, entry.name);
  if (!entry.isFile() || !WORTH.has(extname(file))) continue;
  const bytes = readFileSync(file);
  put(file, bytes, '.br', brotli);
  put(file, bytes, '.gz', (plain) => gzipSync(plain, { level: 9 }));
}
