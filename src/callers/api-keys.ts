/**
 * API keys, stored as hashes only. A changed file is loaded without a restart; if it is invalid, the error is
 * reported and the previous keys stay valid.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { isObject } from '../json.ts';
import { parseJsonFile, readRegularFile, RegularFileError } from '../regular-file.ts';
import type { Viewer } from '../scope.ts';
import { suggestion } from '../nearest-name.ts';
import { decodeCustomers, decodeProfile, type ProfileNames } from './rights.ts';

interface KeyEntry {
  readonly name: string;
  /** SHA-256 of the key. */
  readonly hash: Buffer;
  /** Milliseconds since the epoch; Infinity if it does not expire. */
  readonly expiresAt: number;
  readonly caller: KeyHolder;
}

export interface KeyHolder {
  readonly viewer: Viewer;
  readonly requestsPerMinute: number | null;
  readonly requiresTrustedDocuments: boolean;
}

/** Invalid key file. The message names the setting, the file and each fault, but no hash. */
export class KeyFileError extends Error {
  override readonly name = 'KeyFileError';
}

export interface ApiKeysOptions {
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Called if a changed file is invalid. */
  readonly report: (error: unknown) => void;
  readonly profiles: ProfileNames;
}

const setting = 'CALLERS_KEYS_FILE';
/** Interval of comparing the file's text: its times may stay equal, and a link may change its target. */
const reloadMs = 1000;
/** Enough for a hundred thousand keys. */
const maxFileBytes = 16 * 1024 * 1024;

export class ApiKeys {
  readonly #file: string;
  readonly #options: ApiKeysOptions;
  readonly #timer: NodeJS.Timeout;
  #text: string | null;
  #entries: readonly KeyEntry[];
  #isReloading = false;

  /** @throws KeyFileError if the file is invalid */
  constructor(file: string, options: ApiKeysOptions) {
    this.#file = file;
    this.#options = options;
    this.#text = readText(file);
    this.#entries = decodeKeys(file, this.#text, options.profiles);
    this.#timer = setInterval(() => void this.#reload(), reloadMs).unref();
  }

  get size(): number {
    return this.#entries.length;
  }

  /** Holder of a key; null if unknown or expired. Compares all entries, so that timing reveals nothing. */
  find(key: string): KeyHolder | null {
    const hash = hashOf(key);
    let found: KeyEntry | null = null;
    for (const entry of this.#entries) if (timingSafeEqual(entry.hash, hash)) found = entry;
    return found === null || found.expiresAt <= this.#options.clock() ? null : found.caller;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Checks do not overlap: an earlier text must not replace a later one. */
  async #reload(): Promise<void> {
    if (this.#isReloading) return;
    this.#isReloading = true;
    const text = await rereadFile(this.#file).catch(() => null);
    this.#isReloading = false;
    if (text === this.#text) return;
    this.#text = text;
    try {
      this.#entries = decodeKeys(this.#file, text, this.#options.profiles);
    } catch (error) {
      this.#options.report(error);
    }
  }
}

/** Rejects if the file can't be read, or is no regular file: reading a pipe would never end. */
async function rereadFile(file: string): Promise<string> {
  const status = await stat(file);
  if (!status.isFile() || status.size > maxFileBytes)
    throw new Error('The key file is no longer a regular file, or is too long.');
  return readFile(file, 'utf8');
}

/** @throws KeyFileError */
function readText(file: string): string {
  try {
    return readRegularFile(file, maxFileBytes).toString();
  } catch (error) {
    if (error instanceof RegularFileError) throw new KeyFileError(`${setting}: ${error.message}.`);
    throw error;
  }
}

/** Hash of a key as in the file, in hexadecimal. */
export function hashKey(key: string): string {
  return hashOf(key).toString('hex');
}

function hashOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

/** @param text null if the file can't be read */
function decodeKeys(file: string, text: string | null, profiles: ProfileNames): KeyEntry[] {
  const named = `${setting}: the file ${JSON.stringify(file)}`;
  if (text === null) throw new KeyFileError(`${named} can't be read anymore.`);
  let content: unknown;
  try {
    content = parseJsonFile(text);
  } catch {
    throw new KeyFileError(`${named} is not JSON.`);
  }
  if (!isObject(content) || !isList(content['keys'])) {
    throw new KeyFileError(`${named} is not usable: expected an object with a list "keys".`);
  }
  const { keys } = content;
  const faults = unknownFields(content, fileFields);
  const entries: KeyEntry[] = [];
  for (const [index, entry] of keys.entries()) {
    const mistakes = isObject(entry) ? unknownFields(entry, entryFields) : [];
    const decoded = decodeEntry(entry, profiles);
    if (typeof decoded === 'string') mistakes.push(`expected ${decoded}`);
    else entries.push(decoded);
    faults.push(...mistakes.map((mistake) => `keys[${index}]: ${mistake}`));
  }
  for (const name of repeated(entries.map((entry) => entry.name))) {
    faults.push(`two keys have the name ${JSON.stringify(name)}`);
  }
  for (const hash of repeated(entries.map((entry) => entry.hash.toString('hex')))) {
    const names = entries.filter((entry) => entry.hash.toString('hex') === hash).map(({ name }) => name);
    faults.push(`${names.map((name) => JSON.stringify(name)).join(' and ')} have the same "sha256"`);
  }
  if (faults.length > 0) {
    const shown = faults.slice(0, maxShownFaults).join('; ');
    const end = shown.endsWith('?') ? '' : '.';
    throw new KeyFileError(`${named} is not usable: ${shown}${end}`);
  }
  return entries;
}

const fileFields = ['keys'];
const entryFields = [
  'name',
  'sha256',
  'expires',
  'customers',
  'profile',
  'requestsPerMinute',
  'trustedDocumentsOnly',
];
const maxShownFaults = 50;
const maxShownField = 50;

/** Unknown fields are errors: with a misspelt `expires`, a key would not expire. */
function unknownFields(object: Readonly<Record<string, unknown>>, known: readonly string[]): string[] {
  return Object.keys(object)
    .filter((field) => !known.includes(field))
    .map((field) => {
      const shown = JSON.stringify(field.slice(0, maxShownField));
      return `unknown field ${shown}${suggestion(field, known)}`;
    });
}

function repeated(values: readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>();
  return new Set(values.filter((value) => seen.size === seen.add(value).size));
}

/** An entry, or a description of what was expected. */
function decodeEntry(entry: unknown, profiles: ProfileNames): KeyEntry | string {
  if (!isObject(entry)) return 'an object';
  const {
    name,
    sha256,
    expires = null,
    customers,
    profile: profileName,
    requestsPerMinute = null,
    trustedDocumentsOnly = false,
  } = entry;
  if (typeof name !== 'string' || !/^[\w .@-]{1,100}$/.test(name))
    return 'a "name" of letters, digits and . @ - _';
  if (typeof sha256 !== 'string' || !/^[\da-f]{64}$/i.test(sha256)) return '"sha256", 64 hexadecimal digits';
  const expiresAt = expires === null ? Infinity : typeof expires === 'string' ? Date.parse(expires) : NaN;
  if (Number.isNaN(expiresAt)) return '"expires", a date such as "2027-01-31T00:00:00Z"';
  const customerIds = decodeCustomers(customers);
  if (customerIds === undefined) return '"customers", a list of customer ids, or "all"';
  const profile = decodeProfile(profileName, profiles);
  if (profile === undefined) return '"profile", one of AVEPOINT_PROFILES';
  if (!isRate(requestsPerMinute)) return '"requestsPerMinute", a whole number from 1 on';
  if (typeof trustedDocumentsOnly !== 'boolean') return '"trustedDocumentsOnly", true or false';
  const caller = {
    viewer: { name: `key ${name}`, customerIds, profile },
    requestsPerMinute,
    requiresTrustedDocuments: trustedDocumentsOnly,
  };
  return { name, hash: Buffer.from(sha256, 'hex'), expiresAt, caller };
}

function isRate(value: unknown): value is number | null {
  return value === null || (typeof value === 'number' && Number.isInteger(value) && value > 0);
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}
