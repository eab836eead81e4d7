// What must hold after every settled period (settlement 6, market-bilateral "Invariants"): found on
// input and result alone, by other means than those that made it. The chain asserts it; tests and
// the full count call it.
import { present } from '../../../core/src/assert.js';
import { settlementFault } from '../invariants.js';
import { type CreditState, FULL_CREDIT } from './credit.js';
import type { PeriodInput, SettledContract, SettledPeriod } from './period.js';
import { halfCost, type PeriodRules } from './rules.js';

/** The first thing that does not hold, in words; undefined where everything does. */
type Fault = string | undefined;

export function periodFault(input: PeriodInput, period: SettledPeriod): Fault {
  const { accounts, contracts } = period;
  if (accounts.length !== input.accounts.length) return 'a line per account is wanted';
  if (contracts.length !== input.contracts.length) return 'a line per contract is wanted';
  return (
    energyFault(input, contracts) ??
    moneyFault(input, period) ??
    firstFault(accounts, ({ credit }, i) =>
      creditFault(present(input.accounts[i], 'an account').credit, credit, input.rules),
    )
  );
}

function firstFault<T>(items: readonly T[], faultOf: (item: T, i: number) => Fault): Fault {
  for (const [i, item] of items.entries()) {
    const fault = faultOf(item, i);
    if (fault !== undefined) return `${i}: ${fault}`;
  }
  return undefined;
}

/** Delivered is within the contract and both parts; each metered Wh in one contract per side. */
function energyFault(
  { accounts, contracts, rules }: PeriodInput,
  settled: readonly SettledContract[],
): Fault {
  const used = accounts.map(() => ({ offered: 0n, taken: 0n, out: 0n, in: 0n }));
  const fault = firstFault(settled, (one, i) => {
    const { seller, buyer, energyWh, kind } = present(contracts[i], 'a contract');
    const { offerWh, takeWh, deliveredWh, shortSellerWh, shortBuyerWh } = one;
    if (deliveredWh < 0n || deliveredWh > energyWh) return 'more delivered than contracted';
    if (deliveredWh > offerWh || deliveredWh > takeWh) return 'more delivered than allocated';
    if (kind !== 'replacement') {
      if (offerWh + shortSellerWh !== energyWh) return 'offer and shortfall are not the contract';
      if (takeWh + shortBuyerWh !== energyWh) return 'take and shortfall are not the contract';
      present(used[seller], 'seller').offered += offerWh;
      present(used[buyer], 'buyer').taken += takeWh;
    } else if (shortSellerWh + shortBuyerWh > 0n) return 'a replacement falls short of nothing';
    present(used[seller], 'seller').out += deliveredWh;
    present(used[buyer], 'buyer').in += deliveredWh;
    return contractMoneyFault(one, present(contracts[i], 'a contract'), rules);
  });
  if (fault !== undefined) return `contract ${fault}`;
  return firstFault(used, ({ offered, taken, out, in: into }, i) => {
    const { importWh, exportWh } = present(accounts[i], 'an account');
    if (offered > exportWh || out > exportWh) return 'more export in contracts than metered';
    return taken > importWh || into > importWh
      ? 'more import in contracts than metered'
      : undefined;
  });
}

/** A lock of energy x price covers what the contract can cost a side (G8). */
function contractMoneyFault(
  one: SettledContract,
  { energyWh, price }: PeriodInput['contracts'][number],
  { payment }: PeriodRules,
): Fault {
  const { buyerPays, sellerGets, penaltySeller, penaltyBuyer } = one;
  if (sellerGets < 0n || sellerGets > buyerPays) return 'the buyer pays less than the seller gets';
  if (penaltySeller < 0n || penaltyBuyer < 0n) return 'a negative penalty';
  if (penaltySeller > 0n && !one.sellerDefaulted) return 'a penalty without a default';
  if (penaltyBuyer > 0n && !one.buyerDefaulted) return 'a penalty without a default';
  if (payment === 'contract') return undefined;
  if (buyerPays + penaltyBuyer > halfCost(energyWh, price.buyTwice))
    return 'the lock of the buyer does not cover payment and penalty';
  return penaltySeller > halfCost(energyWh, price.sellTwice)
    ? 'the lock of the seller does not cover its penalty'
    : undefined;
}

function moneyFault(input: PeriodInput, { accounts, contracts, counter }: SettledPeriod): Fault {
  let [penalties, shares, surplus] = [0n, 0n, 0n];
  for (const { buyerPays, sellerGets } of contracts) surplus += buyerPays - sellerGets;
  const fault = firstFault(accounts, (line) => {
    penalties += line.penalty;
    shares += line.penaltyShare;
    if (line.penalty < 0n || line.penaltyShare < 0n || line.fees < 0n) return 'a negative amount';
    const { energyMoney, gridMoney, reward, penalty, penaltyShare, fees, net } = line;
    const sum = energyMoney + gridMoney + reward - penalty + penaltyShare - fees;
    return net === sum ? undefined : 'the net is not the sum of its parts';
  });
  if (fault !== undefined) return `account ${fault}`;
  if (counter.reserve !== surplus + penalties - shares)
    return 'penalties are not their shares and the reserve';
  if (input.rules.balancing && input.rules.payment === 'delivered') {
    const grid = gridFault(input, { accounts, contracts, counter });
    if (grid !== undefined) return grid;
  }
  // The surplus stands between buyers and sellers.
  const [first, ...rest] = accounts;
  if (first === undefined) return undefined;
  const balanced = [{ ...first, energyMoney: first.energyMoney + surplus }, ...rest];
  return settlementFault(balanced, counter);
}

/** What the meters say is what contracts delivered and what the grid took or gave. */
function gridFault(
  { accounts }: PeriodInput,
  { contracts, accounts: lines }: SettledPeriod,
): Fault {
  const sum = (values: readonly bigint[]): bigint => values.reduce((so, wh) => so + wh, 0n);
  const metered = sum(accounts.map(({ importWh, exportWh }) => importWh + exportWh));
  const delivered = sum(contracts.map(({ deliveredWh }) => deliveredWh));
  const grid = sum(lines.map(({ gridWh }) => gridWh));
  return metered === 2n * delivered + grid ? undefined : 'metered energy is lost or used twice';
}

function creditFault(before: CreditState, after: CreditState, { credit }: PeriodRules): Fault {
  if (credit === undefined) return before === after ? undefined : 'credit moved without the module';
  const { C, i, n } = after;
  if (!Number.isInteger(C) || C < 0 || C > FULL_CREDIT) return 'credit outside 0..100';
  if (n !== before.n) return 'settling moved n';
  if (i > credit.iMax && i > before.i) return 'a deduction index above its bound';
  if (isSound(before, credit.c) && !isSound(after, credit.c)) return 'credit, D and i do not fit';
  return C - before.C > 1 ? 'more than one point of compensation' : undefined;
}

/** C = 100 goes with i = 0, and C < 100 with D < c. */
const isSound = ({ C, D, i }: CreditState, c: number): boolean =>
  C === FULL_CREDIT ? i === 0 : D < c;
