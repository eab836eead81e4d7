// One bidding round as `market clear` prints it (interfaces "reputation"): board, flags, fees,
// check, equilibrium price, advice. Nodes are named by their accounts.
import { printFixed } from '../../../core/src/decimal.js';
import { MAX_BOARD_PARTNERS } from '../../../core/src/limits.js';
import type { Rejected } from '../file/clearOrders.js';
import { priceText } from '../file/clearReport.js';
import type { Scale } from '../file/params.js';
import { type CheckText, checkText, type FileGrid, flowText } from '../grid/file.js';
import { type Board, partnersOf } from './board.js';
import type { BiddingRound } from './clear.js';
import type { ReputationFileOrder } from './orders.js';

export interface NodeText {
  readonly id: string;
  /** Percent. */
  readonly grade: string;
  readonly range: number;
  /** Absent where the board has more pairs than MAX_BOARD_PARTNERS. */
  readonly feasible?: readonly string[];
}

export interface RoundText {
  readonly round: number;
  readonly board: {
    readonly buyers: readonly string[];
    readonly sellers: readonly string[];
    /** Buyers, then sellers, in the order of the board. */
    readonly nodes: readonly NodeText[];
  };
  /** Later quotes and choices that do not count. */
  readonly rejected: readonly Rejected[];
  /** With tentative trades; empty without a check of lines. */
  readonly flows: Readonly<Record<string, string>>;
  /** Lines near or above their capacity. */
  readonly flags: readonly string[];
  /** Congestion fee per kWh pushed, of lines that have one. */
  readonly fees: Readonly<Record<string, string>>;
  /** null without a check of lines. */
  readonly check: CheckText | null;
  /** null before the first deal. */
  readonly cep: string | null;
  /** By account with something left: the quote for the next bidding round. */
  readonly advice: Readonly<Record<string, string>>;
}

export interface PrintContext {
  readonly biddingRound: number;
  /** In the order of ids. */
  readonly orders: readonly ReputationFileOrder[];
  readonly scale: Scale;
  readonly network: FileGrid | undefined;
}

export function roundText(round: BiddingRound, context: PrintContext): RoundText {
  const { biddingRound, orders, scale, network } = context;
  const { board, refused, forecast, check, matches, cep, advice } = round;
  const name = (index: number): string => orders[index]?.account ?? '';
  const lines = network?.grid.lines ?? [];
  const fees = lines.flatMap(({ id }, line): [string, string][] => {
    const fee = forecast?.fees[line] ?? 0n;
    return fee === 0n ? [] : [[id, printFixed(fee, scale.priceDecimals)]];
  });
  const trades = matches;
  return {
    round: biddingRound,
    board: {
      buyers: board.buyers.map(name),
      sellers: board.sellers.map(name),
      nodes: nodesText(board, orders),
    },
    rejected: refused.map(({ order, code }) => ({ id: orders[order]?.id ?? '', code })),
    flows: network && forecast ? flowText(network.grid, forecast.flowsWh) : {},
    flags: (forecast?.flagged ?? []).map((line) => lines[line]?.id ?? ''),
    fees: Object.fromEntries(fees),
    check: network && check ? checkText(network, check, { orders, trades }) : null,
    cep: cep === undefined ? null : priceText(cep, scale),
    advice: Object.fromEntries(
      advice.map(({ order, price }) => [name(order), priceText(price, scale)]),
    ),
  };
}

function nodesText(board: Board, orders: readonly ReputationFileOrder[]): readonly NodeText[] {
  const indices = [...board.buyers, ...board.sellers];
  const pairs = indices.reduce((sum, index) => sum + (board.feasible[index] as number), 0);
  return indices.map((index) => {
    const { account, grade } = orders[index] as ReputationFileOrder;
    const node = { id: account, grade: String(grade), range: board.range[index] as number };
    if (pairs > MAX_BOARD_PARTNERS) return node;
    const partners = partnersOf(board, index).map((partner) => orders[partner]?.account ?? '');
    return { ...node, feasible: partners };
  });
}
