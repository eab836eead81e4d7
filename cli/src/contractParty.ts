// `busbar contract sign|activate|dispute|rate`, and the receipt that `confirm` gives for a contract
// of a market of reputation: what a party does with a contract that a market has matched.
import type { Command } from 'commander';
import type { PeriodIndex } from '../../core/src/amount.js';
import { ProtocolError } from '../../core/src/errors.js';
import type { Hash } from '../../core/src/hash.js';
import { MAX_CONTRACTS_PER_TX } from '../../core/src/limits.js';
import type { ResultOf } from '../../rpc/src/client.js';
import { idOf, periodIn } from './arguments.js';
import { type Desk, openDesk, submitAndPrint, type SubmitOptions, withSubmit } from './submit.js';

interface AtOptions extends SubmitOptions {
  readonly market: string;
  readonly period: string;
}

/** As many as one transaction takes. */
function idsOf(texts: readonly string[]): readonly Hash[] {
  if (texts.length <= MAX_CONTRACTS_PER_TX) return texts.map(idOf);
  throw new ProtocolError('USAGE', `at most ${MAX_CONTRACTS_PER_TX} contracts at once`);
}

type Signed = NonNullable<ResultOf<'contract_get'>['signed']>;

async function signedOf(desk: Desk, id: string): Promise<Signed> {
  idOf(id);
  const { signed } = await desk.client.call('contract_get', { id });
  if (signed === null) throw new ProtocolError('NOT_FOUND', 'no signed contract of that id');
  return signed;
}

const placeOf = ({ market, period }: Signed) => ({
  market,
  period: BigInt(period) as PeriodIndex,
});

/** A subcommand on one contract that the chain knows. */
function onContract(
  contract: Command,
  what: { readonly name: string; readonly about: string },
  act: (desk: Desk, found: Signed, options: SubmitOptions) => Promise<unknown>,
): Command {
  return withSubmit(contract.command(what.name))
    .description(what.about)
    .argument('<contract>', 'its id')
    .addHelpText(
      'after',
      `\nExample:\n  $ busbar contract ${what.name} ID --key home.json --dir ./net`,
    )
    .action(async (id: string, options: SubmitOptions) => {
      const desk = await openDesk(options);
      await act(desk, await signedOf(desk, id), options);
    });
}

export function registerParty(contract: Command): void {
  withSubmit(contract.command('sign'))
    .description('sign matched contracts (seller, buyer, grid company)')
    .argument('<contracts...>', 'their ids, of one market and period')
    .addHelpText('after', '\nExample:\n  $ busbar contract sign ID --key home.json --dir ./net')
    .action(async (ids: readonly string[], options: SubmitOptions) => {
      const contracts = idsOf(ids);
      const desk = await openDesk(options);
      const body = { ...placeOf(await signedOf(desk, ids[0] ?? '')), contracts };
      await submitAndPrint(desk, { kind: 'sign', body }, options);
    });
  onContract(
    contract,
    { name: 'dispute', about: 'dispute what was delivered, before the receipt' },
    (desk, found, options) => {
      const body = { ...placeOf(found), contracts: [idOf(found.id)] };
      return submitAndPrint(desk, { kind: 'dispute', body }, options);
    },
  );
  onContract(
    contract,
    { name: 'rate', about: 'rate the other party; good unless --bad' },
    (desk, found, options) => {
      const good = (options as { readonly bad?: boolean }).bad !== true;
      const body = { ...placeOf(found), contract: idOf(found.id), good };
      return submitAndPrint(desk, { kind: 'rate', body }, options);
    },
  ).option('--bad', 'it did not keep the contract');
  onContract(
    contract,
    { name: 'resolve', about: 'end a dispute (regulator); settled unless --refund' },
    (desk, found, options) => {
      const settled = (options as { readonly refund?: boolean }).refund !== true;
      const body = { ...placeOf(found), contract: idOf(found.id), settled };
      return submitAndPrint(desk, { kind: 'resolve', body }, options);
    },
  ).option('--refund', 'it counts as not delivered');
  withSubmit(contract.command('activate'))
    .description('activate matched contracts of a neighbourhood market')
    .argument('<contracts...>', 'their ids')
    .requiredOption('--market <id>', 'the market')
    .requiredOption('--period <n>', 'delivery period')
    .addHelpText(
      'after',
      '\nExample:\n  $ busbar contract activate ID --market spot --period 7 --key home.json \\\n' +
        '      --dir ./net',
    )
    .action(async (ids: readonly string[], options: AtOptions) => {
      const contracts = idsOf(ids);
      const desk = await openDesk(options);
      const body = { market: options.market, period: periodIn(options.period), contracts };
      await submitAndPrint(desk, { kind: 'activate', body }, options);
    });
}

/** Whether the id is of a signed contract, which then gets its receipt. */
export async function confirmReceipt(
  desk: Desk,
  id: string,
  options: SubmitOptions,
): Promise<boolean> {
  const { signed } = await desk.client.call('contract_get', { id });
  if (signed === null) return false;
  const body = { ...placeOf(signed), contracts: [idOf(signed.id)] };
  await submitAndPrint(desk, { kind: 'confirm', body }, options);
  return true;
}
