/** How long responses may grow while they are written: each by itself, and all of them together. */
import { LimitError, UnavailableError } from '../errors.ts';
import type { OutputBudget } from './request.ts';

/** Long answers that are being written or sent may together be as long as so many of maximum length. */
const maxLongAnswers = 2;
/** Shorter answers are never refused for the sake of others. */
const longCharacters = 1_000_000;

export interface OperationOutputBudget extends OutputBudget {
  /** To be called when the answer was sent or abandoned: nothing can be spent afterwards. */
  readonly release: () => void;
}

export class OutputBudgets {
  readonly #maxCharacters: number;
  #inFlight = 0;

  /** @param maxCharacters of one answer; nearly all characters of an answer are one byte */
  constructor(maxCharacters: number) {
    this.#maxCharacters = maxCharacters;
  }

  create(): OperationOutputBudget {
    const max = this.#maxCharacters;
    let spent = 0;
    let isReleased = false;
    return {
      spend: (characters) => {
        if (isReleased) throw new UnavailableError('OVERLOADED');
        spent += characters;
        this.#inFlight += characters;
        if (spent > max) throw new LimitError('characters of the answer', spent, max);
        if (this.#inFlight > maxLongAnswers * max && spent > longCharacters)
          throw new UnavailableError('OVERLOADED');
      },
      release: () => {
        this.#inFlight -= spent;
        spent = 0;
        isReleased = true;
      },
    };
  }
}
