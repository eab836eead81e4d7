// auction: a participant that acts as auctioneer publishes the result of its own node's auction;
// one that differs from the chain's is recorded against it (market-neighbourhood 1.3.5).
import { present } from '../../../../core/src/assert.js';
import { equalBytes } from '../../../../core/src/bytes.js';
import type { AccountId } from '../../../../core/src/ids.js';
import type { MarketConfig } from '../../../../core/src/markets.js';
import { marketOf } from '../../chain.js';
import { grant, grantAmount } from '../../points/grants.js';
import { type TaskKey, VERIFIED } from '../../points/tables.js';
import { PERIODS, type PeriodKey } from '../../schema.js';
import type { ApplyContext, TxRule } from '../../tx/context.js';
import { refusePhase } from '../../tx/orders.js';
import type { World } from '../../world.js';
import { countWrongAuction, flag, isSuspectNow } from './conduct.js';
import { auctionHash, termsOf } from './contracts.js';

interface NodeAuction extends PeriodKey {
  readonly node: string;
  readonly biddingRound: number;
}

/** What the chain computed for a node in a round; no contract is a result too. */
const dealsOf = (world: World, at: NodeAuction) =>
  termsOf(world, at)
    .map(({ terms }) => terms)
    .filter((of) => of.auctioneer === at.node && of.biddingRound === at.biddingRound);

/** The first right result of an auction with a deal earns its grant (market-reputation 1.11). */
function grantResult(context: ApplyContext, market: MarketConfig, task: TaskKey & Named): void {
  const { world } = context;
  const { by: account, period } = task;
  const isPaid = grantAmount(market, 'verification') > 0n;
  if (!isPaid || world.get(VERIFIED, task) !== undefined) return;
  world.set(VERIFIED, task, { by: account });
  grant(context, { account, cause: 'verification', market, period, count: 1n });
}
interface Named {
  readonly by: AccountId;
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

  apply(context, { body, sender }) {
    const { world, chain, ledger, sender: owner } = context;
    const market = present(marketOf(chain, body.market), 'checked');
    const { period, biddingRound } = body;
    const at = { market: market.id, period, biddingRound, node: owner.node };
    const deals = dealsOf(world, at);
    if (equalBytes(auctionHash(chain, at, deals), body.result)) {
      const task = { ...at, biddingRound: BigInt(biddingRound), by: sender };
      if (deals.length > 0) grantResult(context, market, task);
      return;
    }
    const key = { market: market.id, account: sender };
    countWrongAuction(world, key);
    flag(world, key, period);
    const fields = [market.id, period, 'AUCTION_DIFFERS', BigInt(biddingRound)];
    ledger.line({ kind: 'refused', account: sender, fields });
  },
};
