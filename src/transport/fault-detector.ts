/** Detects from the calls of a service that it is at fault, or called in a wrong way, until something is mended. */
import { UpstreamError } from '../errors.ts';
import { explainFailure, type Service } from './failure-cause.ts';
import { isHtml, type Transport, type TransportResponse } from './transport.ts';

/** Failures in a row that no random fault makes: of connections, and spoiled answers, which are rarer. */
const failuresInARow = 8;
const spoiledInARow = 4;

/** The HTTP status of an answer without a body. */
const noContent = 204;

/**
 * Notifies of the reason why calls fail, as soon as it is clear, and of null when one succeeds again. An answer is a
 * success, whatever its status, unless it is a redirect, an HTML page, or neither a JSON object nor an array.
 */
export function withFaultDetector(
  next: Transport,
  service: Service,
  onFault: (text: string | null) => void,
): Transport {
  let failures = 0;
  let hasFault = false;
  const fail = (text: string, inARow: number) => {
    failures += 1;
    if (failures < inARow) return;
    hasFault = true;
    onFault(text);
  };
  const succeed = () => {
    failures = 0;
    if (hasFault) onFault(null);
    hasFault = false;
  };
  return async (request, scope) => {
    try {
      const response = await next(request, scope);
      const oddity = oddityOf(response);
      if (oddity === null) succeed();
      else
        fail(
          `${service.name} at ${service.url.host} ${oddity}: check ${service.setting}, and whether a proxy or a login page is in between.`,
          spoiledInARow,
        );
      return response;
    } catch (error) {
      if (error instanceof UpstreamError) {
        const { code } = error;
        const saysNothing = error.details.wasNotCalled === true || code === 'REQUEST_CANCELLED';
        if (!saysNothing) {
          const { text, isLasting } = explainFailure(error, service);
          const inARow = code === 'UPSTREAM_INVALID_RESPONSE' ? spoiledInARow : failuresInARow;
          fail(text, isLasting ? 1 : inARow);
        }
      }
      throw error;
    }
  };
}

/** What is wrong with an answer that no request to an API can bring about; null if nothing is. */
function oddityOf(response: TransportResponse): string | null {
  const { status, body } = response;
  if (status >= 300 && status < 400)
    return `answers with a redirect, which is not followed (status ${status})`;
  if (status >= 300 || status === noContent) return null;
  if (isHtml(response)) return `answers with a page of HTML instead of JSON (status ${status})`;
  return /^\s{0,100}[[{]/.test(body)
    ? null
    : `answers with a body that is no JSON object or array (status ${status})`;
}
