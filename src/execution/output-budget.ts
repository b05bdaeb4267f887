/** How long responses may grow while they are written: each by itself, and all of them together. */
import { LimitError, UnavailableError, type Refusal } from '../errors.ts';
import type { OutputBudget } from './request.ts';

/** Long answers that are being written or sent may together be as long as so many of the longest. */
const maxLongestAnswers = 2;
/** Shorter answers are never refused for the sake of others. */
const longCharacters = 1_000_000;

export class OutputBudgets {
  readonly #maxCharacters: number;
  #inFlight = 0;

  /** @param maxCharacters of one answer; nearly all characters of an answer are one byte */
  constructor(maxCharacters: number) {
    this.#maxCharacters = maxCharacters;
  }

  create(): OperationOutputBudget {
    const max = this.#maxCharacters;
    return new OperationOutputBudget(max, (characters) => {
      this.#inFlight += characters;
      return this.#inFlight <= maxLongestAnswers * max;
    });
  }
}

/** Of one answer. */
export class OperationOutputBudget implements OutputBudget {
  /** Why the answer was given up; null if it was not. */
  refusal: Refusal | null = null;
  readonly #maxCharacters: number;
  readonly #take: (characters: number) => boolean;
  #spent = 0;
  #isReleased = false;

  constructor(maxCharacters: number, take: (characters: number) => boolean) {
    this.#maxCharacters = maxCharacters;
    this.#take = take;
  }

  /** @throws Refusal if the answer has grown too long, too many others are long, or it is released */
  spend(characters: number): void {
    if (this.#isReleased) throw new UnavailableError('OVERLOADED');
    this.#spent += characters;
    const isAvailable = this.#take(characters);
    if (this.#spent > this.#maxCharacters) {
      throw new LimitError('characters of the answer', this.#spent, this.#maxCharacters);
    }
    if (!isAvailable && this.#spent > longCharacters) throw new UnavailableError('OVERLOADED');
  }

  /** The answer was sent, or given up. */
  release(): void {
    this.#take(-this.#spent);
    this.#spent = 0;
    this.#isReleased = true;
  }
}
