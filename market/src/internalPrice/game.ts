// The internal price as a Stackelberg game (market-neighbourhood 1.6, 1.7): buyers as one leader
// choose the price at which they pay least, sellers follow with their own use. Whole numbers only:
// every price step is tried, so consensus needs no square root. Decides price, sale and shares;
// knows no accounts, money or time. Players come in ascending order of their ids.
import { largest, least, type Price, type WattHour } from '../../../core/src/amount.js';
import { assert } from '../../../core/src/assert.js';
import { largestRemainder } from '../shares.js';

export interface GameSeller {
  /** Energy for use or sale. */
  readonly g: WattHour;
  /** Weight of own use in money: p_f x (e1 + usual own use) where it is registered. */
  readonly k: bigint;
  /** Own use stays within these; emin <= emax <= g. */
  readonly emin: WattHour;
  readonly emax: WattHour;
}

export interface GameOptions {
  readonly feedIn: Price;
  readonly retail: Price;
  readonly tick: bigint;
  /** The "1" of ln(1 + e). */
  readonly e1: WattHour;
}

/** 1: nobody sells. 2: the game. 3: more for sale than wanted, at feed-in. */
export type GameCase = 1 | 2 | 3;

export interface GameResult {
  readonly case: GameCase;
  /** p*; retail where nobody sells. */
  readonly price: Price;
  /** e_i*: own use of each seller at the price. */
  readonly consumption: readonly WattHour[];
  /** s_i = g_i - e_i*. */
  readonly sale: readonly WattHour[];
  /** v_i: the part of the sale that goes to buyers; the rest is the grid's. */
  readonly inside: readonly WattHour[];
  /** w_j: the part of each buyer's demand that comes from sellers (eq. 10). */
  readonly shares: readonly WattHour[];
}

/** e_i*(p) = clamp(floor(k/p) - e1, emin, emax); what costs nothing is used without end. */
export function ownUse({ k, emin, emax }: GameSeller, price: Price, e1: WattHour): WattHour {
  if (price === 0n) return emax;
  return least(largest((k / price - e1) as WattHour, emin), emax);
}

/** S(p): what all sellers offer at a price, in Wh. */
const supplyAt = (sellers: readonly GameSeller[], price: Price, e1: WattHour): bigint =>
  sellers.reduce((sum, seller) => sum + seller.g - ownUse(seller, price, e1), 0n);

/** How many prices the scan tries. */
export const priceSteps = ({ feedIn, retail, tick }: Omit<GameOptions, 'e1'>): bigint =>
  (retail - feedIn) / tick + 1n;

export interface GamePlayers {
  readonly sellers: readonly GameSeller[];
  /** Demand of each buyer. */
  readonly demand: readonly WattHour[];
}

export function playGame({ sellers, demand }: GamePlayers, options: GameOptions): GameResult {
  const { feedIn, retail, tick, e1 } = options;
  assert(tick > 0n && feedIn <= retail, 'prices of the grid in order');
  for (const { g, emin, emax } of sellers)
    assert(emin <= emax && emax <= g, 'own use within what there is');
  const wanted = demand.reduce((sum, wh) => sum + wh, 0n);
  // Net energies of eq. 5 and 6: at feed-in a seller uses what it usually uses.
  const usual = supplyAt(sellers, feedIn, e1);
  const kind: GameCase = usual === 0n ? 1 : usual <= wanted ? 2 : 3;
  const price = kind === 1 ? retail : kind === 3 ? feedIn : bestPrice(sellers, wanted, options);
  const at = kind === 1 ? feedIn : price;
  const consumption = sellers.map((seller) => ownUse(seller, at, e1));
  const sale = sellers.map(({ g }, i) => (g - (consumption[i] as bigint)) as WattHour);
  const sold = sale.reduce((sum, wh) => sum + wh, 0n);
  const shared = largestRemainder(least(sold, wanted), demand) as readonly WattHour[];
  const inside = kind === 3 ? (largestRemainder(wanted, sale) as readonly WattHour[]) : sale;
  return { case: kind, price, consumption, sale, inside, shares: shared };
}

/** The price of least R(p) = p S(p) + p_r (D - S(p)) with S(p) <= D; ties to the smaller one. */
function bestPrice(sellers: readonly GameSeller[], wanted: bigint, options: GameOptions): Price {
  const { feedIn, retail, tick, e1 } = options;
  let best: { readonly price: Price; readonly cost: bigint } | undefined;
  for (let p: bigint = feedIn; p <= retail; p += tick) {
    const price = p as Price;
    const supply = supplyAt(sellers, price, e1);
    // A higher price never makes sellers offer less.
    if (supply > wanted) break;
    const cost = price * supply + retail * (wanted - supply);
    if (best === undefined || cost < best.cost) best = { price, cost };
  }
  assert(best !== undefined, 'supply at feed-in is within demand');
  return best.price;
}

export interface GameContract {
  /** Places in the lists of sellers and of buyers. */
  readonly seller: number;
  readonly buyer: number;
  readonly energyWh: WattHour;
}

/** Sellers with buyers in ascending id, two pointers. */
export function gameContracts({ inside, shares }: GameResult): readonly GameContract[] {
  const contracts: GameContract[] = [];
  const [offered, wanted] = [[...inside], [...shares]];
  let [seller, buyer] = [0, 0];
  while (seller < offered.length && buyer < wanted.length) {
    const energyWh = least(offered[seller] as WattHour, wanted[buyer] as WattHour);
    if (energyWh > 0n) contracts.push({ seller, buyer, energyWh });
    offered[seller] = ((offered[seller] as bigint) - energyWh) as WattHour;
    wanted[buyer] = ((wanted[buyer] as bigint) - energyWh) as WattHour;
    if (offered[seller] === 0n) seller++;
    else buyer++;
  }
  return contracts;
}
