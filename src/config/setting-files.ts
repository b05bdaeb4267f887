/** Reads files with secrets, and limits the size of files that settings name. */
import { readRegularFile, RegularFileError } from '../regular-file.ts';

/** A secret has some hundred bytes. */
const maxSecretBytes = 16 * 1024;
/** A certificate chain has some kilobytes. */
export const maxPemBytes = 256 * 1024;
/** Four times a bundle of all public authorities. */
export const maxAuthoritiesBytes = 1024 * 1024;

/**
 * Reads a file that contains one secret, without a final newline.
 *
 * @throws RegularFileError if it is unreadable, empty or not UTF-8
 */
export function readSecretFile(file: string): string {
  const content = readRegularFile(file, maxSecretBytes);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    throw new RegularFileError(`the file ${JSON.stringify(file)} is not UTF-8`);
  }
  if (text.trim() === '') throw new RegularFileError(`the file ${JSON.stringify(file)} is empty`);
  return text.replace(/\r?\n$/, '');
}
