// How the authors of papers/004 made the shares of tables 2 and 3 (market-bilateral D1, M5-M7):
// both penalties as printed, cut after two decimals, in one pool of all twenty nodes. It explains
// the paper; the rule is per penalty, without the parties.
import { present } from '../../../core/src/assert.js';
import { divHalfAway } from '../../../core/src/amount.js';
import { printFixed } from '../../../core/src/decimal.js';
import { settleFile } from '../../../market/src/file/settle.js';
import { type Penalty, sharePenalties } from '../../../market/src/settle/sharing.js';
import { type CreditVectors, tableOf } from './creditForm.js';

const CENT = 10_000n;
const MU = 800_000n;
/** Money of the vectors has six decimals. */
const MICRO_DECIMALS = 6;

/** Units of 10^-12 currency, so that a share keeps its digits; by node. */
function sharesOf(vectors: CreditVectors): ReadonlyMap<string, bigint> {
  const { file, period, params } = present(settleFile(tableOf(vectors))[0], 'one period');
  const finer = 10n ** BigInt(MICRO_DECIMALS);
  const penalties = period.contracts.map((one, i): Penalty => {
    const { seller, buyer } = present(file.contracts[i], 'a contract each');
    const cents = (micro: bigint): bigint => (micro / CENT) * CENT * finer;
    return {
      seller,
      buyer,
      both: false,
      penaltySeller: cents(one.penaltySeller),
      penaltyBuyer: cents(one.penaltyBuyer),
    };
  });
  const credits = period.accounts.map(({ credit }) => credit.C);
  const muPpm = params.rules.penalty?.muPpm ?? MU;
  const { shares } = sharePenalties({ credits, penalties }, { muPpm, sharing: 'pooled' });
  return new Map(file.accounts.map(({ id }, i) => [id, present(shares[i], 'a share each')]));
}

/** T_zpun as the paper pools, with `decimals`, half up. */
export function pooledShares(vectors: CreditVectors, decimals = 5): ReadonlyMap<string, string> {
  const unit = 10n ** BigInt(2 * MICRO_DECIMALS - decimals);
  return new Map(
    [...sharesOf(vectors)].map(([id, share]) => [
      id,
      printFixed(divHalfAway(share, unit), decimals),
    ]),
  );
}
