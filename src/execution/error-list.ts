/** Errors of a response. Total and per-message limits apply; errors beyond them are only counted. */
import { GraphQLError } from 'graphql';
import { LimitError } from '../errors.ts';
import { locateAll, type Failure } from './cells.ts';

const maxErrors = 2000;
const maxErrorsOfMessage = 1000;

export class ErrorList {
  readonly #failures: Failure[] = [];
  readonly #failuresOfMessage = new Map<string, number>();
  #unlisted = 0;

  add(failure: Failure): void {
    const message = messageOf(failure.reason);
    const ofMessage = this.#failuresOfMessage.get(message) ?? 0;
    if (this.#failures.length >= maxErrors || ofMessage >= maxErrorsOfMessage) {
      this.#unlisted += 1;
      return;
    }
    this.#failuresOfMessage.set(message, ofMessage + 1);
    this.#failures.push(failure);
  }

  /** The located errors, plus one if some are only counted. */
  located(): GraphQLError[] {
    const errors = locateAll(this.#failures);
    if (this.#unlisted > 0) errors.push(limitError('errors', errors.length + this.#unlisted, errors.length));
    return errors;
  }
}

export function limitError(name: string, value: number, max: number): GraphQLError {
  const limit = new LimitError(name, value, max);
  return new GraphQLError(limit.message, { originalError: limit });
}

/** Empty if the reason is not an Error. */
function messageOf(reason: unknown): string {
  try {
    return reason instanceof Error ? reason.message : '';
  } catch {
    return '';
  }
}
