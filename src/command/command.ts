/** Runs the commands that do not start the gateway: help, version, and checks of settings and documents. */
import { checkConfig } from './check-config.ts';
import { checkDocuments } from './check-documents.ts';
import { usage, type Command } from './command-line.ts';
import type { Config } from '../config/config.ts';
import { connect, findUpstream } from '../connections/upstream.ts';
import { UpstreamCache } from '../planner/upstream-cache.ts';
import { HealthFaults } from '../telemetry/health-faults.ts';
import { version } from '../version.ts';
import { probe, tokenName, type Finding } from './probe.ts';

const silentLog = { info: () => undefined, warn: () => undefined };

/** Runs a command and resolves to the exit code. */
export async function runCommand(command: Command): Promise<number> {
  // A closed pipe, as after `head`, keeps the exit code of the check.
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code !== 'EPIPE')
      process.stderr.write(`The output can't be written (${code}).\n`, () => process.exit(1));
  });
  if (command.kind === 'help') print(usage.trimEnd());
  if (command.kind === 'version') print(version);
  if (command.kind === 'documents') {
    const { faults, lines } = checkDocuments(command.file, process.env);
    if (faults.length > 0) process.stderr.write(faults.map((fault) => `${fault}\n`).join(''));
    print(...lines);
    return faults.length === 0 ? 0 : 1;
  }
  if (command.kind !== 'check') return 0;
  const { config, faults, notices, lines } = await checkConfig(process.env);
  print(...lines);
  if (config === null || faults.length > 0) {
    const named = faults.map((fault) => `  - ${fault}`);
    process.stderr.write(`${['The gateway could not start:', ...named].join('\n')}\n`);
    return 1;
  }
  print(...notices.map((notice) => `Notice: ${notice}`));
  print(
    notices.length === 0 ? 'The gateway could start.' : 'The gateway could start, but not at this moment.',
  );
  return command.isProbe ? probeUpstreams(config) : 0;
}

async function probeUpstreams(config: Config): Promise<number> {
  const { profiles, stop } = await findUpstream(config);
  const all: Finding[] = [];
  try {
    for (const [name, profile] of profiles) {
      const cache = new UpstreamCache({ ...config.cache, clock: Date.now, onLearned: () => undefined });
      const { upstream, explain, close } = await connect(name, profile, config, {
        cache,
        fleet: null,
        takeFleetTokens: null,
        observers: [],
        // Silent, since the findings are printed.
        faults: new HealthFaults({ log: silentLog }),
      });
      try {
        const findings = await probe(upstream, explain, config.operationTimeoutMs);
        print(`Probe of ${profile.apiUrl.origin}${name === null ? '' : `, profile ${name}`}:`);
        print(...findings.map(lineOf));
        all.push(...findings);
      } finally {
        await close();
      }
    }
  } finally {
    await stop();
  }
  print(verdictOf(all));
  return all.every(({ outcome }) => outcome === 'ok' || outcome === 'unknown') ? 0 : 1;
}

/** Summarizes findings. A permission is missing only if the upstream refused it. */
function verdictOf(findings: readonly Finding[]): string {
  const has = (wanted: Finding['outcome']) => findings.some(({ outcome }) => outcome === wanted);
  if (has('missing')) return 'Something is missing.';
  if (!has('failed')) return 'Nothing is missing.';
  const isRead = findings.some(({ what, outcome }) => what !== tokenName && outcome === 'ok');
  return isRead
    ? 'Not everything could be read: a call failed as shown above, and may have needed a permission that is missing.'
    : 'Nothing could be read, as shown above: whether a permission is missing is not known.';
}

function lineOf({ what, outcome, text }: Finding): string {
  return `  ${outcome.padEnd(7)} ${what.padEnd(30)} ${text}`;
}

function print(...lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}
