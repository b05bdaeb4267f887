import type { IncomingHttpHeaders } from 'node:http';

/** Request to the simulated API. */
export interface SimulatorCall {
  readonly method: string;
  /** Still URL-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface SimulatorAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
  /** Breaks the connection off in the middle of the body. */
  readonly breaksOff?: boolean;
}

/** `reset` breaks the connection, `hang` never answers. */
export type SimulatorOutcome = SimulatorAnswer | 'reset' | 'hang';
