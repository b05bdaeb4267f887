import { lifetimeSettings } from './lifetimes.ts';
import { libraryMeanings } from './traces.ts';

const lifetimeMeanings = Object.fromEntries(lifetimeSettings.map(({ name, meaning }) => [name, meaning]));

/** Meaning of each setting, as printed in docs/configuration.md; its readers know its choices and its default. */
export const reference: Readonly<Record<string, string>> = {
  PORT: 'The port to listen on; 0 takes any free one.',
  HOST: 'The address to listen on, or the name of a host; an IPv6 address may be in brackets. Use another one than loopback only if callers are authenticated, or all of them are trusted.',
  CALLERS: '`open` accepts every request without a credential; the log warns of it.',
  CALLERS_KEYS_FILE:
    'A file of API keys, as below. It is read again as soon as it changes; a file with a fault, an unknown field included, is reported, and the previous keys stay valid.',
  CALLERS_JWT_ISSUER:
    'The `iss` that a JSON Web Token must have. Set it together with the audience and the URL of the keys.',
  CALLERS_JWT_AUDIENCE: 'The `aud` that it must have.',
  CALLERS_JWT_JWKS_URL:
    'Where the provider publishes its keys (256 KiB at most). They are cached for ten minutes; for a token with an unknown key they are fetched anew, every ten seconds at most. While fetches fail, the pause grows to a minute, the last keys verify tokens for an hour, tokens with an unknown key are refused, and without keys the answer is 503, `IDENTITY_UNAVAILABLE`.',
  CALLERS_JWT_ALGORITHMS:
    'Which algorithms a token may be signed with; all with a public key. This setting and the next three need an issuer.',
  CALLERS_JWT_CLOCK_SKEW_SECONDS: 'How far the provider’s clock may be off.',
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
  MCP: 'Whether [assistants](assistants.md) may ask at `/mcp`. `on` by default over the embedded simulation, and `off` over a real upstream.',
  MCP_TOOLS:
    'A folder of tools: each file `*.graphql` is one named operation with a description. Without it, the tools that come with the gateway.',
  MCP_QUERIES:
    '`on` also lets assistants write queries of their own, and search the schema. Who may send trusted documents alone may still not.',
  MCP_MAX_CHARACTERS:
    'Characters of one answer to an assistant; rows that do not fit are left out, and counted.',
  MCP_URL:
    'The URL of `/mcp` as clients know it, such as `https://graph.example.com/mcp`. With `CALLERS_JWT_ISSUER`, clients find there where to sign in, and tokens whose `aud` is this URL are accepted as well.',
  TRUSTED_DOCUMENTS_FILE:
    'A [manifest of documents by id](trusted-documents.md), as graphql-codegen, Apollo’s and Relay’s tools write it; `npm run -s documents -- <file>` checks one before it is deployed. A document that the schema does not permit, or that is beyond the limits of documents, keeps the gateway from starting. Requests may send the id alone, as `documentId` or by the names that Apollo Client, Relay and urql use, with or without the prefix `sha256:`.',
  TRUSTED_DOCUMENTS:
    '`only` refuses every other document, for all callers; a key’s `trustedDocumentsOnly: true` does for its holder.',
  CORS_ORIGINS:
    'Other sites whose pages may ask from a browser, such as `https://portal.example.com`, separated by blanks or commas: scheme, host and port alone, without a path or `*`.',
  ALLOWED_HOSTS:
    'Host names that requests may be meant for beside those of loopback, without ports, separated by blanks or commas; others are refused with status 421, except for health checks, and metrics by the address of an instance. Without it, a gateway that listens on loopback and accepts any caller answers to `localhost`, `127.0.0.1` and `[::1]` alone, and any other gateway to every name.',
  LOG_LEVEL:
    'Of the log, which goes to the standard output, as JSON or, in a terminal, in a readable form: `debug`, `info`, `warn`, `error` or `silent`. With `info`, each operation has a line.',
  AUDIT_FILE:
    'A file that gets the operations’ lines as well, whatever the level; if it can’t be opened, the start is refused. It is begun anew on SIGHUP, after it was moved away. On a full disk, 4 MiB of lines wait, and more are dropped and counted.',
  METRICS: '`off` serves no `/metrics`.',
  OTEL_EXPORTER_OTLP_ENDPOINT:
    'Where traces are sent, over HTTP, with `/v1/traces` added; without it and the next, nothing is traced.',
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'The same for traces alone, with its path.',
  OTEL_EXPORTER_OTLP_HEADERS:
    'Headers that are sent along, such as `authorization=Bearer%20…`, separated by commas.',
  OTEL_EXPORTER_OTLP_HEADERS_FILE: 'A file that holds the headers, in place of them.',
  OTEL_TRACES_EXPORTER: '`none` sends no traces.',
  OTEL_SDK_DISABLED: '`true`, in any letter case, sends no traces either.',
  OTEL_SERVICE_NAME: 'Service name in traces; it precedes `service.name` of the next.',
  OTEL_RESOURCE_ATTRIBUTES:
    'What traces say of this instance, such as `deployment.environment.name=production,k8s.pod.name=graph-1`; values are percent-encoded.',
  ...libraryMeanings,
  HTTPS_PROXY:
    'The proxy by which services with https URLs are called: the API, the identity service, and the provider of `CALLERS_JWT_JWKS_URL`. It may have a user and a password. The name in small letters holds as well, here and for the next two.',
  HTTP_PROXY: 'The same for services with http URLs.',
  NO_PROXY:
    'Hosts that are called without a proxy, with or without a port, separated by blanks or commas; each stands for its subdomains, too, and `*` for every host. Addresses of this machine are never called by a proxy.',
  NODE_EXTRA_CA_CERTS:
    'A file of certificates, PEM, of authorities that are trusted beside those that Node.js knows.',
  REDIS_URL:
    'The Redis server by which instances share what they read, such as `redis://:password@redis.internal:6379`; `rediss:` is encrypted. Without it, each instance is alone.',
  REDIS_URL_FILE: 'A file that holds the URL, in place of it.',
  REDIS_PASSWORD: 'The password of the Redis server, if `REDIS_URL` has none.',
  REDIS_PASSWORD_FILE: 'A file that holds the password, in place of it.',
  REDIS_PREFIX: 'What the names of all its keys begin with: fleets that share a server have different ones.',
  MAX_REQUESTS_IN_FLIGHT:
    'How many requests are answered at once. More are refused with status 503, `OVERLOADED` and Retry-After.',
  MAX_SUBSCRIPTIONS:
    'How many subscriptions and exports run at the same time, in each process. More are refused with `OVERLOADED`.',
  MAX_SUBSCRIPTIONS_PER_CALLER:
    'How many of them one caller may run at the same time, if callers are known; by default half of `MAX_SUBSCRIPTIONS`.',
  MAX_ANSWER_MEBIBYTES:
    'The longest answer that is written, in MiB. A longer one is a `LIMIT_EXCEEDED` error; long answers in flight may together be twice as long, and more of them are refused with `OVERLOADED`.',
  BODY_TIMEOUT_MS:
    'How long the body of a request may take to arrive, in milliseconds, before it is refused with status 408, `REQUEST_TIMEOUT`; of an [earlier export](exports.md#what-changed), how long nothing of it may come.',
  READER_TIMEOUT_MS:
    'How long a client may accept nothing of its response, in milliseconds, before it is disconnected.',
  MAX_EVENT_LOOP_DELAY_MS:
    'How long requests may wait for the event loop, in milliseconds, before more are refused in the same way.',
  SHUTDOWN_DELAY_MS:
    'After SIGTERM, how long requests are still answered, in milliseconds, with `Connection: close`, while load balancers see `/health/ready` fail. After it, new requests are refused with 503, `SHUTTING_DOWN`, until none has arrived for as long, for four times the delay and half of `SHUTDOWN_TIMEOUT_MS` at most. Then the port closes. It may be three quarters of `SHUTDOWN_TIMEOUT_MS` at most.',
  SHUTDOWN_TIMEOUT_MS:
    'When the process is gone at the latest, in milliseconds after SIGTERM. Just before, operations under way are answered with what they have.',
  OPERATION_TIMEOUT_MS:
    'How long one operation may take, in milliseconds. What it still waits for then is a `DEADLINE_EXCEEDED` error, and the rest is answered.',
  MAX_UPSTREAM_CALLS:
    'How many calls of the upstream one operation may make. What is past it is an `UPSTREAM_BUDGET_EXCEEDED` error at the fields that needed it.',
  MAX_OPERATION_ROWS:
    'The most rows that an operation’s answer could have, by its arguments (`first` times nesting) and by the lengths of lists that are known. More is a `LIMIT_EXCEEDED` error before anything is called. The price of each field stands in [schema.graphql](../schema.graphql) (`@cost`, `@listSize`, `@upstream`); `x-explain: true` shows an operation’s in `extensions.cost`.',
  MAX_OPERATION_VALUES:
    'The most values, rows times fields, that its answer could have. One takes about 45 bytes of the answer.',
  MAX_OPERATION_CALLS: 'The most calls of the upstream that it could need if nothing were cached.',
  CACHE_MAX_MEBIBYTES:
    'Size of the cache of rows and pages, in MiB, as estimated from the answers, and a sixteenth of it more for tenants’ summaries; 0 caches nothing.',
  CACHE_ANSWERS_MEBIBYTES: 'Size of the response cache beside it, in MiB; 0 caches none.',
  ...lifetimeMeanings,
  CACHE_TTL_ABSENT_SECONDS:
    'How long it is remembered that a row does not exist; never longer than a row of its kind is fresh.',
  CACHE_STALE_WHILE_REVALIDATE_SECONDS: 'How much longer what was read is served while one call renews it.',
  CACHE_STALE_IF_ERROR_SECONDS:
    'How much longer it is served if the upstream can’t be reached, fails, asks to wait or can’t be understood.',
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
    'How long one call of the upstream may take, in milliseconds. It alone does not make the upstream the real one.',
  AVEPOINT_MAX_RESPONSE_MEBIBYTES:
    'The longest answer of the upstream that is read, in MiB. It alone does not make the upstream the real one.',
  AVEPOINT_MAX_RETRIES:
    'How often one call is repeated that failed for a transient reason (408, 429, 5xx, a reset, a timeout, an answer that is torn). Repetitions are a fifth of the calls at most. It alone does not make the upstream the real one.',
  AVEPOINT_MAX_CONCURRENT_CALLS:
    'How many calls may be under way at once, at most. The gateway begins with 32 and finds out by itself how many the upstream bears. It alone does not make the upstream the real one.',
  AVEPOINT_CALLS_PER_SECOND:
    'How many calls are begun per second, on average; 0 sets no rate. However many it is, calls queue if the upstream shows that it accepts fewer. It alone does not make the upstream the real one.',
  AVEPOINT_PROFILES:
    'Names of profiles, such as `north south-west`, of small letters, digits and `-`, separated by blanks or commas.',
  SIMULATOR_PORT: 'The port of the simulated API on loopback; 0 takes any free one.',
  SIMULATOR_SEED: 'The same seed gives the same world.',
  SIMULATOR_CUSTOMERS: 'How many customers there are, up to 100,000.',
  SIMULATOR_TENANTS: 'How many tenants a customer has on average; some have none.',
  SIMULATOR_USERS: 'How many users a tenant has on average, up to 1,000,000.',
  SIMULATOR_LATENCY_MS: 'How long each answer takes, in milliseconds.',
  SIMULATOR_DIALECT:
    'Which revision of the reference pages it follows: `singular` (the first) or `plural` (since 2025).',
  SIMULATOR_FAULT_RATE:
    'The share of answers that are spoiled, from 0 to 1: statuses of failure with and without Retry-After, connections that break or hang, answers that are torn, empty, HTML, of wrong types or without metadata, tokens refused.',
};
