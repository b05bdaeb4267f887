/** Entries of `leftOut`: how many rows of a list are shown, and which arguments continue it. */
import type { JsonObject } from '../../json.ts';
import type { LeftOutText, TruncatedList } from './fit.ts';
import { listAfterName, offsetBehind, offsetInMissing, type SkippedRows } from '../documents/list-offset.ts';
import type { ToolCall } from './notes.ts';

/** The call whose lists are continued. */
export interface ContinuedCall {
  /** Null for a query that the caller has written. */
  readonly call: ToolCall | null;
  /** Rows that the call itself skips; null if it skips none. */
  readonly skipped: SkippedRows | null;
  /** Whether the call has an offset, of its rows or of what is missing. */
  readonly hasOffset: boolean;
}

export function leftOutList(
  { list, shown, isBefore, cursor, dropped, isCursorLong }: TruncatedList,
  { call, skipped, hasOffset }: ContinuedCall,
): JsonObject {
  const listArguments = call?.tool.listArguments ?? null;
  const connection = list.slice(0, Math.max(0, list.lastIndexOf('.')));
  const path = connection.replaceAll(/\.\d+(?=\.|$)/g, '');
  const stopped = (advice: string) => ({ list, shown, next: null, advice });
  const [cursorName, sizeName, where] = isBefore
    ? (['before', 'last', ' before these'] as const)
    : (['after', 'first', ''] as const);
  const sizeArgument = listArguments === null ? sizeName : listArguments[sizeName].get(path);
  const cursorArgument = listArguments?.[cursorName].get(connection);
  if (cursor !== null && cursorArgument !== undefined) {
    // An offset counts only the rows of this window.
    const ended = hasOffset ? { [listAfterName]: null } : {};
    return { list, shown, next: { [cursorArgument]: cursor, ...ended, ...withoutOthers(list, call) } };
  }
  if (cursor !== null && listArguments === null) {
    const field = path.slice(path.lastIndexOf('.') + 1);
    const isOfRow = path !== connection;
    const ended = hasOffset ? `, and leave ${listAfterName} out` : '';
    return {
      ...stopped(
        `To continue, add ${cursorName}: (this cursor) to the field ${field}${isOfRow ? ' of this row alone' : ''}${ended}.`,
      ),
      [cursorName]: cursor,
    };
  }
  if (dropped > 0 && (call?.tool.takesListAfter ?? true))
    return {
      list,
      shown,
      next: { [listAfterName]: offsetBehind(list, shown, skipped), ...withoutOthers(list, call) },
    };
  if (isCursorLong)
    return stopped(
      `More rows exist${where}, but the texts that they are ordered by make the cursor too long. Order by fewer texts (orderBy), or ask for more rows at once by a greater ${sizeArgument ?? sizeName}.`,
    );
  if (shown === 0)
    return stopped(`Rows exist, but none were requested: increase ${sizeArgument ?? sizeName}.`);
  if (dropped > 0) return stopped(`${dropped} more rows do not fit. Narrow the filter.`);
  if (cursor === null)
    return stopped(`More rows exist${where}, but their cursors could not be read. Narrow the filter.`);
  const canHaveMore = sizeArgument !== undefined && !isGreatest(call, sizeArgument);
  const other = call?.groupingTool ?? null;
  const remedy = canHaveMore
    ? `for more at once, call again with a greater ${sizeArgument}`
    : `narrow the filter, or ask for this part by another tool${other === null ? '' : `, such as ${other}`}`;
  return stopped(`More rows exist${where}, but this tool can't page them; ${remedy}.`);
}

/** Arguments that leave out the root fields beside a list's own: its continuation repeats none of them. */
function withoutOthers(list: string, call: ToolCall | null): JsonObject {
  const [own] = list.split('.', 1);
  const others = [...(call?.tool.switches ?? [])].filter(([field]) => field !== own);
  return Object.fromEntries(others.map(([, variable]) => [variable, false]));
}

/** Whether an argument has its greatest value. */
function isGreatest(call: ToolCall | null, argument: string): boolean {
  const { maximum } = call?.tool.inputSchema.properties[argument] ?? {};
  return typeof maximum === 'number' && Number(call?.given[argument]) >= maximum;
}

/**
 * The entry for `missing`, if not all of it is shown.
 *
 * @param before number of entries that the call skips
 */
export function leftOutMissing(
  before: number,
  shown: number,
  total: number,
  call: ToolCall | null,
): readonly JsonObject[] {
  const more = total - before - shown;
  if (more <= 0) return [];
  const entry = { list: 'missing', shown };
  return call?.tool.takesListAfter === false
    ? [{ ...entry, next: null, advice: `${more} more are missing. Narrow the filter.` }]
    : [{ ...entry, next: { [listAfterName]: offsetInMissing(before + shown) } }];
}

export function leftOutText({ text, characters }: LeftOutText): JsonObject {
  return { list: text, next: null, advice: `A text of ${characters} characters does not fit.` };
}
