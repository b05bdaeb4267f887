/** Parses media types with parameters, of the headers Accept and Content-Type (RFC 9110, 5.6.6). */

export interface MediaRange {
  readonly type: string;
  /** Names and unquoted values, in order. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
}

/** Elements of a list; a comma within quotes separates none. */
const elements = /(?:"(?:\\.|[^"\\])*"?|[^",])+/gs;
const parts = /(?:"(?:\\.|[^"\\])*"?|[^";])+/gs;

export function parseMediaRanges(header: string): MediaRange[] {
  return (header.match(elements) ?? []).map(parseMediaRange);
}

/** Parses one media type, in lower case: no known parameter has capitals. */
export function parseMediaRange(text: string): MediaRange {
  const [type = '', ...parameters] = (text.toLowerCase().match(parts) ?? []).map((each) => each.trim());
  return {
    type,
    parameters: parameters.map((parameter) => {
      const [name = '', ...value] = parameter.split('=');
      return [name.trim(), unquoted(value.join('=').trim())] as const;
    }),
  };
}

function unquoted(value: string): string {
  return /^".*"$/s.test(value) ? value.slice(1, -1).replace(/\\(.)/gs, '$1') : value;
}
