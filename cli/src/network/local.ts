// What `dev` and `demo` share: options of the command line, and a network from them, new or found
// in its directory. What a directory holds is never changed: an option that contradicts it is
// refused.
import { randomBytes } from 'node:crypto';
import { ProtocolError } from '../../../core/src/errors.js';
import { type GenesisHome, makeGenesis } from './genesis.js';
import { type HomeKeys, newHomes } from './keys.js';
import { createNetwork, type Network, openNetwork } from './network.js';
import { defaultRateOf, listenAddress, type NetworkKind, newPlan } from './plan.js';

export interface LocalOptions {
  readonly kind: NetworkKind;
  readonly market: string | undefined;
  readonly rate: number | undefined;
  readonly validators: number | undefined;
  readonly homes: number | undefined;
}

export const DEFAULT_VALIDATORS = 4;
export const DEFAULT_HOMES = 20;

/** What the new network's genesis takes from the kind of run. */
export interface NewGenesis {
  readonly names: readonly string[];
  /** Green by index. */
  readonly green: (index: number) => boolean;
  readonly retail: string;
  readonly feedIn: string;
  readonly currency: string;
  readonly minOrder?: string;
  readonly wallStartMs: number;
  readonly chainStartMs: number;
  /** In place of the default of the market. */
  readonly rate: number;
}

/** The network of a directory, or undefined; throws CONFIG where an option contradicts it. */
export function findNetwork(dir: string, wanted: LocalOptions): Network | undefined {
  const found = openNetwork(dir);
  if (found === undefined) return undefined;
  const { plan } = found;
  const validators = plan.nodes.filter(({ role }) => role === 'validator').length;
  const has = { ...plan, validators };
  for (const name of ['kind', 'market', 'rate', 'validators', 'homes'] as const)
    if (wanted[name] !== undefined && wanted[name] !== has[name])
      throw new ProtocolError('CONFIG', `${dir} was made with ${name} ${has[name]}`, { name });
  return found;
}

export const rateOf = ({ market, rate }: LocalOptions): number => {
  const usual = defaultRateOf(market ?? 'call');
  return rate ?? usual;
};

/** Makes a network in a directory. Throws NOT_SUPPORTED for a market this version lacks. */
export async function makeNetwork(
  dir: string,
  wanted: LocalOptions,
  fresh: NewGenesis,
): Promise<Network> {
  const { kind, market = 'call', validators = DEFAULT_VALIDATORS } = wanted;
  const homes = newHomes(fresh.names);
  const plan = await newPlan({
    kind,
    market,
    rate: fresh.rate,
    validators,
    homes: homes.length,
    newToken: () => randomBytes(16).toString('hex'),
  });
  return createNetwork(dir, {
    plan,
    homes,
    genesisOf(nodes, grid) {
      const peers = nodes.map(({ node, secret }) => ({
        name: node.name,
        role: node.role,
        publicKey: secret.publicKey,
        address: listenAddress(node),
      }));
      return makeGenesis({
        ...fresh,
        name: kind,
        mechanism: market,
        centres: peers.filter(({ role }) => role !== 'validator'),
        validators: peers.filter(({ role }) => role === 'validator'),
        grid: grid.publicKey,
        homes: homes.map((home, i) => genesisHome(home, fresh.green(i))),
      });
    },
  });
}

const genesisHome = (home: HomeKeys, green: boolean): GenesisHome => ({
  publicKey: home.owner.publicKey,
  green,
  meterNumber: home.meterNumber,
  meterPublicKey: home.meter.publicKey,
});

/** A whole number of the command line. Throws USAGE. */
export function wholeOption(name: string, range: { min: number; max: number }) {
  return (text: string): number => {
    const value = Number(text);
    if (/^[0-9]{1,9}$/.test(text) && value >= range.min && value <= range.max) return value;
    throw new ProtocolError('USAGE', `${name}: a whole number ${range.min}..${range.max}`);
  };
}
