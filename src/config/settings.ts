/** Reads settings of an environment one by one, and collects mistakes without the values of secrets. */
import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { isLoopback } from '../addresses.ts';
import { Secret } from '../secret.ts';
import { readRegularFile, RegularFileError } from '../regular-file.ts';
import { maxAuthoritiesBytes, maxPemBytes, readSecretFile } from './setting-files.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Allowed values of a setting, as text, and its default. */
export interface Expectation {
  readonly values: string;
  readonly otherwise: string;
}

/** Whether Kubernetes set a variable for a service, such as SIMULATOR_PORT for the service `simulator`. */
export function isOfKubernetes(name: string, value: string): boolean {
  return name.endsWith('_PORT') && /^(tcp|udp|sctp):\/\//.test(value);
}

/** Maximum characters of an invalid host that an error quotes. */
const maxShownHost = 100;

/** Settings of an environment, and the mistakes found so far. An empty value counts as absent. */
export class Settings {
  readonly mistakes: string[] = [];
  /** Expectations of all settings read so far, by name. */
  readonly expectations = new Map<string, Expectation>();
  /** Names of settings whose values are secret. */
  readonly secrets = new Set<string>();
  readonly #environment: Environment;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  text(name: string): string | null {
    if (!this.expectations.has(name)) this.#expect(name, '', '');
    const value = this.#environment[name]?.trim() ?? '';
    return value === '' || isOfKubernetes(name, value) ? null : value;
  }

  textOr(name: string, otherwise: string): string {
    this.#expect(name, '', otherwise);
    return this.text(name) ?? otherwise;
  }

  /** Reads a secret, from its setting or from the file that its `_FILE` form names; null if neither is set. */
  secret(name: string): Secret | null {
    this.secrets.add(name);
    const text = this.text(name);
    const file = this.text(`${name}_FILE`);
    if (file === null) return text === null ? null : new Secret(text);
    if (text !== null) {
      return this.#mistake(name, `it and ${name}_FILE exclude each other: set one of the two`, null);
    }
    try {
      return new Secret(readSecretFile(file));
    } catch (error) {
      return this.#mistake(`${name}_FILE`, fileFault(error), null);
    }
  }

  /** Whether a secret is set in either form. */
  hasSecret(name: string): boolean {
    this.secrets.add(name);
    return this.text(name) !== null || this.text(`${name}_FILE`) !== null;
  }

  /** Reads a list, separated by blanks or commas. */
  list(name: string, otherwise = ''): string[] {
    return this.textOr(name, otherwise)
      .split(/[\s,]+/)
      .filter((entry) => entry !== '');
  }

  integer(name: string, { from, to, otherwise }: { from: number; to: number; otherwise: number }): number {
    this.#expect(name, `${from} to ${to}`, String(otherwise));
    const text = this.text(name);
    if (text === null) return otherwise;
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= from && value <= to) return value;
    return this.#mistake(
      name,
      `expected a whole number from ${from} to ${to}, but got ${JSON.stringify(text)}`,
      otherwise,
    );
  }

  optionalInteger(name: string, range: { from: number; to: number }): number | null {
    const value = this.integer(name, { ...range, otherwise: range.from });
    this.#expect(name, `${range.from} to ${range.to}`, '');
    return this.text(name) === null ? null : value;
  }

  /** Reads a setting with a single valid value; null if absent. */
  optionalChoice<Choice extends string>(name: string, choice: Choice): Choice | null {
    const value = this.choice(name, [choice], choice);
    this.#expect(name, `\`${choice}\``, '');
    return this.text(name) === null ? null : value;
  }

  fraction(name: string, otherwise: number): number {
    this.#expect(name, '0 to 1', String(otherwise));
    const text = this.text(name);
    if (text === null) return otherwise;
    const value = Number(text);
    if (value >= 0 && value <= 1) return value;
    return this.#mistake(name, `expected a number from 0 to 1, but got ${JSON.stringify(text)}`, otherwise);
  }

  /** @param normalize converts the text before comparison */
  choice<Choice extends string>(
    name: string,
    choices: readonly Choice[],
    otherwise: Choice,
    normalize = (text: string) => text,
  ): Choice {
    this.#expect(name, choices.map((choice) => `\`${choice}\``).join(', '), otherwise);
    const text = this.text(name);
    if (text === null) return otherwise;
    const chosen = choices.find((choice) => choice === normalize(text));
    if (chosen !== undefined) return chosen;
    return this.#mistake(
      name,
      `expected ${choices.join(' or ')}, but got ${JSON.stringify(text)}`,
      otherwise,
    );
  }

  /** Reads a URL. Mistakes do not quote it, since it may contain a password. */
  url(name: string, otherwise: string): URL | null {
    const text = this.textOr(name, otherwise);
    const url = URL.canParse(text) ? new URL(text) : null;
    if (url === null || !['http:', 'https:'].includes(url.protocol)) {
      return this.#mistake(name, 'expected an http or https URL', null);
    }
    if (url.username !== '' || url.password !== '' || url.hash !== '') {
      return this.#mistake(name, 'expected a URL without user, password and fragment', null);
    }
    return url;
  }

  /** Reads an address to listen on, or a host name. Removes the brackets of IPv6 addresses. */
  host(name: string, otherwise: string): string {
    const text = this.textOr(name, otherwise);
    const host = text.replace(/^\[(.*:.*)\]$/, '$1');
    if (isIP(host) !== 0 || (host.length <= 253 && /^[\p{L}\p{N}_-]+(\.[\p{L}\p{N}_-]+)*\.?$/u.test(host)))
      return host;
    const shown = JSON.stringify(text.slice(0, maxShownHost));
    return this.#mistake(
      name,
      `expected an address or a host name, without a port, such as "0.0.0.0", but got ${shown}`,
      otherwise,
    );
  }

  /** Reads host names without ports, separated by blanks or commas. */
  hosts(name: string): readonly string[] {
    const hosts = this.list(name);
    for (const entry of hosts) {
      if (/^(\[[\da-f:.]+\]|[\w.-]+)$/i.test(entry)) continue;
      const shown = JSON.stringify(entry);
      this.#mistake(
        name,
        `expected host names without ports, such as "graph.example.com", but got ${shown}`,
        null,
      );
    }
    return hosts;
  }

  /**
   * Reads origins, separated by blanks or commas, and normalises them to the spelling of browsers (RFC 6454, 6.2). Any
   * other text is a mistake, since it would never match.
   */
  origins(name: string): string[] {
    const origins = new Set<string>();
    for (const entry of this.list(name)) {
      const origin = originOf(entry);
      if (origin !== null) origins.add(origin);
      else {
        // The entry may contain a password.
        const shown = entry.includes('@') ? '' : `, but got ${JSON.stringify(entry)}`;
        this.#mistake(
          name,
          `expected scheme and host alone, such as "https://portal.example.com"${shown}`,
          null,
        );
      }
    }
    return [...origins];
  }

  /** Reads a URL that uses https or names this machine. */
  secureUrl(name: string, otherwise: string): URL | null {
    const url = this.url(name, otherwise);
    if (url === null || url.protocol === 'https:' || isLoopback(url.hostname)) return url;
    return this.#mistake(name, 'expected an https URL; http is accepted for this machine alone', null);
  }

  /** Reads a setting by its name in capitals or, as other software expects, in small letters. */
  textOfEitherCase(name: string): string | null {
    const small = this.#environment[name.toLowerCase()]?.trim() ?? '';
    return this.text(name) ?? (small === '' ? null : small);
  }

  /** Reads `name=value` pairs, separated by commas, with percent-encoded values. */
  attributes(name: string): Readonly<Record<string, string>> {
    const attributes = new Map<string, string>();
    for (const entry of this.text(name)?.split(',') ?? []) {
      if (entry.trim() === '') continue;
      const [, key, value] = /^\s*([^\s=,]{1,255})\s*=(.*)$/s.exec(entry) ?? [];
      const decoded = value === undefined ? null : decodeOrNull(value.trim());
      if (key === undefined || decoded === null)
        this.#mistake(name, 'expected "name=value", separated by commas, values percent-encoded', null);
      else attributes.set(key, decoded);
    }
    return Object.fromEntries(attributes);
  }

  /** Reads a proxy's URL; null if absent. */
  proxyUrl(name: string): Secret | null {
    const text = this.textOfEitherCase(name);
    if (text === null) return null;
    const url = URL.canParse(text) ? new URL(text) : null;
    if (url !== null && ['http:', 'https:'].includes(url.protocol) && isServer(url)) {
      if (url.pathname === '/' && url.search === '' && url.hash === '') return new Secret(text);
      return this.#mistake(name, "expected a proxy's host and port, without a path or query", null);
    }
    // The URL may contain a password.
    return this.#mistake(name, "expected a proxy's http or https URL", null);
  }

  /** Reads the URL of a Redis server, and adds the password if it has its own setting. */
  redisUrl(name: string, passwordName: string): Secret | null {
    const [secret, password] = [this.secret(name), this.secret(passwordName)];
    if (secret === null) {
      if (password !== null && !this.hasSecret(name)) {
        this.#mistake(passwordName, `it needs ${name}`, null);
      }
      return null;
    }
    const url = URL.canParse(secret.reveal()) ? new URL(secret.reveal()) : null;
    const isUsable =
      url !== null &&
      ['redis:', 'rediss:'].includes(url.protocol) &&
      isServer(url) &&
      /^(\/\d*)?$/.test(url.pathname);
    // The URL may contain a password.
    if (!isUsable)
      return this.#mistake(name, 'expected a redis or rediss URL, with a number as its path if any', null);
    if (password === null) return secret;
    if (url.password !== '') {
      return this.#mistake(passwordName, `${name} has a password already: set one of the two`, null);
    }
    url.password = encodeURIComponent(password.reveal());
    return new Secret(url.href);
  }

  pemFile<Content>(name: string, parse: (pem: Buffer) => Content): Content | null {
    if (this.text(name) === null)
      return this.#mistake(name, 'is missing: the certificate and its key belong together', null);
    return this.optionalPemFile(name, parse);
  }

  /** Checks a file of PEM certificates by its first certificate. */
  authoritiesFile(name: string): void {
    this.optionalPemFile(name, (pem) => new X509Certificate(pem), maxAuthoritiesBytes);
  }

  /** Reads and parses a file; null if the setting is absent. */
  optionalPemFile<Content>(
    name: string,
    parse: (pem: Buffer) => Content,
    maxBytes = maxPemBytes,
  ): Content | null {
    const file = this.text(name);
    if (file === null) return null;
    let pem: Buffer;
    try {
      pem = readRegularFile(file, maxBytes);
    } catch (error) {
      return this.#mistake(name, fileFault(error), null);
    }
    const mistake = `the file ${JSON.stringify(file)} is not in the PEM form expected`;
    // `X509Certificate` also reads DER, but Node.js ignores a file of authorities in that form.
    if (!pem.includes('-----BEGIN ')) return this.#mistake(name, mistake, null);
    try {
      return parse(pem);
    } catch {
      return this.#mistake(name, mistake, null);
    }
  }

  #expect(name: string, values: string, otherwise: string): void {
    this.expectations.set(name, { values, otherwise });
  }

  #mistake<Value>(name: string, mistake: string, otherwise: Value): Value {
    this.mistakes.push(`${name}: ${mistake}`);
    return otherwise;
  }
}

function fileFault(error: unknown): string {
  if (error instanceof RegularFileError) return error.message;
  throw error;
}

/** Normalises an origin; null if the text is not exactly scheme, host and port. */
function originOf(text: string): string | null {
  if (!/^https?:\/\/[^/\\?#@]+\/?$/i.test(text) || !URL.canParse(text)) return null;
  const { origin, hostname, port } = new URL(text);
  return isHostOfSite(hostname) && port !== '0' ? origin : null;
}

/** Whether a browser could load a page from the host; false for wildcards and unexpanded variables. */
function isHostOfSite(hostname: string): boolean {
  return /^(\[[\da-f:.]+\]|[a-z\d_-]+(\.[a-z\d_-]+)*\.?)$/.test(hostname) && hostname !== '0.0.0.0';
}

/** Whether a URL has a valid host and port, and decodable credentials. */
function isServer({ hostname, port, username, password }: URL): boolean {
  return hostname !== '' && port !== '0' && decodeOrNull(`${username}:${password}`) !== null;
}

function decodeOrNull(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
