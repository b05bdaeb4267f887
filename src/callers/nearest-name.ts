/** Suggests the known name that a misspelt one may stand for. */

/** Longer names are no misspelling of a known one, and comparing them would take long. */
const maxLength = 100;

/** The known name with the fewest edits, `maxEdits` of them at most; null if there is none. */
export function nearestName(name: string, known: Iterable<string>, maxEdits: number): string | null {
  let nearest: string | null = null;
  let fewestEdits = maxEdits + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - name.length) >= fewestEdits) continue;
    const edits = editsBetween(name, candidate);
    if (edits < fewestEdits) [nearest, fewestEdits] = [candidate, edits];
  }
  return nearest;
}

/** The end of a message about an unknown name; empty if no known name is close. */
export function suggestion(name: string, known: Iterable<string>): string {
  const nearest = nearestName(name, known, Math.max(1, Math.floor(name.length / 3)));
  return nearest === null ? '' : `; did you mean ${JSON.stringify(nearest)}?`;
}

/** Characters to insert, delete or replace, without regard to case (Levenshtein); Infinity for names that are too long. */
function editsBetween(one: string, other: string): number {
  if (one.length > maxLength || other.length > maxLength) return Infinity;
  const [from, to] = [one.toLowerCase(), other.toLowerCase()];
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[to.length] ?? 0;
}
