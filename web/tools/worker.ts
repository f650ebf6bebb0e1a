// SPDX-License-Identifier: EUPL-1.2
// usage: worker.ts DIRECTORY
// Puts sw.js into a built client: it keeps the files that stand there, each by its hash. After everything
// else is built, before it is compressed.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build } from 'vite';

const [directory] = process.argv.slice(2);
if (!directory) {
  process.stderr.write('usage: worker.ts DIRECTORY\n');
  process.exit(64);
}

const sha = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest();

function listed(root: string): Record<string, string> {
  const files: Record<string, string> = {};
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  for (const file of entries.map((one) => join(one.parentPath, one.name)).toSorted()) {
    const path = `/${relative(root, file)}`;
    const key = path === '/index.html' ? '/' : path;
    files[key] = `sha256-${sha(readFileSync(file)).toString('base64')}`;
  }
  return files;
}

const files = listed(directory);
const version = sha(JSON.stringify(files)).toString('hex').slice(0, 16);
await build({
  configFile: false,
  logLevel: 'warn',
  publicDir: false,
  define: { CHAPPE_FILES: JSON.stringify(files), CHAPPE_VERSION: JSON.stringify(version) },
  build: {
    outDir: directory,
    emptyOutDir: false,
    target: ['chrome123', 'firefox128', 'safari17.5'],
    rolldownOptions: {
      input: new URL('../src/sw/worker.ts', import.meta.url).pathname,
      output: { format: 'iife', entryFileNames: 'sw.js' },
    },
  },
});
