/**
 * Finds settings that are meant for the gateway and that it does not read: a misspelt limit would not limit anything.
 * The environment has many variables of other software, which are ignored.
 */
import { nearestName } from '../callers/nearest-name.ts';
import { isOfKubernetes, type Environment } from './settings.ts';

/** Variables that begin like this are the gateway's own. */
const ownPrefixes = [
  'AVEPOINT_',
  'CALLERS_',
  'SIMULATOR_',
  'CACHE_',
  'TRUSTED_DOCUMENTS',
  'CORS_',
  'SHUTDOWN_',
  'AUDIT_',
  'OPERATION_TIMEOUT',
  'MAX_OPERATION_',
  'MAX_UPSTREAM_',
  'MAX_SUBSCRIPTION',
  'MAX_REQUESTS_',
  'MAX_EVENT_LOOP_',
];
/** OpenTelemetry's library reads more of these than the gateway. */
const foreignPrefixes = ['OTEL_'];
/** Of proxies: other software has them in small letters, and so may the gateway. */
const smallNames = ['http_proxy', 'https_proxy', 'no_proxy'];
/** What Kubernetes sets for each service of a namespace, whatever the service is called. */
const ofKubernetes = /_SERVICE_(HOST|PORT)(_\w+)?$|_PORT_\d+_(TCP|UDP|SCTP)(_\w+)?$/;
/** Of a shorter name, another word may be one edit away. */
const minLength = 7;
const longLength = 10;

/** Settings of earlier versions, and what has taken their place; one that is set to its default is no mistake. */
const removedSettings: Readonly<Record<string, { readonly isDefault: string; readonly instead: string }>> = {
  WORKERS: {
    isDefault: '1',
    instead: 'one process runs; start several instances behind a load balancer (docs/operating.md)',
  },
};

/** A mistake for each unknown setting, without its value. */
export function unknownSettings(environment: Environment, known: ReadonlySet<string>): string[] {
  return Object.keys(environment).flatMap((name) => {
    if (known.has(name) || isForeign(name)) return [];
    const removed = removedSettings[name];
    if (removed !== undefined)
      return isUnsetOr(removed.isDefault, environment[name]) ? [] : [`${name}: ${removed.instead}`];
    const isOwn = ownPrefixes.some((prefix) => name.toUpperCase().startsWith(prefix));
    const nearest = misspelt(name, known);
    if (!isOwn && nearest === null) return [];
    const value = environment[name]?.trim() ?? '';
    if (value === '' || isOfKubernetes(name, value)) return [];
    if (nearest === null && isOfProfile(name, known))
      return [`${name} belongs to no profile of AVEPOINT_PROFILES`];
    const suggested = nearest ?? nearestName(name, known);
    const hint = suggested === null ? '; docs/configuration.md lists them' : `; did you mean ${suggested}?`;
    return [`${name}: unknown setting${hint}`];
  });
}

/** Whether it is one of a credential's settings, with the name of a profile in it. */
function isOfProfile(name: string, known: ReadonlySet<string>): boolean {
  const words = name.split('_');
  return words.some((_, index) => index > 1 && known.has(['AVEPOINT', ...words.slice(index)].join('_')));
}

function isUnsetOr(expected: string, value = ''): boolean {
  return ['', expected].includes(value.trim());
}

function isForeign(name: string): boolean {
  return (
    smallNames.includes(name) ||
    ofKubernetes.test(name) ||
    foreignPrefixes.some((prefix) => name.startsWith(prefix))
  );
}

/** The setting that a name is a misspelling of; null if it may as well be another software's. */
function misspelt(name: string, known: ReadonlySet<string>): string | null {
  const nearest = nearestName(name, known, name.length < longLength ? 1 : 2);
  return nearest === null || nearest.length < minLength ? null : nearest;
}
