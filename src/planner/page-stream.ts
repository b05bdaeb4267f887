/**
 * Streams a list of any length page by page, retaining no page. Throws UnevenListError if pages do not match their own
 * numbers; a ListReader, which holds all pages, can read such a list.
 */
import type { PageRequest } from '../endpoint/collection.ts';
import type { FieldPath } from '../scope.ts';
import type { ListAnswer } from './list-cache.ts';
import { mayRejectSize, orCached, useCachedPage, type ListSource } from './list-source.ts';
import { placeOf } from './page-buffer.ts';

/** The list changed while it was read, states no length, or has pages shorter than stated. */
export class UnevenListError extends Error {
  override readonly name = 'UnevenListError';
}

const pagesAhead = 4;

/** Throws UpstreamError and UnevenListError. */
export async function* streamPages<Row>(
  source: ListSource<Row>,
  cause: FieldPath,
): AsyncGenerator<ListAnswer<Row>, void, undefined> {
  const end = source.beginStream();
  try {
    yield* pagesOf(source, cause);
  } finally {
    end();
  }
}

async function* pagesOf<Row>(
  source: ListSource<Row>,
  cause: FieldPath,
): AsyncGenerator<ListAnswer<Row>, void, undefined> {
  if (source.syncFromPeers !== null) await source.syncFromPeers();
  const requestedSize = source.capabilities.pageSize;
  const first = await readPage(source, { pageIndex: 1, pageSize: requestedSize, filter: null }, cause).catch(
    (error: unknown) => {
      // A ListReader finds an accepted page size.
      throw mayRejectSize(error) && !source.capabilities.acceptsPageSize(requestedSize)
        ? new UnevenListError()
        : error;
    },
  );
  const { pageSize, isRegular } = placeOf(1, requestedSize, first);
  const { totalCount } = first;
  if (!isRegular || totalCount === null) throw new UnevenListError();
  source.capabilities.learnPageSize(pageSize, first);
  yield first;
  const pages = Math.ceil(totalCount / pageSize);
  const ahead: Promise<ListAnswer<Row>>[] = [];
  let next = 2;
  const readAhead = () => {
    if (next > pages) return;
    const page = readPage(source, { pageIndex: next++, pageSize, filter: null }, cause);
    // A failure is reported when its page is read.
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
