/** Explains faults of one upstream, its API and its identity service, to the operator. */
import type { UpstreamError } from '../errors.ts';
import { tokenEndpoint } from '../transport/access-token.ts';
import { explainFailure, type Service } from '../transport/failure-cause.ts';
import type { UpstreamDenial } from '../transport/upstream-denials.ts';
import type { HealthFaults } from './health-faults.ts';

/** Services of one upstream, with the settings of their URLs. */
export interface UpstreamServices {
  /** Null if there is a single credential. */
  readonly profile: string | null;
  readonly api: { readonly url: URL; readonly setting: string };
  readonly identity: { readonly url: URL; readonly setting: string };
}

const everyEndpoint = 'every endpoint';

/** Converts observations of one upstream to faults of the health check. */
export class UpstreamFaults {
  readonly api: Service;
  readonly identity: Service;
  readonly #faults: HealthFaults;
  readonly #profile: string | null;
  #forbidden: readonly string[] = [];

  constructor({ profile, api, identity }: UpstreamServices, faults: HealthFaults) {
    const owner = profile === null ? '' : ` of the profile ${profile}`;
    const lengthSetting = 'AVEPOINT_MAX_RESPONSE_MEBIBYTES';
    this.api = { name: `The API${owner}`, lengthSetting, ...api };
    this.identity = { name: `The identity service${owner}`, lengthSetting, ...identity };
    this.#faults = faults;
    this.#profile = profile;
  }

  /** @param text why API calls fail; null if they succeed */
  readonly setApiFault = (text: string | null): void => {
    this.#set('api', text);
  };

  /** @param text why all requests are rejected; null if they are accepted */
  readonly setRejection = (text: string | null): void => {
    this.#set('requests', text);
  };

  /** @param error why there is no token; null if there is one */
  readonly setTokenError = (error: UpstreamError | null): void => {
    this.#set('token', error === null ? null : this.#explainTokenError(error));
  };

  /** @param permissions those that the access token lacks */
  readonly setUngranted = (permissions: readonly string[]): void => {
    const { name, url, setting } = this.identity;
    const prefix = setting.replace(/TOKEN_URL$/, '');
    this.#set(
      'ungranted',
      permissions.length === 0
        ? null
        : `${name} at ${url.host} does not grant ${permissions.join(', ')}: grant them to the app registration, or remove them from ${prefix}SCOPE.`,
    );
  };

  /** @param fault last failure of the endpoint; null if unknown to this instance */
  setCircuit(endpoint: string, isOpen: boolean, fault: string | null): void {
    const name = `circuit ${endpoint}`;
    if (!isOpen) this.#set(name, null);
    // The fault of an unreachable API already explains it.
    else if (!this.#faults.has(this.#nameOf('api'))) {
      const reason = fault === null ? '' : ` (last: ${fault})`;
      this.#set(
        name,
        `${this.api.name} at ${this.api.url.host} keeps failing at ${endpoint}${reason}: the endpoint's circuit is open, and only probes are sent.`,
      );
    }
  }

  /** @param denials all known denials */
  readonly setDenials = (denials: readonly UpstreamDenial[]): void => {
    const unauthenticated = denials.filter(({ status }) => status === 401);
    const endpoints = unauthenticated.flatMap(({ endpoint }) => (endpoint === null ? [] : [endpoint]));
    const isOfSome = unauthenticated.every(({ endpoint }) => endpoint !== null);
    if (unauthenticated.length === 0) this.#set('token refused', null);
    // During recovery the list of endpoints changes, but the cause does not.
    else if (!this.#faults.has(this.#nameOf('token refused'))) {
      this.#set(
        'token refused',
        `${this.api.name} at ${this.api.url.host} refuses access tokens that ${this.identity.url.host} has just issued (status 401)${isOfSome ? ` at ${endpoints.join(', ')}` : ''}: check that ${this.api.setting} and ${this.identity.setting} belong together, and the app registration.`,
      );
    }
    const all = denials.filter(({ status }) => status === 403);
    const forbidden = new Map(
      all.flatMap(({ endpoint, permission }) => (endpoint === null ? [] : [[endpoint, permission]])),
    );
    const isOfAll = all.some(({ endpoint }) => endpoint === null);
    const isKnownOfAll = this.#forbidden.includes(everyEndpoint);
    if (all.length > 0 && (isKnownOfAll || (isOfAll && this.#forbidden.length === 0))) {
      forbidden.clear();
      forbidden.set(everyEndpoint, null);
    }
    for (const endpoint of this.#forbidden) {
      if (!forbidden.has(endpoint)) this.#set(`forbidden ${endpoint}`, null);
    }
    this.#forbidden = [...forbidden.keys()];
    for (const [endpoint, permission] of forbidden) {
      const remedy =
        permission === null ? 'the permissions of its endpoints' : `the permission ${permission}`;
      this.#set(
        `forbidden ${endpoint}`,
        `${this.api.name} at ${this.api.url.host} forbids calls of ${endpoint} (status 403): the app registration needs ${remedy}, and the customers must be in its scope.`,
      );
    }
  };

  /** Explains the failure of one call. */
  readonly explain = (error: UpstreamError): string => {
    const { code, details } = error;
    // The circuit breaker stopped the call: only its errors have no cause.
    const isStoppedHere = details.notSent === true && details.cause === undefined && !hasAnswer(error);
    if (isStoppedHere) return error.message;
    const isOfToken = details.endpoint === tokenEndpoint;
    // The operation's deadline was reached before the call's timeout.
    if (code === 'DEADLINE_EXCEEDED' || code === 'REQUEST_CANCELLED')
      return explainFailure({ code: 'ETIMEDOUT' }, isOfToken ? this.identity : this.api).text;
    if (isOfToken) return this.#explainTokenError(error);
    return hasAnswer(error) ? error.message : explainFailure(error, this.api).text;
  };

  #explainTokenError(error: UpstreamError): string {
    const { name, url, setting } = this.identity;
    if (!hasAnswer(error)) return explainFailure(error, this.identity).text;
    const { status } = error.details;
    const answer = status === undefined ? '' : ` (status ${status})`;
    if (error.code !== 'UPSTREAM_UNAUTHENTICATED')
      return `${name} at ${url.host} gives no access token${answer}: ${error.message} Its URL is ${setting}.`;
    const prefix = setting.replace(/TOKEN_URL$/, '');
    return `${name} at ${url.host} gives no access token${answer}: ${error.message} Look at ${prefix}CLIENT_ID, at ${prefix}CLIENT_SECRET or ${prefix}CLIENT_CERTIFICATE, and at ${setting}.`;
  }

  #nameOf(fault: string): string {
    return `${this.#profile ?? ''} ${fault}`;
  }

  #set(fault: string, text: string | null): void {
    this.#faults.set(this.#nameOf(fault), text);
  }
}

/** Whether the service has responded; the error's message then has the reason. */
function hasAnswer({ code, details }: UpstreamError): boolean {
  return code !== 'UPSTREAM_TIMEOUT' && (details.status !== undefined || details.field !== undefined);
}
