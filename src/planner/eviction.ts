/** LRU eviction, bounded in bytes. */

interface Entry {
  readonly bytes: number;
  readonly evict: () => void;
}

export class Eviction {
  readonly #maxBytes: number;
  /** Least recently used first. */
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;
  #latest: string | null = null;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Adds or replaces an entry; `evict` must release it. */
  add(key: string, bytes: number, evict: () => void): void {
    this.evict(key);
    // An entry larger than the limit would evict all others.
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
