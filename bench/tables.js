/** Markdown of the README's tables. */
import { references } from './servers.js';

const round = (number, digits) => (Number.isFinite(number) ? number.toFixed(digits) : '–');
const rate = (number) => round(number, number < 10 ? 1 : 0);
const time = (ms) => round(ms, ms < 10 ? 2 : 0);
/** Rounds to two significant digits below ten. */
const ratio = (number) => round(number, number < 0.1 ? 3 : number < 10 ? 2 : 0);

const columns = ['operation', 'server', 'answers/s', 'p50 / p99, ms', 'calls each', 'CPU, %', 'RSS, MiB'];
const ratioColumns = {
  'of the floor, rows in memory': references.rows,
  'of the same bytes': references.bytes,
  'of the floor, no memory': references.cold,
};

/** @param cells cells of one latency and one number of connections, in the order measured */
export function tableOf(operations, cells) {
  const ratios = Object.entries(ratioColumns).filter(([, name]) =>
    cells.some(({ server }) => server === name),
  );
  const rows = operations.flatMap((operation) => {
    const group = cells.filter((cell) => cell.operation === operation);
    const rateOf = (name) => group.find((cell) => cell.server === name)?.perSecond ?? NaN;
    return group.map((cell, index) => [
      index === 0 ? operation : '',
      cell.server,
      rate(cell.perSecond),
      `${time(cell.p50)} / ${time(cell.p99)}`,
      round(cell.callsEach, cell.callsEach < 10 && cell.callsEach % 1 !== 0 ? 2 : 0),
      round(cell.cpuPercent, 0),
      round(cell.residentMiB, 0),
      ...ratios.map(([, name]) => ratio(cell.perSecond / rateOf(name))),
    ]);
  });
  return markdown([[...columns, ...ratios.map(([title]) => title)], ...rows]);
}

/** Formats a table as Prettier does. */
function markdown(rows) {
  const widths = rows[0].map((_, column) => Math.max(3, ...rows.map((row) => row[column].length)));
  const isText = (column) => column < 2;
  const line = (row) =>
    `| ${row.map((text, column) => (isText(column) ? text.padEnd(widths[column]) : text.padStart(widths[column]))).join(' | ')} |`;
  const rule = widths.map((width, column) =>
    isText(column) ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  const [head, ...body] = rows;
  return [line(head), line(rule), ...body.map(line)].join('\n');
}
