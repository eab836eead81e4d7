#!/usr/bin/env node
// Starts the bundled program (tools/bundle.ts), or the compiled one where that is newer: whoever
// compiles one room and tries it must not run yesterday's bundle.
import { readdirSync, statSync } from 'node:fs';

const DIST = new URL('../dist/', import.meta.url);
const BUNDLE = new URL('bundle/cli/main.js', DIST);

function isBundleFresh() {
  const bundled = statSync(BUNDLE, { throwIfNoEntry: false });
  if (bundled === undefined) return false;
  const compiled = readdirSync(DIST).filter((name) => name.endsWith('.tsbuildinfo'));
  return compiled.every((name) => statSync(new URL(name, DIST)).mtimeMs < bundled.mtimeMs);
}

await import((isBundleFresh() ? BUNDLE : new URL('cli/src/main.js', DIST)).href);
