// Joins the compiled program and its libraries into a few files (dist/bundle/cli): a process then
// starts in a third of the time, most of which was finding and opening some 900 modules
// (docs/decisions/0007). What is not bundled: libraries with native code.
//   node dist/tools/bundle.js
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const DIST = fileURLToPath(new URL('../', import.meta.url));
const OUT = `${DIST}bundle/cli`;
/** They find their binary beside their own files. */
const NATIVE = ['@chainsafe/hashtree', 'classic-level', 'sodium-native'];
/** Libraries in the older module format ask for `require`, which ES modules do not have. */
const REQUIRE = `import { createRequire as requireOf } from 'node:module';
const require = requireOf(import.meta.url);`;

rmSync(`${DIST}bundle`, { recursive: true, force: true });
await build({
  entryPoints: [`${DIST}cli/src/main.js`, `${DIST}node/src/crypto/verifyWorker.js`],
  entryNames: '[name]',
  outdir: OUT,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  external: NATIVE,
  banner: { js: REQUIRE },
  sourcemap: true,
  logLevel: 'warning',
});
