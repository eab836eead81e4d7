// One delivery period of a market, both ways to pay, in the order of settlement 5: allocation,
// energy money, balancing, reward, credit of all nodes, penalties, sharing from one snapshot, fees.
// Pure: files and the chain call it with the accounts in canonical order and the contracts in the
// order in which they are served. What is due; who has the money is the ledger's.
import { wattHours, type WattHour } from '../../../core/src/amount.js';
import { assert, present } from '../../../core/src/assert.js';
import type { Side } from '../../../core/src/tx.js';
import { type ContractAccount, type ContractLine, settleContracts } from '../call/settle.js';
import type { CounterEntries } from '../invariants.js';
import { type Allocation, allocate, type EnergyContract, isDefault } from './allocate.js';
import { type CreditState, type CreditStep, creditStep } from './credit.js';
import { type ContractFees, contractFees, type FeeContract } from './fees.js';
import { createPricing, type Pricing } from './pricing.js';
import { type ContractPrice, halfCost, type PeriodRules } from './rules.js';
import { type Penalty, sharePenalties } from './sharing.js';

export interface PeriodAccount {
  readonly importWh: WattHour;
  readonly exportWh: WattHour;
  readonly green: boolean;
  /** Absent: no reward. */
  readonly declaredWh?: WattHour | undefined;
  /** Side of the order where there is no contract. */
  readonly side?: Side | undefined;
  /** Payment "contract" only: the misprinted 138 kWh (market-call E2). */
  readonly tradedOverrideWh?: WattHour | undefined;
  /** Before the period; n as it stands (market-bilateral V8). */
  readonly credit: CreditState;
  /** Since before the period: shares nothing (G5). */
  readonly suspended: boolean;
}

export interface PeriodContract extends EnergyContract, FeeContract {
  readonly price: ContractPrice;
}

export interface PeriodInput {
  readonly accounts: readonly PeriodAccount[];
  readonly contracts: readonly PeriodContract[];
  readonly rules: PeriodRules;
}

/** A contract after the period. Money not negative. */
export interface SettledContract extends Allocation, ContractFees {
  /** Energy money: the difference of both is the reserve's. */
  readonly sellerGets: bigint;
  readonly buyerPays: bigint;
  /** The computed bits of market-bilateral V4. */
  readonly sellerDefaulted: boolean;
  readonly buyerDefaulted: boolean;
  /** Penalty price over contract price, scale 10^12; 0 without a penalty. */
  readonly ratioSeller: bigint;
  readonly ratioBuyer: bigint;
  readonly penaltySeller: bigint;
  readonly penaltyBuyer: bigint;
}

/** An account after the period. Money signed with income positive unless it says otherwise. */
export interface SettledLine {
  readonly energyMoney: bigint;
  /** Energy over the grid's account. */
  readonly gridWh: bigint;
  readonly gridMoney: bigint;
  readonly shortfallWh: bigint;
  /** Not negative. */
  readonly penalty: bigint;
  /** Not negative. */
  readonly penaltyShare: bigint;
  /** Wheeling, congestion and handling; not negative. */
  readonly fees: bigint;
  /** Reward, or the fine where negative, before the pool is scaled (settlement 3.3). */
  readonly reward: bigint;
  readonly net: bigint;
  /** After the period; as before where the module is off. */
  readonly credit: CreditState;
  /** Absent where the module is off. */
  readonly step?: CreditStep | undefined;
  /** The columns of papers/000; only with payment "contract". */
  readonly contractLine?: ContractLine | undefined;
}

export interface SettledPeriod {
  readonly contracts: readonly SettledContract[];
  readonly accounts: readonly SettledLine[];
  /** With the nets of the accounts it sums to zero. */
  readonly counter: CounterEntries;
}

/** Sums of one account while the period is worked through. */
interface Book {
  sells: boolean;
  buys: boolean;
  energyMoney: bigint;
  /** Of its contracts, delivered or not, per side. */
  soldWh: bigint;
  soldMoney: bigint;
  boughtWh: bigint;
  boughtMoney: bigint;
  exportedWh: bigint;
  importedWh: bigint;
  shortfallWh: bigint;
  fees: bigint;
  /** Rules 7 and 8; replacements do not count. */
  hasContract: boolean;
  hasDefaulted: boolean;
  contractWh: bigint;
  penalty: bigint;
}

const newBook = (): Book => ({
  sells: false,
  buys: false,
  energyMoney: 0n,
  soldWh: 0n,
  soldMoney: 0n,
  boughtWh: 0n,
  boughtMoney: 0n,
  exportedWh: 0n,
  importedWh: 0n,
  shortfallWh: 0n,
  fees: 0n,
  hasContract: false,
  hasDefaulted: false,
  contractWh: 0n,
  penalty: 0n,
});

/** A contract while the period is worked through. */
type Draft = { -readonly [Name in keyof SettledContract]: SettledContract[Name] };

/** Settles a period. Total: no input of amounts in range makes it fail (settlement 3.4). */
export function settlePeriod(input: PeriodInput): SettledPeriod {
  const { accounts, contracts, rules } = input;
  assert(rules.payment === 'delivered' || rules.penalty === undefined, 'a shortfall costs once');
  const books = accounts.map(newBook);
  const allocations = allocate({ registers: accounts, contracts, allocation: rules.allocation });
  const settled = contracts.map((contract, i): Draft => {
    const one = priceContract(contract, present(allocations[i], 'an allocation each'), rules);
    bookContract(books, contract, one);
    return one;
  });
  const steps = creditSteps(input, books);
  const pricing = createPricing(accounts, steps, rules.penalty);
  contracts.forEach((contract, i) => {
    setPenalties(contract, present(settled[i], 'a draft each'), pricing);
  });
  const { shares, reserve } = sharesOf(input, { books, steps, settled });
  const lines = accounts.map((account, i) =>
    lineOf({
      account,
      rules,
      book: present(books[i], 'a book each'),
      step: steps[i],
      penaltyShare: present(shares[i], 'a share each'),
    }),
  );
  return { contracts: settled, accounts: lines, counter: counterOf(settled, lines, reserve) };
}

function priceContract(
  contract: PeriodContract,
  allocation: Allocation,
  rules: PeriodRules,
): Draft {
  const { price, energyWh, kind } = contract;
  const paidWh = rules.payment === 'contract' ? energyWh : allocation.deliveredWh;
  const isJudged = kind !== 'replacement';
  const fees = contractFees(contract, allocation.deliveredWh, rules);
  const { offerWh, takeWh, deliveredWh, shortSellerWh, shortBuyerWh } = allocation;
  // Named one by one: an object that is spread costs ten times as much to make.
  return {
    offerWh,
    takeWh,
    deliveredWh,
    shortSellerWh,
    shortBuyerWh,
    wheelingSeller: fees.wheelingSeller,
    wheelingBuyer: fees.wheelingBuyer,
    congestion: fees.congestion,
    handling: fees.handling,
    sellerGets: halfCost(paidWh, price.sellTwice),
    buyerPays: halfCost(paidWh, price.buyTwice),
    sellerDefaulted: isJudged && isDefault(shortSellerWh, energyWh, rules),
    buyerDefaulted: isJudged && isDefault(shortBuyerWh, energyWh, rules),
    ratioSeller: 0n,
    ratioBuyer: 0n,
    penaltySeller: 0n,
    penaltyBuyer: 0n,
  };
}

const bookOf = (books: readonly Book[], account: number): Book =>
  present(books[account], 'a contract names accounts of the list');

function bookContract(books: readonly Book[], contract: PeriodContract, one: Draft): void {
  const { seller, buyer, energyWh, price } = contract;
  assert(seller !== buyer, 'a contract has two parties');
  const [from, to] = [bookOf(books, seller), bookOf(books, buyer)];
  from.sells = true;
  from.energyMoney += one.sellerGets;
  from.soldWh += energyWh;
  from.soldMoney += halfCost(energyWh, price.sellTwice);
  from.exportedWh += one.deliveredWh;
  from.shortfallWh += one.shortSellerWh;
  from.fees += one.wheelingSeller + one.handling;
  to.buys = true;
  to.energyMoney -= one.buyerPays;
  to.boughtWh += energyWh;
  to.boughtMoney += halfCost(energyWh, price.buyTwice);
  to.importedWh += one.deliveredWh;
  to.shortfallWh += one.shortBuyerWh;
  to.fees += one.wheelingBuyer + one.congestion + one.handling;
  if (contract.kind === 'replacement') return;
  for (const book of [from, to]) {
    book.hasContract = true;
    book.contractWh += energyWh;
  }
  if (one.sellerDefaulted) from.hasDefaulted = true;
  if (one.buyerDefaulted) to.hasDefaulted = true;
}

/** Every node first, then every price, then every share (G10). */
function creditSteps(
  { accounts, rules }: PeriodInput,
  books: readonly Book[],
): readonly (CreditStep | undefined)[] {
  const { credit } = rules;
  if (credit === undefined) return accounts.map(() => undefined);
  return accounts.map((account, i) => creditStep(account.credit, bookOf(books, i), credit));
}

/** After the step of all nodes; a free default has the ratio 0. */
function setPenalties(contract: PeriodContract, one: Draft, pricing: Pricing): void {
  const { seller, buyer, price } = contract;
  if (one.sellerDefaulted) one.ratioSeller = pricing.ratioOf(seller);
  if (one.buyerDefaulted) one.ratioBuyer = pricing.ratioOf(buyer);
  one.penaltySeller = pricing.amountOf(one.ratioSeller, price.sellTwice, one.shortSellerWh);
  one.penaltyBuyer = pricing.amountOf(one.ratioBuyer, price.buyTwice, one.shortBuyerWh);
}

interface Judged {
  readonly books: readonly Book[];
  readonly steps: readonly (CreditStep | undefined)[];
  readonly settled: readonly SettledContract[];
}

/** Books the penalties and shares them by the credits after the step (rule 10, G7). */
function sharesOf({ accounts, contracts, rules }: PeriodInput, { books, steps, settled }: Judged) {
  const penalties = contracts.map(({ seller, buyer }, i): Penalty => {
    const one = present(settled[i], 'a settled contract each');
    const { penaltySeller, penaltyBuyer } = one;
    bookOf(books, seller).penalty += penaltySeller;
    bookOf(books, buyer).penalty += penaltyBuyer;
    const both = one.sellerDefaulted && one.buyerDefaulted;
    return { seller, buyer, both, penaltySeller, penaltyBuyer };
  });
  if (rules.penalty === undefined) return { shares: accounts.map(() => 0n), reserve: 0n };
  const credits = accounts.map(({ suspended, credit }, i) =>
    suspended ? 0 : (steps[i]?.after ?? credit).C,
  );
  return sharePenalties({ credits, penalties }, rules.penalty);
}

interface LineInput {
  readonly account: PeriodAccount;
  readonly rules: PeriodRules;
  readonly book: Book;
  readonly step: CreditStep | undefined;
  readonly penaltyShare: bigint;
}

function lineOf(input: LineInput): SettledLine {
  const { account, rules, book, step, penaltyShare } = input;
  const { energyMoney, penalty, fees } = book;
  const isContract = rules.payment === 'contract';
  const { gridWh, gridMoney, reward, contractLine } = isContract
    ? contractParts(account, book, rules)
    : deliveredParts(account, book, rules);
  // With payment "contract" a shortfall is judged for the credit alone (settlement 4.3).
  const isJudged = !isContract || rules.credit !== undefined;
  return {
    energyMoney,
    gridWh,
    gridMoney,
    shortfallWh: isJudged ? book.shortfallWh : 0n,
    penalty,
    penaltyShare,
    fees,
    reward,
    net: energyMoney + gridMoney + reward - penalty + penaltyShare - fees,
    credit: step?.after ?? account.credit,
    step,
    contractLine,
  };
}

type RegimeParts = Pick<SettledLine, 'gridWh' | 'gridMoney' | 'reward' | 'contractLine'>;

/** The account as papers/000 sees it: the sums of its contracts on one side. */
function contractAccount(account: PeriodAccount, book: Book): ContractAccount {
  const side = book.sells ? 'sell' : book.buys ? 'buy' : account.side;
  const { soldWh, soldMoney, boughtWh, boughtMoney } = book;
  const [energyWh, money] = side === 'sell' ? [soldWh, soldMoney] : [boughtWh, boughtMoney];
  return {
    ...account,
    side,
    contractWh: wattHours(energyWh),
    contractMoney: money as ContractAccount['contractMoney'],
  };
}

/** Market-call 13-20 on d = metered - traded. */
function contractParts(account: PeriodAccount, book: Book, rules: PeriodRules): RegimeParts {
  assert(!(book.sells && book.buys), 'payment "contract": an account is on one side of a period');
  const line = settleContracts(contractAccount(account, book), rules);
  const gridMoney = line.balance.declaredCash + line.balance.otherCash;
  return { gridWh: line.gridWh, gridMoney, reward: line.reward, contractLine: line };
}

/** Once per meter, on what no contract used: feed-in for the rest out, retail for the rest in. */
function deliveredParts(account: PeriodAccount, book: Book, rules: PeriodRules): RegimeParts {
  const outWh = account.exportWh - book.exportedWh;
  const inWh = account.importWh - book.importedWh;
  assert(outWh >= 0n && inWh >= 0n, 'each metered Wh is in at most one contract per side');
  const isRewarded = rules.reward && account.declaredWh !== undefined;
  const reward = isRewarded ? settleContracts(contractAccount(account, book), rules).reward : 0n;
  return rules.balancing
    ? { gridWh: outWh + inWh, gridMoney: outWh * rules.feedIn - inWh * rules.retail, reward }
    : { gridWh: 0n, gridMoney: 0n, reward };
}

function counterOf(
  contracts: readonly SettledContract[],
  lines: readonly SettledLine[],
  penaltyReserve: bigint,
): CounterEntries {
  let [grid, fees, rewardPool, reserve] = [0n, 0n, 0n, penaltyReserve];
  for (const one of contracts) {
    grid += one.wheelingSeller + one.wheelingBuyer + one.congestion;
    fees += 2n * one.handling;
    reserve += one.buyerPays - one.sellerGets;
  }
  for (const { gridMoney, reward } of lines) {
    grid -= gridMoney;
    rewardPool -= reward;
  }
  return { grid, fees, rewardPool, reserve };
}
