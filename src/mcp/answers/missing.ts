/** What an answer lacks: tenants that could not be read, and values with errors. */
import type { GraphQLFormattedError } from 'graphql';
import { adviceForMissing } from './advice.ts';
import type { Missing } from '../documents/hidden-fields.ts';
import { isHidden } from '../documents/hidden-names.ts';

type Path = NonNullable<GraphQLFormattedError['path']>;

/** Returns one entry for each row that lacks values for the same reason, and for each value outside of rows. */
export function missingOf({ message, path, extensions = {} }: GraphQLFormattedError): readonly Missing[] {
  const { code, retryable, paths = [path] } = extensions;
  const placesByRow = new Map<string, Set<string>>();
  for (const each of paths as readonly (Path | undefined)[]) {
    const keys = shownPart(each ?? []);
    const end = keys.findLastIndex((key) => typeof key === 'number') + 1;
    const row = keys.slice(0, end).join('.');
    const places = placesByRow.get(row) ?? new Set();
    placesByRow.set(row, places.add(keys.slice(end).join('.')));
  }
  const entry = (at: string): Missing => ({
    path: at,
    reason: String(code),
    message: `${message} ${adviceForMissing(code)}`.trim(),
    retryable: retryable === true,
  });
  return [...placesByRow].flatMap(([row, places]) => {
    const [first = ''] = places;
    if (row === '') return [...places].map(entry);
    if (places.size > 1) return [entry(`${row}: ${[...places].join(', ')}`)];
    return [entry(first === '' ? row : `${row}.${first}`)];
  });
}

/** A path up to the first hidden field: the caller does not know its name. */
function shownPart(keys: Path): Path {
  const end = keys.findIndex((key) => typeof key === 'string' && isHidden(key));
  return end < 0 ? keys : keys.slice(0, end);
}
