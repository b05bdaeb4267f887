/** Cache of records' response texts; cleared completely when full. */

export class TextCache {
  readonly #maxCharacters: number;
  #left: number;
  /** By run of fields, which is freed with its plan, then by object. */
  #texts = new WeakMap<object, WeakMap<object, string>>();

  constructor(maxCharacters: number) {
    this.#maxCharacters = maxCharacters;
    this.#left = maxCharacters;
  }

  of(run: object): WeakMap<object, string> {
    let texts = this.#texts.get(run);
    if (texts === undefined) this.#texts.set(run, (texts = new WeakMap()));
    return texts;
  }

  set(texts: WeakMap<object, string>, object: unknown, text: string): void {
    if (typeof object !== 'object' || object === null) return;
    // Flattens the text, which would otherwise retain its parts.
    text.charCodeAt(0);
    texts.set(object, text);
    this.#left -= text.length;
    if (this.#left >= 0) return;
    this.#left = this.#maxCharacters;
    this.#texts = new WeakMap();
  }
}
