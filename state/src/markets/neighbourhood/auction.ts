// auction: a participant that acts as auctioneer publishes the result of its own node's auction;
// one that differs from the chain's is recorded against it (market-neighbourhood 1.3.5).
import { present } from '../../../../core/src/assert.js';
import { equalBytes } from '../../../../core/src/bytes.js';
import type { Hash } from '../../../../core/src/hash.js';
import { marketOf } from '../../chain.js';
import type { Chain } from '../../chain.js';
import { PERIODS, type PeriodKey } from '../../schema.js';
import type { TxRule } from '../../tx/context.js';
import { refusePhase } from '../../tx/orders.js';
import type { World } from '../../world.js';
import { countWrongAuction, flag, isSuspectNow } from './conduct.js';
import { auctionHash, termsOf } from './contracts.js';

interface NodeAuction extends PeriodKey {
  readonly node: string;
  readonly biddingRound: number;
}

/** What the chain computed for a node in a round; no contract is a result too. */
function resultOf(world: World, chain: Chain, at: NodeAuction): Hash {
  const deals = termsOf(world, at)
    .map(({ terms }) => terms)
    .filter((of) => of.auctioneer === at.node && of.biddingRound === at.biddingRound);
  return auctionHash(chain, at, deals);
}

export const auction: TxRule<'auction'> = {
  check(context, { body, sender }) {
    const { world, chain, timeMs } = context;
    const market = marketOf(chain, body.market);
    if (market === undefined) return 'UNKNOWN_MARKET';
    if (market.mechanism !== 'neighbourhood') return 'WRONG_MECHANISM';
    const { period } = body;
    // From `clear` to the end of the activation.
    const phase = refusePhase(market, { period, timeMs }, 'activate');
    if (phase !== undefined) return phase;
    const { node } = context.sender;
    const isNode = market.params.edges.some(({ from, to }) => from === node || to === node);
    if (context.sender.role !== 'prosumer' || !isNode) return 'NOT_ALLOWED';
    if (body.biddingRound < 1) return 'BAD_ENCODING';
    if (world.get(PERIODS, body)?.status !== 'cleared') return 'WRONG_PHASE';
    const key = { market: body.market, account: sender, period };
    return isSuspectNow(world, market, key) ? 'SUSPECT' : undefined;
  },

  apply({ world, chain, ledger, sender: owner }, { body, sender }) {
    const market = present(marketOf(chain, body.market), 'checked');
    const { period, biddingRound } = body;
    const at = { market: market.id, period, biddingRound, node: owner.node };
    if (equalBytes(resultOf(world, chain, at), body.result)) return;
    const key = { market: market.id, account: sender };
    countWrongAuction(world, key);
    flag(world, key, period);
    const fields = [market.id, period, 'AUCTION_DIFFERS', BigInt(biddingRound)];
    ledger.line({ kind: 'refused', account: sender, fields });
  },
};
