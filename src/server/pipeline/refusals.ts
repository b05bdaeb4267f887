/** Refusals of requests before execution, each with an HTTP status and a message. */
import type { GraphQLError } from 'graphql';
import { Refusal, type ErrorCode } from '../../errors.ts';

export class RequestRefusal extends Refusal {
  override readonly name = 'RequestRefusal';
  readonly status: Refusal['status'];
  readonly code: ErrorCode;

  /** By default, a malformed request. */
  constructor(message: string, status: Refusal['status'] = 400, code: ErrorCode = 'BAD_REQUEST') {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export const requestTimeout = () =>
  new RequestRefusal('The request did not arrive in time. Send it again.', 408, 'REQUEST_TIMEOUT');

/** GraphQL request errors: the request is well formed, but its document or variables can't be executed. */
export class RequestErrors extends Error {
  override readonly name = 'RequestErrors';
  readonly errors: readonly GraphQLError[];

  /** @param code code of every error that has none */
  constructor(errors: readonly GraphQLError[], code: string) {
    super(errors[0]?.message);
    for (const { extensions } of errors) extensions['code'] ??= code;
    this.errors = errors;
  }
}
