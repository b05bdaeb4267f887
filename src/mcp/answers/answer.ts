/** Converts an operation's result to a tool's: data, completeness, what is missing, and how to continue. */
import type { CallToolResult } from '@modelcontextprotocol/server';
import type { GraphQLFormattedError } from 'graphql';
import { describeError } from './advice.ts';
import { fit, type LeftOutText, type TruncatedList } from './fit.ts';
import { isObject, type JsonObject } from '../../json.ts';
import { rowsMayBeMissing } from '../../model.ts';
import { takeHiddenFields, type Missing } from '../documents/hidden-fields.ts';
import { leftOutList, leftOutMissing, leftOutText } from './left-out.ts';
import { missingSkipped, offsetFault, skipRows, type ListOffset } from '../documents/list-offset.ts';
import { missingOf } from './missing.ts';
import { notesOn, type ToolCall } from './notes.ts';
import { lengthOf, visible, withShortTexts } from './text.ts';
import type { ToolAnswer, ToolContent, ToolFailure } from './tool-answer.ts';

interface OperationResult {
  readonly data?: unknown;
  readonly errors?: readonly GraphQLFormattedError[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** Maximum characters of a result that is parsed: a longer one would block the event loop. */
export const maxReadCharacters = 1_500_000;
const maxMissing = 20;
/** Share of an answer's characters for entries of what is missing. */
const maxMissingShare = 0.3;
const maxErrors = 5;

export interface AnswerOptions {
  /** Null for a query that the caller has written. */
  readonly call: ToolCall | null;
  /** The operation's variables, with their defaults. */
  readonly variables: JsonObject;
  /** Limit of the answer's text. */
  readonly maxCharacters: number;
  /** Where the caller continues a list without a cursor; null for a whole answer. */
  readonly listAfter: ListOffset | null;
}

/** @param text a GraphQL result as JSON */
export function answerOf(
  text: string,
  { call, variables, maxCharacters, listAfter }: AnswerOptions,
): ToolAnswer {
  if (text.length > maxReadCharacters) return tooLong(text.length, maxReadCharacters);
  const { data = null, errors = [], extensions = {} } = JSON.parse(text) as OperationResult;
  const isEmpty = !isObject(data) || Object.values(data).every((each) => each === null);
  const wrong = errors.filter(({ extensions: { code } = {} }) => code === 'BAD_USER_INPUT');
  // One wrong argument makes the whole answer wrong.
  if (wrong.length > 0 || (isEmpty && errors.length > 0)) return failedBy(wrong.length > 0 ? wrong : errors);
  const missingSkip = listAfter === null ? 0 : missingSkipped(listAfter);
  const skipped = listAfter === null || missingSkip !== null ? null : skipRows(data, listAfter);
  if (skipped === null && missingSkip === null && listAfter !== null)
    return failure('BAD_USER_INPUT', offsetFault(listAfter));
  const hidden = takeHiddenFields(data, variables);
  const missing = inFixedOrder([...hidden.missing, ...errors.flatMap(missingOf)]);
  const missingBefore = missingSkip ?? 0;
  const shownMissing = shownOfMissing(missing.slice(missingBefore), maxMissingShare * maxCharacters);
  const moreMissing = leftOutMissing(missingBefore, shownMissing.length, missing.length, call);
  const { matchedCustomers } = hidden;
  const notes = [
    ...(call === null ? [] : notesOn(call, hidden.isComplete ? data : null, matchedCustomers)),
    ...(hidden.changedWhileRead ? [rowsMayBeMissing] : []),
    ...(extensions['outdated'] === undefined
      ? []
      : [
          'Some of it is older than usual, since the backup service could not be asked: see the time of reading.',
        ]),
  ];
  let named = matchedCustomers?.nodes.map(withShortTexts) ?? [];
  const envelope = (leftOut: readonly object[], moreLists: number) => {
    const all = [
      ...notes,
      ...(moreLists === 0 ? [] : [`${moreLists} more truncated lists are not in leftOut.`]),
    ];
    return {
      isComplete: hidden.isComplete && missing.length === 0,
      missing: shownMissing,
      leftOut,
      ...(all.length === 0 ? {} : { notes: all }),
      ...(matchedCustomers === null ? {} : { matchedCustomers: { ...matchedCustomers, nodes: named } }),
      data,
    };
  };
  const continued = { call, skipped, hasOffset: listAfter !== null };
  const shownOf = (lists: readonly TruncatedList[], texts: readonly LeftOutText[]) => [
    ...moreMissing,
    ...lists.map((each) => leftOutList(each, continued)),
    ...texts.map(leftOutText),
  ];
  const lengths = {
    whole: (lists: readonly TruncatedList[], texts: readonly LeftOutText[], moreLists: number) =>
      lengthOf(envelope(shownOf(lists, texts), moreLists)),
    entries: (lists: readonly TruncatedList[]) => lengthOf(lists.map((each) => leftOutList(each, continued))),
    value: lengthOf,
  };
  const { lists, moreLists, texts, fits } = fit(
    data,
    hidden.lists,
    lengths,
    maxCharacters,
    skipped?.continued ?? null,
  );
  // Names of customers only help, and rows have to come: the next one of a continued list above all.
  if (!fits) named = [];
  if (!fits && lengths.whole(lists, texts, moreLists) > maxCharacters)
    return tooLong(text.length, maxCharacters);
  const codes = missing.map(({ reason }) => reason);
  return { content: envelope(shownOf(lists, texts), moreLists), missing: codes };
}

const byNumber = new Intl.Collator('en', { numeric: true });

/** Sorts entries, since the order of errors differs between calls. */
function inFixedOrder(missing: readonly Missing[]): readonly Missing[] {
  const placeOf = ({ customerId = '', tenantId = '', path = '' }: Missing) =>
    `${path} ${customerId} ${tenantId}`;
  return missing
    .map((each) => ({ each, place: placeOf(each) }))
    .sort((one, other) => byNumber.compare(one.place, other.place))
    .map(({ each }) => each);
}

/** The first few, at least one. */
function shownOfMissing(missing: readonly Missing[], maxCharacters: number): readonly Missing[] {
  const shown: Missing[] = [];
  let characters = 0;
  for (const each of missing.slice(0, maxMissing)) {
    const short = withShortTexts(each);
    characters += lengthOf(short) + 1;
    if (characters > maxCharacters && shown.length > 0) break;
    shown.push(short);
  }
  return shown;
}

/** Converts an answer to the protocol's form. */
export function resultOf(answer: ToolAnswer): CallToolResult {
  const content = (text: string): CallToolResult['content'] => [{ type: 'text', text: visible(text) }];
  return 'code' in answer
    ? { content: content(`${answer.code}: ${answer.text}`), isError: true }
    : { content: content(JSON.stringify(answer.content)), structuredContent: answer.content };
}

/** Content of a complete answer. */
export function complete(content: JsonObject): ToolContent {
  return { content, missing: [] };
}

export function failure(code: string, text: string): ToolFailure {
  return { code, text };
}

/** Failure with the first few errors, each once. */
export function failedBy(errors: readonly GraphQLFormattedError[]): ToolFailure {
  // Each field that an argument is given to reports its fault.
  const byText = new Map(errors.map(describeError).map((each) => [`${each.code}: ${each.text}`, each]));
  const [first, ...others] = [...byText.values()].slice(0, maxErrors);
  const more = byText.size - maxErrors;
  const code = first?.code ?? 'INTERNAL_SERVER_ERROR';
  const texts = [
    first?.text ?? '',
    ...others.map((other) => `${other.code}: ${other.text}`),
    ...(more > 0 ? [`There are ${more} more errors.`] : []),
  ];
  return failure(code, texts.join('\n'));
}

function tooLong(characters: number, maxCharacters: number): ToolFailure {
  return failure(
    'ANSWER_TOO_LONG',
    `The answer has ${characters} characters, and ${maxCharacters} are allowed. Ask for fewer rows (first), a narrower filter, or fewer fields.`,
  );
}
