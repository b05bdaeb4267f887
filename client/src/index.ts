/** The package's door. */
export { createClient } from './client.ts';
export type { Client, ClientOptions, RequestOptions, Window } from './client.ts';
export { dataOf, errorCodes, RequestFailedError } from './errors.ts';
export type { AnswerError, AnswerErrors, ErrorCode, Outcome } from './errors.ts';
export * from './generated/operations.ts';
