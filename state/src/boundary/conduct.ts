// Conduct in a market that pays by contract (settlement 4.3): a shortfall moves no money there
// beyond balancing, but with `creditOnly` it counts in the credit of market-bilateral 7 and 8, so
// that duty as a validator rests on conduct in every market.
import { NO_ENERGY, type WattHour } from '../../../core/src/amount.js';
import { keyText } from '../../../core/src/bytes.js';
import type { AccountId } from '../../../core/src/ids.js';
import { conductOf, type OwnConduct } from '../../../market/src/settle/conduct.js';
import { creditStep } from '../../../market/src/settle/credit.js';
import { periodGroup, POSITIONS, TRADES } from '../schema.js';
import { creditOf, creditRulesOf, keepCredit, toleranceOf } from './credits.js';
import { orderKey } from './homes.js';
import type { MarketStep } from './step.js';

/** Energies of each account's trades in the order of matching, by the text of its id. */
export type TradedBy = ReadonlyMap<string, readonly bigint[]>;

/** Nothing where the conduct does not count. */
export function tradedBy({ world, market, due }: MarketStep): TradedBy {
  const by = new Map<string, bigint[]>();
  if (!market.params.creditOnly) return by;
  const group = periodGroup({ market: due.market, period: due.period });
  for (const { value } of world.entries(TRADES, group))
    for (const name of [value.seller, value.buyer].map(keyText)) {
      const own = by.get(name);
      if (own === undefined) by.set(name, [value.energyWh]);
      else own.push(value.energyWh);
    }
  return by;
}

interface Metered {
  readonly energy: { readonly importWh: WattHour; readonly exportWh: WattHour };
  readonly traded: TradedBy;
}

/** On the register of its own side, which is one in a period (settlement 2.2). */
function ownConduct(step: MarketStep, account: AccountId, { energy, traded }: Metered): OwnConduct {
  const position = step.world.get(POSITIONS, orderKey(step, account));
  const meteredWh = position?.side === 'sell' ? energy.exportWh : energy.importWh;
  const energiesWh = traded.get(keyText(account)) ?? [];
  return conductOf({ meteredWh, energiesWh }, toleranceOf(step.market.params));
}

/** What the account was short of, Wh; a correction asks again, and moves no credit (3.5). */
export const shortfallOf = (step: MarketStep, account: AccountId, of: Metered): WattHour =>
  step.market.params.creditOnly
    ? (ownConduct(step, account, of).shortfallWh as WattHour)
    : NO_ENERGY;

/** Moves the credit of a home; gives what it was short of, Wh. */
export function judgeConduct(step: MarketStep, account: AccountId, of: Metered): WattHour {
  const { world, market } = step;
  if (!market.params.creditOnly) return NO_ENERGY;
  const conduct = ownConduct(step, account, of);
  keepCredit(
    step,
    account,
    creditStep(creditOf(world, account), conduct, creditRulesOf(market.params)),
  );
  return conduct.shortfallWh as WattHour;
}
