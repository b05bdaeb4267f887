/** Outputs of the log and the audit: standard output and the audit file. */
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  realpathSync,
  rmdirSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { LineWriter } from './line-writer.ts';

/** Failure to open the audit file; the message names it. */
export class AuditFileError extends Error {
  override readonly name = 'AuditFileError';
}

/**
 * Opens a file to append to, and creates its folder.
 *
 * @throws AuditFileError
 */
export function openAuditFile(file: string): number {
  try {
    makeFolder(dirname(file));
    const { O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK } = constants;
    // O_NONBLOCK: a pipe without a reader would block startup.
    return openSync(file, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, 0o666);
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new AuditFileError(`AUDIT_FILE: the file ${JSON.stringify(file)} can't be opened (${code}).`);
  }
}

/** Creates a folder recursively. The recursion of Node.js never ends in folders such as /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another process may have created it meanwhile.
    if (!existsSync(folder)) throw error;
  }
}

/**
 * Checks that the file can be opened, then removes what the check created.
 *
 * @throws AuditFileError
 */
export function tryAuditFile(file: string): void {
  const isNew = !existsSync(file);
  const newFolders: string[] = [];
  for (let folder = dirname(file); !existsSync(folder); folder = dirname(folder)) newFolders.push(folder);
  try {
    closeSync(openAuditFile(file));
    // The path may be a dangling link.
    if (isNew) unlinkSync(realpathSync(file));
  } finally {
    try {
      for (const folder of newFolders.filter((each) => existsSync(each))) rmdirSync(folder);
    } catch {
      // Another process uses the folder already.
    }
  }
}

/** Creates the writer of standard output; its failures are reported on standard error. */
export function standardOutput(onRecovery: (dropped: number) => void): LineWriter {
  return new LineWriter({
    open: () => descriptorOf(1),
    onFailure: (error) => {
      const reason = error === null ? 'its reader is behind' : error.message;
      complain(
        `The log can't be written to the standard output: ${reason}. Lines are dropped if too many wait.\n`,
      );
    },
    onRecovery,
  });
}

/**
 * Reopens a pipe as non-blocking: until the pipe is read, a blocking write would occupy a thread and delay the exit.
 */
function descriptorOf(standard: 1 | 2): number {
  try {
    if (!fstatSync(standard).isFIFO()) return standard;
    return openSync(`/proc/self/fd/${standard}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return standard;
  }
}

/** Writes to standard error unless that would block. */
function complain(text: string): void {
  let descriptor = 2;
  try {
    // The getter `process.stderr` makes pipes non-blocking even if they can't be reopened, such as another user's.
    if (!process.stderr.writable) return;
    descriptor = descriptorOf(2);
    writeSync(descriptor, text);
  } catch {
    // Standard error may be on the same disk.
  } finally {
    if (descriptor !== 2) closeSync(descriptor);
  }
}
