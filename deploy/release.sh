#!/bin/sh
# Releases the version of package.json: checks that the changelog has it and declares every breaking change of the schema,
# then tags the commit and writes the image's context and the client's package into release/.
set -eu
cd "$(dirname "$0")/.."

fail() {
  echo "release: $1" >&2
  exit 1
}

version=$(node -p 'require("./package.json").version')
[ "$(node -p 'require("./client/package.json").version')" = "$version" ] || fail "client/package.json has another version than $version"
others=$(git grep -noE 'elements-graph(-client)?[:-][0-9]+\.[0-9]+\.[0-9]+' -- . ':!test' ':!CHANGELOG.md' | grep -v "[:-]$version\$" || true)
[ -z "$others" ] || fail "other versions than $version are named in: $others"
[ -z "$(git status --porcelain)" ] || fail 'there are uncommitted changes'
git rev-parse -q --verify "refs/tags/v$version" >/dev/null && fail "the tag v$version is there already"
grep -q "^## $version - [0-9]\{4\}-[0-9][0-9]-[0-9][0-9]$" CHANGELOG.md ||
  fail "CHANGELOG.md has no heading \"## $version - YYYY-MM-DD\": rename Unreleased to it"
# Compares the schema with the last released one, and the changes that break clients with the changelog.
npm run -s test:jest -- test/graph/release.test.ts || fail 'the schema breaks clients in a way that the changelog does not name'

rm -rf release
mkdir release
cp schema.graphql "schema/released/$version.graphql"
git add "schema/released/$version.graphql"
git diff --cached --quiet || git commit -qm "schema: release $version"
git archive --format=tar.gz -o "release/elements-graph-$version-image-context.tar.gz" HEAD
npm pack --silent -w client --pack-destination release
git tag -a "v$version" -m "Elements Graph $version"
echo "Tagged v$version; release/ has:"
ls release
