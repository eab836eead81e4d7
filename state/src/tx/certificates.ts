// transferCertificate, retireCertificate: whoever has a green certificate hands it over, or claims
// its kWh once and for ever (market-reputation 1.12). How one comes to be: certificates/certify.ts.
import { equalBytes } from '../../../core/src/bytes.js';
import type { ErrorCode } from '../../../core/src/errors.js';
import type { AccountId } from '../../../core/src/ids.js';
import { handOver, retire } from '../certificates/certify.js';
import { CERTIFICATES } from '../certificates/tables.js';
import { type CheckContext, accountOf, type TxRule } from './context.js';

interface Named {
  readonly market: string;
  readonly serial: bigint;
}

/** Why the sender may not dispose of the certificate. A certificate belongs to no market. */
function refusal(
  { world }: CheckContext,
  { market, serial }: Named,
  sender: AccountId,
): ErrorCode | undefined {
  if (market !== '') return 'UNKNOWN_MARKET';
  const found = world.get(CERTIFICATES, serial);
  if (found === undefined) return 'NOT_FOUND';
  if (!equalBytes(found.owner, sender)) return 'NOT_ALLOWED';
  return found.retired ? 'CERTIFICATE_RETIRED' : undefined;
}

export const transferCertificate: TxRule<'transferCertificate'> = {
  check(context, { body, sender }) {
    const refused = refusal(context, body, sender);
    if (refused !== undefined) return refused;
    const to = accountOf(context, body.to);
    // A meter signs readings alone: what it got nobody could move again.
    return to === undefined || to.role === 'meter' || equalBytes(body.to, sender)
      ? 'UNKNOWN_ACCOUNT'
      : undefined;
  },
  apply: (context, { body }) => handOver(context, body),
};

export const retireCertificate: TxRule<'retireCertificate'> = {
  check: (context, { body, sender }) => refusal(context, body, sender),
  apply: (context, { body }) => retire(context, body.serial),
};
