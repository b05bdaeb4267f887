/**
 * The rule for the upstream's ids, and their form in a path. The upstream's own ids are GUIDs; the rule keeps out what a
 * proxy or a server that decodes, trims or normalizes paths may read as another path.
 */

/** In UTF-16 code units. */
export const maxIdLength = 200;

// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const controlCharacter = /[\u0000-\u001f\u007f-\u009f]/;
const pathCharacter = /[/\\%?#]/;
/** Also with the parameters (`;x`), spaces and further dots that some servers drop from a segment. */
const dotSegment = /^[.\s]*(;|$)/;

/** Whether a text holds control characters (C0, DEL, C1) or lone surrogates. */
export function hasControls(text: string): boolean {
  return !text.isWellFormed() || controlCharacter.test(text);
}

/**
 * Whether a text may be an id: not empty, no dot segment, at most 200 characters, without `/ \ % ? #`, control characters
 * and lone surrogates. Compatible forms of these characters (NFKC, such as a full-width solidus) count as well.
 */
export function isId(text: string): boolean {
  if (text.length > maxIdLength || hasControls(text)) return false;
  return [text, text.normalize('NFKC')].every((form) => !pathCharacter.test(form) && !dotSegment.test(form));
}

/** An id as one segment of a path, everything but unreserved characters encoded; null for what is no id. */
export function pathSegmentOf(id: string): string | null {
  if (!isId(id)) return null;
  return encodeURIComponent(id).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
