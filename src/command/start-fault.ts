/** Explains why the process can't start: faults of settings, files and addresses in words, others with a stack. */
import { inspect } from 'node:util';
import { KeyFileError } from '../callers/api-keys.ts';
import { CommandLineError } from './command-line.ts';
import { PackageError } from '../errors.ts';
import { ConfigError } from '../config/config.ts';
import { ToolError } from '../mcp/documents/tool-error.ts';
import { ManifestError } from '../server/pipeline/manifest.ts';
import { ListenError } from '../listen-error.ts';
import { AuditFileError } from '../telemetry/outputs.ts';

/** Formats the fault that prevented the start. */
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
