/** The interface of a tool: how it is listed, and how it is called. */
import type { CallEstimate, Cost } from '../../pricing/cost.ts';
import type { ToolAnswer } from '../answers/tool-answer.ts';
import type { ObjectSchema } from '../documents/json-schema.ts';
import type { ListOffset } from '../documents/list-offset.ts';

export interface Tool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: ObjectSchema;
  readonly outputSchema: ObjectSchema;
  /** @param given arguments that fit the input schema, without nulls */
  readonly call: (given: Readonly<Record<string, unknown>>, context: ToolContext) => Promise<ToolAnswer>;
}

/** An operation that a tool executes for its caller. */
export interface OperationCall {
  readonly text: string;
  /** With the defaults of those that are not given. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** Whether the operator has provided the document; if not, it is the caller's own, and may have to be a trusted one. */
  readonly isProvided: boolean;
  /** Where the caller continues a list without a cursor; null for a whole answer. */
  readonly listAfter: ListOffset | null;
}

interface OperationCost {
  /** As it is limited. */
  readonly cost: Cost;
  readonly estimate: CallEstimate;
  readonly isSubscription: boolean;
}

/** The gateway as the tools of one request see it, with the rights and limits of its caller. */
export interface Operations {
  /**
   * Executes an operation. Resolves with its result as JSON, errors included; of a subscription, with the last.
   *
   * @param onEvent gets each result of a subscription as it comes
   */
  readonly run: (call: OperationCall, onEvent: (json: string) => void) => Promise<string>;
  /** The cost of an operation that is not executed, or a result as JSON that has the errors. */
  readonly cost: (call: OperationCall) => Promise<OperationCost | { readonly failure: string }>;
  /** Notes the code of a call that failed, unless its operation has. */
  readonly recordFailure: (code: string) => void;
  /** Notes the codes of what an answer lacks. */
  readonly recordMissing: (codes: readonly string[]) => void;
  /** URL of the gateway as the caller knows it, without `/mcp` and without a slash at its end. */
  readonly baseUrl: string;
}

export interface ToolContext {
  readonly operations: Operations;
  /** Greatest number of characters in the text of an answer. */
  readonly maxCharacters: number;
  /** Reports how far the call has come; `total` is null if it is not known. */
  readonly onProgress: (done: number, total: number | null, message: string) => void;
}
