// certificate_list.
import { z } from 'zod';
import { ProtocolError } from '../../../core/src/errors.js';
import { method } from '../method.js';
import { account, cursor, flag, integer } from '../params.js';

export const certificateMethods = {
  certificate_list: method({
    scope: 'read',
    summary: 'Green certificates with their origin: of an account, one by its serial, or all.',
    result:
      'certificates [{serial, owner, state (held, retired), madeMs, kwh, origin [{meter, number, ' +
      'market, period, from, to}]}], labels (of the account: made, held, owed, minted, openWh), ' +
      'made, retired (of the chain), cursor, at; with proof: in each certificate proof ' +
      '{certificate, origin (each kind, key, value, proof)}, and anchor {headerBytes, ' +
      'certificateBytes}',
    params: z.strictObject({
      account: account('whose').optional(),
      serial: integer('of one certificate').optional(),
      cursor: cursor.optional(),
      proof: flag('also proofs of its leaves').optional(),
    }),
    run: ({ port }, { account: of, serial, cursor: after, proof = false }) => {
      if (of !== undefined && serial !== undefined)
        throw new ProtocolError('NOT_FOUND', 'name either an account or a serial');
      return port.certificates({ account: of, serial, cursor: after, proof });
    },
  }),
};
