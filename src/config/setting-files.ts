/** Reads files that contain secrets, and limits of setting files. */
import { readRegularFile, RegularFileError } from '../regular-file.ts';

/** Far above a secret's some hundred bytes. */
const maxSecretBytes = 16 * 1024;
/** Far above a certificate chain's some kilobytes. */
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
