/** Requests that are refused before an operation of theirs is executed: each with an HTTP status and a message. */
import type { GraphQLError } from 'graphql';
import { Refusal, type ErrorCode } from '../../errors.ts';

export class RequestRefusal extends Refusal {
  override readonly name = 'RequestRefusal';
  readonly status: Refusal['status'];
  readonly code: ErrorCode;

  /** By default, the request is malformed, or not one that this endpoint answers. */
  constructor(message: string, status: Refusal['status'] = 400, code: ErrorCode = 'BAD_REQUEST') {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export const requestTimeout = () =>
  new RequestRefusal('The request did not arrive in time. Send it again.', 408, 'REQUEST_TIMEOUT');

/** The request was well formed, and its document or variables can't be executed: GraphQL's own request errors. */
export class RequestErrors extends Error {
  override readonly name = 'RequestErrors';
  readonly errors: readonly GraphQLError[];

  /** @param code of every error that has none */
  constructor(errors: readonly GraphQLError[], code: string) {
    super(errors[0]?.message);
    for (const { extensions } of errors) extensions['code'] ??= code;
    this.errors = errors;
  }
}
