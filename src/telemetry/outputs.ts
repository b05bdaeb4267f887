/** Where lines are written: the standard output, and files that are opened before anything is written to them. */
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

/** The file of the audit can't be opened; the message names it. */
export class AuditFileError extends Error {
  override readonly name = 'AuditFileError';
}

/**
 * Opens a file to append lines to, with its folder.
 *
 * @throws AuditFileError
 */
export function openAuditFile(file: string): number {
  try {
    makeFolder(dirname(file));
    const { O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK } = constants;
    // A pipe without a reader would block the start for ever.
    return openSync(file, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, 0o666);
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new AuditFileError(`AUDIT_FILE: the file ${JSON.stringify(file)} can't be opened (${code}).`);
  }
}

/** Node's own recursive form never ends in a folder that can't have any, such as /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another process has made it meanwhile.
    if (!existsSync(folder)) throw error;
  }
}

/**
 * Opens and closes the file, and removes what was made for it.
 *
 * @throws AuditFileError
 */
export function tryAuditFile(file: string): void {
  const isNew = !existsSync(file);
  const newFolders: string[] = [];
  for (let folder = dirname(file); !existsSync(folder); folder = dirname(folder)) newFolders.push(folder);
  try {
    closeSync(openAuditFile(file));
    // It may be a link to what was not there.
    if (isNew) unlinkSync(realpathSync(file));
  } finally {
    try {
      for (const folder of newFolders.filter((each) => existsSync(each))) rmdirSync(folder);
    } catch {
      // Another process uses it already.
    }
  }
}

/** The standard output. What keeps it from being written goes to the standard error. */
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
 * A pipe is opened anew so that writes to it do not block, which would hold a thread, and the process, until they are
 * read.
 */
function descriptorOf(standard: 1 | 2): number {
  try {
    if (!fstatSync(standard).isFIFO()) return standard;
    return openSync(`/proc/self/fd/${standard}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return standard;
  }
}

/** Writes to the standard error if that is possible at once. */
function complain(text: string): void {
  let descriptor = 2;
  try {
    // Reading it makes a pipe that can't be opened anew, as one of another user, non-blocking as well.
    if (!process.stderr.writable) return;
    descriptor = descriptorOf(2);
    writeSync(descriptor, text);
  } catch {
    // It may be on the same disk.
  } finally {
    if (descriptor !== 2) closeSync(descriptor);
  }
}
