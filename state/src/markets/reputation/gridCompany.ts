// What the grid company sends to a market that looks at lines (market-reputation 1.9, settlement
// 8): gridData for the periods that open after it, and curtail of contracts that push a line.
import {
  MAX_AMOUNT,
  type Money,
  NO_MONEY,
  subMoney,
  type WattHour,
} from '../../../../core/src/amount.js';
import { present } from '../../../../core/src/assert.js';
import { compareBytes, keyText } from '../../../../core/src/bytes.js';
import type { ErrorCode } from '../../../../core/src/errors.js';
import type { PeriodIndex } from '../../../../core/src/amount.js';
import type { MarketConfig } from '../../../../core/src/markets.js';
import type { TxOf } from '../../../../core/src/tx.js';
import { curtailment } from '../../../../market/src/grid/curtail.js';
import { type Grid, usesOf } from '../../../../market/src/grid/tree.js';
import { energyMoney } from '../../../../market/src/reputation/quote.js';
import { available, locked } from '../../ledger/ledger.js';
import { periodTimes, tradingPeriod } from '../../boundary/timing.js';
import { marketOf } from '../../chain.js';
import type { ApplyContext, CheckContext, TxRule } from '../../tx/context.js';
import { type OrderKey, POSITIONS } from '../../schema.js';
import { sellerLockOf } from '../../tx/locks.js';
import { buyerLock, type ContractEntry, contractsOf, putContract } from './contracts.js';
import { reputationMarket } from './market.js';
import { flowsSoFar, gridDataOf, looksAtLines, networkOf, tradeOf } from './network.js';
import { GRID_DATA, QUOTES } from './tables.js';

/** Energies and prices above this are mistakes: no sum of them leaves the range of amounts. */
const MAX_VALUE = 10n ** 12n;

const isGrid = ({ sender }: CheckContext): boolean => sender.role === 'grid';

function marketOfLines(context: CheckContext, id: string): MarketConfig | ErrorCode {
  const market = marketOf(context.chain, id);
  if (market === undefined) return 'UNKNOWN_MARKET';
  return looksAtLines(market) ? market : 'WRONG_MECHANISM';
}

export const gridData: TxRule<'gridData'> = {
  check(context, { body }) {
    const market = marketOfLines(context, body.market);
    if (typeof market === 'string') return market;
    if (!isGrid(context)) return 'NOT_ALLOWED';
    const { baseWh, c1, c2, c3, cUp, cDown, subsidy, budget } = body;
    const lines = context.chain.grids.get(market.id)?.lines.length ?? 0;
    if (baseWh.length !== lines) return 'BAD_ENCODING';
    const values = [...baseWh, c1, c2, c3, cUp, cDown, subsidy];
    const isFar = values.some((value) => value > MAX_VALUE || value < -MAX_VALUE);
    // Elsewhere base flows alone have a meaning: its prices are those of genesis.
    const hasPrices = [c1, c2, c3, cUp, cDown, subsidy, budget].some((value) => value !== 0n);
    if (market.mechanism !== 'reputation' && hasPrices) return 'AMOUNT_RANGE';
    return isFar || cDown > cUp || budget > MAX_AMOUNT ? 'AMOUNT_RANGE' : undefined;
  },
  apply({ world, chain, timeMs }, { body }) {
    const market = present(
      chain.markets.find(({ id }) => id === body.market),
      'checked',
    );
    const open = tradingPeriod(market, timeMs);
    const { market: _, ...data } = body;
    const key = { market: market.id, period: (open + 1n) as PeriodIndex };
    world.set(GRID_DATA, key, data);
    // The version of the period in delivery is the oldest that somebody still asks for.
    const old = world.entries(GRID_DATA, market.id).filter(({ key: k }) => k.period < open);
    for (const { key: k } of old.slice(0, -1)) world.delete(GRID_DATA, k);
  },
};

function curtailable(
  context: CheckContext,
  { body }: Pick<TxOf<'curtail'>, 'body'>,
): { readonly market: MarketConfig; readonly grid: Grid; readonly line: number } | ErrorCode {
  const market = reputationMarket(context, body.market);
  if (typeof market === 'string') return market;
  if (!isGrid(context)) return 'NOT_ALLOWED';
  const grid = networkOf(context.chain, market);
  const line = grid?.lines.findIndex(({ id }) => id === body.line) ?? -1;
  return grid === undefined || line < 0 ? 'NOT_FOUND' : { market, grid, line };
}

export const curtail: TxRule<'curtail'> = {
  check(context, tx) {
    const found = curtailable(context, tx);
    if (typeof found === 'string') return found;
    const { opens, deliveryEnd } = periodTimes(found.market, tx.body.period);
    if (context.timeMs < opens) return 'WRONG_PERIOD';
    // Later the energy has flowed.
    if (context.timeMs >= deliveryEnd) return 'WRONG_PHASE';
    return tx.body.energyWh > 0n ? undefined : 'AMOUNT_RANGE';
  },
  apply(context, tx) {
    const found = curtailable(context, tx) as Exclude<ReturnType<typeof curtailable>, ErrorCode>;
    const pushers = pushersOf(context, tx.body, found);
    const cuts = curtailment(
      tx.body.energyWh,
      pushers.map(({ loadWh, fee }) => ({ loadWh, fee })),
    );
    pushers.forEach(({ contracts }, i) => {
      let rest: bigint = cuts[i] ?? 0n;
      // The contract that was matched first keeps its energy longest.
      for (const entry of [...contracts].reverse()) {
        const cutWh = rest < entry.contract.energyWh ? rest : entry.contract.energyWh;
        if (cutWh > 0n) cut(context, found.market, { entry, cutWh });
        rest -= cutWh;
      }
    });
  },
};

interface Pushing {
  readonly contracts: ContractEntry[];
  loadWh: WattHour;
  fee: Money;
}

/** Buyers in ascending id whose ACTIVE contracts push the line the way it flows. */
function pushersOf(
  { world }: ApplyContext,
  { market, period }: TxOf<'curtail'>['body'],
  found: { readonly market: MarketConfig; readonly grid: Grid; readonly line: number },
): readonly Pushing[] {
  const key = { market, period };
  const { grid, line } = found;
  const data = gridDataOf(world, found.market, period);
  const flow = flowsSoFar(world, grid, { key, data })[line] ?? 0n;
  const pushes = ({ contract }: ContractEntry): boolean =>
    contract.state === 'ACTIVE' &&
    usesOf(grid, tradeOf(grid, contract)).some(
      (use) => use.line === line && flow !== 0n && use.sign > 0n === flow > 0n,
    );
  const byBuyer = new Map<string, Pushing>();
  for (const entry of contractsOf(world, key).filter(pushes)) {
    const { buyer, energyWh, congestion } = entry.contract;
    const of = byBuyer.get(keyText(buyer)) ?? {
      contracts: [],
      loadWh: 0n as WattHour,
      fee: NO_MONEY,
    };
    of.contracts.push(entry);
    of.loadWh = (of.loadWh + energyWh) as WattHour;
    of.fee = (of.fee + energyWh * congestion) as Money;
    byBuyer.set(keyText(buyer), of);
  }
  const buyerOf = ({ contracts: [first] }: Pushing) => present(first, 'it pushes').contract.buyer;
  return [...byBuyer.values()].sort((a, b) => compareBytes(buyerOf(a), buyerOf(b)));
}

/** Lowers a contract and both locks at once; cut to nothing, it is over. */
function cut(
  context: ApplyContext,
  market: MarketConfig,
  { entry, cutWh }: { readonly entry: ContractEntry; readonly cutWh: bigint },
): void {
  const { ledger } = context;
  const { key, contract } = entry;
  const { buyer, seller } = contract;
  const energyWh = (contract.energyWh - cutWh) as WattHour;
  const lock = buyerLock(contract, energyWh);
  const sellerLock = sellerLockOf(market, energyWh);
  const free = (account: typeof buyer, amount: Money): void =>
    ledger.post({ type: 'unlock', from: locked(account), to: available(account), amount });
  free(buyer, subMoney(contract.lock, lock));
  free(seller, subMoney(contract.sellerLock, sellerLock));
  const curtailedWh = (contract.curtailedWh + cutWh) as WattHour;
  const state = energyWh === 0n ? 'REFUNDED' : contract.state;
  putContract(context, key, { ...contract, energyWh, curtailedWh, lock, sellerLock, state });
  for (const account of [buyer, seller])
    lowerPosition(context, { ...key, account }, contract, cutWh);
}

/** Nobody is judged by what the grid company took: it is traded and declared no more. */
function lowerPosition(
  { world }: ApplyContext,
  { market, period, account }: OrderKey,
  ...[{ priceSum, energyWh }, cutWh]: [ContractEntry['contract'], bigint]
): void {
  const key = { market, period, account };
  const less = ({ declaredWh }: { readonly declaredWh: WattHour }) => ({
    declaredWh: (declaredWh - cutWh) as WattHour,
  });
  const position = world.get(POSITIONS, key);
  if (position === undefined) {
    const quote = world.get(QUOTES, key);
    if (quote !== undefined) world.set(QUOTES, key, { ...quote, ...less(quote) });
    return;
  }
  const paid =
    energyMoney(priceSum, energyWh) - energyMoney(priceSum, (energyWh - cutWh) as WattHour);
  const amount = (position.amount - paid) as Money;
  const tradedWh = (position.tradedWh - cutWh) as WattHour;
  world.set(POSITIONS, key, { ...position, ...less(position), amount, tradedWh });
}
