/** Observes each exchange with the upstream, excluding queued calls and cached answers. */
import { UpstreamError } from '../errors.ts';
import type { Scope } from '../scope.ts';
import type { Transport, TransportRequest } from './transport.ts';

export interface ExchangeObserver {
  /** @param baseUrl URL of the called service */
  readonly begin: (request: TransportRequest, scope: Scope, baseUrl: URL) => ObservedExchange;
}

interface ObservedExchange {
  /** Headers to add to the request. */
  readonly headers: Readonly<Record<string, string>>;
  /** @param outcome a status, or the code of the error */
  readonly end: (outcome: string) => void;
}

export function withObservers(
  next: Transport,
  observers: readonly ExchangeObserver[],
  baseUrl: URL,
): Transport {
  if (observers.length === 0) return next;
  return async (request, scope) => {
    const exchanges = observers.map((observer) => observer.begin(request, scope, baseUrl));
    const headers = Object.assign(
      {},
      request.headers,
      ...exchanges.map((exchange) => exchange.headers),
    ) as Record<string, string>;
    const end = (outcome: string) => {
      for (const exchange of exchanges) exchange.end(outcome);
    };
    try {
      const response = await next({ ...request, headers }, scope);
      end(String(response.status));
      return response;
    } catch (error) {
      end(error instanceof UpstreamError ? error.code : 'FAILED');
      throw error;
    }
  };
}
