// Metrics of a node: one table, from which the registry and docs/reference/metrics.md are made.
// Names carry their unit. A new metric is a new row here.
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { present } from '../../core/src/assert.js';

export type MetricType = 'counter' | 'gauge' | 'histogram';

export interface MetricRow {
  readonly type: MetricType;
  readonly help: string;
  readonly labels?: readonly string[];
  /** Upper bounds, in the unit of the name. */
  readonly buckets?: readonly number[];
}

const MS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000];
type RowOf<T extends MetricType> = MetricRow & { readonly type: T };
const counter = (help: string, ...labels: string[]): RowOf<'counter'> => ({
  type: 'counter',
  help,
  labels,
});
const gauge = (help: string, ...labels: string[]): RowOf<'gauge'> => ({
  type: 'gauge',
  help,
  labels,
});
const histogram = (help: string, buckets: readonly number[] = MS): RowOf<'histogram'> => ({
  type: 'histogram',
  help,
  buckets,
});

export const METRICS = {
  // Chain
  busbar_height: gauge('Height of the last final block.'),
  busbar_round: gauge('Round of the height being decided.'),
  busbar_rounds_total: counter('Rounds entered above round 0.'),
  busbar_finality_ms: histogram('From the proposal (or its arrival) to the decision.'),
  busbar_block_interval_ms: histogram('Between two decisions.', [...MS, 20_000, 60_000]),
  busbar_block_txs: histogram('Transactions in a block.', [0, 1, 10, 100, 500, 1000, 5000, 20_000]),
  busbar_block_bytes: histogram('Bytes of a block.', [1e3, 1e4, 1e5, 5e5, 1e6, 2e6, 4e6]),
  busbar_txs_total: counter('Transactions in final blocks.'),
  busbar_execute_ms: histogram('Execution of a block.'),
  busbar_build_ms: histogram('Building of a block by the proposer.'),
  busbar_votes_total: counter('Votes received.', 'step'),
  busbar_nil_votes_total: counter('Nil votes of this node, by reason.', 'code'),
  busbar_evidence_total: counter('Misbehaviour seen.'),
  busbar_sync_blocks_total: counter('Blocks taken over by sync.'),
  busbar_syncing: gauge('1 while the node is behind.'),
  busbar_clock_offset_ms: gauge('Median difference of the peers clocks to this one.'),

  // Transactions
  busbar_mempool_txs: gauge('Pending transactions.'),
  busbar_mempool_bytes: gauge('Bytes of the pending transactions.'),
  busbar_tx_accepted_total: counter('Transactions accepted.', 'source'),
  busbar_tx_refused_total: counter('Transactions refused, by code.', 'code'),
  busbar_verify_ms: histogram('Verification of a batch of signatures.'),

  // Network
  busbar_peers: gauge('Peers with a direct stream.'),
  busbar_net_frames_total: counter('Frames on direct streams.', 'direction'),
  busbar_net_bytes_total: counter('Bytes on direct streams.', 'direction'),
  busbar_net_dropped_total: counter('Frames dropped because a peer did not keep up.'),
  busbar_net_faults_total: counter('Links ended and dials failed, by reason.', 'reason'),
  busbar_net_gossip_total: counter('Gossip messages received, by verdict.', 'verdict'),
  busbar_net_requests_total: counter('Requests of peers, by result.', 'result'),

  // Process
  busbar_disk_write_ms: histogram('A synced batch of a block.'),
  busbar_sign_state_ms: histogram('A synced write of sign-state or lock.'),
  busbar_store_bytes: gauge('Bytes of the store on disk.'),
  busbar_loop_lag_ms: histogram('How late a timer of the event loop fires.'),
  busbar_rss_bytes: gauge('Resident memory of the process.'),
  busbar_rpc_requests_total: counter('JSON-RPC calls, by method and result.', 'method', 'result'),
  busbar_rpc_ms: histogram('JSON-RPC calls.'),
} as const satisfies Record<string, MetricRow>;

export type MetricName = keyof typeof METRICS;
type NamesOf<T extends MetricType> = {
  [K in MetricName]: (typeof METRICS)[K]['type'] extends T ? K : never;
}[MetricName];
export type Labels = Readonly<Record<string, string>>;

export interface Metrics {
  count(name: NamesOf<'counter'>, by?: number, labels?: Labels): void;
  set(name: NamesOf<'gauge'>, value: number, labels?: Labels): void;
  observe(name: NamesOf<'histogram'>, value: number): void;
  /** Called before each scrape, for gauges that are read and not kept. */
  beforeScrape(update: () => void): void;
  /** The text of /metrics. */
  expose(): Promise<string>;
}

/** Every metric of the table is there from the start, at zero where it has no labels. */
export function createMetrics(node: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ node });
  const made = new Map<string, Counter | Gauge | Histogram>();
  for (const [name, row] of Object.entries(METRICS) as [string, MetricRow][])
    made.set(name, createOne(registry, name, row));
  const updates: (() => void)[] = [];
  const get = (name: MetricName) => present(made.get(name), 'a name of the table');
  return {
    count: (name, by = 1, labels = {}) => (get(name) as Counter).inc(labels, by),
    set: (name, value, labels = {}) => (get(name) as Gauge).set(labels, value),
    observe: (name, value) => (get(name) as Histogram).observe(value),
    beforeScrape: (update) => void updates.push(update),
    expose() {
      for (const update of updates) update();
      return registry.metrics();
    },
  };
}

function createOne(registry: Registry, name: string, row: MetricRow): Counter | Gauge | Histogram {
  const { help, labels = [], buckets = [] } = row;
  const common = { name, help, labelNames: [...labels], registers: [registry] };
  if (row.type === 'counter') return new Counter(common);
  if (row.type === 'gauge') return new Gauge(common);
  return new Histogram({ ...common, buckets: [...buckets] });
}

/** For tests and tools: counts nothing. */
export const noMetrics = (): Metrics => ({
  count: () => undefined,
  set: () => undefined,
  observe: () => undefined,
  beforeScrape: () => undefined,
  expose: async () => '',
});

/** Watches the event loop: how late a timer of `everyMs` fires. Returns what stops it. */
export function watchLoopLag(observe: (lagMs: number) => void, everyMs = 500): () => void {
  let due = performance.now() + everyMs;
  const timer = setInterval(() => {
    const now = performance.now();
    observe(Math.max(0, now - due));
    due = now + everyMs;
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
