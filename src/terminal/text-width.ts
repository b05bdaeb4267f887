/** Text in the columns of a terminal: wide characters take two of them, combining ones none. */
import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';

export const defaultColumns = 80;

/** Of an output: undefined for a pipe or a file, and 0 for some terminals. */
export function columnsOf({ columns = 0 }: { readonly columns?: number }): number {
  return columns > 0 ? columns : defaultColumns;
}

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

export function widthOf(text: string): number {
  return stringWidth(text);
}

/**
 * Text of others, without what would command the terminal: escape sequences, control characters and line breaks, and marks
 * that turn the direction of the rest of a line.
 */
export function plainText(text: string | null): string {
  return stripVTControlCharacters(text ?? '')
    .replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ');
}

/** The text, or as much of its start as leaves room for an ellipsis. */
export function shorten(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  return columns < 1 ? '' : `${startOf(text, columns - 1).trimEnd()}…`;
}

export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - widthOf(text)));
}

/** Lines of whole words; a word that is longer than a line is broken. Further lines are indented. */
export function wrap(text: string, columns: number): string[] {
  const indent = '  ';
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' || line === indent ? line + word : `${line} ${word}`;
    if (widthOf(longer) <= columns) {
      line = longer;
      continue;
    }
    if (line.trim() !== '') {
      lines.push(line);
      line = indent;
    }
    let rest = word;
    while (widthOf(line + rest) > columns) {
      const piece = startOf(rest, columns - widthOf(line));
      // A character that is wider than a line goes into one all the same.
      if (piece === '') break;
      lines.push(line + piece);
      line = indent;
      rest = rest.slice(piece.length);
    }
    line += rest;
  }
  return [...lines, line];
}

/** Whole characters of the start that fit. */
function startOf(text: string, columns: number): string {
  let start = '';
  let left = columns;
  for (const { segment } of segmenter.segment(text)) {
    left -= widthOf(segment);
    if (left < 0) break;
    start += segment;
  }
  return start;
}
