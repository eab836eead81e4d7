// certificate_list over a NodeView: certificates of one account, of all, or one by its serial, each
// with its origin; and the labels of an account.
import { keyText } from '../../../core/src/bytes.js';
import { type AccountId, printAccount } from '../../../core/src/ids.js';
import { RPC_PAGE } from '../../../core/src/limits.js';
import type { NodePort } from '../../../rpc/src/ports.js';
import type {
  CertificateListView,
  CertificateQuery,
  GreenCertificateView,
  LabelsView,
  OriginView,
} from '../../../rpc/src/results/certificate.js';
import { certifiedOf } from '../../../state/src/certificates/certify.js';
import { queueOf } from '../../../state/src/certificates/queue.js';
import {
  CERTIFICATES,
  HOLDINGS,
  LABEL_METERS,
  ORIGINS,
  OWED,
  type Range,
} from '../../../state/src/certificates/tables.js';
import { ACCOUNTS, METERS } from '../../../state/src/schema.js';
import type { TreeNode } from '../../../state/src/tree/tree.js';
import type { World } from '../../../state/src/world.js';
import type { NodeView, StateOfHeight } from '../view.js';
import { proveLeaf } from './chain.js';
import { atTip, notHere, provable } from './read.js';

/** Ranges of origin in one page; one certificate may have a thousand. */
const MAX_RANGES = 5000;

export function certificatesPart(view: NodeView): Pick<NodePort, 'certificates'> {
  return { certificates: (query) => listView(view, query) };
}

function listView(view: NodeView, query: CertificateQuery): CertificateListView {
  const world = view.world();
  const account = query.account as AccountId | undefined;
  if (account !== undefined && world.get(ACCOUNTS, account) === undefined) notHere('the account');
  const proven = query.proof ? provable(view, undefined) : undefined;
  const certificates: GreenCertificateView[] = [];
  let [ranges, cursor]: [number, string | undefined] = [0, undefined];
  for (const serial of serialsOf(world, query)) {
    const one = certificateView(world, serial) ?? notHere('the certificate');
    ranges += one.origin.length;
    const isFull = certificates.length >= RPC_PAGE || ranges > MAX_RANGES;
    if (isFull && certificates.length > 0) {
      cursor = String(certificates.at(-1)?.serial);
      break;
    }
    certificates.push(proven ? { ...one, proof: proofOf(proven.tree, serial) } : one);
  }
  return {
    certificates,
    labels: account === undefined ? null : labelsView(world, account),
    ...certifiedOf(world),
    ...(cursor !== undefined && { cursor }),
    ...(proven && { anchor: anchorOf(proven) }),
    at: atTip(view),
  };
}

function proofOf(tree: TreeNode, serial: bigint): GreenCertificateView['proof'] {
  const prove = (table: typeof CERTIFICATES | typeof ORIGINS) =>
    proveLeaf(tree, table.kind, table.keyBytes(serial));
  return { certificate: prove(CERTIFICATES), origin: prove(ORIGINS) };
}

const anchorOf = ({ headerBytes, certificateBytes }: StateOfHeight) => ({
  headerBytes,
  certificateBytes,
});

/** Serials behind the cursor, ascending. */
function* serialsOf(world: World, { account, serial, cursor }: CertificateQuery): Iterable<bigint> {
  if (serial !== undefined) return yield serial;
  const after = cursor === undefined ? 0n : BigInt(cursor.split(':')[0] ?? '0');
  if (account !== undefined) {
    for (const { key } of world.entries(HOLDINGS, keyText(account)))
      if (key.serial > after) yield key.serial;
    return;
  }
  const { made } = certifiedOf(world);
  for (let next = after + 1n; next <= made; next++) yield next;
}

function certificateView(world: World, serial: bigint): GreenCertificateView | undefined {
  const found = world.get(CERTIFICATES, serial);
  const origin = (world.get(ORIGINS, serial)?.ranges ?? []).map((range) =>
    originView(world, range),
  );
  return (
    found && {
      serial,
      owner: printAccount(found.owner),
      state: found.retired ? 'retired' : 'held',
      madeMs: found.madeMs,
      kwh: origin.reduce((sum, { from, to }) => sum + to - from + 1n, 0n),
      origin,
    }
  );
}

function originView(world: World, { meter, market, period, from, to }: Range): OriginView {
  const number = world.get(METERS, meter)?.number ?? '';
  return { meter: printAccount(meter), number, market, period, from, to };
}

function labelsView(world: World, account: AccountId): LabelsView {
  const meter = world.get(ACCOUNTS, account)?.partner;
  const { minted, openWh } = (meter && world.get(LABEL_METERS, meter)) ?? {
    minted: 0n,
    openWh: 0n,
  };
  const owed = world
    .entries(OWED, keyText(account))
    .reduce((sum, { value }) => sum + value.count, 0n);
  const count = (queue: 'made' | 'held') => queueOf(world, { account, queue }).count;
  return { made: count('made'), held: count('held'), owed, minted, openWh };
}
