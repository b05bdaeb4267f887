import { GraphQLScalarType, Kind } from 'graphql';
import { CallerError } from '../errors.ts';

const instantPattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/i;

/** An instant as RFC 3339 text, inside and outside: the upstream's own digits are kept. */
export const DateTime = new GraphQLScalarType<string, string>({
  name: 'DateTime',
  description: 'An instant in RFC 3339 form, such as 2026-01-31T09:30:00Z.',
  serialize: parseInstant,
  parseValue: parseInstant,
  parseLiteral: (node) => parseInstant(node.kind === Kind.STRING ? node.value : undefined),
});

function parseInstant(value: unknown): string {
  if (typeof value === 'string' && instantPattern.test(value) && !Number.isNaN(Date.parse(value)))
    return value;
  throw new CallerError('DateTime: expected an RFC 3339 text such as "2026-01-31T09:30:00Z".');
}
