/** Files that hold a setting. */
import { readRegularFile, RegularFileError } from '../regular-file.ts';

/** Secrets have some hundred bytes. */
const maxSecretBytes = 16 * 1024;
/** A certificate with its chain has some kilobytes. */
export const maxPemBytes = 256 * 1024;
/** A bundle of all public authorities has a quarter of it. */
export const maxAuthoritiesBytes = 1024 * 1024;

/**
 * Text of a file that holds one secret, without one newline at its end.
 *
 * @throws RegularFileError as `readRegularFile`, and if it is not UTF-8
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
