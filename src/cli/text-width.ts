/** Measures and cuts text by terminal columns: wide characters take two, combining ones none. */
import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';

export const defaultColumns = 80;

/** Returns the columns of an output: the default for a pipe, a file, and terminals that report 0. */
export function columnsOf({ columns = 0 }: { readonly columns?: number }): number {
  return columns > 0 ? columns : defaultColumns;
}

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

export function widthOf(text: string): number {
  return stringWidth(text);
}

/** Removes what controls the terminal from untrusted text: escape sequences, control characters, bidi marks. */
export function plainText(text: string | null): string {
  return stripVTControlCharacters(text ?? '')
    .replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ');
}

/** Shortens a text with an ellipsis if it is too wide. */
export function shorten(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  return columns < 1 ? '' : `${startOf(text, columns - 1).trimEnd()}…`;
}

/**
 * Shortens texts so that different ones stay different: those with equal starts keep their ends as well, and those with
 * equal ends too are numbered.
 */
export function shortenApart(texts: Iterable<string>, columns: number): ReadonlyMap<string, string> {
  const short = new Map<string, string>();
  const alike = groupBy(new Set(texts), (text) => shorten(text, columns));
  for (const [start, group] of alike) {
    const forms = group.length === 1 ? [start] : formsApart(group, columns);
    for (const [index, text] of group.entries()) short.set(text, forms[index] ?? start);
  }
  return short;
}

function formsApart(texts: readonly string[], columns: number): readonly string[] {
  const room = columns - 1;
  const middle = Math.floor(room / 2);
  const ends = Array.from({ length: Math.max(0, room) }, (_, index) => index + 1);
  // The cut nearest to the middle that keeps all texts apart.
  for (const end of ends.sort((one, other) => Math.abs(one - middle) - Math.abs(other - middle))) {
    const forms = new Set<string>();
    const isNew = (text: string) => forms.size < forms.add(cutBefore(text, columns, end)).size;
    if (texts.every(isNew)) return [...forms];
  }
  return texts.map((text, index) => {
    const number = endOf(`…${index + 1}`, columns);
    return startOf(text, Math.max(0, columns - number.length)).trimEnd() + number;
  });
}

function cutBefore(text: string, columns: number, end: number): string {
  if (widthOf(text) <= columns) return text;
  return `${startOf(text, columns - 1 - end).trimEnd()}…${endOf(text, end).trimStart()}`;
}

/** `Map.groupBy`, which Node.js 20 lacks. */
export function groupBy<Item>(items: Iterable<Item>, keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - widthOf(text)));
}

/** Wraps a text at words; words longer than a line are broken. Continuation lines are indented. */
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
      // A character wider than the line is written anyway.
      if (piece === '') break;
      lines.push(line + piece);
      line = indent;
      rest = rest.slice(piece.length);
    }
    line += rest;
  }
  return [...lines, line];
}

/** Returns the longest start that fits, in whole characters. */
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

/** Returns the longest end that fits, in whole characters. */
function endOf(text: string, columns: number): string {
  let end = '';
  let left = columns;
  for (const { segment } of [...segmenter.segment(text)].reverse()) {
    left -= widthOf(segment);
    if (left < 0) break;
    end = segment + end;
  }
  return end;
}
