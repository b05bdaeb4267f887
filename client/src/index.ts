/** Exports of the package. */
export { createClient } from './client.ts';
export type { Client, ClientOptions, RequestOptions, Window } from './client.ts';
export { errorCodes } from './errors.ts';
export type { AnswerError, AnswerErrors, ErrorCode } from './errors.ts';
export { dataOf, RequestFailedError } from './outcome.ts';
export type { Failure, Outcome } from './outcome.ts';
export * from './generated/operations.ts';
