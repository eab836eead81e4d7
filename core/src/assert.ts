// Assertions stay on in production: a false one means that we are wrong, so the process stops
// before it signs or writes anything (house rule; reliability D8). Bad input never ends here.

/** Thrown when the program contradicts itself. Never caught on purpose. */
export class AssertionFailure extends Error {
  override name = 'AssertionFailure';
}

/** Stops the process (by throwing) unless `condition` holds. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionFailure(message);
}

/** The value, which the caller knows to be there. */
export function present<T>(value: T | undefined | null, message: string): T {
  if (value === undefined || value === null) throw new AssertionFailure(message);
  return value;
}

/** For the default branch of an exhaustive switch. */
export function unreachable(value: never): never {
  throw new AssertionFailure(`unreachable: ${String(value)}`);
}
