/** Reports each exchange with the upstream itself, not calls that are queued, or answered without it. */
import { UpstreamError } from '../errors.ts';
import type { Scope } from '../scope.ts';
import type { Transport, TransportRequest } from './transport.ts';

export interface ExchangeObserver {
  /** @param baseUrl of the service that is called */
  readonly begin: (request: TransportRequest, scope: Scope, baseUrl: URL) => ObservedExchange;
}

interface ObservedExchange {
  /** Sent along. */
  readonly headers: Readonly<Record<string, string>>;
  /** @param outcome a status, or the code of the error that the exchange has ended with */
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
