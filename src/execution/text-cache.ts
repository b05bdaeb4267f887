/** Texts of records in the responses of a plan: written once, and dropped all together when there are too many. */

/** Shared by the caches of all plans. */
export class TextBudget {
  readonly #maxCharacters: number;
  #left: number;
  #generation = 0;

  constructor(maxCharacters: number) {
    this.#maxCharacters = maxCharacters;
    this.#left = maxCharacters;
  }

  /** Texts of earlier generations are dropped. */
  get generation(): number {
    return this.#generation;
  }

  spend(characters: number): void {
    this.#left -= characters;
    if (this.#left >= 0) return;
    this.#left = this.#maxCharacters;
    this.#generation += 1;
  }
}

/** Texts by object, of one run of fields. */
export class TextCache {
  readonly #budget: TextBudget;
  #texts: WeakMap<object, string> | null = null;
  #generation = 0;

  constructor(budget: TextBudget) {
    this.#budget = budget;
  }

  get(object: unknown): string | undefined {
    if (typeof object !== 'object' || object === null) return undefined;
    if (this.#generation !== this.#budget.generation) this.#texts = null;
    return this.#texts?.get(object);
  }

  set(object: unknown, text: string): void {
    if (typeof object !== 'object' || object === null) return;
    this.#budget.spend(text.length);
    if (this.#generation !== this.#budget.generation) this.#texts = null;
    this.#generation = this.#budget.generation;
    // Flattens the text, which would else retain the pieces that it was made of.
    text.charCodeAt(0);
    (this.#texts ??= new WeakMap()).set(object, text);
  }
}
