/** Commands that start no gateway, in the process of the test. */
import { parseCommandLine } from '../../src/command/command-line.ts';
import { runCommand as run } from '../../src/command/command.ts';
import { startFault } from '../../src/command/start-fault.ts';
import type { EndedProcess } from '../ended-process.ts';
import { runHere } from '../run-here.ts';

/** As `src/main.ts` runs it, and with the settings that `runToEnd` gives its process. */
export function runCommand(
  settings: Readonly<Record<string, string>>,
  args: readonly string[],
): Promise<EndedProcess> {
  return runHere(args, { PORT: '0', ...settings }, async () => {
    try {
      process.exitCode = await run(parseCommandLine(process.argv.slice(2)));
    } catch (error) {
      process.stderr.write(`${startFault(error)}\n`);
      process.exitCode = 1;
    }
  });
}
