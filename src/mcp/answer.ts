/** An operation's result as a tool's: what was found, whether it is complete, what is missing, and how to go on. */
import type { CallToolResult } from '@modelcontextprotocol/server';
import type { GraphQLFormattedError } from 'graphql';
import { adviceFor, adviceForLimit } from './advice.ts';
import { fit, type LeftOutText, type TruncatedList } from './fit.ts';
import { isObject, type JsonObject } from '../json.ts';
import { isHidden, takeHiddenFields, type Missing } from './hidden-fields.ts';
import type { JsonSchema, ObjectSchema } from './json-schema.ts';
import { notesOn, type ToolCall } from './notes.ts';
import type { ArgumentsByConnection } from './operation-files.ts';

interface OperationResult {
  readonly data?: unknown;
  readonly errors?: readonly GraphQLFormattedError[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** Maximum characters of a result that is parsed: a longer one would block the event loop. */
export const maxReadCharacters = 1_500_000;
const maxMissing = 20;
const maxErrors = 5;
/** Maximum characters of a name in `missing`. */
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
            before: { type: 'string', description: 'The same of a list that was read from its end.' },
            advice: { type: 'string' },
          },
          required: ['list', 'next'],
        },
      },
      notes: { type: 'array', items: { type: 'string' } },
      matchedCustomers: {
        type: 'object',
        description: 'The customers that the arguments choose; the first few are named.',
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
 * @param variables of the operation, with their defaults
 * @param maxCharacters of the text of the answer
 */
export function toolResultOf(
  text: string,
  call: ToolCall | null,
  variables: JsonObject,
  maxCharacters: number,
): CallToolResult {
  if (text.length > maxReadCharacters) return tooLong(text.length, maxReadCharacters);
  const { data = null, errors = [], extensions = {} } = JSON.parse(text) as OperationResult;
  const hidden = takeHiddenFields(data, variables);
  const isEmpty = !isObject(data) || Object.values(data).every((each) => each === null);
  const wrong = errors.filter(({ extensions: { code } = {} }) => code === 'BAD_USER_INPUT');
  // Of an argument that is wrong, no part of the answer is right.
  if (wrong.length > 0 || (isEmpty && errors.length > 0)) return failed(wrong.length > 0 ? wrong : errors);
  const missing = [...hidden.missing, ...errors.flatMap(missingOf)];
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
  const envelope = (leftOut: readonly object[], moreLists: number) => {
    const all = [
      ...notes,
      ...(moreLists === 0 ? [] : [`${moreLists} more lists go on that leftOut does not name.`]),
    ];
    return {
      isComplete: hidden.isComplete && missing.length === 0,
      missing: shownMissing,
      leftOut,
      ...(all.length === 0 ? {} : { notes: all }),
      ...(matchedCustomers === null
        ? {}
        : { matchedCustomers: { ...matchedCustomers, nodes: matchedCustomers.nodes.map(withShortTexts) } }),
      data,
    };
  };
  const shownOf = (shownLists: readonly TruncatedList[], shownTexts: readonly LeftOutText[]) => [
    ...shownLists.map((each) => shownList(each, call?.tool.listArguments ?? null)),
    ...shownTexts.map(shownText),
  ];
  const lengths = {
    whole: (shownLists: readonly TruncatedList[], shownTexts: readonly LeftOutText[], moreLists: number) =>
      lengthOf(envelope(shownOf(shownLists, shownTexts), moreLists)),
    entries: (shownLists: readonly TruncatedList[]) => lengthOf(shownOf(shownLists, [])),
    value: lengthOf,
  };
  const { lists, moreLists, texts, fits } = fit(data, hidden.lists, lengths, maxCharacters);
  if (!fits) return tooLong(text.length, maxCharacters);
  return structured(envelope(shownOf(lists, texts), moreLists));
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

/** The code that an error begins with; null if the result is no error. */
export function errorCodeOf({ content: [first], isError }: CallToolResult): string | null {
  return isError === true && first?.type === 'text' ? (/^[A-Z_]+(?=:)/.exec(first.text)?.[0] ?? null) : null;
}

/** @param listArguments null for a query that the caller has written */
function shownList(
  { list, shown, isBefore, cursor, dropped, isCursorLong }: TruncatedList,
  listArguments: ArgumentsByConnection | null,
): JsonObject {
  const connection = list.slice(0, Math.max(0, list.lastIndexOf('.')));
  const path = connection.replaceAll(/\.\d+(?=\.|$)/g, '');
  const stopped = (advice: string) => ({ list, shown, next: null, advice });
  const [cursorName, sizeName, where] = isBefore
    ? (['before', 'last', ' before these'] as const)
    : (['after', 'first', ''] as const);
  const sizeArgument = listArguments === null ? sizeName : listArguments[sizeName].get(path);
  if (isCursorLong)
    return stopped(
      `More rows exist${where}, but a long name makes the cursor too long. Choose another order (orderBy), or narrow the filter.`,
    );
  if (shown === 0)
    return stopped(`It has rows, and none was asked for: give a greater ${sizeArgument ?? sizeName}.`);
  if (cursor === null)
    return stopped(
      dropped === 0
        ? `More rows exist${where}, but their cursors could not be read. Narrow the filter.`
        : `${dropped} more rows do not fit. Narrow the filter.`,
    );
  if (listArguments === null) {
    const field = path.slice(path.lastIndexOf('.') + 1);
    const isOfRow = path !== connection;
    return {
      ...stopped(
        `To continue, add ${cursorName}: (this cursor) to the field ${field}${isOfRow ? ' of this row alone' : ''}.`,
      ),
      [cursorName]: cursor,
    };
  }
  const cursorArgument = listArguments[cursorName].get(connection);
  if (cursorArgument !== undefined) return { list, shown, next: { [cursorArgument]: cursor } };
  const remedy =
    dropped === 0 && sizeArgument !== undefined
      ? `ask for more rows at once (${sizeArgument})`
      : 'narrow the filter, or ask for this part by another tool';
  return stopped(`More rows exist${where}, but this tool can't page them; ${remedy}.`);
}

function shownText({ text, characters }: LeftOutText): Readonly<Record<string, unknown>> {
  return { list: text, next: null, advice: `A text of ${characters} characters does not fit.` };
}

/** One entry for each place that is null. */
function missingOf({ message, path, extensions = {} }: GraphQLFormattedError): readonly Missing[] {
  const { code, retryable, paths = [path] } = extensions;
  const places = new Set((paths as readonly GraphQLFormattedError['path'][]).map(pathOf));
  return [...places].map((place) => ({
    path: place,
    reason: String(code),
    message: `${message} ${adviceFor(code)}`.trim(),
    retryable: retryable === true,
  }));
}

/** A path up to the first hidden field, whose name is none of the document's. */
function pathOf(path: GraphQLFormattedError['path']): string {
  const keys = path ?? [];
  const end = keys.findIndex((key) => typeof key === 'string' && isHidden(key));
  return (end < 0 ? keys : keys.slice(0, end)).join('.');
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
  const more = errors.length - maxErrors;
  return toolError(
    [
      ...errors.slice(0, maxErrors).map(describeError),
      ...(more > 0 ? [`There are ${more} more errors.`] : []),
    ].join('\n'),
  );
}

/** A code, what happened, and what to do next. */
export function describeError({ message, extensions = {} }: GraphQLFormattedError): string {
  const { code, retryAfter, limit } = extensions;
  const shorter = isObject(limit) ? adviceForLimit(String(limit['name'])) : null;
  if (shorter !== null) return `${String(code)}: ${message.replace(' Ask for less at once.', '')} ${shorter}`;
  if (typeof retryAfter !== 'number') return `${String(code)}: ${message} ${adviceFor(code)}`.trim();
  const isSaid = message.includes(`${retryAfter} s`);
  return `${String(code)}: ${message} ${isSaid ? 'Call again then, once.' : `Wait ${retryAfter} s, then call again, once.`}`;
}

function tooLong(characters: number, maxCharacters: number): CallToolResult {
  return toolError(
    `ANSWER_TOO_LONG: The answer has ${characters} characters, and ${maxCharacters} are allowed. Ask for fewer rows (first), a narrower filter, or fewer fields.`,
  );
}

/** Length of an escaped UTF-16 code unit. */
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
