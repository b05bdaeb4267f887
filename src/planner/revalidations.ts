/** Stale-while-revalidate: refreshes stale entries once for all operations that use them. */
export class Revalidations {
  readonly #names = new Set<string>();

  /** Starts a revalidation unless one of this name is in flight. After a failure, the next operation starts another. */
  start(name: string, fetch: () => Promise<unknown>): void {
    if (this.#names.has(name)) return;
    this.#names.add(name);
    const remove = () => this.#names.delete(name);
    fetch().then(remove, remove);
  }
}
