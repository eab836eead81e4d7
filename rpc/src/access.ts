// Who may call what: bearer tokens with scopes. Comparison takes the same time whatever is given
// (reliability D27).
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Scope } from './method.js';

export interface TokenEntry {
  readonly token: string;
  readonly scopes: readonly Scope[];
  /** Participants (bb1...) whose meter readings this token may see; `operate` sees all. */
  readonly accounts?: readonly string[];
}

export interface Session {
  readonly scopes: ReadonlySet<Scope>;
  readonly accounts: ReadonlySet<string>;
}

export type FindSession = (authorization: string | undefined) => Session | undefined;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
const NOTHING = digest('');

/** The session that an Authorization header opens, or undefined. */
export function createAccess(tokens: readonly TokenEntry[]): FindSession {
  const known = tokens.map((entry) => ({
    digest: digest(entry.token),
    session: { scopes: new Set(entry.scopes), accounts: new Set(entry.accounts ?? []) },
  }));
  return (authorization) => {
    const given = /^Bearer ([\x21-\x7e]{1,256})$/i.exec(authorization ?? '')?.[1];
    const wanted = given === undefined ? NOTHING : digest(given);
    let session: Session | undefined;
    for (const entry of known) {
      if (timingSafeEqual(entry.digest, wanted) && given !== undefined) session = entry.session;
    }
    return session;
  };
}
