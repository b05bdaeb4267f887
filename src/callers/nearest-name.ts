/** Suggests the known name that a misspelt one may stand for. */

/** Longer names are no misspelling of a known one, and comparing them would take long. */
const maxLength = 100;

/**
 * The known name with the fewest edits; null if there is none.
 *
 * @param maxEdits by default a third of the name: with more, it is another word
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

/** The end of a message about an unknown name; empty if no known name is close. */
export function suggestion(name: string, known: Iterable<string>): string {
  const nearest = nearestName(name, known);
  return nearest === null ? '' : `; did you mean ${JSON.stringify(nearest)}?`;
}

/**
 * Characters to insert, delete or replace, and neighbours to swap, without regard to case (optimal string alignment);
 * Infinity for names that are too long, and for `limit` edits or more.
 */
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
