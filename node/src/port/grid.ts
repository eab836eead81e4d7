// market_grid over a NodeView: the lines of the feeder as a market sees them, with the base flows
// and prices that the grid company has published (market-reputation 1.9).
import { ProtocolError } from '../../../core/src/errors.js';
import { RPC_PAGE } from '../../../core/src/limits.js';
import type { NodePort } from '../../../rpc/src/ports.js';
import type { GridView } from '../../../rpc/src/results/grid.js';
import type { MarketQuery } from '../../../rpc/src/results/market.js';
import {
  looksAtLines,
  publishedFor,
  unpublished,
} from '../../../state/src/markets/reputation/network.js';
import type { NodeView } from '../view.js';
import { knownMarket } from './market.js';
import { atTip } from './read.js';

export function gridPart(view: NodeView): Pick<NodePort, 'grid'> {
  return { grid: (query) => gridView(view, query) };
}

function gridView(view: NodeView, { market: id, period, cursor }: MarketQuery): GridView {
  const market = knownMarket(view, id);
  if (!looksAtLines(market))
    throw new ProtocolError('WRONG_MECHANISM', 'this market does not look at lines', {
      mechanism: market.mechanism,
    });
  const world = view.world();
  const published = publishedFor(world, market, period);
  // Elsewhere the prices are those of genesis, whatever was published.
  const { baseWh: _, ...prices } =
    market.mechanism === 'reputation' && published !== undefined
      ? published.value
      : unpublished(market);
  const { lines: all = [] } = view.chain.grids.get(market.id) ?? {};
  const from = Number(cursor?.split(':')[0] ?? '0');
  const page = all.slice(from, from + RPC_PAGE).map((line, i) => ({
    ...{ id: line.id, from: line.from, to: line.to, capacityWh: line.capacityWh },
    baseWh: published?.value.baseWh[from + i] ?? 0n,
  }));
  return {
    market: market.id,
    period: published?.key.period ?? null,
    ...prices,
    lines: page,
    ...(from + page.length < all.length && { cursor: String(from + page.length) }),
    at: atTip(view),
  };
}
