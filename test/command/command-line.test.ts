import { describe, expect, test } from '@jest/globals';
import { CommandLineError, parseCommandLine } from '../../src/command/command-line.ts';

describe('the command line', () => {
  test.each<[string[], object]>([
    [[], { kind: 'run' }],
    [['--'], { kind: 'run' }],
    [['--help'], { kind: 'help' }],
    [['-h'], { kind: 'help' }],
    [['--version'], { kind: 'version' }],
    [['--check-config'], { kind: 'check', isProbe: false }],
    [['--check-config', '--probe'], { kind: 'check', isProbe: true }],
    [['--probe', '--check-config'], { kind: 'check', isProbe: true }],
    [['--check-config', '--help'], { kind: 'help' }],
    [['--check-documents', 'a.json'], { kind: 'documents', file: 'a.json' }],
    [['a.json', '--check-documents'], { kind: 'documents', file: 'a.json' }],
    [['--check-documents', '--', '--a.json'], { kind: 'documents', file: '--a.json' }],
    [['--check-documents', '--help'], { kind: 'help' }],
  ])('%j is understood', (args, command) => {
    expect(parseCommandLine(args)).toEqual(command);
  });

  test.each<[string[], string]>([
    [['--chek-config'], 'unknown option "--chek-config"; did you mean --check-config? See --help.'],
    [['--checkconfig'], 'unknown option "--checkconfig"; did you mean --check-config? See --help.'],
    [['--versoin'], 'unknown option "--versoin"; did you mean --version? See --help.'],
    [['--CHECK-CONFIG'], 'unknown option "--CHECK-CONFIG"; did you mean --check-config? See --help.'],
    [['--port', '80'], 'unknown option "--port". See --help.'],
    [['-x'], 'unknown option "-x". See --help.'],
    [['--constructor'], 'unknown option "--constructor". See --help.'],
    [['--__proto__'], 'unknown option "--__proto__". See --help.'],
    [['--check-config=yes'], '--check-config takes no value. See --help.'],
    [['--probe'], '--probe belongs to --check-config. See --help.'],
    [['--check-documents'], '--check-documents: the file of a manifest is missing. See --help.'],
    [['--check-documents', ''], '--check-documents: the file of a manifest is missing. See --help.'],
    [['--check-documents', 'a', 'b'], 'unexpected argument "b". See --help.'],
    [
      ['--check-documents', 'a', '--check-config'],
      '--check-documents and --check-config are two checks: ask for one. See --help.',
    ],
    [['start'], 'unexpected argument "start". See --help.'],
    [['--', '--help'], 'unexpected argument "--help". See --help.'],
    [['x'.repeat(9999)], `unexpected argument "${'x'.repeat(100)}". See --help.`],
  ])('%j is refused', (args, message) => {
    expect(() => parseCommandLine(args)).toThrow(new CommandLineError(message));
  });
});
