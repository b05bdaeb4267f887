/** NDJSON: a line per row, then a line with the end, without which the export is truncated. */
import { jsonList, mapBatches, type Cells, type ExportFormat } from './cells.ts';

export const ndjson: ExportFormat = {
  contentType: 'application/x-ndjson; charset=utf-8',
  async *write(columns, rows) {
    const names = columns.map((name) => JSON.stringify(name));
    const lineOf = (cells: Cells) =>
      `{${cells.map((cell, index) => `${names[index] ?? ''}:${JSON.stringify(cell)}`).join(',')}}\n`;
    const end = yield* mapBatches(rows, (batch) => batch.map(lineOf).join(''));
    const { missing, ...rest } = end;
    yield `{"end":${JSON.stringify(rest).slice(0, -1)},"missing":`;
    yield* jsonList(missing);
    yield '}}\n';
  },
};
