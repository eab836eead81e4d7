// The genesis file as JSON that a person edits step by step: written only where the whole is read
// without fault, except for the parts that are still to come.
import { fromHex } from '../../core/src/bytes.js';
import { ProtocolError } from '../../core/src/errors.js';
import { readText } from './read.js';
import { writeText } from './write.js';

const MAX_GENESIS_BYTES = 64 << 20;

export type GenesisJson = Record<string, unknown>;

export function readGenesisJson(file: string): GenesisJson {
  let json: unknown;
  try {
    json = JSON.parse(readText(file, MAX_GENESIS_BYTES));
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    throw new ProtocolError('GENESIS', `${file}: not JSON`, { file });
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new ProtocolError('GENESIS', `${file}: an object is wanted`, { file });
  return json as GenesisJson;
}

export function writeGenesisJson(file: string, json: GenesisJson, isNew: boolean): void {
  const text = `${JSON.stringify(json, null, 2)}\n`;
  writeText(file, text, { flag: isNew ? 'wx' : 'w', flush: true });
}

/** The list of that name, to be added to. */
export function listOf(json: GenesisJson, name: string): unknown[] {
  const list = json[name] ?? [];
  if (!Array.isArray(list)) throw new ProtocolError('GENESIS', `${name}: a list is wanted`);
  return list as unknown[];
}

export function publicKeyHex(text: string, option: string): string {
  if (fromHex(text, 32) !== undefined) return text;
  throw new ProtocolError('USAGE', `${option}: 32 bytes of lower-case hex`);
}
