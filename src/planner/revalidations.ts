/** Stale-while-revalidate: renews what was served stale, once for all operations that use it meanwhile. */
export class Revalidations {
  readonly #names = new Set<string>();

  /** Renews what has this name, unless that is under way. If it fails, the next operation starts it again. */
  start(name: string, renew: () => Promise<unknown>): void {
    if (this.#names.has(name)) return;
    this.#names.add(name);
    const forget = () => this.#names.delete(name);
    renew().then(forget, forget);
  }
}
