/** What is kept in memory, bounded in bytes: what was used longest ago goes first. It refuses to know what is kept. */

interface Entry {
  readonly bytes: number;
  readonly evict: () => void;
}

export class Eviction {
  readonly #maxBytes: number;
  /** Least recently used first. */
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;
  /** The most recently used: touched again, it stays where it is. */
  #latest: string | null = null;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Keeps what this key stands for, in place of what it stood for before; `evict` must let go of it. */
  keep(key: string, bytes: number, evict: () => void): void {
    this.evict(key);
    // What is bigger than all there is room for would only drive out the rest.
    if (bytes > this.#maxBytes) {
      evict();
      return;
    }
    this.#entries.set(key, { bytes, evict });
    this.#latest = key;
    this.#bytes += bytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#maxBytes) break;
      this.evict(oldest);
    }
  }

  /** Marks a key as used. */
  touch(key: string): void {
    if (key === this.#latest) return;
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    this.#latest = key;
  }

  evict(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    if (key === this.#latest) this.#latest = null;
    this.#bytes -= entry.bytes;
    entry.evict();
  }
}
