/**
 * Checks the settings before a start: reads them and their files, tries every address and file that a start opens, and
 * explains them. Shows no secrets and leaves nothing behind.
 */
import type { X509Certificate } from 'node:crypto';
import { hostAndPort } from '../addresses.ts';
import { ApiKeys, KeyFileError } from '../callers/api-keys.ts';
import { ConfigError, readConfig, type Config } from '../config/config.ts';
import { Settings, type Environment } from '../config/settings.ts';
import type { UpstreamConfig } from '../config/upstream.ts';
import { createGraphSchema } from '../graph/graph-schema.ts';
import { gatewayListener, simulationListener, tryToListen, type ListenError } from '../listen-error.ts';
import { ToolError } from '../mcp/documents/tool-error.ts';
import { ManifestError } from '../server/pipeline/manifest.ts';
import { createMcpTools } from '../server/pipeline/mcp-tools.ts';
import { documentFault } from '../server/pipeline/prepare-operation.ts';
import { TrustedDocuments } from '../server/pipeline/trusted-documents.ts';
import { AuditFileError, tryAuditFile } from '../telemetry/outputs.ts';

/** Result of the check of an environment. */
export interface CheckedConfig {
  /** Null if settings are invalid. */
  readonly config: Config | null;
  /** Faults that prevent the start. */
  readonly faults: readonly string[];
  /** Temporary obstacles, such as a port in use by a running instance. */
  readonly notices: readonly string[];
  /** Explanations of the settings, a line each. */
  readonly lines: readonly string[];
}

export async function checkConfig(environment: Environment): Promise<CheckedConfig> {
  const settings = new Settings(environment);
  const faults: string[] = [];
  let config: Config | null = null;
  try {
    config = readConfig(environment, false, settings);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    faults.push(...error.mistakes);
  }
  const files = [
    keysOf(settings, faults),
    documentsOf(settings, config, faults),
    toolsOf(config, faults),
    auditOf(settings, faults),
  ];
  const notices: string[] = [];
  for (const { message, isInUse } of config === null ? [] : await listenErrorsOf(config))
    (isInUse ? notices : faults).push(message);
  const meaning = config === null ? [] : meaningOf(config);
  const given = [...settings.expectations.keys()].flatMap((name) => {
    const value = settings.text(name);
    return value === null ? [] : [`  ${name}=${settings.secrets.has(name) ? '[secret]' : shown(value)}`];
  });
  const heading = given.length === 0 ? 'All settings have their defaults.' : 'Settings given:';
  return { config, faults, notices, lines: [...meaning, ...files.flat(), heading, ...given.sort()] };
}

function meaningOf(config: Config): string[] {
  const { upstream, callers, host, port, fleet, traces } = config;
  const isWarned = upstream.kind === 'remote' && callers.kind === 'open';
  const lines = [
    ...upstreamLines(upstream),
    line('Callers', callers.kind === 'open' ? 'every request is accepted' : 'requests with a credential'),
    ...(isWarned ? [line('', 'warning: without a credential, every request sees all customers')] : []),
    ...(callers.kind === 'known' && callers.tokens !== null
      ? [line('', `tokens of ${callers.tokens.issuer} for ${callers.tokens.audience}`)]
      : []),
    line('Listens on', hostAndPort(host, port === 0 ? 'any free port' : port)),
    line('Redis', fleet === null ? 'none: this instance shares nothing' : hostOf(fleet.redisUrl.reveal())),
    line('Traces', traces === null ? 'off' : shown(traces.url.href)),
  ];
  return lines;
}

function upstreamLines(upstream: Config['upstream']): string[] {
  switch (upstream.kind) {
    case 'embedded':
      return [line('Upstream', 'the embedded simulation, whose data is invented')];
    case 'remote':
      return connectionLines('Upstream', upstream);
    case 'profiles':
      return [...upstream.profiles].flatMap(([name, profile]) => connectionLines(`Profile ${name}`, profile));
  }
}

function connectionLines(heading: string, { apiUrl, tokenUrl, clientId, credential }: UpstreamConfig) {
  return [
    line(heading, shown(apiUrl.href)),
    line('', `access tokens of ${shown(tokenUrl.href)}`),
    line('', `client ${clientId} with a ${credential.kind}`),
    ...(credential.kind === 'certificate' ? [certificateLine(credential.certificate)] : []),
  ];
}

function certificateLine({ subject, validTo }: X509Certificate): string {
  const warning = Date.parse(validTo) < Date.now() ? 'warning: ' : '';
  return line('', `${warning}${subject.replaceAll('\n', ', ')}, valid until ${validTo}`);
}

function keysOf(settings: Settings, faults: string[]): string[] {
  const file = settings.text('CALLERS_KEYS_FILE');
  if (file === null) return [];
  const names = settings.list('AVEPOINT_PROFILES');
  try {
    const keys = new ApiKeys(file, {
      clock: Date.now,
      report: () => undefined,
      profiles: names.length === 0 ? null : new Set(names),
    });
    keys.close();
    return [line('API keys', `${keys.size} of ${file}`)];
  } catch (error) {
    if (!(error instanceof KeyFileError)) throw error;
    faults.push(error.message);
    return [];
  }
}

/** @param config null if invalid; documents are then checked with introspection on */
function documentsOf(settings: Settings, config: Config | null, faults: string[]): string[] {
  const file = settings.text('TRUSTED_DOCUMENTS_FILE');
  if (file === null) return [];
  try {
    const endpoint = { hasIntrospection: config?.endpoint.hasIntrospection ?? true };
    const schema = createGraphSchema(endpoint);
    const { size } = new TrustedDocuments(file, (text) => documentFault(schema, text, endpoint));
    return [line('Documents', `${size} trusted ones of ${file}`)];
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    faults.push(error.message);
    return [];
  }
}

/** @param config null if invalid; MCP tools are then not checked */
function toolsOf(config: Config | null, faults: string[]): string[] {
  if (!config?.endpoint.mcp) return [];
  const { endpoint, maxCost, maxUpstreamCalls: maxCalls } = config;
  try {
    const tools = createMcpTools(config.endpoint.mcp, {
      schema: createGraphSchema(endpoint),
      endpoint,
      maxCost,
      maxCalls,
    });
    return [line('Assistants', `${tools.all.length} tools`)];
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    faults.push(error.message);
    return [];
  }
}

function auditOf(settings: Settings, faults: string[]): string[] {
  const file = settings.text('AUDIT_FILE');
  if (file === null) return [];
  try {
    tryAuditFile(file);
    return [line('Audit', file)];
  } catch (error) {
    if (!(error instanceof AuditFileError)) throw error;
    faults.push(error.message);
    return [];
  }
}

/** Returns the errors of addresses that can't be bound. */
async function listenErrorsOf({ host, port, upstream }: Config): Promise<ListenError[]> {
  const errors = [await tryToListen(gatewayListener, { host, port })];
  if (upstream.kind === 'embedded')
    errors.push(await tryToListen(simulationListener, { host: '127.0.0.1', port: upstream.options.port }));
  return errors.filter((error) => error !== null);
}

function line(heading: string, text: string): string {
  return `${heading.padEnd(14)} ${text}`.trimEnd();
}

/** Formats a value on one line. Removes user, password and query of a URL. */
function shown(value: string): string {
  return value
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .replace(/\/\/[^\s,/]*@/g, '//…@')
    .replace(/\?[^\s,]*/g, '?…');
}

function hostOf(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}
