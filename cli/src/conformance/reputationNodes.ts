// The parts of golden/reputation.json about nodes: reputation, ranking, certificates, rewards,
// activity, election, length of a period, and the Merkle list.
import type { Money, WattHour } from '../../../core/src/amount.js';
import { toHex, utf8ToBytes } from '../../../core/src/bytes.js';
import { listRoot } from '../../../core/src/merkle.js';
import { activityOf, rankingRewards } from '../../../market/src/reputation/activity.js';
import { electionOf, periodLength } from '../../../market/src/reputation/election.js';
import {
  addLabels,
  certify,
  labelCount,
  type LabelMeter,
  type LabelRange,
  type LabelStock,
  mintLabels,
  sellLabels,
  stockLabels,
} from '../../../market/src/settle/labels.js';
import { gradesOf, reputationOf } from '../../../market/src/reputation/reputation.js';
import type { ReputationVectors } from './reputationForm.js';
import type { Tally } from './tally.js';

export function checkNodes(tally: Tally, vectors: ReputationVectors): void {
  for (const [i, { history, penalties = 0n, R_ppm }] of vectors.reputation.entries()) {
    const window = history.map(([good, deals, bids]) => ({ good, deals, bids, unsigned: 0 }));
    tally.check(`reputation ${i}`, String(R_ppm), String(reputationOf(window, penalties)));
  }
  checkRanking(tally, vectors.ranking);
  checkRewards(tally, vectors.rewards);
  for (const [i, { events, value }] of vectors.activity.entries()) {
    const activity = activityOf({
      bid: events.includes('bid'),
      matched: events.includes('match'),
      declined: events.includes('decline'),
      notConfirmed: events.includes('no_confirm'),
    });
    tally.check(`activity ${i}`, String(value), String(activity));
  }
  checkElection(tally, vectors.election);
  for (const [i, { durations, seconds }] of vectors.period_length.entries())
    tally.check(`period_length ${i}`, String(seconds), String(periodLength(durations)));
  checkCertificates(tally, vectors.certificates);
  checkMerkle(tally, vectors.merkle);
}

function checkRanking(tally: Tally, { nodes, grades }: ReputationVectors['ranking']): void {
  const ranked = Object.values(nodes).map(([reputation, registered]) => ({
    reputation,
    registered,
  }));
  const got = gradesOf(ranked);
  for (const [i, name] of Object.keys(nodes).entries())
    tally.check(`ranking ${name}`, String(grades[name]), String(got[i]));
}

function checkRewards(tally: Tally, { pool, grades, paid }: ReputationVectors['rewards']): void {
  const all = { reward: pool as Money, pool: pool as Money };
  const got = rankingRewards(Object.values(grades), all);
  for (const [i, name] of Object.keys(grades).entries())
    tally.check(`rewards ${name}`, String(paid[name] ?? 0n), String(got[i]));
}

function checkElection(
  tally: Tally,
  { candidates, seats, elected }: ReputationVectors['election'],
): void {
  const names = Object.keys(candidates);
  const got = electionOf(
    Object.values(candidates).map(({ emission_g, energy_wh, votes, R, ok }) => ({
      emissionG: emission_g,
      meteredWh: energy_wh as WattHour,
      votes,
      reputation: R,
      normal: ok,
    })),
    seats,
  );
  tally.check('election', elected.join(), got.map((index) => names[index]).join());
}

interface Producer {
  readonly meter: LabelMeter;
  readonly stock: LabelStock;
}

const newProducer = (meter: string): Producer => ({
  meter: { meter, openWh: 0n, minted: 0n },
  stock: { labels: [], owed: [] },
});

/** A range as the file writes it: meter, period, first and last serial. */
const rangeText = ({ meter, period, from, to }: LabelRange): string =>
  [meter, period, from, to].join(' ');
const rangesText = (ranges: readonly LabelRange[]): string => ranges.map(rangeText).join('; ');
const wantedText = (ranges: readonly (readonly unknown[])[]): string =>
  ranges.map((range) => range.join(' ')).join('; ');

function checkCertificates(tally: Tally, vectors: ReputationVectors['certificates']): void {
  const { producers, held } = deliver(vectors);
  const made = [...held].map(([owner, labels]) => ({ owner, ...certify(labels) }));
  const got = made.flatMap(({ owner, certificates }) =>
    certificates.map((source) => ({ owner, source })),
  );
  const { certificates } = vectors;
  tally.check('certificates number', String(certificates.length), String(got.length));
  for (const [i, { owner, kwh, source }] of certificates.entries()) {
    const size = (got[i]?.source ?? []).reduce((sum, range) => sum + labelCount(range), 0n);
    tally.check(`certificates ${i} owner`, owner, got[i]?.owner ?? 'nobody');
    tally.check(`certificates ${i} kwh`, String(kwh), String(size));
    tally.check(`certificates ${i} source`, wantedText(source), rangesText(got[i]?.source ?? []));
  }
  for (const [owner, ranges] of Object.entries(vectors.held)) {
    const rest = made.find((one) => one.owner === owner)?.held ?? [];
    tally.check(`certificates held by ${owner}`, wantedText(ranges), rangesText(rest));
  }
  for (const [name, ranges] of Object.entries(vectors.stock)) {
    const labels = producers.get(name)?.stock.labels ?? [];
    tally.check(`certificates stock of ${name}`, wantedText(ranges), rangesText(labels));
  }
  for (const [name, wh] of Object.entries(vectors.open_wh)) {
    const open = producers.get(name)?.meter.openWh;
    tally.check(`certificates open Wh of ${name}`, String(wh), String(open));
  }
}

/** Labels made by what was produced, then moved by what was sold. */
function deliver({ produced, sold }: ReputationVectors['certificates']): {
  readonly producers: ReadonlyMap<string, Producer>;
  readonly held: ReadonlyMap<string, readonly LabelRange[]>;
} {
  const producers = new Map<string, Producer>();
  for (const [name, period, wh] of produced) {
    const producer = producers.get(name) ?? newProducer(name);
    const { meter, range } = mintLabels(producer.meter, {
      market: '',
      period: BigInt(period),
      exportWh: wh,
    });
    const stock = range === undefined ? producer.stock : stockLabels(producer.stock, range).stock;
    producers.set(name, { meter, stock });
  }
  const held = new Map<string, readonly LabelRange[]>();
  for (const [name, buyer, kwh] of sold) {
    const producer = producers.get(name) ?? newProducer(name);
    const { stock, moves } = sellLabels(producer.stock, { buyer, count: kwh });
    producers.set(name, { ...producer, stock });
    for (const { ranges } of moves) held.set(buyer, addLabels(held.get(buyer) ?? [], ranges));
  }
  return { producers, held };
}

/** The tampered list, which the file does not spell out: its last leaf reads "tx4". */
const TAMPERED_LEAF = 'tx4';

function checkMerkle(tally: Tally, { leaves, root, tampered }: ReputationVectors['merkle']): void {
  const rootOf = (texts: readonly string[]): string => toHex(listRoot(texts.map(utf8ToBytes)));
  const changed = [...leaves.slice(0, -1), TAMPERED_LEAF];
  tally.check('merkle root', toHex(root), rootOf(leaves));
  tally.check('merkle tampered', toHex(tampered), rootOf(changed));
}
