/** An operation's result as a tool's: what was found, whether it is complete, what is missing, and how to go on. */
import type { CallToolResult } from '@modelcontextprotocol/server';
import type { GraphQLFormattedError } from 'graphql';
import { adviceFor } from './advice.ts';
import { fit, type LeftOut, type LeftOutText } from './fit.ts';
import { isObject } from '../json.ts';
import { takeHiddenFields, type Missing } from './hidden-fields.ts';
import type { JsonSchema, ObjectSchema } from './json-schema.ts';
import { notesOn, type ToolCall } from './notes.ts';
import type { ArgumentsByConnection } from './operation-files.ts';

interface OperationResult {
  readonly data?: unknown;
  readonly errors?: readonly GraphQLFormattedError[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** Characters of a result that is read to be shortened: a longer one would hold other requests up. */
const maxReadCharacters = 1_500_000;
const maxMissing = 20;
const maxErrors = 5;
/** Of a name in what is missing. */
const maxNameCharacters = 500;

/** The schema of structured content: the data with what is known of it. */
export function envelopeSchema(data: JsonSchema): ObjectSchema {
  const nullableText = { type: ['string', 'null'] };
  return {
    type: 'object',
    properties: {
      isComplete: { type: 'boolean', description: 'Whether all that the answer speaks of could be read.' },
      missing: {
        type: 'array',
        description: 'What could not be read, and why.',
        items: {
          type: 'object',
          properties: {
            customerId: { type: 'string' },
            organization: nullableText,
            tenantId: { type: 'string' },
            tenant: nullableText,
            path: { type: 'string' },
            reason: { type: 'string' },
            message: { type: 'string' },
            retryable: { type: 'boolean' },
          },
          required: ['reason', 'message', 'retryable'],
        },
      },
      leftOut: {
        type: 'array',
        description: 'Lists that go on, each with the arguments that continue it.',
        items: {
          type: 'object',
          properties: {
            list: { type: 'string' },
            shown: { type: 'integer' },
            next: { type: ['object', 'null'], additionalProperties: { type: 'string' } },
            after: { type: 'string', description: 'The cursor to continue from, in a query.' },
            advice: { type: 'string' },
          },
          required: ['list', 'next'],
        },
      },
      notes: { type: 'array', items: { type: 'string' } },
      matchedCustomers: {
        type: 'object',
        description:
          'The customers that the argument of their name or country matches; the first few are named.',
        properties: {
          totalCount: { type: 'integer' },
          nodes: {
            type: 'array',
            items: {
              type: 'object',
              properties: { customerId: { type: 'string' }, organization: nullableText },
              required: ['customerId', 'organization'],
            },
          },
        },
        required: ['totalCount', 'nodes'],
      },
      data,
    },
    required: ['isComplete', 'missing', 'leftOut', 'data'],
  };
}

/**
 * @param text a GraphQL result as JSON
 * @param call null for a query that the caller has written
 * @param maxCharacters of the text of the answer
 */
export function toolResultOf(text: string, call: ToolCall | null, maxCharacters: number): CallToolResult {
  if (text.length > maxReadCharacters) return tooLong(text.length, maxCharacters);
  const { data = null, errors = [], extensions = {} } = JSON.parse(text) as OperationResult;
  const hidden = takeHiddenFields(data);
  const isEmpty = !isObject(data) || Object.values(data).every((each) => each === null);
  const wrong = errors.filter(({ extensions: { code } = {} }) => code === 'BAD_USER_INPUT');
  // Of an argument that is wrong, no part of the answer is right.
  if (wrong.length > 0 || (isEmpty && errors.length > 0)) return failed(wrong.length > 0 ? wrong : errors);
  const missing = [...hidden.missing, ...errors.map(missingOf)];
  const shownMissing = missing.slice(0, maxMissing).map(withShortTexts);
  const { matchedCustomers } = hidden;
  const notes = [
    ...(call === null ? [] : notesOn(call, hidden.isComplete ? data : null, matchedCustomers)),
    ...(hidden.changedWhileRead
      ? ['A list changed while it was read: rows that moved may be missing, or be there twice.']
      : []),
    ...(extensions['outdated'] === undefined
      ? []
      : [
          'Some of it is older than usual, since the backup service could not be asked: see the time of reading.',
        ]),
    ...(missing.length > maxMissing
      ? [`${missing.length - maxMissing} more are missing that are not listed.`]
      : []),
  ];
  const envelope = (leftOut: readonly object[]) => ({
    isComplete: hidden.isComplete && missing.length === 0,
    missing: shownMissing,
    leftOut,
    ...(notes.length === 0 ? {} : { notes }),
    ...(matchedCustomers === null
      ? {}
      : { matchedCustomers: { ...matchedCustomers, nodes: matchedCustomers.nodes.map(withShortTexts) } }),
    data,
  });
  const shownOf = (lists: readonly LeftOut[], shownTexts: readonly LeftOutText[]) => [
    ...lists.map((each) => shownLeftOut(each, call?.tool.listArguments ?? null)),
    ...shownTexts.map(shownText),
  ];
  const lengths = {
    whole: (...leftOut: Parameters<typeof shownOf>) => lengthOf(envelope(shownOf(...leftOut))),
    notes: (leftOut: readonly LeftOut[]) => lengthOf(shownOf(leftOut, [])),
    value: lengthOf,
  };
  const { lists, texts, fits } = fit(data, hidden.lists, lengths, maxCharacters);
  if (!fits) return tooLong(text.length, maxCharacters);
  return structured(envelope(shownOf(lists, texts)));
}

/** Characters of a value's text: as those of `visible`, without writing it. */
function lengthOf(value: unknown): number {
  const json = JSON.stringify(value);
  let { length } = json;
  // Without an object for each match, of which there may be a million.
  invisible.lastIndex = 0;
  while (invisible.test(json)) {
    const isPair = lowSurrogate.test(json.charAt(invisible.lastIndex - 1));
    length += (isPair ? 2 : 1) * (escapeLength - 1);
  }
  return length;
}

/** Content that is the same as text and as structure. */
export function structured(content: Record<string, unknown>): CallToolResult {
  return { content: [{ type: 'text', text: visible(JSON.stringify(content)) }], structuredContent: content };
}

/** An error that the assistant can read, and act on. */
export function toolError(message: string): CallToolResult {
  return { content: [{ type: 'text', text: visible(message) }], isError: true };
}

/** @param listArguments null for a query that the caller has written */
function shownLeftOut(
  { list, shown, after, leftOut, isCursorLong }: LeftOut,
  listArguments: ArgumentsByConnection | null,
): Readonly<Record<string, unknown>> {
  const connection = list.slice(0, Math.max(0, list.lastIndexOf('.')));
  const path = connection.replaceAll(/\.\d+(?=\.|$)/g, '');
  const afterArgument = listArguments?.after.get(connection);
  const firstArgument = listArguments === null ? 'first' : listArguments.first.get(path);
  const stopped = (advice: string) => ({ list, shown, next: null, advice });
  if (isCursorLong)
    return stopped(
      'It goes on, but a long name makes its cursor too long. Choose another order (orderBy), or narrow the filter.',
    );
  if (shown === 0)
    return stopped(`It has rows, and none was asked for: give a greater ${firstArgument ?? 'first'}.`);
  if (after === null) return stopped(`${leftOut} more rows do not fit. Narrow the filter.`);
  if (afterArgument !== undefined) return { list, shown, next: { [afterArgument]: after } };
  if (listArguments === null) {
    const field = path.slice(path.lastIndexOf('.') + 1);
    const isOfRow = path !== connection;
    return {
      ...stopped(
        `To continue, add after: (this cursor) to the field ${field}${isOfRow ? ' of this row alone' : ''}.`,
      ),
      after,
    };
  }
  return stopped(
    leftOut === 0 && firstArgument !== undefined
      ? `It goes on, and can't be continued: ask for more rows at once (${firstArgument}).`
      : "It goes on, and can't be continued: narrow the filter, or ask for this part by another tool.",
  );
}

function shownText({ text, characters }: LeftOutText): Readonly<Record<string, unknown>> {
  return { list: text, next: null, advice: `A text of ${characters} characters does not fit.` };
}

function missingOf({ message, path, extensions = {} }: GraphQLFormattedError): Missing {
  return {
    path: pathOf(path),
    reason: String(extensions['code']),
    message: `${message} ${adviceFor(extensions['code'])}`.trim(),
    retryable: extensions['retryable'] === true,
  };
}

/** Empty for a hidden field. */
function pathOf(path: readonly (string | number)[] = []): string {
  return String(path[0]).startsWith('_') ? '' : path.join('.');
}

/** Names come from customers, and must not keep an answer from saying what it lacks. */
function withShortTexts<Item extends object>(item: Item): Item {
  const short = (value: unknown) =>
    typeof value === 'string' && value.length > maxNameCharacters
      ? `${value.slice(0, maxNameCharacters).replace(/[\ud800-\udbff]$/, '')}…`
      : value;
  return Object.fromEntries(
    Object.entries(item).map(([name, value]) => [name, short(value)]),
  ) as unknown as Item;
}

function failed(errors: readonly GraphQLFormattedError[]): CallToolResult {
  return toolError(errors.slice(0, maxErrors).map(describeError).join('\n'));
}

/** A code, what happened, and what to do next. */
export function describeError({ message, extensions = {} }: GraphQLFormattedError): string {
  const { code, retryAfter } = extensions;
  const wait = typeof retryAfter === 'number' ? ` Wait ${retryAfter} s.` : '';
  return `${String(code)}: ${message}${wait} ${adviceFor(code)}`.trim();
}

function tooLong(characters: number, maxCharacters: number): CallToolResult {
  return toolError(
    `ANSWER_TOO_LONG: The answer has ${characters} characters, and ${maxCharacters} are allowed. Ask for fewer rows (first), a narrower filter, or fewer fields.`,
  );
}

/** Of one unit of UTF-16. */
const escapeLength = 6;
const invisible = /[\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u007f-\u009f]/gu;
const lowSurrogate = /[\udc00-\udfff]/;

/**
 * JSON whose invisible characters are written as escapes: names come from customers, and could hide a text from the person
 * who reads along.
 */
export function visible(json: string): string {
  return json.replaceAll(invisible, (character) =>
    Array.from(
      { length: character.length },
      (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}
