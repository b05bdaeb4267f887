/**
 * Finds unknown variables that are meant as settings of the gateway, since a misspelt limit would not limit anything.
 * Variables of other software are ignored.
 */
import { nearestName } from '../nearest-name.ts';
import { isOfKubernetes, type Environment } from './settings.ts';

/** First words of names; a test checks that every setting's first word is here. */
export const firstWords = {
  /** Used only by the gateway. */
  own: ['AVEPOINT', 'CALLERS', 'SIMULATOR', 'CACHE', 'CORS', 'SHUTDOWN', 'AUDIT'],
  /** Used only by the gateway if the second word is also known. */
  withSecondWord: ['MAX', 'TRUSTED', 'BODY', 'READER', 'OPERATION'],
  /** Also used by other software: only names similar to a setting are meant for the gateway. */
  common: ['ALLOWED', 'EXPLORER', 'EXPORTS', 'INTROSPECTION', 'LOG', 'MCP', 'METRICS', 'REDIS'],
  /** Used by other software, or too short to recognise a misspelling. */
  foreign: ['HOST', 'PORT', 'NODE', 'HTTP', 'HTTPS', 'NO', 'OTEL'],
};
/** Units and switches that end names, here or in other software. */
const lastWords =
  /_(ENABLED?|DISABLED?|ON|OFF|MS|MILLIS|MILLISECONDS|S|SECS?|SECONDS|MINUTES|BYTES|[KMG]I?B|MEBIBYTES|MEGABYTES)$/;
const switchWords = /^(ENABLE|DISABLE|USE)_/;
/** Prefixes of other software's settings, some of which the gateway reads. */
const foreignPrefixes = ['OTEL_'];
/** Proxy settings, which are also read in small letters. */
const smallNames = ['http_proxy', 'https_proxy', 'no_proxy'];
/** Variables that Kubernetes sets for each service of a namespace. */
const ofKubernetes = /_SERVICE_(HOST|PORT)(_\w+)?$|_PORT_\d+_(TCP|UDP|SCTP)(_\w+)?$/;
/** Minimum length of a name for recognising misspellings: shorter words are often one edit apart. */
const minLength = 7;
const longLength = 10;

/** Settings of earlier versions, with their replacements. A value that equals the default is no mistake. */
const removedSettings: Readonly<Record<string, { readonly isDefault: string; readonly instead: string }>> = {
  WORKERS: {
    isDefault: '1',
    instead: 'one process runs; start several instances behind a load balancer (docs/operating.md)',
  },
};

/** Returns a mistake for each unknown setting, without its value. */
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
  if (!firstWords.withSecondWord.includes(first)) return false;
  if (
    first === 'MAX' &&
    [...firstWords.own, ...firstWords.withSecondWord].some((word) => word.replace(/S$/, '') === second)
  )
    return true;
  return [...known].some((each) => beginningOf(each).join('_') === `${first}_${second}`);
}

/** Returns the first two words of a name, the second in the singular. */
function beginningOf(name: string): [first: string, second: string] {
  const [first = '', second = ''] = name.toUpperCase().split('_');
  return [first, second.replace(/S$/, '')];
}

/** Returns the setting that differs from a name only by a unit or a switch at one end, or null. */
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

/** Whether a name is a credential setting of some profile. */
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

/** Returns the setting that a name misspells; null if the name may belong to other software. */
function misspelt(name: string, known: ReadonlySet<string>): string | null {
  const nearest = nearestName(name, known, name.length < longLength ? 1 : 2);
  return nearest === null || nearest.length < minLength ? null : nearest;
}
