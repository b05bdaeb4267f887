/**
 * Folds letter case and Unicode forms. `foldName` and `foldAddress` compare names (ids, addresses, keys) and equate
 * only spellings of one name; `foldText` is for searched texts, and equates more.
 */

const beyondAscii = /[\u0080-\uffff]/;

const maxMarks = 30;
const longRunOfMarks = /\p{M}{30}/gu;

/**
 * Inserts a joiner after 30 combining marks in a row (Unicode's stream-safe text format, UAX #15, 13), so that
 * normalization takes linear time.
 */
export function streamSafe(text: string): string {
  return text.length > maxMarks && beyondAscii.test(text) ? text.replace(longRunOfMarks, '$&\u034f') : text;
}

/**
 * Common form of equal ids and keys: letter case, NFC or NFD, and the two small sigmas do not matter. Look-alikes such
 * as the Kelvin sign do not become ASCII.
 */
export function foldName(text: string): string {
  return beyondAscii.test(text) ? streamSafe(text).replace(withoutLookAlikes, foldPart) : text.toLowerCase();
}

/** Like `foldName`, without surrounding blanks. */
export function foldAddress(address: string): string {
  return foldName(address.trim());
}

/**
 * Common form for comparing and searching texts: like `foldName`, but `ß` equals `ss`, `İ` and `ı` equal `i`, and
 * letters with equal capitals are equal.
 */
export function foldText(text: string): string {
  if (!beyondAscii.test(text)) return text.toLowerCase();
  // Lower case after upper case equates ẞ and SS, which upper case alone does not.
  const folded = streamSafe(text).normalize('NFC').toLowerCase().toUpperCase().toLowerCase();
  return folded.replaceAll('ς', 'σ').replaceAll('i\u0307', 'i').normalize('NFC');
}

/** All but the Kelvin sign, the Greek question mark and the Greek varia, which NFC turns into ASCII. */
const withoutLookAlikes = /[^\u212a\u037e\u1fef]+/g;

function foldPart(part: string): string {
  return part.toLowerCase().normalize('NFC').replaceAll('ς', 'σ');
}
