/**
 * What objects that never change look like in the answers of a plan: worked out once, and forgotten all together when
 * there is too much of it.
 */

/** Shared by the caches of all plans. */
export class TextBudget {
  readonly #mostCharacters: number;
  #left: number;
  #generation = 0;

  constructor(mostCharacters: number) {
    this.#mostCharacters = mostCharacters;
    this.#left = mostCharacters;
  }

  /** What was kept in an earlier generation is forgotten. */
  get generation(): number {
    return this.#generation;
  }

  spend(characters: number): void {
    this.#left -= characters;
    if (this.#left >= 0) return;
    this.#left = this.#mostCharacters;
    this.#generation += 1;
  }
}

/** Of one plan's objects. */
export class TextCache {
  readonly #budget: TextBudget;
  #texts = new WeakMap<object, string>();
  #generation: number;

  constructor(budget: TextBudget) {
    this.#budget = budget;
    this.#generation = budget.generation;
  }

  /** Of what is no object, nothing is kept. */
  get(object: unknown): string | undefined {
    if (typeof object !== 'object' || object === null) return undefined;
    if (this.#generation !== this.#budget.generation) {
      this.#texts = new WeakMap();
      this.#generation = this.#budget.generation;
    }
    return this.#texts.get(object);
  }

  set(object: unknown, text: string): void {
    if (typeof object !== 'object' || object === null) return;
    // Makes one string of the pieces that it was put together from.
    text.charCodeAt(0);
    this.#texts.set(object, text);
    this.#budget.spend(text.length);
  }
}
