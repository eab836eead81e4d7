// The one registry of codes: what each means and who can mend it. docs/reference/errors.md is made
// from it. A rule that says no returns a code; a ProtocolError is thrown at an edge only.

/** Who can do something about it. */
export type Mender = 'sender' | 'operator' | 'centre' | 'peer' | 'nobody';

export interface CodeEntry {
  readonly meaning: string;
  readonly mender: Mender;
}

const code = (meaning: string, mender: Mender): CodeEntry => ({ meaning, mender });

export const CODES = {
  // Files, commands, numbers
  AMOUNT_GRAMMAR: code(
    'A number is not a plain decimal or integer string within its precision.',
    'sender',
  ),
  FILE_FORMAT: code('A file is not of the form its reader expects; the field is named.', 'sender'),
  UNKNOWN_FIELD: code('A field that the form does not have; refused by name.', 'sender'),
  PARAM_RANGE: code('A parameter lies outside its range or contradicts another.', 'sender'),
  NOT_FOUND: code('Nothing of that name, id or height is here.', 'sender'),
  NOT_SUPPORTED: code(
    'The mechanism, module or option exists in the design but not in this version.',
    'sender',
  ),
  USAGE: code('The command line is not one this command takes.', 'sender'),

  // Orders and markets
  COMMITMENT_MISMATCH: code('The opening does not hash to the sealed bid.', 'sender'),
  QUANTITY_LIMIT: code('Energy above what the connection can carry in a period.', 'sender'),
  PRICE_BOUNDS: code(
    'Price outside feed-in and retail price, or not above the floor price of the market.',
    'sender',
  ),
  DUPLICATE_ORDER: code('The account already has an order where one is allowed.', 'sender'),
  RESERVE: code('The quote is worse than its own reservation price.', 'sender'),
  DUST: code('Energy below the smallest order.', 'sender'),
  STEP_QUOTE: code(
    'An adjusted quote is not between the one before it and the one that the rule gives.',
    'sender',
  ),
  SELF_TRADE: code(
    'The order met one of its own account and was reduced by the energy that crossed.',
    'sender',
  ),
  NOT_REVEALED: code('A sealed bid was not opened in its window; the bond is forfeited.', 'sender'),
  WRONG_PERIOD: code('The order is for a delivery period that does not take orders now.', 'sender'),
  WRONG_PHASE: code('The period is in another phase; the step is too early or too late.', 'sender'),
  WRONG_SIDE: code('The account is on the other side of this period.', 'sender'),
  WRONG_MECHANISM: code('The market does not take this kind of transaction.', 'sender'),
  ALREADY_REVEALED: code(
    'The sealed bid was opened before; the first valid opening counts.',
    'sender',
  ),
  NO_TOKEN: code('The account has no information token left for today.', 'sender'),
  SUSPECT: code(
    'Too many of the last intervals were flagged: metered energy and declared energy differ.',
    'sender',
  ),
  NOT_ACTIVATED: code('A contract lacked an activation and was cancelled.', 'sender'),
  AUCTION_DIFFERS: code(
    'The published result of an auction is not the one that the chain computed.',
    'sender',
  ),
  NO_ORDER: code('There is no live order of this account for that market and period.', 'sender'),
  QUOTE_ORDER: code(
    'A later quote of the period: an ask may only fall, a bid only rise.',
    'sender',
  ),
  PARTNERS: code('Partners that are not feasible, or more than the matchable range.', 'sender'),
  NO_NODE: code('The account has no node in the grid, which the check of lines wants.', 'centre'),
  LINE_LIMIT: code(
    'The pair would carry a line beyond its capacity; both quotes stand as before.',
    'nobody',
  ),
  BOOK_FULL: code('The market has as many live orders for the period as it takes.', 'sender'),
  NOT_ENROLLED: code(
    'The meter of the account is not enrolled in this market for that period.',
    'sender',
  ),
  RIGHT_SOLD: code(
    'Energy of the contract that is sold on or on offer already, or more than it has.',
    'sender',
  ),
  OPEN_LIMIT: code('The account has as many live offers or listings as it may have.', 'sender'),
  NOT_APPROVED: code('The listing was not approved by its review, or is at its end.', 'sender'),
  ALREADY_CONFIRMED: code('This party has confirmed the listing before.', 'sender'),
  ALREADY_VOTED: code('The validator has sent this ballot before.', 'sender'),
  UNKNOWN_MARKET: code('No market of that id on this chain.', 'sender'),
  GRID_LIMIT: code('The grid company is at its credit limit; no new orders.', 'operator'),

  // Money
  INSUFFICIENT_FUNDS: code(
    'The available balance does not cover the amount or the lock.',
    'sender',
  ),
  ARREARS: code('The account owes money: it may not open orders or transfer.', 'sender'),
  AMOUNT_RANGE: code('An amount is zero or beyond what the ledger can hold.', 'sender'),
  POINTS_RESERVED: code('The points on offer are reserved for another account.', 'sender'),
  NOT_RESERVED: code('Nobody has taken the points, or the time to release them is over.', 'sender'),

  // Green certificates
  CERTIFICATE_RETIRED: code('The certificate was retired; it counts once and for ever.', 'sender'),

  // Transactions
  BAD_ENCODING: code('Bytes are not the canonical encoding of what was expected.', 'sender'),
  TOO_LARGE: code('More bytes or items than the named limit allows.', 'sender'),
  WRONG_CHAIN: code('Signed for, or belonging to, another chain.', 'sender'),
  BAD_SIGNATURE: code('The signature does not verify under the key of the sender.', 'sender'),
  UNKNOWN_SENDER: code('No such account was admitted.', 'sender'),
  UNKNOWN_ACCOUNT: code('The account named in the transaction does not exist.', 'sender'),
  SUSPENDED: code('The account is suspended or its admission has run out.', 'centre'),
  NOT_ALLOWED: code('The sender does not have the role this transaction needs.', 'sender'),
  NOT_YET_VALID: code(
    'validFrom lies ahead of the chain by more than the allowed drift.',
    'sender',
  ),
  EXPIRED: code('validUntil has passed.', 'sender'),
  WINDOW_TOO_LONG: code('validUntil lies too far behind validFrom.', 'sender'),
  DUPLICATE_TX: code('A transaction of this id is already in the chain.', 'sender'),
  ALREADY_ADMITTED: code('The key, account or meter number is already in use.', 'sender'),
  BAD_KEY: code('The public key is not canonical, of small order, or has torsion.', 'sender'),
  OPEN_CONTRACTS: code('The meter still has orders, trades or rights in its old market.', 'sender'),
  METER_BOUND: code('The meter or the participant already has a binding.', 'centre'),
  QUOTA: code('The account has as many pending transactions as one sender may have.', 'sender'),
  MEMPOOL_FULL: code(
    'The node holds as many pending transactions as it takes; try later.',
    'sender',
  ),

  // Readings
  UNKNOWN_METER: code('The reading is not of a bound meter or not signed by its key.', 'sender'),
  READING_REPLAYED: code('A reading of this period was already accepted.', 'sender'),
  READING_CONTRADICTS: code(
    'Another reading of this period was accepted; the first one stands.',
    'sender',
  ),
  READING_ORDER: code('The sequence number or the period goes back.', 'sender'),
  READING_FALLING: code('A cumulative register is lower than before.', 'sender'),
  READING_IMPLAUSIBLE: code('More energy than the connection can carry in the time.', 'sender'),
  READING_PERIOD: code(
    'The end of the reading is not an end of a period of its market, or lies ahead.',
    'sender',
  ),

  // Blocks, headers, certificates, proofs
  BAD_HEADER: code('Header not canonical or with wrong fields.', 'peer'),
  UNKNOWN_VERSION: code('Header of a version this program does not know.', 'operator'),
  NOT_NEWER: code('Header not above the trusted height.', 'peer'),
  TIME_NOT_AFTER: code('Header time not after the trusted time.', 'peer'),
  FROM_FUTURE: code('Header time ahead of now.', 'peer'),
  TRUST_EXPIRED: code('The trusted header is older than the trusting period.', 'operator'),
  SET_MISMATCH: code('The validator set does not hash to the root in the header.', 'peer'),
  BAD_CERTIFICATE: code(
    'Certificate of wrong form, step, height, hash, or with a bad signature.',
    'peer',
  ),
  NO_QUORUM: code('Fewer signatures than a quorum of the set.', 'peer'),
  TOO_LITTLE_OVERLAP: code('Too few of the trusted validators signed.', 'peer'),
  CONFLICT: code('Two believed headers of one height.', 'nobody'),
  BAD_PROOF: code('A proof does not fold to the trusted root, or says something else.', 'peer'),
  BAD_BLOCK: code('A block whose contents contradict its header or its parent.', 'peer'),
  BAD_TIME: code('A fresh block whose time is outside the bounds of the local clock.', 'peer'),
  BAD_ROOT: code('Execution gives another root than the header says.', 'peer'),
  BAD_PROPOSER: code('The block is not by the proposer of its round.', 'peer'),
  TX_FAILS: code('A transaction in a block does not succeed in its place.', 'peer'),
  BOUNDARY_MISMATCH: code('The system transactions of a block are not those that are due.', 'peer'),
  CENSORED: code('The block leaves out a transaction that this node has held for long.', 'peer'),

  // The node and its edges
  GENESIS: code('The genesis file is refused; the field is named.', 'operator'),
  CONFIG: code('A node option is refused; the option is named.', 'operator'),
  KEY_FILE: code('A key file is missing, damaged, too open, or the password is wrong.', 'operator'),
  STORE_LOCKED: code('Another process uses the data directory.', 'operator'),
  STORE_DAMAGED: code(
    'A record in the store does not match its checksum, key or place.',
    'operator',
  ),
  STORE_WRITE: code('Writing to disk failed; the node stops and recovers from disk.', 'operator'),
  SIGN_STATE: code(
    'The sign-state file is missing or damaged: the node does not vote.',
    'operator',
  ),
  DOUBLE_SIGN: code(
    'A second, different message for one height, round and step was refused.',
    'operator',
  ),
  KEY_IN_USE: code('Another process signs with the key of this node.', 'operator'),
  PEER_REFUSED: code('The peer is not admitted on this chain.', 'peer'),
  WIRE_FORMAT: code('A message of a peer is not of the agreed form.', 'peer'),
  WIRE_LIMIT: code('A peer sent more than the named limit.', 'peer'),
  RPC_TOKEN: code('The token is missing, unknown, or lacks the scope of the method.', 'sender'),
  RPC_LIMIT: code('The request is beyond a named limit of the interface.', 'sender'),
  RPC_FAULT: code(
    'A node and its caller do not understand each other; the message says why.',
    'sender',
  ),
  RPC_UNREACHABLE: code('No node answers at the address that was given.', 'operator'),
  HISTORY_PRUNED: code('The node no longer keeps state of that height.', 'operator'),
  CHECK_FAILED: code('A run ended, but a check of its result failed; it is named.', 'operator'),
  NOT_READY: code('The node is starting, syncing or stopping.', 'operator'),
} as const satisfies Record<string, CodeEntry>;

export type ErrorCode = keyof typeof CODES;

export type ErrorData = Readonly<Record<string, string | number | boolean>>;

/** Something outside misbehaved (a file, a user, a peer, a disk). Thrown at edges only. */
export class ProtocolError extends Error {
  override name = 'ProtocolError';
  readonly code: ErrorCode;
  readonly data: ErrorData;

  constructor(code: ErrorCode, message: string, data: ErrorData = {}) {
    super(message);
    this.code = code;
    this.data = data;
  }
}
