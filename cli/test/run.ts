// Runs a command of these modules in this process and keeps what it prints: a process for each of
// them would take most of the time of the tests.
import { Command, CommanderError } from 'commander';
import { ProtocolError } from '../../core/src/errors.js';

export interface Ran {
  /** undefined: it succeeded; "usage" for a command line that is not understood. */
  readonly code: string | undefined;
  readonly out: string;
  /** Of what was refused; else "". */
  readonly message: string;
}

export interface CommandModule {
  register(program: Command): void;
}

export async function runCommand(
  modules: readonly CommandModule[],
  args: readonly string[],
): Promise<Ran> {
  const program = new Command('busbar').exitOverride();
  for (const { register } of modules) register(program);
  quiet(program);
  let out = '';
  const { write } = process.stdout;
  // The test runner itself writes bytes; commands write text.
  process.stdout.write = ((chunk: string | Uint8Array, ...rest: never[]) => {
    if (typeof chunk !== 'string') return write.call(process.stdout, chunk, ...rest);
    out += chunk;
    return true;
  }) as typeof write;
  try {
    await program.parseAsync(args, { from: 'user' });
    return { code: undefined, out, message: '' };
  } catch (error) {
    const { message } = error as Error;
    if (error instanceof ProtocolError) return { code: error.code, out, message };
    if (error instanceof CommanderError) return { code: 'usage', out, message };
    throw error;
  } finally {
    process.stdout.write = write;
  }
}

function quiet(command: Command): void {
  for (const child of command.commands) {
    child.exitOverride().configureOutput({ writeErr: () => undefined });
    quiet(child);
  }
}
