/** Reads files that settings name: regular files of limited length. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

const pieceBytes = 64 * 1024;

/** Reason why a file can't be used, as the end of a sentence. */
export class RegularFileError extends Error {
  override readonly name = 'RegularFileError';
}

/**
 * Content of a file.
 *
 * @throws RegularFileError if it does not exist, can't be read, is no regular file, is empty or is longer than `maxBytes`
 */
export function readRegularFile(file: string, maxBytes: number): Buffer {
  const quoted = JSON.stringify(file);
  let descriptor: number;
  try {
    // Opening a pipe without a writer would block startup.
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const isAbsent = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new RegularFileError(`the file ${quoted} ${isAbsent ? 'does not exist' : "can't be read"}`);
  }
  try {
    if (!fstatSync(descriptor).isFile()) throw new RegularFileError(`${quoted} is not a file`);
    const content = readUpTo(descriptor, maxBytes + 1);
    if (content.length === 0) throw new RegularFileError(`the file ${quoted} is empty`);
    if (content.length > maxBytes) {
      throw new RegularFileError(`the file ${quoted} is longer than ${maxBytes} bytes`);
    }
    return content;
  } catch (error) {
    if (error instanceof RegularFileError) throw error;
    throw new RegularFileError(`the file ${quoted} can't be read`);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Parses JSON with or without the byte order mark that Windows editors add.
 *
 * @throws SyntaxError
 */
export function parseJsonFile(text: string): unknown {
  return JSON.parse(text.replace(/^\uFEFF/, ''));
}

/** Files under /proc state no usable size. */
function readUpTo(descriptor: number, maxBytes: number): Buffer {
  const pieces: Buffer[] = [];
  for (let left = maxBytes; left > 0;) {
    const piece = Buffer.alloc(Math.min(left, pieceBytes));
    const read = readSync(descriptor, piece, 0, piece.length, null);
    if (read === 0) break;
    pieces.push(piece.subarray(0, read));
    left -= read;
  }
  return Buffer.concat(pieces);
}
