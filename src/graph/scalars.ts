import { GraphQLScalarType, Kind } from 'graphql';
import { CallerError } from '../errors.ts';

const instantPattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/i;

/** RFC 3339 instant as text; the upstream's digits are preserved. */
export const DateTime = new GraphQLScalarType<string, string>({
  name: 'DateTime',
  description:
    'An instant in RFC 3339 form, such as 2026-01-31T09:30:00Z. In an argument, also a day alone: 2026-01-31.',
  serialize: parseInstant,
  parseValue: parseArgument,
  parseLiteral: (node) => parseArgument(node.kind === Kind.STRING ? node.value : undefined),
});

const dayPattern = /^\d{4}-\d{2}-\d{2}(?=$|T)/i;

function parseArgument(value: unknown): string {
  if (typeof value === 'string') {
    const [day = ''] = dayPattern.exec(value) ?? [];
    const isInstant = instantPattern.test(value) && !Number.isNaN(Date.parse(value));
    // Date.parse accepts February 30 as a day in March.
    if ((isInstant || day === value) && isDay(day)) return value;
  }
  throw new CallerError(
    'DateTime: expected an RFC 3339 text such as "2026-01-31T09:30:00Z", or a day such as "2026-01-31".',
  );
}

function isDay(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

function parseInstant(value: unknown): string {
  if (typeof value === 'string' && instantPattern.test(value) && !Number.isNaN(Date.parse(value)))
    return value;
  throw new CallerError('DateTime: expected an RFC 3339 text such as "2026-01-31T09:30:00Z".');
}
