// The matching rule (market-reputation 1.7): buyer by buyer in the order of the board, each with
// its allowed sellers in its own order of choice, else by rising ask; nobody with more partners
// than lambda. Ends after fewer matches than there are quotes: each uses one of its two up.
import type { WattHour } from '../../../core/src/amount.js';
import { type Board, isFeasible, type StandingQuote } from './board.js';
import { type Choices, offeredWh } from './choose.js';
import type { PriceSum } from './quote.js';

export interface Match {
  /** Index of the sell quote. */
  readonly sell: number;
  /** Index of the buy quote. */
  readonly buy: number;
  readonly energyWh: WattHour;
  readonly priceSum: PriceSum;
}

export interface MatchOptions {
  /** Choices that checkChoice let stand; absent: everybody is silent. */
  readonly choices?: Choices | undefined;
  /**
   * Asked once for each match just before it is made; false: the pair is passed over (settlement
   * 2: a buyer that cannot cover the congestion fee). True means that the match counts.
   */
  readonly accepts?: ((match: Match) => boolean) | undefined;
}

/** Matches of one bidding round, in the order in which they were made. */
export function matchRound(
  quotes: readonly StandingQuote[],
  board: Board,
  { choices = [], accepts = () => true }: MatchOptions = {},
): readonly Match[] {
  const rest = quotes.map(({ energyWh }, i): bigint => offeredWh(energyWh, choices[i]));
  const left = [...board.range];
  const isOpen = (i: number): boolean => (rest[i] as bigint) > 0n && (left[i] as number) > 0;
  const candidates = candidatesOf(board, choices, isOpen);
  const matches: Match[] = [];
  for (const buy of board.buyers) {
    if (!isOpen(buy)) continue;
    for (const sell of candidates(buy)) {
      if (!isOpen(sell)) continue;
      const [offered, wanted] = [rest[sell] as bigint, rest[buy] as bigint];
      const energyWh = (offered < wanted ? offered : wanted) as WattHour;
      const priceSum = priceOf(quotes, sell) + priceOf(quotes, buy);
      const match = { sell, buy, energyWh, priceSum };
      if (!accepts(match)) continue;
      matches.push(match);
      for (const i of [sell, buy]) {
        rest[i] = (rest[i] as bigint) - energyWh;
        left[i] = (left[i] as number) - 1;
      }
      if (!isOpen(buy)) break;
    }
  }
  return matches;
}

const priceOf = (quotes: readonly StandingQuote[], index: number): bigint =>
  (quotes[index] as StandingQuote).price;

const namedBy = (choices: Choices, index: number): readonly number[] =>
  choices[index]?.partners ?? [];

type Candidates = (buy: number) => Iterable<number>;

/**
 * Sellers that a buyer may try, in its order. Sellers who named partners are kept apart under the
 * buyers they named, and silent ones leave the walk once they are used up, so that a book of
 * thousands is not walked again for every buyer.
 */
function candidatesOf(
  board: Board,
  choices: Choices,
  isOpen: (index: number) => boolean,
): Candidates {
  const wooers = new Map<number, number[]>();
  for (const { sellers } of board.books)
    for (const sell of sellers)
      for (const buy of namedBy(choices, sell))
        if (isFeasible(board, buy, sell)) listIn(wooers, buy).push(sell);
  const silent = board.books.map(({ sellers }) =>
    createWalk(
      sellers.filter((sell) => namedBy(choices, sell).length === 0),
      isOpen,
    ),
  );
  return (buy) => {
    const own = namedBy(choices, buy);
    const wooing = wooers.get(buy) ?? [];
    const allows = (sell: number): boolean =>
      namedBy(choices, sell).length === 0 || wooing.includes(sell);
    if (own.length > 0) return own.filter((sell) => isFeasible(board, buy, sell) && allows(sell));
    return merged(board, buy, { wooing, walk: silent[board.bookOf[buy] as number] as Walk });
  };
}

function listIn(lists: Map<number, number[]>, key: number): number[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}

/** Goes through what is still open, in order; what is closed is never seen again. */
type Walk = () => Iterable<number>;

function createWalk(members: readonly number[], isOpen: (index: number) => boolean): Walk {
  // next[0] is the first place; next[p + 1] the place after p.
  const next = Array.from({ length: members.length + 1 }, (_, i) => i);
  return function* walk() {
    let from = 0;
    for (;;) {
      let place = next[from] as number;
      while (place < members.length && !isOpen(members[place] as number))
        place = next[place + 1] as number;
      next[from] = place;
      if (place >= members.length) return;
      yield members[place] as number;
      from = place + 1;
    }
  };
}

/** Two lists in the order of the board, up to the last feasible place. */
function* merged(
  board: Board,
  buy: number,
  { wooing, walk }: { readonly wooing: readonly number[]; readonly walk: Walk },
): Iterable<number> {
  const end = board.feasible[buy] as number;
  const place = (sell: number): number => board.place[sell] as number;
  let next = 0;
  for (const sell of walk()) {
    if (place(sell) >= end) break;
    while (next < wooing.length && place(wooing[next] as number) < place(sell))
      yield wooing[next++] as number;
    yield sell;
  }
  while (next < wooing.length) yield wooing[next++] as number;
}
