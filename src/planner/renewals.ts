/** Stale-while-revalidate: renews what was served stale, once for all who are served the same at the same time. */
export class Renewals {
  readonly #names = new Set<string>();

  /** Renews what a name stands for, unless that is under way. What can't be renewed is stale for the next one as well. */
  start(name: string, renew: () => Promise<unknown>): void {
    if (this.#names.has(name)) return;
    this.#names.add(name);
    const forget = () => this.#names.delete(name);
    renew().then(forget, forget);
  }
}
