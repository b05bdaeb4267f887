/** Parses the report command's arguments. Errors name the option at fault. */
import { exportFormatNames } from '../exports/formats.ts';
import type { JobStatus, ManagementMode } from './generated/operations.ts';
import { exitCodes } from './report-outcome.ts';
import {
  choicesOf,
  chosen,
  formatOf,
  OptionsError,
  parseOptions,
  parseUrl,
  urlExpectation,
  wordOf,
} from './option-values.ts';
import {
  inWordsOfRowOptions,
  parseRowFilter,
  parseRows,
  rowExpectations,
  rowFlags,
  rowOptionNames,
  states,
  statuses,
  type RowExportOptions,
} from './row-options.ts';

export interface ReportCommandOptions {
  /** URL of a gateway's GraphQL endpoint; null to start a gateway for the command. */
  readonly url: URL | null;
  readonly format: ReportFormat;
  /** Rows to export instead of a report; null for a report. */
  readonly rows: RowExportOptions | null;
  /** Profile of AVEPOINT_PROFILES for the command's own gateway; null if there are none. */
  readonly profile: string | null;
  /** Customers to report: a CustomerFilter. */
  readonly filter: ReportFilter | null;
  /** Users to count: a UserFilter; null for all. */
  readonly users: object | null;
  /** Path of an earlier export to compare with; null for a report. */
  readonly compare: string | null;
  /** Additional request headers. */
  readonly headers: Readonly<Record<string, string>>;
}

export type ReportFilter = Readonly<Partial<Record<keyof typeof filterOptions, string>>>;

const reportFormats = ['table', 'json', 'csv'] as const;
export type ReportFormat = (typeof reportFormats)[number];

/** All values of the schema's enums; the compiler checks that none is missing. */
const jobStatuses = choicesOf<JobStatus>({
  NOT_AVAILABLE: true,
  WORKING: true,
  FAILED: true,
  WAITING_FOR_CONFIGURATION: true,
  MULTIPLE_ISSUES_FOUND: true,
  FINISHED_WITH_EXCEPTION: true,
  NO_BACKUP_UPDATE: true,
  UNKNOWN: true,
});
const managementModes = choicesOf<ManagementMode>({
  CUSTOMER: true,
  PARTNER: true,
  TO_BE_CONFIGURED: true,
  UNKNOWN: true,
});

/** Options by fields of CustomerFilter. */
const filterOptions = {
  countryOrRegion: 'country',
  search: 'search',
  jobStatus: 'job-status',
  managementMode: 'management-mode',
} as const;

export const reportUsage = `How well the users of your customers are protected, tenant by tenant.

Usage: npm run -s report -- [options]

  --format <format>         ${reportFormats.join(', ')}: what to print; a table by default
  --country <name>          only customers of this country or region
  --search <text>           only customers whose name or owner's address
                            contains this
  --job-status <status>     only customers whose backup jobs are in this state:
${listed([...jobStatuses.keys()])}
  --management-mode <mode>  only customers whose tenants are managed so:
${listed([...managementModes.keys()])}
  --compare <file>          what changed since users.ndjson was exported to this
                            file, instead of a report; only users and customers
                            that the file is of are compared
  --url <url>               ask this gateway, such as
                            http://localhost:4000/graphql; without it, one is
                            started with the settings of the environment, for
                            this report alone
  --header <name: value>    send this header along; may be repeated
  --profile <name>          the upstream's credential, if AVEPOINT_PROFILES
                            names several and there is no --url
  -h, --help                print this

Which users a report counts, or which rows are written:

  --find <text>             only those whose name or address contains this
  --state <state>           only those whose protection is in this state:
${listed([...states.keys()])}
  --status <status>         only users with this status:
${listed([...statuses.keys()])}
  --department <name>       only users of this department
  --filter <json>           only those of this filter, as the schema has it: a
                            UserFilter, or a ProtectionStatusFilter

Rows instead of a report:

  --users                   every user, in one file
  --protection-statuses     every protection row, in one file
  --format <format>         ${exportFormatNames.join(', ')}; csv by default, or
                            what the ending of --output says
  --columns <a,b>           only these columns, in this order; docs/exports.md
                            lists their names
  --output <file>           write this file, instead of the standard output

A table is as wide as the terminal, 80 columns if that is unknown. "Not" counts
users that have a row in the backup product but no protected module, "No backup"
users that have none. With --compare, "Less" and "More" count users who are less
or more protected, and "Blocked" those who may not sign in and are protected all
the same. Progress goes to the standard error.

What of the rows could not be read is named at the end of the file and on the
standard error.

Exit codes:
  ${exitCodes.complete}    every tenant was read
  ${exitCodes.failed}    there is no report: a setting, a port or the gateway's answer is at fault
  ${exitCodes.incomplete}    tenants are missing in the report or the file, or not compared; it names
       them
  ${exitCodes.nothing}    no tenant matches, or no row
  ${exitCodes.notConnected}    the gateway or the API can't be reached, or the connection broke
  ${exitCodes.usage}    an option or its value is wrong
  ${exitCodes.interrupted}  it was interrupted by Ctrl+C
  ${exitCodes.terminated}  it was terminated by SIGTERM`;

/** Descriptions of the values of options, for errors. */
const expectations = {
  format: reportFormats.join(', '),
  country: 'the name of a country or region',
  search: 'a part of a name or an address',
  'job-status': [...jobStatuses.keys()].join(', '),
  'management-mode': [...managementModes.keys()].join(', '),
  compare: 'the file of an earlier export, users.ndjson',
  url: urlExpectation,
  header: 'a name, a colon and a value, such as "authorization: Bearer …"',
  profile: 'a name of AVEPOINT_PROFILES',
  ...rowExpectations,
} as const satisfies Readonly<Record<string, string>>;

/**
 * Parses the arguments; null for --help.
 *
 * @throws OptionsError
 */
export function parseReportOptions(args: readonly string[]): ReportCommandOptions | null {
  const given = parseOptions(args, {
    expectations,
    flags: rowFlags,
    example: 'npm run -s report -- --format csv',
  });
  if (given === null) return null;
  const last = (name: keyof typeof expectations) => given.get(name)?.at(-1);
  const filter = Object.entries({
    countryOrRegion: last('country'),
    search: last('search'),
    jobStatus: chosen('job-status', last('job-status'), jobStatuses),
    managementMode: chosen('management-mode', last('management-mode'), managementModes),
  }).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const url = last('url');
  const compare = last('compare') ?? null;
  if (compare !== null && filter.length > 0)
    throw new OptionsError('--compare: the file says which customers are compared; leave their options out');
  const stray = rowOptionNames.find((name) => given.has(name));
  if (compare !== null && stray !== undefined)
    throw new OptionsError(`--${stray}: with --compare, the file says which rows are compared`);
  const rows = compare === null ? parseRows(given) : null;
  return {
    url: url === undefined ? null : parseUrl(url, '--header'),
    compare,
    profile: last('profile') ?? null,
    format: rows === null ? (formatOf(last('format'), reportFormats) ?? 'table') : 'table',
    rows,
    filter: filter.length === 0 ? null : Object.fromEntries(filter),
    users: rows === null && compare === null ? parseRowFilter('users', given) : null,
    headers: Object.fromEntries((given.get('header') ?? []).map(parseHeader)),
  };
}

/** Formats a filter as options. */
export function filterInWords(filter: ReportFilter): string {
  return Object.entries(filterOptions)
    .flatMap(([field, option]) => {
      const value = filter[field as keyof ReportFilter];
      if (value === undefined) return [];
      const isChoice = option === 'job-status' || option === 'management-mode';
      return [`--${option} ${isChoice ? wordOf(value) : JSON.stringify(value)}`];
    })
    .join(' ');
}

/** Whether a gateway's message is about the users that a report counts. */
function isAboutUsers(message: string): boolean {
  return message.includes('"$users"') || /^users(?:\.\w+)?: /.test(message);
}

/** Rephrases a gateway's message about a filter in terms of the options. */
export function inWordsOfOptions(message: string): string {
  if (isAboutUsers(message)) return inWordsOfRowOptions(message);
  if (!message.includes('$filter')) return message;
  const [, field = ''] = /"filter\.(\w+)"/.exec(message) ?? [];
  const option = Object.entries(filterOptions).find(([name]) => name === field)?.[1];
  const what = option === undefined ? 'the options that choose customers' : `--${option}`;
  return `The gateway does not know ${what} as this command sends it: it is of another version.`;
}

/** Parses a header. Errors never quote its value, which may be a secret. */
function parseHeader(text: string): readonly [string, string] {
  const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):\s*(.*)$/.exec(text) ?? [];
  if (name !== undefined && value !== undefined) return [name.toLowerCase(), value];
  throw new OptionsError(`--header: expected ${expectations.header}`);
}

/** Formats the choices of an option for the usage text. */
function listed(words: readonly string[]): string {
  const lines: string[] = [];
  for (const word of words) {
    const line = lines.at(-1);
    if (line === undefined || line.length + word.length > 50) lines.push(word);
    else lines[lines.length - 1] = `${line}, ${word}`;
  }
  return lines.map((line) => `${' '.repeat(28)}${line}`).join(',\n');
}
