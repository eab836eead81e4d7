// `busbar watch [TOPIC...]`: events of final blocks, a JSON document per line, each with the cursor
// from which the next call goes on. After a break it goes on by itself: nothing lost or told twice.
import type { Command } from 'commander';
import { ProtocolError } from '../../../core/src/errors.js';
import { followEvents } from '../../../rpc/src/follow.js';
import { countIn } from '../arguments.js';
import { addressOf, type NodeAddress, type NodeOptions, openClient, withNode } from '../client.js';
import { printJson } from '../print.js';
import { openSocket } from '../socket.js';

interface WatchOptions extends NodeOptions {
  readonly cursor?: string;
  readonly count?: string;
}

const HELP = `
Topics: headers, blocks, market, market:ID, account, account:bb1...
Examples:
  $ busbar watch headers --dir ./net
  $ busbar watch market:spot account:bb1... --cursor 120:3 --dir ./net`;

export function register(program: Command): void {
  withNode(program.command('watch'))
    .description('events of final blocks, one JSON document a line')
    .argument('[topics...]', 'what to hear of; headers unless given')
    .option('--cursor <cursor>', 'go on after this event; the next block unless given')
    .option('--count <n>', 'end after so many events')
    .option('--json', 'as without it: every line is a JSON document')
    .addHelpText('after', HELP)
    .action(watch);
}

async function watch(given: readonly string[], options: WatchOptions): Promise<void> {
  const count = options.count === undefined ? undefined : countIn(options.count, 'count');
  if (count === 0) throw new ProtocolError('USAGE', '--count: a number from 1');
  const address = addressOf(options);
  // Following would try for ever: a wrong address or token is told of at once.
  await openClient(options).call('node_status', {});
  const topics = given.length === 0 ? ['headers'] : given;
  await follow(address, { topics, cursor: options.cursor, count });
}

interface Wanted {
  readonly topics: readonly string[];
  readonly cursor: string | undefined;
  readonly count: number | undefined;
}

/** Resolves after `count` events; without it, never. */
function follow(address: NodeAddress, { topics, cursor, count }: Wanted): Promise<void> {
  let left = count;
  return new Promise((resolve, reject) => {
    const stop = followEvents({
      connect: () => openSocket(address),
      topics,
      cursor,
      onRefused: reject,
      onEvent(event) {
        if (left === 0) return;
        printJson(event);
        if (left === undefined || --left > 0) return;
        stop();
        resolve();
      },
    });
  });
}
