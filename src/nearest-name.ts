/** Suggestions for misspelt names. */
import { quoted } from './json.ts';

/** Longer names are not compared, because that would take long. */
const maxLength = 100;

/**
 * The known name with the fewest edits; null if none is close.
 *
 * @param maxEdits a third of the name's length by default
 */
export function nearestName(
  name: string,
  known: Iterable<string>,
  maxEdits = Math.max(1, Math.floor(name.length / 3)),
): string | null {
  let nearest: string | null = null;
  let minEdits = maxEdits + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - name.length) >= minEdits) continue;
    const edits = editsBetween(name, candidate, minEdits);
    if (edits < minEdits) [nearest, minEdits] = [candidate, edits];
  }
  return nearest;
}

/** End of a message about an unknown name, with the nearest known name; empty if none is close. */
export function suggestion(name: string, known: Iterable<string>): string {
  const nearest = nearestName(name, known);
  return nearest === null ? '' : `; did you mean ${JSON.stringify(nearest)}?`;
}

/** Maximum characters of an argument quoted in a message. */
const maxQuoted = 100;

/** Message about an unknown option of a command; `known` has names without dashes. */
export function unknownOption(rawName: string, known: Iterable<string>): string {
  const nearest = nearestName(rawName.replace(/^-+/, ''), known);
  return `unknown option ${quoted(rawName, maxQuoted)}${nearest === null ? '' : `; did you mean --${nearest}?`}`;
}

/** Optimal string alignment distance, regardless of case; Infinity from `limit` on, or if a name is too long. */
function editsBetween(one: string, other: string, limit: number): number {
  if (one.length > maxLength || other.length > maxLength) return Infinity;
  const [from, to] = [one.toLowerCase(), other.toLowerCase()];
  const rows = [Array.from({ length: to.length + 1 }, (_, index) => index)];
  const at = (row: number, column: number) => rows[row]?.[column] ?? Infinity;
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    rows.push(current);
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1];
      const isSwapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current.push(
        Math.min(
          at(row - 1, column - 1) + (isSame ? 0 : 1),
          at(row - 1, column) + 1,
          at(row, column - 1) + 1,
          isSwapped ? at(row - 2, column - 2) + 1 : Infinity,
        ),
      );
    }
    if (Math.min(...current) >= limit) return Infinity;
  }
  return at(from.length, to.length);
}
