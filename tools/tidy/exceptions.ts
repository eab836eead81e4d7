// Every exception to a rule of tidy, each with its reason. One that is no longer needed is itself a
// finding: the list only shrinks, or grows by a line that somebody reads.

export interface Exception {
  readonly rule: string;
  readonly file: string;
  readonly reason: string;
}

const exception = (rule: string, file: string, reason: string): Exception => ({
  rule,
  file,
  reason,
});

export const EXCEPTIONS: readonly Exception[] = [
  exception('number', 'core/src/ed25519.ts', 'bytes of the group order, once at start'),
  exception('number', 'core/src/eventProof.ts', 'places in a list, bounded by its count'),
  exception('number', 'core/src/select.ts', 'a draw below a sum of weights'),
  exception('number', 'state/src/markets/bilateral/duty.ts', 'weights of a draw, below 10^6'),
  exception('number', 'market/src/file/csv.ts', 'counts of a CSV, which the reader checks again'),
  exception('number', 'market/src/shares.ts', 'how many shares get one more, below their number'),
  exception(
    'dead file',
    'market/src/continuous/faults.ts',
    'checks of results, run by tests and bench',
  ),
  exception(
    'dead file',
    'market/src/internalPrice/faults.ts',
    'checks of results, run by tests and bench',
  ),
  exception(
    'dead file',
    'market/src/neighbourhood/faults.ts',
    'checks of results, run by tests and bench',
  ),
  exception(
    'dead file',
    'market/src/twoRound/faults.ts',
    'checks of results, run by tests and bench',
  ),
  exception(
    'dead file',
    'market/src/uniform/faults.ts',
    'checks of results, run by tests and bench',
  ),
  exception('number', 'market/src/settle/sharing.ts', 'units below a sum of credits, exact'),
  exception('dead file', 'node/src/net/memory.ts', 'the network of tests, held by test/compliance'),
  exception('dead file', 'node/src/store/memory.ts', 'the store of tests, held by test/compliance'),
];
