/** Reads files that settings name: regular ones alone, and never more of them than a setting can need. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** Secrets have some hundred bytes. */
const maxSecretBytes = 16 * 1024;
/** A certificate with its chain has some kilobytes. */
export const maxPemBytes = 256 * 1024;

/** Why a file can't be used, as the end of a sentence about its setting. */
export class SettingFileError extends Error {
  override readonly name = 'SettingFileError';
}

/**
 * Content of a file.
 *
 * @throws SettingFileError if it can't be read, is no regular file, is empty or is longer than `maxBytes`
 */
export function readSettingFile(file: string, maxBytes: number): Buffer {
  const quoted = JSON.stringify(file);
  let descriptor: number;
  try {
    // A pipe without a writer would block the start for ever.
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    throw new SettingFileError(`the file ${quoted} can't be read`);
  }
  try {
    if (!fstatSync(descriptor).isFile()) throw new SettingFileError(`${quoted} is not a file`);
    const content = readUpTo(descriptor, maxBytes + 1);
    if (content.length === 0) throw new SettingFileError(`the file ${quoted} is empty`);
    if (content.length > maxBytes) {
      throw new SettingFileError(`the file ${quoted} is longer than ${maxBytes} bytes`);
    }
    return content;
  } catch (error) {
    if (error instanceof SettingFileError) throw error;
    throw new SettingFileError(`the file ${quoted} can't be read`);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Text of a file that holds one secret, without one newline at its end.
 *
 * @throws SettingFileError as `readSettingFile`, and if it is not UTF-8
 */
export function readSecretFile(file: string): string {
  const content = readSettingFile(file, maxSecretBytes);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    throw new SettingFileError(`the file ${JSON.stringify(file)} is not UTF-8`);
  }
  if (text.trim() === '') throw new SettingFileError(`the file ${JSON.stringify(file)} is empty`);
  return text.replace(/\r?\n$/, '');
}

/** Sizes that the system states of files under /proc are no bound. */
function readUpTo(descriptor: number, maxBytes: number): Buffer {
  const content = Buffer.alloc(maxBytes);
  let length = 0;
  while (length < maxBytes) {
    const read = readSync(descriptor, content, length, maxBytes - length, null);
    if (read === 0) break;
    length += read;
  }
  return content.subarray(0, length);
}
