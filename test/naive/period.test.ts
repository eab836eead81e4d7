// The pure settlement against the naive one, field by field, on random periods.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type PeriodInput,
  type SettledPeriod,
  settlePeriod,
} from '../../market/src/settle/period.js';
import { periodsOf } from '../../market/test/periods.js';
import { type Deal, type Home, type Rules, settleNaively } from './period.js';

const PERIODS = 10_000;
const SEED = 11;

function naiveOf({ accounts, contracts, rules }: PeriodInput) {
  const homes = accounts.map(
    (account, i): Home => ({
      id: `h${i}`,
      out: account.exportWh,
      into: account.importWh,
      credit: { ...account.credit },
      suspended: account.suspended,
      green: account.green,
      declared: account.declaredWh,
      side: account.side,
    }),
  );
  const deals = contracts.map(
    (one, i): Deal => ({
      id: `d${i}`,
      seller: `h${one.seller}`,
      buyer: `h${one.buyer}`,
      wh: one.energyWh,
      sell2: one.price.sellTwice,
      buy2: one.price.buyTwice,
      kind: one.kind,
      push: one.congestion ?? 0n,
      bothWheel: one.bothWheel,
    }),
  );
  const { credit, penalty } = rules;
  const naive: Rules = {
    ...rules,
    b: rules.rewardFactorPpm,
    G: rules.greenFactorPpm,
    tolAbs: rules.tolAbsWh,
    tolRel: rules.tolRelPpm,
    credit: credit && { ...credit, minVolume: credit.minVolumeWh },
    penalty: penalty && {
      k1: penalty.k1Ppm,
      k2: penalty.k2Ppm,
      g: penalty.gPpm,
      mu: penalty.muPpm,
      freeAtFull: penalty.freeAtFullCredit,
      pooled: penalty.sharing === 'pooled',
    },
  };
  return settleNaively(homes, deals, naive);
}

/** The same numbers under the same names. */
function shipping({ accounts, contracts, counter }: SettledPeriod) {
  return {
    deals: Object.fromEntries(
      contracts.map((one, i) => [
        `d${i}`,
        {
          offer: one.offerWh,
          take: one.takeWh,
          delivered: one.deliveredWh,
          shortSeller: one.shortSellerWh,
          shortBuyer: one.shortBuyerWh,
          sellerFell: one.sellerDefaulted,
          buyerFell: one.buyerDefaulted,
          gets: one.sellerGets,
          pays: one.buyerPays,
          penaltySeller: one.penaltySeller,
          penaltyBuyer: one.penaltyBuyer,
          wheelSeller: one.wheelingSeller,
          wheelBuyer: one.wheelingBuyer,
          congestion: one.congestion,
          handling: one.handling,
        },
      ]),
    ),
    homes: Object.fromEntries(
      accounts.map((line, i) => [
        `h${i}`,
        {
          energy: line.energyMoney,
          grid: line.gridMoney,
          reward: line.reward,
          penalty: line.penalty,
          share: line.penaltyShare,
          fees: line.fees,
          credit: line.credit,
          falls: line.step?.suspend ?? false,
        },
      ]),
    ),
    reserve: counter.reserve,
  };
}

test(`${PERIODS} periods of seed ${SEED}: as the naive settlement says`, () => {
  let at = 0;
  for (const { input, done } of periodsOf(SEED)) {
    if (at === PERIODS) break;
    const period = settlePeriod(input);
    const { deals, homes, reserve } = naiveOf(input);
    const netted = Object.fromEntries(
      Object.entries(homes).map(([id, { feedIn, bill, ...home }]) => [
        id,
        { ...home, grid: feedIn - bill },
      ]),
    );
    const name = `seed ${SEED}, period ${at}`;
    assert.deepEqual(shipping(period), { deals, homes: netted, reserve }, name);
    done(period);
    at++;
  }
});
