// Every maximum in the system, with the relations between them asserted on import (house habit 6).
// Limits that a chain may choose are parameters (params.ts); these are the same for every node.
import { assert } from './assert.js';

const KIB = 1024;
const MIB = 1024 * KIB;

/** Validators of a set; upper end of the parameter maxValidators. */
export const MAX_VALIDATORS = 1000;
/** A header takes about 500 bytes. */
export const MAX_HEADER_BYTES = 1 * KIB;
/** A certificate that every validator signed. */
export const MAX_CERTIFICATE_BYTES = 72 * KIB;
/** Upper end of the parameter maxBlockBytes. */
export const MAX_BLOCK_BYTES = 4_000_000;
/** Upper end of the parameter maxTxBytes. */
export const MAX_TX_BYTES = 64 * KIB;
/** Ordinary transactions in a block, whatever their size. */
export const MAX_TXS_PER_BLOCK = 20_000;
/** One message on a direct stream between validators. */
export const MAX_DIRECT_MESSAGE_BYTES = 5 * MIB;
/** One gossip message; a batch of transactions stays below it. */
export const MAX_GOSSIP_BYTES = 1 * MIB;
/** Transactions in one gossip message. */
export const MAX_GOSSIP_BATCH = 500;
/** Ids in one Open message. */
export const MAX_OPEN_IDS = 64;
/** Pending transactions that a node holds, and their bytes. */
export const MEMPOOL_MAX_TXS = 20_000;
export const MEMPOOL_MAX_BYTES = 32 * MIB;
/** Markets of a chain. */
export const MAX_MARKETS = 64;
/** Accounts that the genesis file may open. */
export const MAX_ACCOUNTS_AT_GENESIS = 100_000;
/** Boundary transactions in a block. */
export const MAX_SYSTEM_TXS_PER_BLOCK = 1024;
/** Body of one JSON-RPC request, and how many calls a batch holds. */
export const RPC_MAX_BODY_BYTES = 1 * MIB;
export const RPC_MAX_BATCH = 1000;
/** Items in one page of an answer. */
export const RPC_PAGE = 100;
/** Arrays and objects within each other in a request. */
export const RPC_MAX_DEPTH = 32;
/** Answers of one batch. */
export const RPC_MAX_REPLY_BYTES = 32 * MIB;
/** Calls under way on one WebSocket, and bytes of events that wait for a slow reader. */
export const RPC_MAX_CALLS = 64;
export const RPC_MAX_EVENT_BYTES = 4 * MIB;
/** Subscriptions of one WebSocket. */
export const RPC_MAX_SUBSCRIPTIONS = 64;
/** Heights whose state a node can prove (light-clients 4.1). */
export const PROOF_HEIGHTS = 128;
/** One line of a receipt. */
export const MAX_LINE_BYTES = 1 * KIB;
/** An event proof, and the longest path in it: a list of 2^53 items. */
export const MAX_PATH_HASHES = 53;
export const MAX_EVENT_PROOF_BYTES = 8 * KIB;
/** Blocks asked for in one sync request, and bytes of one answer. */
export const SYNC_MAX_BLOCKS = 64;
export const SYNC_MAX_BYTES = 4 * MIB;
/** Peers that a node keeps links with. */
export const MAX_PEERS = 256;
/** A file of `market clear|settle`: 100,000 orders take about 25 MB. */
export const MAX_MARKET_FILE_BYTES = 64 * MIB;
/** Feasible partners that the printed board of a bidding round lists; above it, none. */
export const MAX_BOARD_PARTNERS = 1_000_000;

assert(MAX_CERTIFICATE_BYTES >= MAX_VALIDATORS * 67 + 256, 'a full certificate fits its limit');
assert(
  MAX_BLOCK_BYTES + MAX_CERTIFICATE_BYTES + MAX_HEADER_BYTES + 64 * KIB <= MAX_DIRECT_MESSAGE_BYTES,
  'a full block fits a direct message',
);
assert(MAX_TX_BYTES * 2 < MAX_GOSSIP_BYTES, 'a gossip batch holds more than one transaction');
assert(MEMPOOL_MAX_BYTES > 2 * MAX_BLOCK_BYTES, 'the mempool holds more than a block');
assert(
  MAX_LINE_BYTES + MAX_HEADER_BYTES + 3 * MAX_PATH_HASHES * 34 + 128 <= MAX_EVENT_PROOF_BYTES,
  'an event proof with the longest paths fits its limit',
);
assert(SYNC_MAX_BYTES <= MAX_DIRECT_MESSAGE_BYTES, 'a sync answer fits a message');
/** Most that `maxOrders` of a market may be. */
export const MAX_ORDERS_PER_MARKET = 100_000;
/** Live orders of one account in a period of a market of continuous. */
export const MAX_ORDERS_OF_ACCOUNT = 32;
/** Contracts that one transaction may name (settlement 8). */
export const MAX_CONTRACTS_PER_TX = 64;
/** Prices that the scan of the internal price may try on a chain. */
export const MAX_PRICE_STEPS = 1000n;
/** Requests times the hops that one may travel: what the clearing of an interval may cost. */
export const MAX_AUCTION_WORK = 200_000;
/**
 * Lines that the check of one interval may look at: pairs that may meet, times the hops of a
 * request, times the lines between two nodes; below a second where every pair is refused.
 */
export const MAX_CHECK_WORK = 2_000_000;
/** Edges of the trading graph of a neighbourhood market: room for a feeder of 1000 buses. */
export const MAX_EDGES = 1024;
/** Lines of the feeder that genesis may give; by its maxTxBytes fewer (state/src/genesis). */
export const MAX_FEEDER_LINES = 7_000;
/** Bytes of `gridData`: of one base flow, and of all that stands beside them. */
export const BASE_FLOW_BYTES = 9;
export const GRID_DATA_REST_BYTES = 256;
/** Scalars and arrays of one transaction: its longest list, and what stands beside it. */
export const MAX_TX_ITEMS = 7_064;
/** Partners that one choice may name. */
export const MAX_PARTNERS = 256;
/** How many periods ahead a listing of a bilateral market may begin. */
export const MAX_PERIODS_AHEAD = 2976;
/** Periods of one listing. */
export const MAX_LISTING_PERIODS = 96;
/** Labels of one certificate, and so the most ranges that it can list as its origin. */
export const LABELS_PER_CERTIFICATE = 1000;
/** Ranges of labels in one leaf of a queue: a producer may keep thousands for years. */
export const LABEL_RANGES_PER_LEAF = 64;
/** Longest that an offer of points may stand, chain ms (market-reputation 1.11). */
export const MAX_POINT_OFFER_MS = 604_800_000n;
/** How long points that were taken wait for the seller to release them, chain ms. */
export const POINT_RESERVATION_MS = 86_400_000n;
/** Live offers of points of one account. */
export const MAX_POINT_OFFERS = 64;
/** Live offers, and open listings, of one account in the bilateral markets. */
export const MAX_OPEN_OF_ACCOUNT = 64;

assert(
  MAX_FEEDER_LINES * BASE_FLOW_BYTES + GRID_DATA_REST_BYTES <= MAX_TX_BYTES,
  'the base flows of the longest feeder fit a transaction',
);
assert(
  MAX_TX_ITEMS >= Math.max(MAX_FEEDER_LINES, MAX_PARTNERS, MAX_CONTRACTS_PER_TX) + 64,
  'the longest list of a transaction decodes',
);
