/**
 * Rules for ids, and their form in a path. The upstream's own ids are GUIDs; the rules exclude text that a proxy or
 * server may decode, trim or normalize into another path.
 */

/** In UTF-16 code units. */
export const maxIdLength = 200;

// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const controlCharacter = /[\u0000-\u001f\u007f-\u009f]/;
const pathCharacter = /[/\\%?#]/;
/** Including parameters (`;x`), spaces and further dots, which some servers drop from a segment. */
const dotSegment = /^[.\s]*(;|$)/;

/** Whether a text has control characters (C0, DEL, C1) or lone surrogates. */
export function hasControls(text: string): boolean {
  return !text.isWellFormed() || controlCharacter.test(text);
}

/**
 * Whether a text is a valid id: not empty, no dot segment, at most 200 characters, without `/ \ % ? #`, control
 * characters and lone surrogates, also in compatibility forms of these characters (NFKC, such as a full-width solidus).
 */
export function isId(text: string): boolean {
  if (text.length > maxIdLength || hasControls(text)) return false;
  return [text, text.normalize('NFKC')].every((form) => !pathCharacter.test(form) && !dotSegment.test(form));
}

/** An id as a path segment, with all but unreserved characters encoded; null if it is invalid. */
export function pathSegmentOf(id: string): string | null {
  if (!isId(id)) return null;
  return encodeURIComponent(id).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
