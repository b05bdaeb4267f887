/**
 * The one place where letter case and the spellings of Unicode are folded. Names (ids, addresses, keys) are compared by
 * `foldName` and `foldAddress`, under which no two different names are equal; texts that people search by `foldText`,
 * under which more is.
 */

const beyondAscii = /[\u0080-\uffff]/;

const maxMarks = 30;
const longRunOfMarks = /\p{M}{30}/gu;

/**
 * A text whose normalization takes time in proportion to its length, and not to its square: after 30 combining marks in a
 * row stands a joiner that separates them from those that follow (Unicode's stream-safe text format, UAX #15, 13).
 */
export function streamSafe(text: string): string {
  return text.length > maxMarks && beyondAscii.test(text) ? text.replace(longRunOfMarks, '$&\u034f') : text;
}

/**
 * The form that equal ids and keys share: letter case, NFC and NFD, and the two small sigmas do not count. What is not
 * ASCII never becomes ASCII, so that a look-alike such as the Kelvin sign is no `k`.
 */
export function foldName(text: string): string {
  return beyondAscii.test(text) ? streamSafe(text).replace(withoutLookAlikes, foldPart) : text.toLowerCase();
}

/** As `foldName`; blanks around an address do not count either. */
export function foldAddress(address: string): string {
  return foldName(address.trim());
}

/**
 * The form by which texts are compared and searched: as `foldName`, and `ß` is `ss`, `İ` and `ı` are `i`, and other letters
 * are what their capitals are as well.
 */
export function foldText(text: string): string {
  if (!beyondAscii.test(text)) return text.toLowerCase();
  // The capitals of the small letters bring together what capitals alone keep apart, such as ẞ and SS.
  const folded = streamSafe(text).normalize('NFC').toLowerCase().toUpperCase().toLowerCase();
  return folded.replaceAll('ς', 'σ').replaceAll('i\u0307', 'i').normalize('NFC');
}

/** All but the Kelvin sign, the Greek question mark and the Greek varia, which NFC makes ASCII characters of. */
const withoutLookAlikes = /[^\u212a\u037e\u1fef]+/g;

function foldPart(part: string): string {
  return part.toLowerCase().normalize('NFC').replaceAll('ς', 'σ');
}
