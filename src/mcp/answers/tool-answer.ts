/** What a tool answers: content, or an error. */
import type { JsonObject } from '../../json.ts';

export type ToolAnswer = ToolContent | ToolFailure;

export interface ToolContent {
  /** The same as text and as structure. */
  readonly content: JsonObject;
  /** Codes of what could not be read. */
  readonly missing: readonly string[];
}

/** An error that the assistant can read, and act on. */
export interface ToolFailure {
  readonly code: string;
  /** What happened, and what to do next, behind the code. */
  readonly text: string;
}
