/** The report command's arguments, every mistake in them reported by its name. */
import { parseArgs, type ParseArgsConfig } from 'node:util';

export interface ReportOptions {
  /** Of a gateway's GraphQL endpoint; null where the command is to start one of its own. */
  readonly url: URL | null;
  readonly format: ReportFormat;
  /** Which of the settings' profiles a gateway of its own asks with; null where they name none. */
  readonly profile: string | null;
  /** A CustomerFilter. */
  readonly filter: Readonly<Record<string, string>> | null;
  /** Sent along with the request. */
  readonly headers: Readonly<Record<string, string>>;
}

export const reportFormats = ['table', 'json', 'csv'] as const;
export type ReportFormat = (typeof reportFormats)[number];

export class ReportOptionsError extends Error {
  override readonly name = 'ReportOptionsError';
}

export const reportUsage = `How well the users of your customers are protected, tenant by tenant.

Usage: npm run report -- [options]

  --format table|json|csv   what to print; a table by default
  --country <name>          only customers of this country or region
  --search <text>           only customers whose name or owner's address contains this
  --job-status <status>     only customers whose backup jobs are in this state, such as FAILED
  --management-mode <mode>  only customers whose tenants are managed so, such as PARTNER
  --url <url>               ask this gateway, such as http://localhost:4000/graphql; without it, one is started
                            with the settings of the environment, for this report alone
  --header <name: value>    send this header along; may be repeated
  --profile <name>          the upstream's credential, where AVEPOINT_PROFILES names several and there is no --url
  --help                    print this

Progress goes to the standard error. The exit code is 0 for a complete report, 2 where tenants are missing in it,
and 1 where there is none.`;

const config = {
  allowPositionals: false,
  options: {
    format: { type: 'string', default: 'table' },
    country: { type: 'string' },
    search: { type: 'string' },
    'job-status': { type: 'string' },
    'management-mode': { type: 'string' },
    url: { type: 'string' },
    header: { type: 'string', multiple: true, default: [] },
    profile: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
} satisfies ParseArgsConfig;

/**
 * Null where help is asked for.
 *
 * @throws ReportOptionsError
 */
export function parseReportOptions(args: readonly string[]): ReportOptions | null {
  const values = parse(args);
  if (values.help) return null;
  const format = reportFormats.find((each) => each === values.format);
  if (format === undefined) {
    throw new ReportOptionsError(
      `--format: expected ${reportFormats.join(', ')}, but got ${JSON.stringify(values.format)}`,
    );
  }
  const filter = {
    ...(values.country === undefined ? {} : { countryOrRegion: values.country }),
    ...(values.search === undefined ? {} : { search: values.search }),
    ...(values['job-status'] === undefined ? {} : { jobStatus: enumName(values['job-status']) }),
    ...(values['management-mode'] === undefined
      ? {}
      : { managementMode: enumName(values['management-mode']) }),
  };
  return {
    url: values.url === undefined ? null : parseUrl(values.url),
    profile: values.profile ?? null,
    format,
    // Whether it is a name of the schema's, the gateway tells.
    filter: Object.keys(filter).length === 0 ? null : filter,
    headers: Object.fromEntries(values.header.map(parseHeader)),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ ...config, args: [...args] }).values;
  } catch (error) {
    throw new ReportOptionsError(error instanceof Error ? error.message : String(error));
  }
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  // It may carry a password.
  if (text.includes('@'))
    throw new ReportOptionsError(
      '--url: expected a URL without user and password; use --header for a credential',
    );
  if (url !== null && ['http:', 'https:'].includes(url.protocol)) return url;
  throw new ReportOptionsError(`--url: expected an http or https URL, but got ${JSON.stringify(text)}`);
}

/** Its value may be a secret, and is not shown. */
function parseHeader(text: string): readonly [string, string] {
  const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):\s*(.*)$/.exec(text) ?? [];
  if (name !== undefined && value !== undefined) return [name.toLowerCase(), value];
  throw new ReportOptionsError(
    '--header: expected a name, a colon and a value, such as "authorization: Bearer …"',
  );
}

function enumName(text: string): string {
  return text.toUpperCase().replaceAll('-', '_');
}
