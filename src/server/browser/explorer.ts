/** Serves GraphiQL, page and assets, from dist/graphiql/. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { FastifyStaticOptions } from '@fastify/static';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { packageFolder } from '../../package-folder.ts';
import { acceptedOf } from '../pipeline/media-types.ts';
import { preflightedHeaders } from './request-origin.ts';

const folder = fileURLToPath(new URL('dist/graphiql/', packageFolder));

/** Static options of the assets: hashed names, compressed at build time. */
export const explorerAssets = {
  root: `${folder}assets/`,
  prefix: '/graphiql/assets/',
  preCompressed: true,
  immutable: true,
  maxAge: '1y',
  setHeaders: (reply) => {
    void reply.setHeader('vary', 'accept-encoding');
  },
} satisfies FastifyStaticOptions;

export function readExplorerPage(): string {
  const page = `${folder}index.html`;
  if (existsSync(page)) return readFileSync(page, 'utf8');
  return '<!doctype html><title>Elements Graph</title><p>GraphiQL is not built yet: run <code>npm run build</code>.';
}

/** Whether a browser opens the explorer's page. The page has no data, needs no credential and executes nothing on load. */
export function isExplorerRequest({ method, headers }: FastifyRequest): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  return acceptedOf(headers.accept).html && preflightedHeaders.every((name) => headers[name] === undefined);
}

export function sendExplorer({ url }: FastifyRequest, reply: FastifyReply, html: string): FastifyReply {
  reply.header('vary', 'accept').header('cache-control', 'no-cache');
  const [path = '', ...query] = url.split('?');
  // Relative URLs, which work below any prefix of a proxy.
  if (path.endsWith('/')) return reply.redirect(['../graphql', ...query].join('?'), 308);
  return reply.type('text/html; charset=utf-8').send(html);
}
