/**
 * Streamed XLSX workbooks (ECMA-376): sheets of rows, then unread tenants, then the end. All texts are text cells,
 * which no program evaluates as formulas.
 */
import { invariant } from '../errors.ts';
import { yieldIfDue } from '../scheduler.ts';
import {
  mapBatches,
  notesOf,
  plainCell,
  skippedBeforeSign,
  type Cell,
  type Cells,
  type ExportEnd,
  type ExportFormat,
} from './cells.ts';
import { ZipWriter } from './zip.ts';

/** Limits of spreadsheets. */
const maxRows = 1_048_576;
const maxCharacters = 32_767;

/** Far below what ZIP allows for one entry. */
const maxSheetBytes = 2 ** 31;

export const xlsx = createXlsx();

export function createXlsx({ rowsPerSheet = maxRows, bytesPerSheet = maxSheetBytes } = {}): ExportFormat {
  return {
    contentType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    async *write(columns, rows, title) {
      const workbook = new Workbook({ rowsPerSheet, bytesPerSheet });
      workbook.beginSheet(title, columns);
      const end = yield* mapBatches(rows, (batch) => {
        for (const cells of batch) workbook.addRow(cells);
        return workbook.take();
      });
      workbook.beginSheet('Not read', [
        'customerId',
        'organization',
        'tenantId',
        'tenant',
        ...missingColumns,
      ]);
      for (const { customerId, organization, tenantId, name, ...rest } of end.missing) {
        workbook.addRow([
          ...[customerId, organization, tenantId, name],
          ...missingColumns.map((column) => rest[column]),
        ]);
        yield await workbook.take();
        await yieldIfDue();
      }
      workbook.beginSheet('Export', ['what', 'value']);
      for (const cells of endOf(end, workbook.cutCells)) workbook.addRow(cells);
      yield await workbook.finish();
    },
  };
}

const missingColumns = ['reason', 'message', 'retryable', 'rows'] as const;

function endOf({ missing, ...end }: ExportEnd, cutCells: number): Cells[] {
  return [
    // Filters and lists of ids are for programs, hence JSON.
    ...Object.entries(end).map(([name, value]): Cells => [name, cellOf(value)]),
    ['notRead', missing.length],
    [`cellsCutTo${maxCharacters}Characters`, cutCells],
    ...notesOf({ ...end, missing }).map((note): Cells => ['note', note]),
  ];
}

function cellOf(value: unknown): Cell {
  const isPlain = value === null || ['string', 'number', 'boolean'].includes(typeof value);
  return isPlain ? (value as Cell) : JSON.stringify(value);
}

interface WorkbookOptions {
  readonly rowsPerSheet: number;
  readonly bytesPerSheet: number;
}

class Workbook {
  readonly #options: WorkbookOptions;
  readonly #zip = new ZipWriter();
  readonly #sheets: Sheet[] = [];
  #title = '';
  #names: readonly string[] = [];
  #columns: readonly SheetColumn[] = [];
  #sheetsOfTitle = 0;
  #rows = 0;
  readonly #texts = new TextCells();

  constructor(options: WorkbookOptions) {
    this.#options = options;
  }

  get cutCells(): number {
    return this.#texts.cut;
  }

  /** Bytes written since the last call. */
  take(): Promise<Uint8Array> {
    return this.#zip.take();
  }

  beginSheet(title: string, columns: readonly string[]): void {
    this.#title = title;
    this.#names = columns;
    this.#columns = columns.map((name, index) => new SheetColumn(name, index, this.#texts));
    this.#sheetsOfTitle = 0;
    this.#continueOnSheet();
  }

  addRow(cells: Cells): void {
    const { rowsPerSheet, bytesPerSheet } = this.#options;
    if (this.#rows >= rowsPerSheet || this.#zip.entryBytes >= bytesPerSheet) this.#continueOnSheet();
    this.#rows += 1;
    const number = String(this.#rows);
    let row = `<row r="${number}">`;
    let index = 0;
    for (const column of this.#columns) {
      const rest = column.write(cells[index++] ?? null);
      if (rest !== '') row += column.start + number + rest;
    }
    this.#zip.write(`${row}</row>`);
  }

  /** Ends the archive, and returns its last bytes. */
  finish(): Promise<Uint8Array> {
    this.#endSheet();
    const parts = partsOf(this.#sheets);
    for (const [name, text] of Object.entries(parts)) this.#zip.addEntry(name, xmlHeader + text);
    this.#zip.end();
    return this.#zip.take({ hasEnded: true });
  }

  #continueOnSheet(): void {
    if (this.#sheets.length > 0) this.#endSheet();
    this.#sheetsOfTitle += 1;
    const name = this.#sheetsOfTitle === 1 ? this.#title : `${this.#title} ${this.#sheetsOfTitle}`;
    this.#sheets.push({ name, lastColumn: letters(this.#columns.length - 1), rows: 1 });
    this.#rows = 1;
    this.#zip.beginEntry(`xl/worksheets/sheet${this.#sheets.length}.xml`);
    this.#zip.write(
      `${xmlHeader}<worksheet xmlns="${main}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>${this.#columns
        .map(
          ({ width }, index) =>
            `<col min="${index + 1}" max="${index + 1}" width="${width}" customWidth="1"/>`,
        )
        .join('')}</cols><sheetData><row r="1">${this.#names
        .map((column, index) => `<c r="${letters(index)}1${this.#texts.write(column, ' s="2"')}`)
        .join('')}</row>`,
    );
  }

  #endSheet(): void {
    const sheet = this.#sheets.at(-1);
    invariant(sheet !== undefined, 'a sheet has begun');
    sheet.rows = this.#rows;
    this.#zip.write(`</sheetData><autoFilter ref="A1:${sheet.lastColumn}${sheet.rows}"/></worksheet>`);
    this.#zip.endEntry();
  }
}

interface Sheet {
  readonly name: string;
  readonly lastColumn: string;
  /** Includes the heading. */
  rows: number;
}

/** Longer texts are not compared with the next row's. */
const maxComparedCharacters = 1000;

/** Column of a sheet, optimized for values equal to the previous row's. */
class SheetColumn {
  /** Start of each cell, up to the row number. */
  readonly start: string;
  /** In characters. */
  readonly width: number;
  readonly #isDate: boolean;
  readonly #texts: TextCells;
  #last: Cell = null;
  #written = '';

  constructor(name: string, index: number, texts: TextCells) {
    this.start = `<c r="${letters(index)}`;
    this.width = widthOf(name);
    this.#isDate = dateColumns.has(name);
    this.#texts = texts;
  }

  /** Rest of the cell behind the row number; empty for an empty cell. */
  write(cell: Cell): string {
    if (cell === null || cell === '') return '';
    if (cell === true) return '" t="b"><v>1</v></c>';
    if (cell === false) return '" t="b"><v>0</v></c>';
    if (cell === this.#last) return this.#written;
    const value = plainCell(cell);
    if (value === null || value === '') return '';
    if (typeof value !== 'string') return `"><v>${Number(value)}</v></c>`;
    const date = this.#isDate ? daysOf(value) : null;
    const written = date === null ? this.#texts.write(value) : `" s="3"><v>${date}</v></c>`;
    if (value.length <= maxComparedCharacters) [this.#last, this.#written] = [cell, written];
    return written;
  }
}

const dateColumns: ReadonlySet<string> = new Set(['startDate', 'endDate', 'asOf']);

const millisecondsOfDay = 86_400_000;
/** Spreadsheets disagree on dates before 1 March 1900. */
const [minDays, maxDays] = [61, 2_958_466];
const daysUntil1970 = 25_569;

/** Days as spreadsheets count them, in UTC; null if out of range. */
function daysOf(instant: string): number | null {
  const days = Date.parse(instant) / millisecondsOfDay + daysUntil1970;
  return days >= minDays && days < maxDays ? Number(days.toFixed(9)) : null;
}

const widths: readonly (readonly [pattern: RegExp, width: number])[] = [
  [/Id$/, 38],
  [/mail$|PrincipalName$/i, 38],
  [/^(?:organization|tenant|company|jobTitle|value)$|displayName$/i, 28],
  [/Date$|^asOf$|State$|^(?:state|status|department|reason|otherModules)$/, 22],
  [/^message$/, 80],
];

/** Width by kind of column, with room for its name and the filter's button. */
function widthOf(column: string): number {
  const [, width = 14] = widths.find(([pattern]) => pattern.test(column)) ?? [];
  return Math.max(width, column.length + 4);
}

/** Text cells, behind the row number. */
class TextCells {
  /** Number of truncated cells. */
  cut = 0;

  write(value: string, style = ''): string {
    if (value.length <= maxCharacters && simple.test(value))
      // Shorter than an inline string, and equal for readers.
      return `"${style} t="str"><v>${value}</v></c>`;
    const text = this.#shorten(value.toWellFormed());
    // Keeps the cell a text even after it is edited.
    const asText = looksLikeFormula.test(text) ? ' s="1"' : style;
    return `"${asText} t="inlineStr"><is><t xml:space="preserve">${escaped(text)}</t></is></c>`;
  }

  #shorten(text: string): string {
    if (text.length <= maxCharacters) return text;
    this.cut += 1;
    return `${text.slice(0, maxCharacters - 1).replace(/[\ud800-\udbff]$/, '')}…`;
  }
}

/** Common texts of any script: no escapes, formulas, or blanks that a reader could drop. */
const simple =
  /^(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{M}\p{N}](?:[!-%'-;=?-^`-~\p{L}\p{M}\p{N}]| (?! |$)|_(?![xX]))*$/u;

const looksLikeFormula = new RegExp(String.raw`^['${skippedBeforeSign}]*[=+\-@＝＋－＠]`, 'u');

/** Characters that XML can't contain, escaped as ST_Xstring, and texts that look like such an escape. */
const notInXml =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000b-\u001f\ufffe\uffff]|_(?=x[\da-f]{4}_)/gi;

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

function escaped(text: string): string {
  return text
    .replace(
      notInXml,
      (character) => `_x${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`,
    )
    .replace(/[&<>]/g, (character) => entities[character] ?? '');
}

/** Column name: A to Z, AA, AB and so on. */
function letters(index: number): string {
  const last = String.fromCharCode(65 + (index % 26));
  return index < 26 ? last : letters(Math.floor(index / 26) - 1) + last;
}

const xmlHeader = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const packages = 'http://schemas.openxmlformats.org/package/2006';
const contentType = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

/** Other parts of a workbook, which describe the sheets. */
function partsOf(sheets: readonly Sheet[]): Readonly<Record<string, string>> {
  const each = (map: (sheet: Sheet, number: number) => string) =>
    sheets.map((sheet, index) => map(sheet, index + 1)).join('');
  const relation = (id: number, type: string, target: string) =>
    `<Relationship Id="r${id}" Type="${relations}/${type}" Target="${target}"/>`;
  const override = (part: string, type: string) =>
    `<Override PartName="/xl/${part}.xml" ContentType="${contentType}.${type}+xml"/>`;
  return {
    'xl/workbook.xml': `<workbook xmlns="${main}" xmlns:r="${relations}"><sheets>${each(
      ({ name }, number) => `<sheet name="${escaped(name)}" sheetId="${number}" r:id="r${number}"/>`,
    )}</sheets><definedNames>${each(
      ({ name, lastColumn, rows }, number) =>
        // Some spreadsheets need it for the filter.
        `<definedName name="_xlnm._FilterDatabase" localSheetId="${number - 1}" hidden="1">'${escaped(name)}'!$A$1:$${lastColumn}$${rows}</definedName>`,
    )}</definedNames></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships xmlns="${packages}/relationships">${each((_sheet, number) =>
      relation(number, 'worksheet', `worksheets/sheet${number}.xml`),
    )}${relation(sheets.length + 1, 'styles', 'styles.xml')}</Relationships>`,
    'xl/styles.xml': styles,
    '_rels/.rels': `<Relationships xmlns="${packages}/relationships">${relation(1, 'officeDocument', 'xl/workbook.xml')}</Relationships>`,
    '[Content_Types].xml': `<Types xmlns="${packages}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>${override('workbook', 'sheet.main')}${override('styles', 'styles')}${each(
      (_sheet, number) => override(`worksheets/sheet${number}`, 'worksheet'),
    )}</Types>`,
  };
}

/** Cell styles by index: default, text, heading, date. */
const styles = `<styleSheet xmlns="${main}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1" applyNumberFormat="1"/><xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/><xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs></styleSheet>`;
