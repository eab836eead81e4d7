// Binds what the parts count to the table of metrics, and the parts' log to the logger.
import type { LogFields, Logger } from './log.js';
import { type Metrics, watchLoopLag } from './metrics.js';
import type { NodeParts } from './node.js';
import type { Counters, Log } from './ports.js';

export const portLog = (logger: Logger): Log => ({
  debug: (data, message) => logger.debug(message, data as LogFields),
  info: (data, message) => logger.info(message, data as LogFields),
  warn: (data, message) => logger.warn(message, data as LogFields),
  error: (data, message) => logger.error(message, data as LogFields),
});

export function countersOf(metrics: Metrics): Counters {
  let lastFinalMs: number | undefined;
  return {
    finalBlock({ txs, round, bytes }) {
      const now = performance.now();
      if (lastFinalMs !== undefined) metrics.observe('busbar_block_interval_ms', now - lastFinalMs);
      lastFinalMs = now;
      metrics.observe('busbar_block_txs', txs);
      metrics.observe('busbar_block_bytes', bytes);
      metrics.count('busbar_txs_total', txs);
      metrics.count('busbar_rounds_total', round);
    },
    diskWrite: (ms) => metrics.observe('busbar_disk_write_ms', ms),
    refused: (code) => metrics.count('busbar_tx_refused_total', 1, { code }),
    nilVote: (code) => metrics.count('busbar_nil_votes_total', 1, { code }),
  };
}

/** Gauges that are read at each scrape; gives what stops the watch on the event loop. */
export function watchGauges(metrics: Metrics, parts: NodeParts): () => void {
  metrics.beforeScrape(() => {
    metrics.set('busbar_height', Number(parts.executor.at.parent.height));
    metrics.set('busbar_round', parts.machine.snapshot().round);
    metrics.set('busbar_syncing', parts.sync.running ? 1 : 0);
    metrics.set('busbar_mempool_txs', parts.mempool.size);
    metrics.set('busbar_mempool_bytes', parts.mempool.bytes);
    metrics.set('busbar_peers', parts.links.connected().length);
    metrics.set('busbar_store_bytes', parts.store.rawSize());
    metrics.set('busbar_rss_bytes', process.memoryUsage.rss());
  });
  return watchLoopLag((lagMs) => metrics.observe('busbar_loop_lag_ms', lagMs));
}
