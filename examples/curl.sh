#!/usr/bin/env bash
# The graph by curl. GRAPH_URL is where the gateway listens, GRAPH_KEY an API key where it wants one.
set -euo pipefail
url="${GRAPH_URL:-http://localhost:4000/graphql}"
key="x-api-key: ${GRAPH_KEY:-}"

echo '# A query'
curl --fail-with-body -sS "$url" -H "$key" -H 'content-type: application/json' \
  -d '{"query": "{ customers(first: 2) { totalCount nodes { organization tenants { name } } } }"}'
echo

echo '# The same as a GET, whose answer has an ETag and says how long it stays fresh'
curl --fail-with-body -sS -G "$url" -H "$key" -D - -o /dev/null \
  --data-urlencode 'query={ customers(first: 2) { totalCount nodes { organization tenants { name } } } }' |
  grep -iE '^(HTTP|etag|cache-control|age)'

echo '# With variables, fresh data, and what it cost'
curl --fail-with-body -sS "$url" -H "$key" -H 'content-type: application/json' \
  -H 'cache-control: no-cache' -H 'x-explain: true' \
  -d '{"query": "query Count($filter: CustomerFilter) { customers(filter: $filter) { totalCount } }", "variables": {"filter": {"hasTenants": true}}}'
echo

echo '# A report, event by event'
curl --fail-with-body -sSN "$url" -H "$key" -H 'content-type: application/json' -H 'accept: text/event-stream' \
  -d '{"query": "subscription { protectionReport { progress { tenantsDone tenantsTotal } totals { coverage } } }"}' |
  grep '^data: {' | tail -n 1
