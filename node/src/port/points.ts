// points_offers and points_audit over a NodeView.
import { compareBytes, keyText, toHex } from '../../../core/src/bytes.js';
import { printAccount } from '../../../core/src/ids.js';
import { RPC_PAGE } from '../../../core/src/limits.js';
import type { NodePort } from '../../../rpc/src/ports.js';
import type {
  AuditEntryView,
  PointOffersQuery,
  PointOffersView,
  PointOfferView,
} from '../../../rpc/src/results/points.js';
import { isReserved } from '../../../state/src/points/offers.js';
import { POINT_OFFERS } from '../../../state/src/points/tables.js';
import type { NodeView } from '../view.js';
import { type LineAt, scanLines } from './lines.js';
import { atTip } from './read.js';
import { entryType, showLine } from './show.js';

export function pointsPart(view: NodeView): Pick<NodePort, 'pointOffers' | 'pointsAudit'> {
  return {
    pointOffers: (query) => offersView(view, query),
    pointsAudit: (query) => scanLines(view, query, auditEntry),
  };
}

/** Offers that stand, or are reserved, by the time of the newest final block. */
function offersView(view: NodeView, { seller, after }: PointOffersQuery): PointOffersView {
  const { timeMs } = view.tip();
  const group = seller && keyText(seller);
  const open = view
    .world()
    .entries(POINT_OFFERS, group)
    .filter(({ value }) => timeMs < value.until || isReserved(value, timeMs))
    .filter(({ key }) => after === undefined || compareBytes(key.id, after) > 0);
  const offers = open.slice(0, RPC_PAGE).map(({ key, value }): PointOfferView => {
    const { amount, terms, until, taker, reservedUntil } = value;
    const isTaken = taker !== undefined && isReserved(value, timeMs);
    return {
      id: key.id,
      seller: printAccount(value.seller),
      ...{ amount, terms, until },
      taker: isTaken ? printAccount(taker) : null,
      reservedUntil: isTaken ? reservedUntil : 0n,
    };
  });
  const last = open.length > offers.length ? offers.at(-1) : undefined;
  return { offers, ...(last && { cursor: toHex(last.id) }), at: atTip(view) };
}

const AUDITED: ReadonlySet<string> = new Set(['issue', 'redeem', 'grant']);

/** Of a grant the line of who got it; the pool has one of its own. */
function auditEntry(bytes: Uint8Array, at: LineAt): AuditEntryView | undefined {
  if (!AUDITED.has(entryType(bytes) ?? '')) return undefined;
  const { account, fields } = showLine(bytes);
  const { type, market, period, available, cause } = fields;
  const moved = available as bigint;
  if (type === 'grant' && moved < 0n) return undefined;
  return {
    ...at,
    type: type as AuditEntryView['type'],
    account,
    amount: moved < 0n ? -moved : moved,
    market: String(market),
    period: period as bigint,
    cause: cause as Uint8Array,
  };
}
