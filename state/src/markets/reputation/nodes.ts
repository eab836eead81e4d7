// Who takes part in a market of reputation, in which order, and what is known of each
// (market-reputation 1.5): registration, reputation, grade.
import { compareBytes, keyText } from '../../../../core/src/bytes.js';
import type { AccountId } from '../../../../core/src/ids.js';
import { type Grade, gradesOf, type Ranked } from '../../../../market/src/reputation/reputation.js';
import type { Chain } from '../../chain.js';
import type { MarketStep } from '../../boundary/step.js';
import { homesOf } from '../../boundary/homes.js';
import { ACCOUNTS } from '../../schema.js';
import type { World } from '../../world.js';
import type { Standing } from './records.js';
import { REGISTERED, STANDINGS } from './tables.js';

/** Remembers when an account was registered, where a market ranks by it. */
export function registerNode(
  world: World,
  chain: Chain,
  { account, place }: { readonly account: AccountId; readonly place: bigint },
): void {
  if (chain.markets.some(({ mechanism }) => mechanism === 'reputation'))
    world.set(REGISTERED, account, { place });
}

/** Of a node without a closed period. */
export const NEW_STANDING: Standing = { reputation: 500_000n, penalties: 0n, window: [] };

const standingOf = (world: World, market: string, account: AccountId): Standing =>
  world.get(STANDINGS, { market, account }) ?? NEW_STANDING;

const LAST_GRADE: Grade = 100;

export interface Graded {
  readonly account: AccountId;
  readonly grade: Grade;
}

/** Every enrolled node that is not suspended, in ascending id, by the ranks as they stand. */
export function gradedNodes(step: MarketStep): readonly Graded[] {
  const { world, market } = step;
  const nodes = homesOf(step)
    .map(({ account }) => account)
    .filter((account) => world.get(ACCOUNTS, account)?.status !== 'suspended');
  const places = nodes.map((account) => world.get(REGISTERED, account)?.place ?? 0n);
  const inOrder = nodes.map((_, i) => i).sort((a, b) => byPlace(places, nodes, [a, b]));
  const registered = Array<number>(nodes.length).fill(0);
  for (const [order, i] of inOrder.entries()) registered[i] = order;
  const ranked = nodes.map(
    (account, i): Ranked => ({
      reputation: standingOf(world, market.id, account).reputation,
      registered: registered[i] as number,
    }),
  );
  const grades = gradesOf(ranked);
  return nodes.map((account, i) => ({ account, grade: grades[i] as Grade }));
}

/** Grade of a node; of one that is left out, the last. */
export function gradesNow(step: MarketStep): (account: AccountId) => Grade {
  const byAccount = new Map(
    gradedNodes(step).map(({ account, grade }) => [keyText(account), grade]),
  );
  return (account) => byAccount.get(keyText(account)) ?? LAST_GRADE;
}

function byPlace(
  places: readonly bigint[],
  nodes: readonly AccountId[],
  [a, b]: readonly [number, number],
): number {
  const [first, second] = [places[a] as bigint, places[b] as bigint];
  if (first !== second) return first < second ? -1 : 1;
  return compareBytes(nodes[a] as AccountId, nodes[b] as AccountId);
}
