// `busbar contract waiting`: what of a market waits for an account. Reputation: a signature (both
// parties and the grid company), a receipt (the buyer), the end of a dispute (the regulator).
// Neighbourhood: an activation. Bilateral: the confirmation of an approved listing.
import type { Command } from 'commander';
import { printMinimal } from '../../core/src/decimal.js';
import { ProtocolError } from '../../core/src/errors.js';
import type { ResultOf } from '../../rpc/src/client.js';
import { type AccountAt, openAccount, type PageOptions } from './accountPage.js';
import { periodIn } from './arguments.js';
import { ENERGY_DECIMALS, withNode } from './client.js';
import { printJson, printLine, printTable } from './print.js';

interface WaitingOptions extends PageOptions {
  readonly account?: string;
  readonly market: string;
  readonly period?: string;
}

const HELP = `
Examples:
  $ busbar contract waiting --market spot --key home.json --dir ./net
  $ busbar contract waiting --market spot --period 7 --account bb1... --dir ./net --json`;

export function registerWaiting(contract: Command): void {
  withNode(contract.command('waiting'))
    .description('contracts of a market that wait for an account, and until when')
    .requiredOption('--market <id>', 'a market of reputation, neighbourhood or bilateral')
    .option('--period <n>', 'delivery period; every one in which something can wait unless given')
    .option('--account <account>', 'its id (bb1...); the one of --key unless given')
    .option('--key <file>', 'key file of the account')
    .option('--json', 'one JSON document on stdout')
    .addHelpText('after', HELP)
    .action(waiting);
}

/** Amounts as people write them: kWh, currency per kWh, the deadline as date and time. */
interface WaitingContract {
  readonly id: string;
  readonly period: string;
  readonly waits: string;
  /** What the account does in it; null: it is no party. */
  readonly side: 'sell' | 'buy' | null;
  /** The other party; seller and buyer where the account is neither. */
  readonly counterparties: readonly string[];
  readonly energy: string;
  /** Of the energy, without fees of the grid. */
  readonly price: string;
  readonly deadline: string | null;
}

interface At extends AccountAt {
  readonly market: MarketView;
  readonly roles: readonly string[];
}
type MarketView = ResultOf<'market_list'>['markets'][number];
type PeriodView = ResultOf<'market_period'>;

async function waiting(options: WaitingOptions): Promise<void> {
  const at = await openAccount(options.account, options);
  const market = at.parameters.markets.find(({ id }) => id === options.market);
  if (market === undefined)
    throw new ProtocolError('UNKNOWN_MARKET', `no market ${options.market}`);
  const { account } = at.page;
  const { roles } = await at.client.call('account_get', { account });
  const period = options.period === undefined ? undefined : periodIn(options.period);
  const contracts = await waitingOf({ ...at, market, roles }, period);
  if (options.json === true) return printJson({ account, market: market.id, contracts });
  if (contracts.length === 0) printLine('nothing waits');
  printTable('Waiting', contracts, [
    { title: 'id', of: (c) => c.id },
    { title: 'period', of: (c) => c.period, right: true },
    { title: 'for', of: (c) => c.waits },
    { title: 'you', of: (c) => c.side ?? '' },
    { title: 'with', of: (c) => c.counterparties.join(', ') },
    { title: 'kWh', of: (c) => c.energy, right: true },
    { title: 'price', of: (c) => c.price, right: true },
    { title: 'until', of: (c) => c.deadline ?? '' },
  ]);
}

async function waitingOf(at: At, period: bigint | undefined): Promise<readonly WaitingContract[]> {
  switch (at.market.mechanism) {
    case 'reputation':
      return reputationWaiting(at, period);
    case 'neighbourhood':
      return activations(at, await periodOf(at, period));
    case 'bilateral':
      return confirmations(at, period);
    default:
      throw new ProtocolError('WRONG_MECHANISM', 'no contract of this market waits for anybody');
  }
}

const periodOf = ({ client, market, page }: At, period?: bigint, cursor?: string) =>
  client.call('market_period', {
    market: market.id,
    account: page.account,
    ...(period !== undefined && { period: String(period) }),
    ...(cursor !== undefined && { cursor }),
  });

const isoTime = (ms: string): string => new Date(Number(ms)).toISOString();
const energyText = (wh: string): string => printMinimal(BigInt(wh), ENERGY_DECIMALS);

/** Newest first: what is signed now comes before what was delivered, and that before disputes. */
async function reputationWaiting(
  at: At,
  period: bigint | undefined,
): Promise<readonly WaitingContract[]> {
  if (period !== undefined) return periodWaiting(at, period);
  const open = await periodOf(at);
  const least = leastPeriod(at, BigInt(open.time));
  const found: WaitingContract[] = [];
  for (let p = BigInt(open.period); p >= least; p--) found.push(...(await periodWaiting(at, p)));
  return found;
}

/** The first delivery period whose receipt, or whose disputes, can be open at a time. */
function leastPeriod({ market, roles }: At, timeMs: bigint): bigint {
  const param = (name: string): bigint => BigInt(String(market.params[name] ?? '0'));
  const afterMs = param('receiptMs') + (roles.includes('regulator') ? param('disputeMs') : 0n);
  // One more: a settlement that came late moves the receipt.
  const least = (timeMs - afterMs) / BigInt(market.periodMs) - 2n;
  return least < 1n ? 1n : least;
}

async function periodWaiting(at: At, period: bigint): Promise<readonly WaitingContract[]> {
  const found: WaitingContract[] = [];
  for (let cursor: string | undefined, isMore = true; isMore; isMore = cursor !== undefined) {
    const { reputation } = await periodOf(at, period, cursor);
    const page = reputation?.contracts ?? [];
    found.push(...page.filter((one) => waitsFor(at, one)).map((one) => signedRow(at, one)));
    cursor = reputation?.cursor;
  }
  return found;
}

type Signed = NonNullable<PeriodView['reputation']>['contracts'][number];

const sideIn = (
  { page: { account } }: At,
  { seller, buyer }: Pick<Signed, 'seller' | 'buyer'>,
): WaitingContract['side'] => (account === seller ? 'sell' : account === buyer ? 'buy' : null);

function waitsFor(at: At, one: Signed): boolean {
  const side = sideIn(at, one);
  switch (one.waits) {
    case 'sign': {
      const { seller, buyer, grid } = one.signed;
      if (side === null) return !grid && !at.roles.includes('regulator');
      return side === 'sell' ? !seller : !buyer;
    }
    case 'confirm':
      return side === 'buy';
    case 'resolve':
      return at.roles.includes('regulator');
    default:
      return false;
  }
}

function signedRow(at: At, one: Signed): WaitingContract {
  const { id, period, waits, deadline, seller, buyer } = one;
  const side = sideIn(at, one);
  return {
    ...{ id, period, side },
    waits: waits ?? '',
    counterparties: side === null ? [seller, buyer] : [side === 'sell' ? buyer : seller],
    energy: energyText(one.energyWh),
    // Half of bid + ask: one decimal more than a price.
    price: printMinimal(BigInt(one.priceSum) * 5n, at.scale.price + 1),
    deadline: deadline === null ? null : isoTime(deadline),
  };
}

const activations = ({ scale }: At, view: PeriodView): readonly WaitingContract[] =>
  (view.contracts ?? []).map((one) => ({
    id: one.id,
    period: view.period,
    waits: 'activate',
    side: one.side === 'sell' ? 'sell' : 'buy',
    counterparties: [one.counterparty],
    energy: energyText(one.energyWh),
    price: printMinimal(BigInt(one.price), scale.price),
    deadline: isoTime(one.until),
  }));

/** Approved listings that this party has not confirmed; they expire when delivery begins. */
async function confirmations(
  at: At,
  period: bigint | undefined,
): Promise<readonly WaitingContract[]> {
  const { client, market, page, scale } = at;
  const { listings } = await client.call('account_contracts', page);
  return listings
    .filter((one) => one.market === market.id && one.state === 'APPROVED')
    .filter((one) => period === undefined || BigInt(one.period) === period)
    .filter((one) => !(sideIn(at, one) === 'sell' ? one.sellerConfirmed : one.buyerConfirmed))
    .map((one): WaitingContract => {
      const side = sideIn(at, one);
      const start = BigInt(one.period) * BigInt(market.periodMs);
      return {
        ...{ id: one.id, period: one.period, waits: 'confirm', side },
        counterparties: [side === 'sell' ? one.buyer : one.seller],
        energy: energyText(one.energyWh),
        price: printMinimal(BigInt(one.price), scale.price),
        deadline: isoTime(String(start)),
      };
    });
}
