// What the server needs of a node, and nothing else: plain results with bigint and bytes, which
// encode.ts turns into JSON. Account ids are printed (bb1...) already. The node implements this
// in node/src/port/. A refusal is a thrown ProtocolError. (interfaces.md "JSON-RPC")
import type { ErrorCode } from '../../core/src/errors.js';
import type {
  AccountView,
  AccountQuery,
  JournalView,
  OrdersView,
  ScanQuery,
} from './results/account.js';
import type {
  BlockQuery,
  BlockRef,
  BlockView,
  CommitteeView,
  HeaderView,
  ParametersView,
  ProofQuery,
  ProofView,
  SupplyView,
  ValidatorsView,
} from './results/chain.js';
import type { ContractResult, ContractsView, CreditHistoryView } from './results/contract.js';
import type { CertificateListView, CertificateQuery } from './results/certificate.js';
import type { EventsOfBlock } from './results/events.js';
import type { GridView } from './results/grid.js';
import type {
  BookView,
  MarketListView,
  MarketPeriodView,
  MarketQuery,
  ReadingsView,
  SettlementView,
} from './results/market.js';
import type { ContractResult as SignedContractResult } from './results/reputation.js';
import type { PeersView, StatusView, WhyView } from './results/node.js';
import type { AuditQuery, AuditView, PointOffersQuery, PointOffersView } from './results/points.js';
import type { SubmitView, TxView } from './results/tx.js';

export interface NodePort {
  /** Whether the node is fit to serve: started, not syncing, not stopping. */
  ready(): boolean;
  status(): StatusView;
  peers(): PeersView;
  why(): WhyView;
  header(ref: BlockRef, raw: boolean): HeaderView;
  block(query: BlockQuery): BlockView;
  parameters(): ParametersView;
  supply(): SupplyView;
  validators(height: bigint | undefined): ValidatorsView;
  committee(height: bigint, round: number): CommitteeView;
  proof(query: ProofQuery): ProofView;
  submitTx(bytes: Uint8Array): Promise<SubmitView>;
  tx(id: Uint8Array): TxView;
  account(query: AccountQuery): AccountView;
  journal(query: ScanQuery): JournalView;
  orders(query: ScanQuery): OrdersView;
  contract(id: Uint8Array): ContractResult;
  contracts(query: ScanQuery): ContractsView;
  creditHistory(query: ScanQuery): CreditHistoryView;
  certificates(query: CertificateQuery): CertificateListView;
  pointOffers(query: PointOffersQuery): PointOffersView;
  pointsAudit(query: AuditQuery): AuditView;
  markets(): MarketListView;
  marketPeriod(query: MarketQuery): MarketPeriodView;
  /** `version`: as the lines stood when that was the newest. */
  settlement(query: MarketQuery, version?: bigint): SettlementView;
  book(query: MarketQuery): BookView;
  /** `period` undefined: what was published last. */
  grid(query: MarketQuery): GridView;
  signedContract(id: Uint8Array): SignedContractResult | undefined;
  /** `meter`: its account, its number, or the account of its participant. */
  readings(meter: string, range: TimeRange): ReadingsView;
  /** Everything that a final block tells, in its one order; undefined where it is not kept. */
  events(height: bigint): EventsOfBlock | undefined;
  finalHeight(): bigint;
  /** Calls back after each block that becomes final; gives the way to stop. */
  onFinal(listener: () => void): () => void;
  /** Text for Prometheus. */
  metrics(): Promise<string>;
}

/** Half-open, chain ms. */
export interface TimeRange {
  readonly from: bigint | undefined;
  readonly to: bigint | undefined;
}

/** Of which state an answer speaks. */
export interface At {
  readonly height: bigint;
  readonly status: 'final' | 'confirmed';
}

export interface Stated {
  readonly at: At;
}

/** A page of a longer list; `cursor` gets the next one. */
export interface Paged {
  readonly cursor?: string | undefined;
}

export type { ErrorCode };
