/** Requests that are refused before an operation of theirs is executed: each with an HTTP status and a message. */
import type { GraphQLError } from 'graphql';
import { Refusal } from '../../errors.ts';

/** The request is malformed, or not one that this endpoint answers. */
export class BadRequestError extends Refusal {
  override readonly name = 'BadRequestError';
  readonly code = 'BAD_REQUEST';
  readonly status: 400 | 405 | 406 | 413 | 415 | 421;

  constructor(message: string, status: BadRequestError['status'] = 400) {
    super(message);
    this.status = status;
  }
}

/** The request's body did not arrive in time. */
export class RequestTimeoutError extends Refusal {
  override readonly name = 'RequestTimeoutError';
  readonly code = 'REQUEST_TIMEOUT';
  readonly status = 408;

  constructor() {
    super('The body of the request did not arrive in time. Send it again.');
  }
}

/** The caller is restricted to trusted documents, and this is none of them. */
export class UntrustedDocumentError extends Refusal {
  override readonly name = 'UntrustedDocumentError';
  readonly status = 403;
  readonly code = 'DOCUMENT_NOT_TRUSTED';

  constructor() {
    super('Only trusted documents are accepted; send a registered id or the exact text.');
  }
}

/** The caller's customers, profile or documents have changed since its subscription began. */
export class PermissionsChangedError extends Refusal {
  override readonly name = 'PermissionsChangedError';
  readonly status = 401;
  readonly code = 'UNAUTHENTICATED';

  constructor() {
    super('The permissions of this credential have changed. Subscribe again.');
  }
}

/** The request was well formed, and its document or variables can't be executed: GraphQL's own request errors. */
export class RequestErrors extends Error {
  override readonly name = 'RequestErrors';
  readonly errors: readonly GraphQLError[];

  /** @param code of every error that has none */
  constructor(errors: readonly GraphQLError[], code: string) {
    super(errors[0]?.message);
    this.errors = errors.map((error) => {
      error.extensions['code'] ??= code;
      return error;
    });
  }
}
