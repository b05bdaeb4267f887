/** Hive Gateway over the API's OpenAPI description, with the graph's own types and resolvers added to it. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';
import { defineConfig, getComposedSchemaFromConfig } from '@graphql-mesh/compose-cli';
import rest from '@graphql-mesh/transport-rest';
import { loadOpenAPISubgraph } from '@omnigraph/openapi';
import { createRest, fetchToken } from './rest.js';
import { createCaller, resolversOver, typeDefs } from './schema.js';

process.env.AVEPOINT_ORIGIN = new URL(process.env.AVEPOINT_API_URL).origin;
process.env.AVEPOINT_TOKEN = await fetchToken();

const description = fileURLToPath(new URL('openapi.json', import.meta.url));
const { paths } = JSON.parse(readFileSync(description, 'utf8'));
const fields = Object.values(paths).map(({ post }) => post.operationId);
const quiet = () => undefined;
const logger = { debug: quiet, info: quiet, log: quiet, warn: console.warn, error: console.error };
logger.child = () => logger;

const supergraph = await getComposedSchemaFromConfig(
  defineConfig({
    subgraphs: [
      {
        sourceHandler: loadOpenAPISubgraph('AvePoint', {
          source: description,
          endpoint: '{env.AVEPOINT_ORIGIN}',
          operationHeaders: { Authorization: 'Bearer {env.AVEPOINT_TOKEN}' },
          selectQueryOrMutationField: fields.map((fieldName) => ({ type: 'query', fieldName })),
        }),
      },
    ],
    additionalTypeDefs: typeDefs.replace('type Query', 'extend type Query'),
  }),
  logger,
);

const routes = [
  {
    field: 'protectionBatch',
    pattern: /customers\/([^/]+)\/tenants\/([^/]+)\/cloud-backup-m365/,
    row: 'id email moduleStatus { module isProtected }',
  },
  {
    field: 'usersBatch',
    pattern: /customers\/([^/]+)\/tenants\/([^/]+)\/users/,
    row: 'id displayName mail userPrincipalName department jobTitle',
  },
  { field: 'customersBatch', pattern: /customers\/batch/, row: 'id organization tenants { id name }' },
];

const callers = new WeakMap();

function callerOf(context, info) {
  let caller = callers.get(context);
  if (caller === undefined) {
    const post = (path, page, input) => {
      const { field, pattern, row } = routes.find((route) => route.pattern.test(path));
      const [, customerId, tenantId] = pattern.exec(path);
      const ids = customerId === undefined ? {} : { customerId, tenantId };
      return context.AvePoint.Query[field]({
        root: {},
        args: { ...ids, ...page, input },
        context,
        info,
        selectionSet: `{ metadata { totalCount } data { ${row} } }`,
      });
    };
    callers.set(context, (caller = createCaller(createRest(post))));
  }
  return caller;
}

const gateway = createGatewayRuntime({
  supergraph,
  logging: 'error',
  transports: { rest },
  additionalResolvers: resolversOver(callerOf),
});
const server = createServer(gateway);
server.listen(0, '127.0.0.1', () => console.log(`ready: http://127.0.0.1:${server.address().port}/graphql`));
