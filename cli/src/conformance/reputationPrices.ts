// The parts of golden/reputation.json about prices and contracts: equilibrium price, advice, final
// price, the run of a contract.
import type { Money, Price, WattHour } from '../../../core/src/amount.js';
import { printMinimal } from '../../../core/src/decimal.js';
import { equilibriumRatio } from '../../../market/src/cep.js';
import { printRatio, type Ratio } from '../../../market/src/ratio.js';
import { adviceOf, equilibriumOf } from '../../../market/src/reputation/cep.js';
import {
  advance,
  type ContractEvent,
  type ContractProgress,
  PROPOSAL,
} from '../../../market/src/reputation/contract.js';
import {
  type Deal,
  finalPriceSum,
  type Invoice,
  invoiceOf,
  partialInvoice,
  wheelingPrice,
} from '../../../market/src/reputation/invoice.js';
import type { ReputationVectors } from './reputationForm.js';
import type { Tally } from './tally.js';

export function checkPrices(tally: Tally, vectors: ReputationVectors): void {
  checkCep(tally, vectors.cep);
  for (const [i, { next, e_p, ...input }] of vectors.quote_advice.entries()) {
    const { side, limit, previous } = input;
    const advice = adviceOf({
      side,
      limit: limit as Price,
      previous: previous as Price,
      equilibrium: e_p as Price,
    });
    tally.check(`quote_advice ${i}`, String(next), String(advice));
  }
  checkFinalPrice(tally, vectors.final_price);
  checkContract(tally, vectors);
}

const BETAS = {
  beta_10_9: { num: 10n, den: 9n },
  beta_1_1: { num: 1n, den: 1n },
  beta_9_10: { num: 9n, den: 10n },
} as const;
const CEP_DEALS = 30;
const CEP_DECIMALS = 6;

function checkCep(tally: Tally, vectors: ReputationVectors['cep']): void {
  const prices = vectors.prices_oldest_first;
  for (const name of ['beta_10_9', 'beta_1_1', 'beta_9_10'] as const) {
    const options = { deals: CEP_DEALS, beta: BETAS[name] };
    const sums = prices.map((price) => 2n * price);
    const rounded = equilibriumOf(sums, { ...options, tick: 1n });
    const exact = equilibriumRatio(prices, options) as Ratio;
    const form = { exponent: 0, decimals: CEP_DECIMALS, rounding: 'half-away' } as const;
    const want = vectors[name];
    tally.check(`cep ${name} rounded`, String(want.rounded), String(rounded));
    tally.check(`cep ${name} exact`, want.exact, lowest(exact));
    tally.check(`cep ${name} decimal`, want.decimal, printRatio(exact, form));
  }
}

/** A quotient in lowest terms. */
function lowest({ num, den }: Ratio): string {
  let [a, b] = [num, den];
  while (b > 0n) [a, b] = [b, a % b];
  return `${num / a}/${den / a}`;
}

/** What the file does not name: the odd price is one mill more, with a congestion fee of 700. */
const ODD_MILL = 1n;
const ODD_CONGESTION = 700n as Money;

function dealOf(vectors: ReputationVectors['final_price'], energyWh: bigint): Deal {
  const { p_u, p_s, c1, c2, c3 } = vectors;
  const wheeling = wheelingPrice({ c1: c1 as Price, c2: c2 as Price, c3: c3 as Price });
  const energy = energyWh as WattHour;
  return { energyWh: energy, priceSum: p_u + p_s, wheeling, congestion: 0n as Money };
}

function checkInvoice(tally: Tally, name: string, want: Invoiced, got: Invoice): void {
  for (const part of ['seller', 'grid', 'buyer'] as const)
    tally.check(`${name} ${part}`, String(want[part]), String(got[part]));
}

type Invoiced = Readonly<Record<'seller' | 'grid' | 'buyer', bigint>>;

function checkFinalPrice(tally: Tally, vectors: ReputationVectors['final_price']): void {
  const deal = dealOf(vectors, 1500n);
  tally.check('final_price P_T', String(vectors.P_T), String(deal.wheeling));
  const final = printMinimal(finalPriceSum(deal.priceSum, deal.wheeling) * 5n, 1);
  tally.check('final_price P_F', vectors.P_F, final);
  checkInvoice(tally, 'final_price 1500 Wh', vectors.invoice_1500_wh, invoiceOf(deal));
  const odd = dealOf(vectors, 1501n);
  const priceSum = odd.priceSum + ODD_MILL;
  const invoice = invoiceOf({ ...odd, priceSum, congestion: ODD_CONGESTION });
  checkInvoice(tally, 'final_price odd price', vectors.odd_price_1501_wh, invoice);
}

const EVENTS: readonly ContractEvent[] = [
  { kind: 'sign', party: 'buyer' },
  { kind: 'sign', party: 'seller' },
  { kind: 'sign', party: 'grid' },
  { kind: 'deposit' },
  { kind: 'meter', delivered: true },
  { kind: 'confirm' },
];

/** The run of a contract with the invoice of final_price, delivered in full. */
function checkContract(tally: Tally, { contract, final_price }: ReputationVectors): void {
  let progress: ContractProgress = PROPOSAL;
  for (const [i, event] of EVENTS.entries()) {
    const next = advance(progress, event);
    const state = typeof next === 'string' ? next : next.state;
    if (typeof next !== 'string') progress = next;
    tally.check(`contract state ${i}`, contract.states[i] ?? 'nothing', state);
  }
  tally.check('contract events', String(contract.states.length), String(EVENTS.length));
  const deal = dealOf(final_price, 1500n);
  const { seller, grid, buyer } = partialInvoice(deal, deal.energyWh);
  tally.check('contract end U2', String(contract.end.U2), String(contract.start.U2 - buyer));
  tally.check('contract end D2', String(contract.end.D2), String(seller));
  tally.check('contract end GRID', String(contract.end.GRID), String(grid));
}
