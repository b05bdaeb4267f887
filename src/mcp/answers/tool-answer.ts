/** Answer of a tool: content, or an error. */
import type { JsonObject } from '../../json.ts';

export type ToolAnswer = ToolContent | ToolFailure;

export interface ToolContent {
  /** Sent both as text and as structure. */
  readonly content: JsonObject;
  /** Error codes of the parts that could not be read. */
  readonly missing: readonly string[];
}

/** An error that the assistant can read and act on. */
export interface ToolFailure {
  readonly code: string;
  /** What happened and what to do next; the code precedes it. */
  readonly text: string;
}
