// Profiles: the generator, and the reader of CSV files.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { ProtocolError } from '../../core/src/errors.js';
import { pickFile, readProfiles } from '../src/demo/csv.js';
import { generateProfiles, PERIODS_PER_DAY } from '../src/demo/generate.js';
import {
  balanceOf,
  type Profiles,
  registersOf,
  selfSufficiency,
  sumOf,
  wholeWh,
} from '../src/demo/profiles.js';
import { connectionWh } from '../src/network/genesis.js';

const HEADER = 'ts,household,load_kwh,pv_kwh';
// Tests run from dist/cli/test.
const DATA = join(import.meta.dirname, '../../../../shared/data');

const boundOf = (profiles: Profiles): bigint =>
  sumOf(Array.from({ length: profiles.periods }, (_, i) => balanceOf(profiles, i).boundWh));

test('generated homes are the same for the same seed, others for another', () => {
  const options = { seed: 1, homes: 20, days: 1 };
  assert.deepEqual(generateProfiles(options), generateProfiles(options));
  const [a, b] = [generateProfiles(options), generateProfiles({ ...options, seed: 2 })];
  assert.notDeepEqual(a.homes[0]?.loadWh, b.homes[0]?.loadWh);
});

test('more homes or days leave the earlier ones as they were', () => {
  const small = generateProfiles({ seed: 3, homes: 4, days: 1 });
  const large = generateProfiles({ seed: 3, homes: 9, days: 2 });
  small.homes.forEach((home, i) => {
    assert.deepEqual(large.homes[i]?.loadWh.slice(0, PERIODS_PER_DAY), home.loadWh);
    assert.deepEqual(large.homes[i]?.pvWh.slice(0, PERIODS_PER_DAY), home.pvWh);
  });
});

test('generated homes look like a summer day', () => {
  for (let seed = 0; seed < 8; seed++) {
    const profiles = generateProfiles({ seed, homes: 20, days: 1 });
    const pv = profiles.homes.filter((home) => home.hasPv).length;
    assert.ok(pv >= 10 && pv <= 14, `seed ${seed}: ${pv} roofs`);
    for (const home of profiles.homes) {
      const loadWh = sumOf(home.loadWh);
      assert.ok(
        loadWh > 4000n && loadWh < 40_000n,
        `seed ${seed} ${home.name}: ${loadWh} Wh a day`,
      );
      assert.ok([...home.importWh, ...home.exportWh].every((wh) => wh <= connectionWh(900_000)));
      // From 22:30 to 3:30.
      const night = home.pvWh.slice(66, 86);
      assert.ok(night.every((wh) => wh === 0n));
      const net = [...home.importWh, ...home.exportWh].filter((wh) => wh > 0n);
      assert.ok(net.every((wh) => wh >= 10n));
    }
    const { alone, community } = selfSufficiency(profiles);
    assert.ok(community > alone + 2, `seed ${seed}: ${alone} % alone, ${community} % together`);
    const traded = Array.from({ length: 96 }, (_, i) => balanceOf(profiles, i).boundWh);
    assert.ok(traded.filter((wh) => wh > 0n).length > 40);
  }
});

test('whole Wh: running sums never part from the exact ones by more than half a Wh', () => {
  fc.assert(
    fc.property(
      fc.array(fc.bigInt({ min: 0n, max: 5_000_000_000n }), { maxLength: 500, size: 'max' }),
      (raw) => {
        const registers = registersOf(wholeWh(raw));
        registersOf(raw).forEach((exact, i) => {
          const off = (registers[i] as bigint) * 1_000_000n - exact;
          assert.ok(off > -500_000n && off <= 500_000n, 'half up');
        });
        assert.ok(wholeWh(raw).every((wh) => wh >= 0n));
      },
    ),
  );
});

function withFiles(files: Record<string, string>, body: (dir: string) => Promise<void>) {
  return async (): Promise<void> => {
    const dir = mkdtempSync(join(tmpdir(), 'busbar-profiles-'));
    try {
      for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
      await body(dir);
    } finally {
      rmSync(dir, { recursive: true });
    }
  };
}

interface Fixture {
  readonly days: number;
  readonly stepMs?: number;
  readonly homes?: readonly string[];
}

/** Each home uses 0.1004 kWh per row; H02 generates 0.2 kWh in row 48 of each day. */
function csvOf({ days, stepMs = 900_000, homes = ['H01', 'H02'] }: Fixture): string {
  const rows = homes.flatMap((home) =>
    Array.from({ length: days * 96 }, (_, i) => {
      const ts = new Date(Date.UTC(2020, 0, 1) + i * stepMs).toISOString().slice(0, 19);
      return `${ts},${home},0.1004,${home === 'H02' && i % 96 === 48 ? '0.2' : '0.0'}`;
    }),
  );
  return [HEADER, ...rows, ''].join('\n');
}

test(
  'the shortest file of quarter hours is taken, of a season if one is named',
  withFiles(
    {
      'a_winter_15min.csv': csvOf({ days: 3 }),
      'b_summer_15min.csv': csvOf({ days: 2 }),
      'c_summer_60min.csv': csvOf({ days: 1, stepMs: 3_600_000 }),
      'tariff.csv': 'Datetime,market rate\n2020-01-01 00:00:00,22.0\n',
      'notes.txt': 'nothing',
    },
    async (dir) => {
      assert.equal(basename(await pickFile(dir, undefined)), 'b_summer_15min.csv');
      assert.equal(basename(await pickFile(dir, 'winter')), 'a_winter_15min.csv');
      assert.equal(basename(await pickFile(join(dir, 'a_winter_15min.csv'), undefined))[0], 'a');
      await assert.rejects(pickFile(dir, 'spring'), { code: 'NOT_FOUND' });
      await assert.rejects(pickFile(join(dir, 'none'), undefined), { code: 'NOT_FOUND' });
    },
  ),
);

test(
  'a day of a file: netted, whole Wh, registers from 0',
  withFiles({ 'x.csv': csvOf({ days: 2 }) }, async (dir) => {
    const profiles = await readProfiles(join(dir, 'x.csv'), { day: 2 });
    assert.equal(profiles.startMs, Date.UTC(2020, 0, 2));
    assert.deepEqual(
      profiles.homes.map((home) => [home.name, home.hasPv]),
      [
        ['H01', false],
        ['H02', true],
      ],
    );
    const [one, two] = profiles.homes;
    // 0.1004 kWh: 100 Wh, and 101 where the carried parts reach a half.
    assert.deepEqual(one?.importWh.slice(0, 5), [100n, 101n, 100n, 101n, 100n]);
    assert.equal(sumOf(one?.importWh ?? []), 9638n);
    assert.equal(two?.exportWh[48], 100n);
    assert.equal(two?.importWh[48], 0n);
    assert.equal(balanceOf(profiles, 48).boundWh, 100n);
    const first = await readProfiles(join(dir, 'x.csv'), { day: 1, homes: 1 });
    assert.equal(first.homes.length, 1);
    await assert.rejects(readProfiles(join(dir, 'x.csv'), { day: 3 }), { code: 'NOT_FOUND' });
    await assert.rejects(readProfiles(join(dir, 'x.csv'), { day: 1, homes: 3 }), {
      code: 'NOT_FOUND',
    });
  }),
);

for (const [name, change] of Object.entries({
  'another header': (text: string) => text.replace('load_kwh', 'load_wh'),
  'a negative load': (text: string) => text.replace('0.1004', '-0.1004'),
  'an exponent': (text: string) => text.replace('0.1004', '1e-1'),
  'a row twice': (text: string) => text.replace('T00:15', 'T00:00'),
  'a row off the quarter': (text: string) => text.replace('T00:15:00', 'T00:16:00'),
  'a row that is missing': (text: string) => text.replace(/\n[^\n]*T00:15[^\n]*/, ''),
  'five columns': (text: string) => text.replace('0.1004,', '0.1004,7,'),
  'no date': (text: string) => text.replace('2020-01-01T00:15', '2020-13-01T00:15'),
})) {
  test(
    `refused: ${name}`,
    withFiles({ 'x.csv': change(csvOf({ days: 1 })) }, async (dir) => {
      await assert.rejects(
        readProfiles(join(dir, 'x.csv'), { day: 1 }),
        (e) => e instanceof ProtocolError && ['FILE_FORMAT', 'AMOUNT_GRAMMAR'].includes(e.code),
      );
    }),
  );
}

const skip = existsSync(DATA) ? false : 'the folder shared/data is not beside the repository';

test('real homes: what is tradable is what the data says', { skip }, async () => {
  const summer = await pickFile(join(DATA, 'citylearn-2022'), 'summer');
  assert.equal(basename(summer), 'fontana17_summer_15min_derived.csv');
  let week = 0n;
  for (let day = 1; day <= 7; day++) week += boundOf(await readProfiles(summer, { day }));
  // README of the data: 277.87 kWh in the 15-minute file of the summer week.
  assert.ok(week > 277_800n && week < 277_940n, `${week} Wh`);
  const rebase = await pickFile(join(DATA, 'gsy-rebase-20'), undefined);
  assert.equal(basename(rebase), 'community20_7days_15min.csv');
  const first = await readProfiles(rebase, { day: 1 });
  assert.equal(first.homes.length, 20);
  assert.equal(boundOf(first), 17_278n);
});
