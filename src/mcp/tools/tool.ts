/** Interface of a tool: its listing and its call. */
import type { CallEstimate, Cost } from '../../pricing/cost.ts';
import type { ToolAnswer } from '../answers/tool-answer.ts';
import type { ObjectSchema } from '../documents/json-schema.ts';
import type { ListOffset } from '../documents/list-offset.ts';

export interface Tool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: ObjectSchema;
  readonly outputSchema: ObjectSchema;
  /** @param given valid arguments, without nulls */
  readonly call: (given: Readonly<Record<string, unknown>>, context: ToolContext) => Promise<ToolAnswer>;
}

/** An operation that a tool executes for its caller. */
export interface OperationCall {
  readonly text: string;
  /** Given variables, with the defaults of absent ones. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** Whether the operator provided the document; if not, it is the caller's, and may have to be trusted. */
  readonly isProvided: boolean;
  /** Where the caller continues a list without a cursor; null for a whole answer. */
  readonly listAfter: ListOffset | null;
}

interface OperationCost {
  /** The cost that limits apply to. */
  readonly cost: Cost;
  readonly estimate: CallEstimate;
  readonly isSubscription: boolean;
}

/** The gateway for the tools of one request, with its caller's rights and limits. */
export interface Operations {
  /**
   * Executes an operation. Resolves to its result as JSON, errors included; the last one of a subscription.
   *
   * @param onEvent called with each result of a subscription
   */
  readonly run: (call: OperationCall, onEvent: (json: string) => void) => Promise<string>;
  /** Prices an operation without executing it; resolves to a JSON result with errors if that fails. */
  readonly cost: (call: OperationCall) => Promise<OperationCost | { readonly failure: string }>;
  /** Records the code of a failed call, unless its operation has recorded it. */
  readonly recordFailure: (code: string) => void;
  /** Records the error codes of missing parts. */
  readonly recordMissing: (codes: readonly string[]) => void;
  /** The gateway's URL as the caller knows it, without `/mcp` and trailing slash. */
  readonly baseUrl: string;
}

export interface ToolContext {
  readonly operations: Operations;
  /** Maximum characters of an answer's text. */
  readonly maxCharacters: number;
  /** Reports progress; `total` is null if unknown. */
  readonly onProgress: (done: number, total: number | null, message: string) => void;
}
