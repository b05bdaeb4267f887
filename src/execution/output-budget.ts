/** Limits of response length: per response, and for all responses in flight. */
import { LimitError, UnavailableError } from '../errors.ts';
import type { OutputBudget } from './request.ts';

/** Total length of long responses in flight, in multiples of the maximum length. */
const maxLongAnswers = 2;
/** Shorter responses are never refused because of other responses. */
const longCharacters = 1_000_000;

export interface OperationOutputBudget extends OutputBudget {
  /** Call when the response is sent or abandoned; `spend` throws afterwards. */
  readonly release: () => void;
}

export class OutputBudgets {
  readonly #maxCharacters: number;
  #inFlight = 0;

  /** @param maxCharacters of one response; nearly all are one byte */
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
