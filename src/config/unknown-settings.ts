/**
 * Finds settings that are meant for the gateway and that it does not read: a misspelt limit would not limit anything.
 * The environment has many variables of other software, which are ignored.
 */
import { nearestName } from '../callers/nearest-name.ts';
import { isOfKubernetes, type Environment } from './settings.ts';

/** How a setting's name begins, by its first word; a test holds that each setting's is here. */
export const firstWords = {
  /** No other software has variables that begin like this. */
  own: ['AVEPOINT', 'CALLERS', 'SIMULATOR', 'CACHE', 'CORS', 'SHUTDOWN', 'AUDIT'],
  /** The gateway's own together with the second word. */
  shared: ['MAX', 'TRUSTED', 'BODY', 'READER', 'OPERATION'],
  /** Other software has such variables, too: only those much like a setting are meant for the gateway. */
  common: ['ALLOWED', 'EXPLORER', 'EXPORTS', 'INTROSPECTION', 'LOG', 'MCP', 'METRICS', 'REDIS'],
  /** Not the gateway's: it reads what others have named, or what is too short to be misspelt. */
  foreign: ['HOST', 'PORT', 'NODE', 'HTTP', 'HTTPS', 'NO', 'OTEL'],
};
/** What a setting's name may have at its end in other software, or has at its end here. */
const lastWords =
  /_(ENABLED?|DISABLED?|ON|OFF|MS|MILLIS|MILLISECONDS|S|SECS?|SECONDS|MINUTES|BYTES|[KMG]I?B|MEBIBYTES|MEGABYTES)$/;
const switchWords = /^(ENABLE|DISABLE|USE)_/;
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
    const isOwn = beginsAsOwn(name, known);
    const nearest = variantOf(name, known) ?? misspelt(name, known);
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

function beginsAsOwn(name: string, known: ReadonlySet<string>): boolean {
  const [first, second] = beginningOf(name);
  if (firstWords.own.includes(first)) return name.includes('_');
  if (!firstWords.shared.includes(first)) return false;
  if (
    first === 'MAX' &&
    [...firstWords.own, ...firstWords.shared].some((word) => word.replace(/S$/, '') === second)
  )
    return true;
  return [...known].some((each) => beginningOf(each).join('_') === `${first}_${second}`);
}

/** The first two words, the second without the ending of a plural. */
function beginningOf(name: string): [first: string, second: string] {
  const [first = '', second = ''] = name.toUpperCase().split('_');
  return [first, second.replace(/S$/, '')];
}

/** The setting that a name is, but for a unit or a switch at its end or its beginning; null if there is none. */
function variantOf(name: string, known: ReadonlySet<string>): string | null {
  const upper = name.toUpperCase();
  const bare = [upper.replace(lastWords, ''), upper.replace(switchWords, '')];
  for (const each of known) {
    const [first] = beginningOf(each);
    if (each.length < minLength || firstWords.foreign.includes(first)) continue;
    if (bare.includes(each) || bare.includes(each.replace(lastWords, ''))) return each;
  }
  return null;
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
