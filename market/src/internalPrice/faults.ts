// What must hold after an internal-price game, checked on its result by other means than its own:
// best answers of the sellers by their utility's slope, no better price among neighbours and ends,
// energy of contracts, nobody worse off than with the grid alone.
import type { WattHour } from '../../../core/src/amount.js';
import type { Fault } from '../invariants.js';
import {
  type GameContract,
  type GameOptions,
  type GamePlayers,
  type GameResult,
  type GameSeller,
  gameContracts,
} from './game.js';

interface Case extends GamePlayers {
  readonly options: GameOptions;
  readonly result: GameResult;
}

const sum = (values: readonly bigint[]): bigint => values.reduce((a, b) => a + b, 0n);

export function gameFault(of: Case): Fault {
  return answersFault(of) ?? caseFault(of) ?? sharesFault(of) ?? costFault(of);
}

/** e is the largest whole number with (e1 + e) p <= k, within the limits. */
function answersFault({ sellers, options, result }: Case): Fault {
  const price = result.case === 1 ? options.feedIn : result.price;
  const wrong = sellers.findIndex((seller, i) => {
    const use = result.consumption[i] ?? -1n;
    if (use + (result.sale[i] ?? -1n) !== seller.g) return true;
    return !isBestUse(seller, use, { price, e1: options.e1 });
  });
  return wrong < 0 ? undefined : `seller ${wrong}: not its best own use`;
}

function isBestUse(
  { k, emin, emax }: GameSeller,
  use: bigint,
  { price, e1 }: { readonly price: bigint; readonly e1: WattHour },
): boolean {
  const isWorth = (e: bigint): boolean => (e1 + e) * price <= k;
  if (use < emin || use > emax) return false;
  return (use === emin || isWorth(use)) && (use === emax || !isWorth(use + 1n));
}

/** Cases of 1.6 by what is for sale and what is wanted. */
function caseFault({ demand, result, options }: Case): Fault {
  const [sold, wanted] = [sum(result.sale), sum(demand)];
  const { price } = result;
  if (price < options.feedIn || price > options.retail) return 'a price outside the grid prices';
  if (result.case === 1) return sold === 0n ? undefined : 'case 1 with energy for sale';
  if (result.case === 2) return sold <= wanted ? undefined : 'more sold than wanted';
  if (price !== options.feedIn) return 'a surplus at another price than feed-in';
  return sold > wanted ? undefined : 'case 3 without a surplus';
}

function sharesFault({ sellers, demand, result }: Case): Fault {
  const volume = sum(result.shares);
  if (sum(result.inside) !== volume) return 'energy sold inside is not energy bought inside';
  const contracts = gameContracts(result);
  const energyOf = (mine: (one: GameContract) => boolean): bigint =>
    sum(contracts.filter(mine).map(({ energyWh }) => energyWh));
  for (const [i] of sellers.entries()) {
    if ((result.inside[i] ?? 0n) > (result.sale[i] ?? 0n)) return `seller ${i}: more than its sale`;
    if (energyOf(({ seller }) => seller === i) !== result.inside[i])
      return `seller ${i}: contracts`;
  }
  for (const [j, wh] of demand.entries()) {
    const share = result.shares[j] ?? -1n;
    if (share > wh) return `buyer ${j}: more than its demand`;
    if (energyOf(({ buyer }) => buyer === j) !== share) return `buyer ${j}: contracts`;
    // Largest remainder: less than one unit from the exact share.
    const exact = volume * wh;
    const given = share * sum(demand);
    if (given - exact >= sum(demand) && wh > 0n) return `buyer ${j}: not its share`;
  }
  return contracts.length >= sellers.length + demand.length && contracts.length > 0
    ? 'more contracts than there can be'
    : undefined;
}

/** No other price that leaves supply within demand costs the buyers less; ties to the smaller. */
function costFault({ sellers, demand, result, options }: Case): Fault {
  if (result.case !== 2) return undefined;
  const wanted = sum(demand);
  const costAt = (price: bigint): bigint | undefined => {
    const uses = sellers.map(({ k, emin, emax }) => {
      const free = price === 0n ? emax : k / price - options.e1;
      return free < emin ? emin : free > emax ? emax : free;
    });
    const supply = sum(sellers.map(({ g }, i) => g - (uses[i] as bigint)));
    return supply > wanted ? undefined : price * supply + options.retail * (wanted - supply);
  };
  const least = costAt(result.price);
  if (least === undefined) return 'more supply than demand at the price';
  for (let price: bigint = options.feedIn; price <= options.retail; price += options.tick) {
    const cost = costAt(price);
    if (cost === undefined) continue;
    if (cost < least || (cost === least && price < result.price)) return 'a better price is there';
  }
  return undefined;
}
