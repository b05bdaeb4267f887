import type { IncomingHttpHeaders } from 'node:http';

/** One exchange with the simulated API, as far as it matters to it. */
export interface SimulatorCall {
  readonly method: string;
  /** As it came, still encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface SimulatorAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
  /** The connection breaks in the middle of the body. */
  readonly breaksOff?: boolean;
}

/** `reset` breaks the connection, `hang` never answers. */
export type SimulatorOutcome = SimulatorAnswer | 'reset' | 'hang';
