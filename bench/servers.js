/** Measured servers, in the order of the tables. */
import { gatewayFlags } from './gateway-process.js';
import { isTailcallInstalled, tailcallOperationsOf } from './servers/tailcall/operations.js';

const gateway = (env) => ({
  file: '../dist/main.js',
  flags: gatewayFlags,
  env: { PORT: '4123', MAX_UPSTREAM_CALLS: '100000', ...env },
});
const server = (name, env = {}) => ({ file: `servers/${name}.js`, env });

/** The command line selects servers by parts of these names. */
export const servers = {
  'this gateway, from its responses': gateway(),
  'this gateway, rows cached, responses not': gateway({ CACHE_ANSWERS_MEBIBYTES: '0' }),
  'this gateway, nothing cached': gateway({ CACHE_MAX_MEBIBYTES: '0', CACHE_ANSWERS_MEBIBYTES: '0' }),
  'Apollo Server 5, graphql-js, DataLoaders': server('apollo'),
  'Mercurius 16, compiled': server('mercurius'),
  'GraphQL Yoga 5': server('yoga'),
  'Hive Gateway 2, OpenAPI': server('hive'),
  ...(isTailcallInstalled() && {
    'Tailcall, dedupe (client joins)': { ...server('tailcall/start'), operationsOf: tailcallOperationsOf },
  }),
  'the floor: no memory': server('floor'),
  'the floor with its rows in memory': server('floor', { ROWS_IN_MEMORY: '1' }),
  'node:http sending the same bytes': { ...server('bytes'), isTaught: true },
};

/** The tables give ratios to these servers' rates. */
export const references = {
  rows: 'the floor with its rows in memory',
  bytes: 'node:http sending the same bytes',
  cold: 'the floor: no memory',
};
