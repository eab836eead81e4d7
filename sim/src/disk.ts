// A disk of named records. A write is seen at once by the process; a power loss takes back what was
// not synced, the death of a process does not (reliability finding 2).

export interface Disk {
  read<T>(name: string): T | undefined;
  write(name: string, value: unknown): void;
  sync(name: string): void;
  /** What a power loss would leave. */
  durable<T>(name: string): T | undefined;
  /** Takes back unsynced writes; returns how many records lost something. */
  losePower(): number;
}

export function createDisk(): Disk {
  const seen = new Map<string, unknown>();
  const synced = new Map<string, unknown>();
  return {
    read: <T>(name: string) => seen.get(name) as T | undefined,
    write: (name, value) => void seen.set(name, value),
    sync: (name) => void synced.set(name, seen.get(name)),
    durable: <T>(name: string) => synced.get(name) as T | undefined,
    losePower() {
      let lost = 0;
      for (const [name, value] of seen) {
        if (synced.get(name) === value) continue;
        lost += 1;
        if (synced.has(name)) seen.set(name, synced.get(name));
        else seen.delete(name);
      }
      return lost;
    },
  };
}
