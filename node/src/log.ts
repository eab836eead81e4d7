// Structured logs: one JSON object per line on stdout. At the default level no line per
// transaction, vote or peer message: those are metrics. Only named fields are logged, never
// whole messages, so that no personal data slips in (reliability D29).
import { type DestinationStream, pino } from 'pino';
import { ProtocolError } from '../../core/src/errors.js';

/** What a line may carry. */
export type LogFields = Readonly<Record<string, string | number | boolean | bigint | undefined>>;

export interface Logger {
  trace(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds these fields to every line. */
  child(fields: LogFields): Logger;
  /** Whether a line of that level would be written: for fields that cost something. */
  writes(level: Level): boolean;
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;
type Level = (typeof LEVELS)[number];

export interface LogOptions {
  /** Name of the node. */
  readonly name: string;
  readonly level: Level | 'silent';
  /** Default stdout; a file descriptor or path for daemons. */
  readonly destination?: DestinationStream;
}

type Pino = ReturnType<typeof pino>;

function wrap(inner: Pino): Logger {
  const write = (level: Level) => (message: string, fields?: LogFields) => {
    if (inner.isLevelEnabled(level)) inner[level](printable(fields), message);
  };
  return {
    trace: write('trace'),
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (fields) => wrap(inner.child(printable(fields))),
    writes: (level) => inner.isLevelEnabled(level),
  };
}

/** JSON has no bigint. */
function printable(fields: LogFields | undefined): Record<string, string | number | boolean> {
  const out: Record<string, string | number | boolean> = {};
  for (const [key, value] of Object.entries(fields ?? {}))
    if (value !== undefined) out[key] = typeof value === 'bigint' ? String(value) : value;
  return out;
}

/** Times are RFC 3339, levels are words. */
export function createLogger(options: LogOptions): Logger {
  const { name, level, destination } = options;
  const settings = {
    level,
    base: { node: name },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return wrap(destination === undefined ? pino(settings) : pino(settings, destination));
}

/** A logger that writes nothing. */
export const silentLogger = (): Logger => createLogger({ name: 'silent', level: 'silent' });

/** Code and message of an error as fields. */
export const errorFields = (error: unknown): LogFields =>
  error instanceof ProtocolError
    ? { ...error.data, code: error.code, error: error.message }
    : { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
