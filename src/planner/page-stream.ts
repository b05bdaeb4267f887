/**
 * A list from its first page to its last, a page at a time, of which none is kept: for lists of any length. It takes
 * pages for what their own numbers say, and gives up on a list if they do not fit together: a ListReader, which holds
 * the whole list, knows how to read those.
 */
import type { PageRequest } from '../endpoint/collection.ts';
import type { FieldPath } from '../scope.ts';
import type { ListAnswer } from './list-cache.ts';
import { mayRefuseSize, orCached, useCachedPage, type ListSource } from './list-source.ts';
import { placeOf } from './page-buffer.ts';

/** The list has changed while it was read, or does not tell how long it is, or gives shorter pages than it says. */
export class UnevenListError extends Error {
  override readonly name = 'UnevenListError';
}

/** Pages that are asked for before they are waited for. */
const pagesAhead = 4;

/** Throws UpstreamError, and UnevenListError. */
export async function* streamPages<Row>(
  source: ListSource<Row>,
  cause: FieldPath,
): AsyncGenerator<ListAnswer<Row>, void, undefined> {
  if (source.catchUp !== null) await source.catchUp();
  const asked = source.knowledge.pageSize;
  const first = await readPage(source, { pageIndex: 1, pageSize: asked, filter: null }, cause).catch(
    (error: unknown) => {
      // A ListReader finds out which size is not refused.
      throw mayRefuseSize(error) && !source.knowledge.acceptsPageSize(asked) ? new UnevenListError() : error;
    },
  );
  const { pageSize, isRegular } = placeOf(1, asked, first);
  const { totalCount } = first;
  if (!isRegular || totalCount === null) throw new UnevenListError();
  source.knowledge.learnPageSize(pageSize, first);
  yield first;
  const pages = Math.ceil(totalCount / pageSize);
  const ahead: Promise<ListAnswer<Row>>[] = [];
  let next = 2;
  const readAhead = () => {
    if (next > pages) return;
    const page = readPage(source, { pageIndex: next++, pageSize, filter: null }, cause);
    // An error is reported when its page is read, which may never happen.
    page.catch(() => undefined);
    ahead.push(page);
  };
  for (let page = 0; page < pagesAhead; page++) readAhead();
  for (let pageIndex = 2; pageIndex <= pages; pageIndex++) {
    const page = await ahead.shift();
    if (page === undefined) return;
    const place = placeOf(pageIndex, pageSize, page);
    if (page.totalCount !== totalCount || !place.isRegular || place.pageSize !== pageSize)
      throw new UnevenListError();
    readAhead();
    yield page;
  }
}

async function readPage<Row>(
  source: ListSource<Row>,
  request: PageRequest,
  cause: FieldPath,
): Promise<ListAnswer<Row>> {
  const causes = [cause];
  const page =
    useCachedPage(source, request, 'normal', causes) ??
    (await orCached(source.fetch(request, causes), () => useCachedPage(source, request, 'if-error', causes)));
  source.expose(page.rows);
  return page;
}
