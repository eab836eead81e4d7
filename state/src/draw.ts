// What the state gives to proposer order, committee draw and header: the set, the centres, credit.
import { present } from '../../core/src/assert.js';
import {
  type DrawEntry,
  drawRootOf,
  drawWeight,
  type VerificationRecord,
} from '../../core/src/draw.js';
import type { Hash } from '../../core/src/hash.js';
import { FLAG_FEW_ELIGIBLE, FLAG_SMALL_SET } from '../../core/src/header.js';
import { beaconListRoot, setListRoot, setRootOf } from '../../core/src/validators.js';
import type { Chain } from './chain.js';
import { type Account, ACCOUNTS, NETWORK, type Network } from './schema.js';
import { isSuspended } from './tx/context.js';
import type { World } from './world.js';

export interface ValidatorView extends VerificationRecord {
  readonly id: Network['validators'][number]['id'];
  readonly publicKey: Network['validators'][number]['publicKey'];
  readonly name: string;
  readonly organisation: string;
  readonly suspended: boolean;
  readonly eligible: boolean;
}

export const networkOf = (world: World): Network =>
  present(world.get(NETWORK, ''), 'the network is there from genesis');

/** Validators in set order (ascending id) as a state has them at a time. */
export function validatorsOf(world: World, chain: Chain, timeMs: bigint): readonly ValidatorView[] {
  return networkOf(world).validators.map((v) => {
    const own = present(world.get(ACCOUNTS, v.id), 'a validator is an account');
    const credited = world.get(ACCOUNTS, v.creditOf) ?? own;
    const suspended = isSuspended(own, timeMs);
    const { credit } = credited as Account;
    const eligible = !suspended && credit >= chain.consensus.validatorMinCredit;
    const { correct, wrong } = own;
    return { ...v, credit, correct, wrong, suspended, eligible };
  });
}

export interface SetRoots {
  readonly setRoot: Hash;
  readonly nextSetRoot: Hash;
  readonly drawRoot: Hash;
  readonly flags: number;
}

/** Header fields of h from the state after h-1, whose time is `timeMs`. */
export function setRootsOf(world: World, chain: Chain, timeMs: bigint): SetRoots {
  const validators = validatorsOf(world, chain, timeMs);
  const network = networkOf(world);
  const setRoot = setRootOf(setListRoot(network.validators), beaconListRoot(network.validators));
  const eligible = validators.filter((v) => v.eligible).length;
  const few = eligible < 4 ? FLAG_FEW_ELIGIBLE : 0;
  const small = validators.length < 4 ? FLAG_SMALL_SET : 0;
  return {
    setRoot,
    nextSetRoot: setRoot,
    drawRoot: drawRootOf(entriesOf(validators)),
    flags: few + small,
  };
}

const entriesOf = (validators: readonly ValidatorView[]): readonly DrawEntry[] =>
  validators.map((v) => ({
    id: v.id,
    eligible: v.eligible,
    suspended: v.suspended,
    weight: drawWeight(v),
    credit: v.credit,
  }));
