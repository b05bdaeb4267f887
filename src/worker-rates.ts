/**
 * Rates of several workers behind one port, counted as one: the primary process has the buckets, and each worker asks it
 * over the cluster's channel. If the primary does not answer, the worker counts alone.
 */
import cluster, { type Worker } from 'node:cluster';
import { TokenBuckets, type Allowance, type Grant } from './callers/token-buckets.ts';

/** Takes from an allowance that several processes share; resolves to null if it is unavailable. */
export type TakeOfAll = (allowance: Allowance, wanted: number) => Promise<Grant | null>;

const timeoutMs = 1000;

interface Question {
  readonly takeRate: number;
  readonly allowance: Allowance;
  readonly wanted: number;
}

interface Answer {
  readonly tookRate: number;
  readonly grant: Grant;
}

/** In the primary: counts for all workers. */
export function countRatesOfWorkers(): void {
  const buckets = new TokenBuckets(() => performance.now());
  cluster.on('message', (worker: Worker, message: unknown) => {
    if (!isQuestion(message) || !worker.isConnected()) return;
    const grant = buckets.take(message.allowance, message.wanted);
    const answer: Answer = { tookRate: message.takeRate, grant };
    // A worker that dies meanwhile needs no answer.
    worker.send(answer, () => undefined);
  });
}

/** In a worker: counts with the others. */
export function countRatesTogether(): TakeOfAll {
  const waiting = new Map<number, (grant: Grant | null) => void>();
  let questions = 0;
  process.on('message', (message: unknown) => {
    if (isAnswer(message)) waiting.get(message.tookRate)?.(message.grant);
  });
  return (allowance, wanted) =>
    new Promise((resolve) => {
      const takeRate = questions++;
      const settle = (grant: Grant | null) => {
        clearTimeout(timeout);
        waiting.delete(takeRate);
        resolve(grant);
      };
      const resolveIfFailed = (error: Error | null) => {
        if (error !== null) settle(null);
      };
      const timeout = setTimeout(settle, timeoutMs, null);
      waiting.set(takeRate, settle);
      const question: Question = { takeRate, allowance, wanted };
      if (process.connected) process.send?.(question, undefined, undefined, resolveIfFailed);
      else settle(null);
    });
}

/** The first available one of several shared allowances; null if there is none. */
export function firstOf(takes: readonly (TakeOfAll | null)[]): TakeOfAll | null {
  const [first = null, ...others] = takes.filter((take) => take !== null);
  const next = others.length === 0 ? null : firstOf(others);
  if (first === null || next === null) return first;
  return async (allowance, wanted) => (await first(allowance, wanted)) ?? next(allowance, wanted);
}

function isQuestion(message: unknown): message is Question {
  return typeof message === 'object' && message !== null && 'takeRate' in message;
}

function isAnswer(message: unknown): message is Answer {
  return typeof message === 'object' && message !== null && 'tookRate' in message;
}
