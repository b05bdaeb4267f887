import { lifetimeSettings } from './lifetimes.ts';
import { libraryMeanings } from './traces.ts';

const lifetimeMeanings = Object.fromEntries(lifetimeSettings.map(({ name, meaning }) => [name, meaning]));

/** Meanings of the settings, for docs/configuration.md. Values and defaults come from the code that reads them. */
export const reference: Readonly<Record<string, string>> = {
  PORT: 'The port to listen on; 0 takes any free one.',
  HOST: 'The address to listen on, or the name of a host; an IPv6 address may be in brackets. Use another one than loopback only if callers are authenticated, or all of them are trusted.',
  CALLERS: '`open` accepts every request without a credential; the log warns of it.',
  CALLERS_KEYS_FILE:
    'A file of API keys, as below. It is read again as soon as it changes; a file with a fault, an unknown field included, is reported, and the previous keys stay valid.',
  CALLERS_JWT_ISSUER:
    'The `iss` that a JSON Web Token must have. Set it together with the audience and the URL of the keys.',
  CALLERS_JWT_AUDIENCE: 'The `aud` that the token must have.',
  CALLERS_JWT_JWKS_URL:
    'URL of the provider’s keys (256 KiB at most). They are cached for ten minutes; a token with an unknown key fetches them again, every ten seconds at most. While fetches fail, the pause grows to a minute, the last keys verify tokens for an hour, tokens with an unknown key are refused, and without keys the response is 503, `IDENTITY_UNAVAILABLE`.',
  CALLERS_JWT_ALGORITHMS:
    'Accepted signature algorithms, all with a public key. This setting and the next three require an issuer.',
  CALLERS_JWT_CLOCK_SKEW_SECONDS: 'Tolerated difference between the provider’s clock and yours.',
  CALLERS_JWT_CUSTOMERS_CLAIM:
    'The claim that names the caller’s customers: a list of ids, or `all`. A token without it has none, and one with anything else is not valid.',
  CALLERS_JWT_PROFILE_CLAIM:
    'The claim that names the caller’s [profile](#several-credentials), if there are several. A token without one is then not valid.',
  CALLERS_REQUESTS_PER_MINUTE:
    'Requests of each caller in a minute; more are refused with 429, `RATE_LIMITED` and Retry-After. A key’s `requestsPerMinute` overrides it. With `REDIS_URL`, all instances count together; without it, each counts for itself.',
  INTROSPECTION: '`off` refuses introspection, and errors then suggest no names of the schema.',
  EXPLORER: '`off` serves no GraphiQL.',
  EXPORTS:
    'Whether callers may [export](exports.md) all users and protection rows that they may read: `on` for those that may send any document, `all` also for those restricted to trusted documents, `off` for none.',
  MCP: 'Whether [assistants](assistants.md) may send requests to `/mcp`. `on` by default over the embedded simulation, and `off` over a real upstream.',
  MCP_TOOLS:
    'A folder of tools: each file `*.graphql` is one named operation with a description. Without it, the tools that come with the gateway.',
  MCP_QUERIES:
    '`on` also lets assistants write queries of their own, and search the schema; callers that are restricted to trusted documents still can’t.',
  MCP_MAX_CHARACTERS:
    'Characters of one answer to an assistant; rows that do not fit are left out, and counted.',
  MCP_URL:
    'The URL of `/mcp` as clients know it, such as `https://graph.example.com/mcp`. With `CALLERS_JWT_ISSUER`, clients find there where to sign in, and tokens whose `aud` is this URL are accepted as well.',
  TRUSTED_DOCUMENTS_FILE:
    'A [manifest of documents by id](trusted-documents.md), as graphql-codegen, Apollo’s and Relay’s tools write it; `npm run -s documents -- <file>` checks one before it is deployed. The gateway does not start with a document that the schema or the limits of documents do not permit. Requests may send the id alone, as `documentId` or by the names that Apollo Client, Relay and urql use, with or without the prefix `sha256:`.',
  TRUSTED_DOCUMENTS:
    '`only` refuses every other document, for all callers; a key’s `trustedDocumentsOnly: true` does for its holder.',
  CORS_ORIGINS:
    'Origins whose pages may send requests from a browser, such as `https://portal.example.com`, separated by blanks or commas: scheme, host and port, without a path or `*`.',
  ALLOWED_HOSTS:
    'Host names that requests may have besides those of loopback, without ports, separated by blanks or commas; others are refused with status 421, except for health checks, and for metrics by an instance’s address. Without it, a gateway that listens on loopback and accepts any caller answers to `localhost`, `127.0.0.1` and `[::1]` alone, and any other gateway to every name.',
  LOG_LEVEL:
    'Level of the log, which goes to the standard output, as JSON or, in a terminal, in a readable form. With `info`, each operation has a line.',
  AUDIT_FILE:
    'A file for the operations’ lines, whatever the level; the gateway does not start if it can’t be opened. SIGHUP reopens it after rotation. On a full disk, 4 MiB of lines wait; more are dropped and counted.',
  METRICS: '`off` serves no `/metrics`.',
  OTEL_EXPORTER_OTLP_ENDPOINT:
    'Base URL of the OTLP collector over HTTP, to which `/v1/traces` is added; without it and the next, nothing is traced.',
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'URL for traces alone, with its path.',
  OTEL_EXPORTER_OTLP_HEADERS:
    'Headers that are sent along, such as `authorization=Bearer%20…`, separated by commas.',
  OTEL_EXPORTER_OTLP_HEADERS_FILE: 'A file that holds the headers, in place of them.',
  OTEL_TRACES_EXPORTER: '`none` sends no traces.',
  OTEL_SDK_DISABLED: '`true`, in any letter case, sends no traces either.',
  OTEL_SERVICE_NAME: 'Service name in traces; it precedes `service.name` of the next.',
  OTEL_RESOURCE_ATTRIBUTES:
    'Attributes of this instance in traces, such as `deployment.environment.name=production,k8s.pod.name=graph-1`; values are percent-encoded.',
  ...libraryMeanings,
  HTTPS_PROXY:
    'The proxy by which services with https URLs are called: the API, the identity service, and the provider of `CALLERS_JWT_JWKS_URL`. It may have a user and a password. The names in small letters are read as well, here and for the next two.',
  HTTP_PROXY: 'The same for services with http URLs.',
  NO_PROXY:
    'Hosts that are called without a proxy, with or without a port, separated by blanks or commas; each includes its subdomains, and `*` is every host. Addresses of this machine are never called by a proxy.',
  NODE_EXTRA_CA_CERTS: 'A file of certificates, PEM, of authorities to trust besides those of Node.js.',
  REDIS_URL:
    'The Redis server by which instances share what they read, such as `redis://:password@redis.internal:6379`; `rediss:` is encrypted. Without it, instances share nothing.',
  REDIS_URL_FILE: 'A file that holds the URL, in place of it.',
  REDIS_PASSWORD: 'The password of the Redis server, if `REDIS_URL` has none.',
  REDIS_PASSWORD_FILE: 'A file that holds the password, in place of it.',
  REDIS_PREFIX: 'Prefix of all keys in Redis: set different ones for fleets that share a server.',
  MAX_REQUESTS_IN_FLIGHT:
    'Maximum requests in flight. More are refused with status 503, `OVERLOADED` and Retry-After.',
  MAX_SUBSCRIPTIONS: 'Maximum subscriptions and exports of each process. More are refused with `OVERLOADED`.',
  MAX_SUBSCRIPTIONS_PER_CALLER:
    'Maximum of one caller, if callers are authenticated; by default half of `MAX_SUBSCRIPTIONS`.',
  MAX_ANSWER_MEBIBYTES:
    'Maximum size of a response, in MiB; a larger one is a `LIMIT_EXCEEDED` error. Long responses in flight may have twice the size together; more of them are refused with `OVERLOADED`.',
  BODY_TIMEOUT_MS:
    'Timeout of a request’s body, in milliseconds, after which it is refused with status 408, `REQUEST_TIMEOUT`; for an [earlier export](exports.md#what-changed), the maximum time between two chunks.',
  READER_TIMEOUT_MS:
    'Time after which a client that reads nothing of its response is disconnected, in milliseconds.',
  MAX_EVENT_LOOP_DELAY_MS:
    'Event loop delay, in milliseconds, beyond which requests are refused with `OVERLOADED`.',
  SHUTDOWN_DELAY_MS:
    'Time after SIGTERM in which requests are still answered, in milliseconds, with `Connection: close`, while load balancers see `/health/ready` fail. After it, new requests are refused with 503, `SHUTTING_DOWN`, until none has arrived for as long, for four times the delay and half of `SHUTDOWN_TIMEOUT_MS` at most. Then the port closes. It may be three quarters of `SHUTDOWN_TIMEOUT_MS` at most.',
  SHUTDOWN_TIMEOUT_MS:
    'Time after SIGTERM at which the process has exited, in milliseconds. Just before, operations in flight return partial results.',
  OPERATION_TIMEOUT_MS:
    'Timeout of one operation, in milliseconds. Fields that still wait then are `DEADLINE_EXCEEDED` errors; the rest of the result is returned.',
  MAX_UPSTREAM_CALLS:
    'Maximum upstream calls of one operation. Fields that need more are `UPSTREAM_BUDGET_EXCEEDED` errors.',
  MAX_OPERATION_ROWS:
    'Maximum rows that an operation’s result could have, by its arguments (`first` times nesting) and by known lengths of lists. More is a `LIMIT_EXCEEDED` error before any call. The price of each field is in [schema.graphql](../schema.graphql) (`@cost`, `@listSize`, `@upstream`); `x-explain: true` shows an operation’s in `extensions.cost`.',
  MAX_OPERATION_VALUES:
    'Maximum values, rows times fields, that its result could have. One takes about 45 bytes of the response.',
  MAX_OPERATION_CALLS:
    'Maximum upstream calls that it could need with an empty cache. A list of unknown length counts as the schema assumes: 500 customers, 2 tenants of each, 300 users of a tenant.',
  CACHE_MAX_MEBIBYTES:
    'Estimated size of the cache of rows and pages, in MiB, plus a sixteenth of it for tenants’ summaries; 0 caches nothing.',
  CACHE_ANSWERS_MEBIBYTES: 'Size of the response cache, in MiB; 0 caches none.',
  ...lifetimeMeanings,
  CACHE_TTL_ABSENT_SECONDS:
    'Time to live of the absence of a row, at most that of its kind of rows. A list that is cached whole shows absences for as long as it is cached.',
  CACHE_STALE_WHILE_REVALIDATE_SECONDS:
    'Additional time in which stale data is served while one call revalidates it.',
  CACHE_STALE_IF_ERROR_SECONDS:
    'Additional time in which stale data is served if the upstream is unreachable, fails, throttles, or sends an invalid response, or if an operation has used up its calls or its time.',
  SIMULATOR:
    '`on` serves the embedded simulation and its invented data. Without it, the simulation starts if no other upstream is set, except in production: the start is then refused.',
  NODE_ENV: '`production`, in any letter case, as in the image, requires an upstream or `SIMULATOR=on`.',
  AVEPOINT_API_URL:
    'The base URL of the API, https except on this machine. It and the token URL are one pair: set both or neither.',
  AVEPOINT_TOKEN_URL: 'The URL that gives access tokens, https except on this machine.',
  AVEPOINT_CLIENT_ID: 'The client id of the app registration.',
  AVEPOINT_CLIENT_SECRET: 'Its secret. Instead of it, a certificate can be used.',
  AVEPOINT_CLIENT_SECRET_FILE: 'A file that holds the secret, in place of it.',
  AVEPOINT_CLIENT_CERTIFICATE: 'The file of the registered certificate, PEM.',
  AVEPOINT_CLIENT_KEY: 'The file of the certificate’s RSA key, PEM.',
  AVEPOINT_SCOPE: 'The scopes to ask for, separated by spaces.',
  AVEPOINT_TIMEOUT_MS:
    'Timeout of one upstream call, in milliseconds. It alone does not select the real upstream.',
  AVEPOINT_MAX_RESPONSE_MEBIBYTES:
    'Maximum size of an upstream response, in MiB. It alone does not select the real upstream.',
  AVEPOINT_MAX_RETRIES:
    'Maximum retries of a call that failed for a transient reason (408, 429, 5xx, a reset, a timeout, a truncated response). Retries are a fifth of all calls at most. It alone does not select the real upstream.',
  AVEPOINT_MAX_CONCURRENT_CALLS:
    'Maximum upstream calls in flight. The gateway begins with 32 and adapts to what the upstream bears. It alone does not select the real upstream.',
  AVEPOINT_CALLS_PER_SECOND:
    'Maximum upstream calls per second, on average; 0 sets no limit. Calls also queue if the upstream accepts fewer. It alone does not select the real upstream.',
  AVEPOINT_PROFILES:
    'Names of profiles, such as `north south-west`, of small letters, digits and `-`, separated by blanks or commas.',
  SIMULATOR_PORT: 'The port of the simulated API on loopback; 0 takes any free one.',
  SIMULATOR_SEED: 'The same seed gives the same world.',
  SIMULATOR_CUSTOMERS: 'How many customers there are, up to 100,000.',
  SIMULATOR_TENANTS: 'How many tenants a customer has on average; some have none.',
  SIMULATOR_USERS: 'How many users a tenant has on average, up to 1,000,000.',
  SIMULATOR_LATENCY_MS: 'Latency of each response, in milliseconds.',
  SIMULATOR_DIALECT:
    'Which revision of the reference pages it follows: `singular` (the first) or `plural` (since 2025).',
  SIMULATOR_FAULT_RATE:
    'Share of faulty responses, from 0 to 1: error statuses with and without Retry-After, connections that break or hang, responses that are truncated, empty, HTML, of wrong types or without metadata, refused tokens.',
};
