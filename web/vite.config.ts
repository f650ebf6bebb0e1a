// SPDX-License-Identifier: EUPL-1.2
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const here = (path: string) => new URL(path, import.meta.url).pathname;

export default defineConfig({
  plugins: [react()],
  resolve: {
    alias: {
      // Widgets and calls are not in this client: what the SDK brings for them stays out of the page.
      'matrix-widget-api': here('./src/core/sdk/absent.ts'),
      'sdp-transform': here('./src/core/sdk/absent.ts'),
    },
  },
  build: {
    outDir: '../build/web',
    emptyOutDir: true,
    // Nothing inline: the policy allows no data: address, and the cryptography module stays a file.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    cssTarget: ['chrome123', 'firefox128', 'safari17.5'],
    chunkSizeWarningLimit: 2000,
  },
  test: {
    environment: 'node',
    include: ['src/**/*.test.{ts,tsx}'],
    restoreMocks: true,
    allowOnly: false,
    testTimeout: 30_000,
  },
});
