/** Decoders of values from other instances; null for invalid values. */
import { maxPageSize, type Filter, type PageRequest } from '../endpoint/collection.ts';
import { errorCodes, type UpstreamErrorCode, type UpstreamErrorDetails } from '../errors.ts';
import { isObject } from '../json.ts';
import type { RemoteCall, Dated, FleetError, ListEvent } from '../planner/fleet.ts';
import type { CapabilitiesState } from '../planner/deployment-capabilities.ts';
import type { CircuitChange } from '../transport/circuit-breaker.ts';
import type { TokenGrant } from '../tokens.ts';
import { boundedWait } from '../transport/transport.ts';
import { listOf } from './scripts.ts';

/** Notification to all instances about an upstream. */
export type Signal = { readonly upstream: string } & (
  | { readonly kind: 'pause'; readonly milliseconds: number }
  | { readonly kind: 'circuit'; readonly endpoint: string; readonly change: CircuitChange }
);

/** End of a shared call. */
export type Completion =
  | { readonly call: string; readonly kind: 'completed' | 'released' }
  | {
      readonly call: string;
      readonly kind: 'failed';
      readonly mark: string;
      readonly startedAt: number;
      readonly error: FleetError;
    };

interface FromInstance {
  readonly from: string;
}

export function decodeSignal(value: unknown): (Signal & FromInstance) | null {
  if (!isObject(value)) return null;
  const { from, upstream, kind, milliseconds, endpoint, change } = value;
  if (typeof from !== 'string' || typeof upstream !== 'string') return null;
  if (kind === 'pause') {
    const waitMs = typeof milliseconds === 'number' ? boundedWait(milliseconds) : undefined;
    return waitMs === undefined ? null : { from, upstream, kind, milliseconds: waitMs };
  }
  if (kind !== 'circuit' || typeof endpoint !== 'string') return null;
  const decoded = decodeChange(change);
  return decoded === null ? null : { from, upstream, kind, endpoint, change: decoded };
}

function decodeChange(value: unknown): CircuitChange | null {
  if (!isObject(value)) return null;
  const { kind, cooldownMs } = value;
  if (kind === 'close') return { kind };
  return kind === 'open' && isNumber(cooldownMs) && cooldownMs >= 0 ? { kind, cooldownMs } : null;
}

export function decodeCompletion(value: unknown): Completion | null {
  if (!isObject(value)) return null;
  const { call, kind, mark, startedAt } = value;
  if (typeof call !== 'string') return null;
  if (kind === 'completed' || kind === 'released') return { call, kind };
  const error = decodeError(value['error']);
  return kind === 'failed' && typeof mark === 'string' && isNumber(startedAt) && error !== null
    ? { call, kind, mark, startedAt, error }
    : null;
}

function decodeError(value: unknown): FleetError | null {
  if (!isObject(value) || !isUpstreamCode(value['code']) || typeof value['message'] !== 'string') return null;
  const details = decodeDetails(value['details']);
  return details === null ? null : { code: value['code'], message: value['message'], details };
}

function isUpstreamCode(code: unknown): code is UpstreamErrorCode {
  return typeof code === 'string' && code.startsWith('UPSTREAM_') && Object.hasOwn(errorCodes, code);
}

function decodeDetails(value: unknown): UpstreamErrorDetails | null {
  if (!isObject(value) || typeof value['endpoint'] !== 'string') return null;
  const { endpoint, status, requestId, retryAfterMs, field, permission } = value;
  const waitMs = typeof retryAfterMs === 'number' ? boundedWait(retryAfterMs) : undefined;
  return {
    endpoint,
    ...(isCount(status) ? { status } : {}),
    ...(typeof requestId === 'string' ? { requestId } : {}),
    ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
    ...(typeof field === 'string' ? { field } : {}),
    ...(typeof permission === 'string' ? { permission } : {}),
  };
}

/** Checks only the date: `revive` checks rows, and the seal protects the other parts. */
export function isDated(value: unknown): value is Dated {
  return isObject(value) && isNumber(value['sentAt']);
}

export function decodeRemoteCall(value: unknown): (RemoteCall & FromInstance) | null {
  if (!isObject(value)) return null;
  const { from, sentAt } = value;
  const request = decodeRequest(value['request']);
  if (typeof from !== 'string' || !isNumber(sentAt) || request === null) return null;
  return { from, sentAt, request };
}

export function decodeListEvent(value: unknown): ListEvent | null {
  if (!isObject(value)) return null;
  const { key, kind, names } = value;
  if (typeof key !== 'string') return null;
  if (kind === 'absent') return isTexts(names) ? { key, kind, names } : null;
  const request = decodeRequest(value['request']);
  return kind === 'answer' && request !== null ? { key, kind, request } : null;
}

function decodeRequest(value: unknown): PageRequest | null {
  if (!isObject(value)) return null;
  const { pageIndex, pageSize } = value;
  const filter = decodeFilter(value['filter']);
  if (!isCount(pageIndex) || !isCount(pageSize) || filter === undefined) return null;
  return pageIndex < 1 || pageSize < 1 ? null : { pageIndex, pageSize, filter };
}

const dialects = ['plural', 'singular', 'either'] as const;

/** Undefined for invalid values. */
function decodeFilter(value: unknown): Filter | null | undefined {
  if (value === null) return null;
  if (!isObject(value) || !isTexts(value['keys'])) return undefined;
  const dialect = dialects.find((known) => known === value['dialect']);
  return dialect === undefined ? undefined : { dialect, keys: value['keys'] };
}

const knownDialects = ['unknown', 'plural', 'singular', 'none'] as const;

export function decodeCapabilities(value: unknown): CapabilitiesState | null {
  if (!isObject(value) || !isObject(value['ignored'])) return null;
  const { pageSize, keysPerCall, takesManyKeys } = value;
  const { plural, singular } = value['ignored'];
  const dialect = knownDialects.find((known) => known === value['dialect']);
  if (dialect === undefined || !isCount(pageSize) || !isCount(keysPerCall)) return null;
  if (pageSize < 1 || pageSize > maxPageSize || keysPerCall < 1) return null;
  if (typeof plural !== 'boolean' || typeof singular !== 'boolean') return null;
  if (typeof takesManyKeys !== 'boolean') return null;
  return { dialect, ignored: { plural, singular }, pageSize, keysPerCall, takesManyKeys };
}

/** Decodes the reply of `takeScript`. */
export function decodeGrant(value: unknown): TokenGrant | null {
  const [granted, waitMs] = listOf(value);
  return isCount(granted) && isCount(waitMs) ? { granted, waitMs } : null;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
