// A balance believed by the core's verifier alone (light-clients 2, 3): genesis gives chain id and
// validator set, the node gives header, commit certificate, leaf and proof, and none of it is
// trusted.
import { fromHex, toHex } from '../../core/src/bytes.js';
import { i64, record, tryDecode, u64, type ValueOf } from '../../core/src/codec/codec.js';
import { verifyStrict } from '../../core/src/ed25519.js';
import { decodeHeader, headerHash } from '../../core/src/header.js';
import { type AccountId, accountIdOf } from '../../core/src/ids.js';
import { verifyTreeProof } from '../../core/src/treeProof.js';
import { sortById } from '../../core/src/validators.js';
import { checkCertificate, decodeCertificate, PRECOMMIT } from '../../core/src/vote.js';
import type { Genesis } from '../../state/src/genesis/genesis.js';

interface Leaf {
  readonly kind: string;
  readonly key: string;
  readonly value: string | null;
  readonly proof: string;
}

/** `proof` of account_get. */
export interface ProvenAccount {
  readonly account: Leaf;
  readonly balance: Leaf;
  readonly headerBytes: string;
  readonly certificateBytes: string;
}

const balanceField = record('balance', { available: i64, locked: u64, arrears: u64 });
/** Number of the table of balances (docs/reference/state.md). */
const BALANCES_KIND = 2;

const bytesOf = (hex: string): Uint8Array => fromHex(hex) ?? new Uint8Array(0);

/** The balance of the account, where everything holds. */
export function believes(
  genesis: Genesis,
  account: AccountId,
  given: ProvenAccount,
): ValueOf<typeof balanceField> | undefined {
  const { chainId } = genesis;
  const headerBytes = bytesOf(given.headerBytes);
  const header = decodeHeader(headerBytes);
  const certificate = decodeCertificate(bytesOf(given.certificateBytes));
  if (header === undefined || certificate === undefined) return undefined;
  const set = sortById(
    genesis.validators.map(({ publicKey }) => ({ id: accountIdOf(chainId, publicKey), publicKey })),
  );
  const { height } = header;
  const blockHash = headerHash(headerBytes);
  const subject = { step: PRECOMMIT, height, round: certificate.round, blockHash } as const;
  if (checkCertificate(certificate, { chainId, set, subject, verify: verifyStrict }) !== undefined)
    return undefined;
  const value = bytesOf(given.balance.value ?? '');
  const claim = { root: header.stateRoot, kind: BALANCES_KIND, key: account, value };
  if (!verifyTreeProof(claim, bytesOf(given.balance.proof))) return undefined;
  return tryDecode(balanceField, value, { maxBytes: 100 });
}

/** The last bit of a hex text turned over. */
const flipped = (hex: string): string => {
  const bytes = bytesOf(hex);
  bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
  return toHex(bytes);
};

/** The same answer with one thing changed. */
export function alteredAnswers(
  given: ProvenAccount,
): readonly (readonly [string, ProvenAccount])[] {
  const { balance } = given;
  const leaf = (change: Partial<Leaf>): ProvenAccount => ({
    ...given,
    balance: { ...balance, ...change },
  });
  const richer = bytesOf(balance.value ?? '');
  richer[8] = (richer[8] as number) ^ 0x40;
  return [
    ['more money', leaf({ value: toHex(richer) })],
    ['no leaf', leaf({ value: null })],
    ['another proof', leaf({ proof: flipped(balance.proof) })],
    ['proof of another leaf', leaf({ proof: given.account.proof })],
    ['leaf of another kind', { ...given, balance: given.account }],
    ['another header', { ...given, headerBytes: flipped(given.headerBytes) }],
    ['another signature', { ...given, certificateBytes: flipped(given.certificateBytes) }],
  ];
}
