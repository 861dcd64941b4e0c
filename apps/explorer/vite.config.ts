import { defineConfig } from 'vite';

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2022',
    outDir: 'dist',
    // The content security policy allows no inlined code; pictures may stay small files.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    // For work on the page: `vite` here, a gateway on its usual port.
    proxy: { '/v1': 'http://127.0.0.1:8080' },
  },
});
