/** The report command: in the process of the test for what it prints, and as its own for how that ends. */
import { execFile } from 'node:child_process';
import { root, type EndedProcess } from '../ended-process.ts';
import { runEntryHere } from '../run-here.ts';

type Environment = Readonly<Record<string, string>>;

export function runReport(args: readonly string[], environment: Environment = {}): Promise<EndedProcess> {
  return runEntryHere('src/cli/report.ts', args, environment);
}

export function runReportProcess(
  args: readonly string[],
  environment: Environment = {},
): Promise<EndedProcess> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['dist/cli/report.js', ...args],
      { cwd: root, env: { PATH: process.env['PATH'] ?? '', ...environment } },
      (_error, output, complaints) => {
        resolve({ code: child.exitCode, output, complaints });
      },
    );
  });
}
