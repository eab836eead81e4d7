// The form of golden/call.json and the documents that it amounts to: the vectors go through the
// same readers as files of users. Comparison and misprints: conformance.ts.
import { refuse } from './file/document.js';

export interface GoldenUser {
  readonly user: string;
  readonly declared_kwh: number;
  readonly price: string;
  readonly green: boolean;
  readonly printed_sha1: string;
  readonly sha1_of_price_text: string;
  readonly hash_ok: boolean;
}

export interface GoldenTrade {
  readonly no: number;
  readonly seller: string;
  readonly buyer: string;
  readonly kwh: string;
  readonly price: string;
  readonly queue?: string;
}

export interface GoldenIncome {
  readonly kwh: string;
  readonly avg_price: string;
  readonly reward: string;
  readonly net_income: string;
  readonly reward_rate_pct: string;
}

export interface GoldenLoss {
  readonly user: string;
  readonly deviation_kwh: string;
  readonly balance_loss: string;
  readonly reward: string;
  readonly net_loss: string;
  readonly loss_rate_pct: string;
}

export type GoldenIncomes = Readonly<Record<string, GoldenIncome>>;

export interface GoldenCall {
  readonly parameters: Readonly<Record<'G' | 'b' | 'C_bg' | 'C_sg' | 'price_tick', string>>;
  readonly table1: readonly GoldenUser[];
  readonly table2_printed: readonly GoldenTrade[];
  readonly table2_computed: readonly GoldenTrade[];
  readonly unmatched_kwh: Readonly<Record<string, string>>;
  readonly table3_printed: GoldenIncomes;
  readonly table3_recipe_with_138: GoldenIncomes;
  readonly table3_consistent_printed_basis: GoldenIncomes;
  readonly table3_consistent_eq6_basis: GoldenIncomes;
  readonly amount_A_eq6: Readonly<Record<string, string>>;
  readonly table4_printed: readonly GoldenLoss[];
  readonly table4_recipe_with_138: readonly GoldenLoss[];
  readonly table4_consistent_154: readonly GoldenLoss[];
}

const LISTS = ['table1', 'table2_printed', 'table2_computed', 'table4_printed'] as const;
const OBJECTS = ['parameters', 'unmatched_kwh', 'table3_printed', 'amount_A_eq6'] as const;

/** Whether a vector file is of this form. */
export function isGoldenCall(value: unknown): value is GoldenCall {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Readonly<Record<string, unknown>>;
  const isObject = (name: string): boolean =>
    typeof fields[name] === 'object' && fields[name] !== null;
  return LISTS.every((name) => Array.isArray(fields[name])) && OBJECTS.every(isObject);
}

/** The vectors of a file. Throws FILE_FORMAT. */
export function goldenCallOf(value: unknown): GoldenCall {
  return isGoldenCall(value) ? value : refuse('FILE_FORMAT', 'vectors', 'not of the form of call');
}

/** Table 1 as a document of `market clear`, sealed as printed or as the price text hashes. */
export function clearDocumentOf(golden: GoldenCall, sealed: 'printed_sha1' | 'sha1_of_price_text') {
  const { C_sg: feedIn, C_bg: retail, price_tick: tick } = golden.parameters;
  return {
    mechanism: 'call',
    params: { tick, feedIn, retail, commitment: 'sha1-price' },
    orders: golden.table1.map((user) => ({
      id: user.user,
      account: user.user,
      side: user.declared_kwh > 0 ? 'sell' : 'buy',
      energy: declaredOf(user),
      price: user.price,
      green: user.green,
      commitment: user[sealed],
    })),
  };
}

const declaredOf = ({ declared_kwh }: GoldenUser): string => String(Math.abs(declared_kwh));

export interface Recipe {
  readonly basis: 'exact' | 'rounded-average';
  /** Traded kWh of CPS as tables 3 and 4 misprint it. */
  readonly misprinted?: string | undefined;
  /** Metered kWh where they are not the declared ones. */
  readonly metered?: Readonly<Record<string, string>>;
}

/** The trades of table 2 and the users of table 1 as a document of `market settle`. */
export function settleDocumentOf(golden: GoldenCall, { basis, misprinted, metered = {} }: Recipe) {
  const { C_sg: feedIn, C_bg: retail, price_tick: tick, b, G } = golden.parameters;
  return {
    params: {
      payment: 'contract',
      tick,
      feedIn,
      retail,
      rewardFactor: b,
      greenFactor: G,
      amountBasis: basis,
    },
    accounts: golden.table1.map((user) => ({
      id: user.user,
      role: user.declared_kwh > 0 ? 'supplier' : 'consumer',
      green: user.green,
      declared: declaredOf(user),
      metered: metered[user.user] ?? declaredOf(user),
      ...(user.user === 'CPS' && misprinted !== undefined ? { tradedOverride: misprinted } : {}),
    })),
    contracts: golden.table2_computed.map(({ no, seller, buyer, kwh, price }) => ({
      id: String(no),
      seller,
      buyer,
      energy: kwh,
      price,
    })),
  };
}
