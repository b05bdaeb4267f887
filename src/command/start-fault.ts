/** Why the process can't start: in words if its settings, a file or an address are at fault, and else with a stack. */
import { inspect } from 'node:util';
import { KeyFileError } from '../callers/api-keys.ts';
import { CommandLineError } from './command-line.ts';
import { PackageError } from '../errors.ts';
import { ConfigError } from '../config/config.ts';
import { ToolError } from '../mcp/operation-files.ts';
import { ManifestError } from '../server/pipeline/manifest.ts';
import { ListenError } from '../listen-error.ts';
import { AuditFileError } from '../telemetry/outputs.ts';

/** What is printed of a fault that keeps the process from starting. */
export function startFault(error: unknown): string {
  const isExpected = [
    CommandLineError,
    ConfigError,
    KeyFileError,
    ManifestError,
    ToolError,
    AuditFileError,
    ListenError,
    PackageError,
  ].some((expected) => error instanceof expected);
  return isExpected && error instanceof Error ? error.message : inspect(error);
}
