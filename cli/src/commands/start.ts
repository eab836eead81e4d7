// `busbar start`: runs one node from its option file until a signal.
import type { Command } from 'commander';
import { programVersion } from '../installation.js';

const EXAMPLES = `
The password of an encrypted key is read from BUSBAR_PASSWORD.

Example:
  $ busbar start --config v1/node.toml`;

export function register(program: Command): void {
  program
    .command('start')
    .description('run a node (centre, standby, validator, full)')
    .requiredOption('--config <file>', 'options of the node (TOML)')
    .option('--json', 'accepted for uniformity: logs are JSON already')
    .addHelpText('after', EXAMPLES)
    .action(async ({ config }: { config: string }) => {
      // The other commands start in a fraction of the time without the node.
      const [{ loadOptions }, { runProcess }] = await Promise.all([
        import('../../../node/src/config.js'),
        import('../../../node/src/process.js'),
      ]);
      const status = await runProcess({
        options: loadOptions(config),
        version: programVersion(),
        password: process.env.BUSBAR_PASSWORD,
      });
      // Sockets of a library may linger; everything that matters is on the disk.
      process.exit(status);
    });
}
