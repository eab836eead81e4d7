// The check of lines inside the auctions of an interval (market-neighbourhood 1.3.6): a pair that
// breaks the limit of a line is skipped by its auctioneer, and its requests travel on. Nothing is
// paid for a line here: fees want a board, which this market has not (docs/decisions/0013).
import type { AccountId } from '../../../../core/src/ids.js';
import type { AuctionPair } from '../../../../market/src/neighbourhood/auction.js';
import { securityGate } from '../../../../market/src/grid/flow.js';
import { present } from '../../../../core/src/assert.js';
import type { MarketStep } from '../../boundary/step.js';
import { baseFlows, gridDataOf, networkOf } from '../reputation/network.js';

export interface LineGate {
  readonly mayTrade: (pair: AuctionPair) => boolean;
  /** Requests of which a pair was skipped. */
  readonly skipped: ReadonlySet<number>;
}

/** Nodes of the requests by their index; undefined: the check is off, or there are no lines. */
export function lineGate(step: MarketStep, nodes: readonly string[]): LineGate | undefined {
  const { world, chain, market, due } = step;
  const grid = networkOf(chain, market);
  if (grid === undefined) return undefined;
  const gate = securityGate(grid, baseFlows(gridDataOf(world, market, due.period), grid));
  const skipped = new Set<number>();
  const nodeOf = (request: number): number | undefined =>
    grid.nodes.get(present(nodes[request], 'a node per request'));
  return {
    skipped,
    mayTrade({ sell, buy, energyWh }) {
      const [sellNode, buyNode] = [nodeOf(sell), nodeOf(buy)];
      // A home that has moved since it bid, to where no line leads, is carried by none.
      const isKnown = sellNode !== undefined && buyNode !== undefined;
      const isCarried = isKnown && gate({ sellNode, buyNode, energyWh });
      if (!isCarried) for (const request of [sell, buy]) skipped.add(request);
      return isCarried;
    },
  };
}

/** Who has something left that a line did not carry reads it. */
export function sayLineLimits(
  { ledger, due }: MarketStep,
  gate: LineGate | undefined,
  requests: readonly { readonly account: AccountId; readonly leftWh: bigint }[],
): void {
  requests.forEach(({ account, leftWh }, request) => {
    if (gate?.skipped.has(request) !== true || leftWh === 0n) return;
    ledger.line({
      kind: 'refused',
      account,
      fields: [due.market, due.period, 'LINE_LIMIT', leftWh],
    });
  });
}
