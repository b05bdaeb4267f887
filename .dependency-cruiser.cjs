/** The layers of docs/architecture.md: imports point strictly downward, and each package stays in its layer. */
const leaves =
  '^src/(model|errors|regular-file|fold|json|json-rpc|addresses|clock|scope|secret|scheduler|selection-walker|tokens|maybe-promise|package-folder|listen-error|nearest-name|stop-signals|version)\\.ts$';

/** A layer may import itself, the layers below and the leaves. */
function layer(name, path, below, packages) {
  return [
    {
      name: `${name}-imports-downward`,
      severity: 'error',
      from: { path },
      to: { path: '^src/', pathNot: [path, leaves, ...below] },
    },
    {
      name: `${name}-packages`,
      severity: 'error',
      from: { path },
      to: {
        dependencyTypes: ['npm', 'npm-dev', 'npm-no-pkg', 'unknown'],
        pathNot: packages.map((it) => `node_modules/${it}/`),
      },
    },
  ];
}

const transport = '^src/transport/';
const endpoint = '^src/endpoint/';
const execution = '^src/execution/';
const callers = '^src/callers/';
const planner = '^src/planner/';
const fleet = '^src/fleet/';
const loaders = '^src/loaders\\.ts$';
const listQuery = '^src/list-query/';
const reporting = '^src/reporting/';
const graph = '^src/graph/';
const mcp = '^src/mcp/';
const exportsRoom = '^src/exports/';
const pricing = '^src/pricing/';
const server = '^src/server/';
const cli = '^src/cli/';
const telemetry = '^src/telemetry/';
const simulator = '^src/simulator/';
const config = '^src/config/';
const connections = '^src/connections/';
const gateway = '^src/gateway\\.ts$';
const command = '^src/command/';
const main = '^src/main\\.ts$';

/** What each of the rooms above the layers may import; src/config/ names types of what it configures. */
const configured = [transport, endpoint, planner, callers, pricing, mcp, server, telemetry, simulator];
const connected = [transport, endpoint, planner, fleet, callers, telemetry, simulator, config];
const composed = [
  ...[
    ...connected,
    loaders,
    listQuery,
    reporting,
    graph,
    execution,
    exportsRoom,
    mcp,
    pricing,
    server,
    connections,
  ],
];

/** Each file of src/ is in one of them. */
const places = [
  leaves,
  ...[transport, endpoint, execution, callers, planner, fleet, loaders, listQuery, reporting, graph, pricing],
  ...[exportsRoom, mcp, server, telemetry, simulator, config, connections, gateway, command, cli, main],
];

module.exports = {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: '\\.d\\.ts$' },
      to: {},
    },
    {
      name: 'leaves-import-leaves',
      severity: 'error',
      from: { path: leaves },
      to: { path: '^src/', pathNot: leaves },
    },
    ...layer('transport', transport, [], ['undici', 'jose']),
    ...layer('execution', execution, [], ['graphql', 'lru-cache']),
    ...layer('callers', callers, [], ['jose']),
    ...layer('endpoint', endpoint, [transport], []),
    ...layer('planner', planner, [transport, endpoint], []),
    ...layer('fleet', fleet, [transport, endpoint, planner], ['@redis/client']),
    ...layer('loaders', loaders, [transport, endpoint, planner, execution], ['dataloader']),
    ...layer('list-query', listQuery, [], []),
    ...layer('reporting', reporting, [transport, endpoint, planner], ['p-limit']),
    ...layer(
      'graph',
      graph,
      [transport, endpoint, planner, loaders, execution, listQuery, reporting],
      ['graphql', '@graphql-tools/schema'],
    ),
    ...layer(
      'exports',
      exportsRoom,
      [transport, endpoint, planner, loaders, execution, listQuery, reporting, graph],
      ['papaparse', 'fflate'],
    ),
    ...layer('pricing', pricing, [endpoint, planner], ['graphql']),
    ...layer(
      'mcp',
      mcp,
      [pricing],
      ['graphql', '@modelcontextprotocol/server', '@modelcontextprotocol/core'],
    ),
    ...['documents', 'answers', 'tools'].map((room, index, rooms) => ({
      name: `mcp-${room}-imports-downward`,
      severity: 'error',
      from: { path: `^src/mcp/${room}/` },
      to: { path: mcp, pathNot: rooms.slice(0, index + 1).map((below) => `^src/mcp/${below}/`) },
    })),
    ...layer(
      'server',
      server,
      [
        transport,
        endpoint,
        planner,
        loaders,
        graph,
        execution,
        reporting,
        exportsRoom,
        mcp,
        callers,
        pricing,
      ],
      [
        '@apollo/server',
        '@fastify/static',
        'helmet',
        '@fastify/cors',
        'fastify',
        'graphql',
        'lru-cache',
        'negotiator',
        '@types/negotiator',
        '@opentelemetry/api',
      ],
    ),
    ...layer(
      'telemetry',
      telemetry,
      ['^src/server/observability/(audit-entry|probes)\\.ts$', transport],
      ['pino', 'pino-pretty', 'prom-client', '@opentelemetry/[a-z-]+'],
    ),
    ...layer(
      'cli',
      cli,
      [
        gateway,
        '^src/endpoint/protection-statuses\\.ts$',
        '^src/exports/(cells|change-formats|changes|earlier-rows|formats|lists|csv|ndjson|xlsx)\\.ts$',
        '^src/config/config\\.ts$',
        '^src/command/start-fault\\.ts$',
        '^src/transport/failure-cause\\.ts$',
        '^src/telemetry/log\\.ts$',
      ],
      ['graphql-sse', 'string-width', '@modelcontextprotocol/server', 'eventsource-parser'],
    ),
    ...layer('simulator', simulator, [], ['jose']),
    ...layer('config', config, configured, []),
    ...layer('connections', connections, connected, []),
    ...layer('gateway', gateway, composed, []),
    ...layer('command', command, [...composed, gateway], ['graphql']),
    ...layer('main', main, [...composed, gateway, command], []),
    {
      name: 'config-imports-types-of-the-server',
      comment: 'What is configured is loaded later.',
      severity: 'error',
      from: { path: config },
      to: { path: [server, simulator], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'each-importer-has-a-layer',
      severity: 'error',
      from: { path: '^src/', pathNot: places },
      to: {},
    },
    {
      name: 'each-imported-file-has-a-layer',
      severity: 'error',
      from: {},
      to: { path: '^src/', pathNot: places },
    },
    {
      name: 'simulator-stands-apart',
      comment: 'src/config/ may name the type of its options.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/connections/upstream\\.ts$', simulator] },
      to: { path: simulator, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'source-needs-no-tests',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: ['^test/', '^bench/', '^graphiql/'] },
    },
    {
      name: 'no-development-packages',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'unknown'], pathNot: 'node_modules/@types/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
};
