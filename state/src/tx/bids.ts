// sealBid, revealBid and cancel (settlement 2.2): how a bid is sealed, opened and taken back, the
// mechanism of its market says (markets/mechanism.ts).
import { present } from '../../../core/src/assert.js';
import type { MarketConfig } from '../../../core/src/markets.js';
import { marketOf } from '../chain.js';
import { reveal } from '../markets/call/reveal.js';
import { seal } from '../markets/call/seal.js';
import type { BidRules, MarketRule } from '../markets/mechanism.js';
import { CHAIN } from '../markets/registry.js';
import type { TxRule } from './context.js';

type Kind = 'sealBid' | 'revealBid' | 'cancel';
type Rules = Required<BidRules>;

/** Where nothing is sealed, the rules of call say why: no phase of the market takes it. */
const NOTHING_SEALED: Rules = {
  seal,
  reveal,
  cancel: { check: () => 'WRONG_MECHANISM', apply: () => undefined },
};

/** The rule of a kind, by the market that a transaction names. */
function byMarket<K extends Kind>(ruleIn: (rules: Rules) => MarketRule<K>): TxRule<K> {
  const ruleOf = ({ mechanism }: MarketConfig): MarketRule<K> =>
    ruleIn({ ...NOTHING_SEALED, ...CHAIN[mechanism].bids });
  return {
    check(context, tx) {
      const market = marketOf(context.chain, tx.body.market);
      return market === undefined ? 'UNKNOWN_MARKET' : ruleOf(market).check(context, market, tx);
    },
    apply(context, tx) {
      const market = present(marketOf(context.chain, tx.body.market), 'checked');
      ruleOf(market).apply(context, market, tx);
    },
  };
}

export const sealBid = byMarket<'sealBid'>((rules) => rules.seal);
export const revealBid = byMarket<'revealBid'>((rules) => rules.reveal);
export const cancel = byMarket<'cancel'>((rules) => rules.cancel);
