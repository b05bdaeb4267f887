/**
 * The AvePoint Elements partner API and its token endpoint, over HTTP on loopback, as the reference pages describe
 * them. It shares no code with the gateway's client, so that no error can be in both.
 */
import { randomBytes, X509Certificate } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { jwtVerify } from 'jose';
import { Secret } from '../secret.ts';
import type { SimulatorAnswer, SimulatorCall, SimulatorOutcome } from './exchange.ts';
import { createFaults, type FaultOptions } from './faults.ts';
import { createGeneratedWorld, type WorldOptions } from './generated-world.ts';
import type { RowSource, World } from './world.ts';

/** Revision of the reference pages. */
export type SimulatorDialect = 'singular' | 'plural';

export interface SimulatorOptions {
  /** 0 for any free port. */
  readonly port: number;
  /** Size of a generated world, or the world itself. */
  readonly world: WorldOptions | World;
  readonly latencyMs: number;
  readonly dialect: SimulatorDialect;
  /** Simulated faults; none by default. */
  readonly faults?: FaultOptions;
  /** PEM certificate whose key may sign client assertions; without it, only the secret is accepted. */
  readonly clientCertificate?: string;
  readonly tokenLifeSeconds?: number;
  /** Permissions that the identity service grants; by default, those of the simulated routes. */
  readonly permissions?: readonly string[];
  /** Called before each response, which it may replace. */
  readonly intercept?: (
    call: SimulatorCall,
  ) => SimulatorOutcome | undefined | Promise<SimulatorOutcome | undefined>;
  /** Called with the path of each call that the client aborted. */
  readonly onAborted?: (path: string) => void;
}

export interface Simulator {
  readonly credentials: {
    readonly apiUrl: URL;
    readonly tokenUrl: URL;
    readonly clientId: string;
    readonly credential: { readonly kind: 'secret'; readonly secret: Secret };
    readonly scope: string;
  };
  readonly world: World;
  /** Invalidates all tokens issued so far. */
  readonly revokeTokens: () => void;
  readonly stop: () => Promise<void>;
}

export const ownPermissions = [
  'elements.customers.read.all',
  'elements.um.user.read.all',
  'elements.cbprotected.read.all',
  'partner.customers.read.all',
];
const clientId = 'embedded-simulation';

export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const world = 'tenant' in options.world ? options.world : createGeneratedWorld(options.world);
  const permissions = options.permissions ?? ownPermissions;
  const clientSecret = randomBytes(24).toString('base64url');
  const tokens = new Map<string, number>();
  let origin = '';
  let calls = 0;
  const faults = createFaults(options.faults ?? { seed: 0, rate: 0 });

  async function outcomeOf(
    call: SimulatorCall,
    authorization: string | undefined,
  ): Promise<SimulatorOutcome> {
    calls += 1;
    const intercepted = await options.intercept?.(call);
    if (intercepted !== undefined) return intercepted;
    const answer = call.path === '/connect/token' ? await issueToken(call) : answerApi(call, authorization);
    return answer.status === 200 ? faults(call, answer) : answer;
  }

  function answerApi(call: SimulatorCall, authorization: string | undefined): SimulatorAnswer {
    const validUntil = tokens.get(authorization?.replace(/^Bearer /, '') ?? '');
    if (validUntil === undefined || validUntil <= Date.now())
      return failure(401, 'The access token is not valid.');
    return answerApiCall(world, options.dialect, origin, call);
  }

  async function issueToken({ method, body }: SimulatorCall): Promise<SimulatorAnswer> {
    const form = new URLSearchParams(body);
    if (method !== 'POST' || form.get('grant_type') !== 'client_credentials')
      return refusal('unsupported_grant_type');
    const isKnown =
      form.get('client_secret') === clientSecret || (await isAssertionValid(form.get('client_assertion')));
    if (form.get('client_id') !== clientId || !isKnown) return refusal('invalid_client');
    const requested = (form.get('scope') ?? '').split(' ');
    if (!requested.every((permission) => permissions.includes(permission))) return refusal('invalid_scope');
    const token = randomBytes(24).toString('base64url');
    const lifeSeconds = options.tokenLifeSeconds ?? 3600;
    tokens.set(token, Date.now() + lifeSeconds * 1000);
    return json(200, {
      access_token: token,
      expires_in: lifeSeconds,
      token_type: 'Bearer',
      scope: requested.join(' '),
    });
  }

  async function isAssertionValid(assertion: string | null): Promise<boolean> {
    if (assertion === null || options.clientCertificate === undefined) return false;
    try {
      const { payload, protectedHeader } = await jwtVerify(
        assertion,
        new X509Certificate(options.clientCertificate).publicKey,
        { algorithms: ['RS256'], audience: `${origin}/connect/token`, issuer: clientId, subject: clientId },
      );
      return typeof payload.jti === 'string' && typeof protectedHeader.x5t === 'string';
    } catch {
      return false;
    }
  }

  const server = createServer((request, response) => {
    const url = request.url ?? '/';
    const queryStart = url.includes('?') ? url.indexOf('?') : url.length;
    response.once('close', () => {
      if (!response.writableFinished) options.onAborted?.(url.slice(0, queryStart));
    });
    readBody(request)
      .then(async (body) => {
        const outcome = await outcomeOf(
          {
            method: request.method ?? '',
            path: url.slice(0, queryStart),
            query: new URLSearchParams(url.slice(queryStart)),
            headers: request.headers,
            body,
          },
          request.headers.authorization,
        );
        if (outcome === 'hang') return;
        if (options.latencyMs > 0) await sleep(options.latencyMs, undefined, { ref: false });
        if (outcome === 'reset') request.socket.resetAndDestroy();
        else send(response, outcome, `simulated-${calls}`);
      })
      .catch(() => response.destroy());
  });
  origin = await listen(server, options.port);

  return {
    credentials: {
      apiUrl: new URL(origin),
      tokenUrl: new URL(`${origin}/connect/token`),
      clientId,
      credential: { kind: 'secret', secret: new Secret(clientSecret) },
      scope: permissions.join(' '),
    },
    world,
    revokeTokens: () => {
      tokens.clear();
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

const batchRoutes = [
  { kind: 'customers', pattern: /^\/partner\/external\/v3\/general\/customers\/batch$/ },
  {
    kind: 'users',
    pattern: /^\/partner\/external\/v3\/um\/customers\/([^/]+)\/tenants\/([^/]+)\/users\/batch$/,
  },
  {
    kind: 'protection',
    pattern:
      /^\/partner\/external\/v3\/general\/customers\/([^/]+)\/tenants\/([^/]+)\/cloud-backup-m365\/users\/batch$/,
  },
] as const;

function answerApiCall(
  world: World,
  dialect: SimulatorDialect,
  origin: string,
  call: SimulatorCall,
): SimulatorAnswer {
  if (call.path === '/partner/customers') {
    if (call.method !== 'GET') return failure(405, 'Use GET.');
    return json(200, {
      '@odata.context': `${origin}/partner/$metadata#Customers`,
      value: Array.from({ length: world.directory.count }, (_, index) => world.directory.at(index)),
    });
  }
  for (const { kind, pattern } of batchRoutes) {
    const ids = pattern.exec(call.path)?.slice(1).map(decodeURIComponent);
    if (ids === undefined) continue;
    if (call.method !== 'POST') return failure(405, 'Use POST.');
    if (kind === 'customers') {
      const filter = dialect === 'plural' ? 'customerIds' : 'customerId';
      return answerBatch(world.customers, call, { filter, defaultPageSize: 50, maxPageSize: 100 });
    }
    const tenant = world.tenant(ids[0] ?? '', ids[1] ?? '');
    if (tenant === null) return failure(404, 'There is no such tenant.');
    const sizes =
      dialect === 'plural'
        ? { defaultPageSize: 50, maxPageSize: 100 }
        : { defaultPageSize: 100, maxPageSize: Number.MAX_SAFE_INTEGER };
    if (kind === 'users') return answerBatch(tenant.users, call, { filter: 'userIds', ...sizes });
    if (dialect === 'plural') return answerBatch(tenant.protection, call, { filter: 'userEmails', ...sizes });
    const withoutIds: RowSource<object> = {
      ...tenant.protection,
      // JSON omits an undefined property.
      at: (index) => ({ ...tenant.protection.at(index), id: undefined }),
    };
    return answerBatch(withoutIds, call, { filter: 'email', ...sizes });
  }
  return failure(404, 'There is no such path.');
}

interface BatchRules {
  /** The only property of a body that is read. */
  readonly filter: string;
  readonly defaultPageSize: number;
  readonly maxPageSize: number;
}

function answerBatch(
  source: RowSource<object>,
  { query, body }: SimulatorCall,
  rules: BatchRules,
): SimulatorAnswer {
  const pageIndex = Number(query.get('pageIndex') ?? 1);
  const askedSize = Number(query.get('pageSize') ?? rules.defaultPageSize);
  if (!Number.isSafeInteger(pageIndex) || pageIndex < 1) return failure(400, 'pageIndex must be 1 or more.');
  if (!Number.isSafeInteger(askedSize) || askedSize < 1) return failure(400, 'pageSize must be 1 or more.');
  const pageSize = Math.min(askedSize, rules.maxPageSize);
  const keys = filterKeys(body, rules.filter);
  if (keys === 'malformed') return failure(400, 'The body is not what the reference page describes.');

  const start = (pageIndex - 1) * pageSize;
  const found =
    keys === null ? null : [...new Set(keys.flatMap((key) => source.find(key)))].sort((a, b) => a - b);
  const totalCount = found?.length ?? source.count;
  const length = Math.max(0, Math.min(pageSize, totalCount - start));
  const data = Array.from({ length }, (_, index) => source.at(found?.[start + index] ?? start + index));
  return json(200, { data, metadata: { pageIndex, pageSize, totalCount } });
}

/** Null if the body has no filter, or an empty one. */
function filterKeys(body: string, name: string): readonly string[] | null | 'malformed' {
  let parsed: unknown;
  try {
    parsed = body === '' ? {} : JSON.parse(body);
  } catch {
    return 'malformed';
  }
  if (typeof parsed !== 'object' || parsed === null) return 'malformed';
  const value: unknown = Object.entries(parsed).find(([key]) => key === name)?.[1] ?? null;
  if (value === null || value === '') return null;
  const isPlural = name.endsWith('s');
  if (!isPlural) return typeof value === 'string' ? [value] : 'malformed';
  if (!Array.isArray(value) || !value.every((key) => typeof key === 'string')) return 'malformed';
  return value.length === 0 ? null : value;
}

function send(
  response: ServerResponse,
  { status, headers, body, breaksOff }: SimulatorAnswer,
  requestId: string,
): void {
  const length = Buffer.byteLength(body);
  response.writeHead(status, { 'request-id': requestId, 'content-length': length, ...headers });
  if (breaksOff) response.write(body.slice(0, body.length / 2), () => response.destroy());
  else response.end(body);
}

function json(status: number, body: unknown): SimulatorAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

function failure(status: number, message: string): SimulatorAnswer {
  return json(status, { message });
}

function refusal(error: string): SimulatorAnswer {
  return json(400, { error });
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function listen(server: Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(`http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : port}`);
    });
  });
}
