/** Tool that explains how a person gets all rows as a file: files do not fit an assistant's context. */
import type { JsonObject } from '../../json.ts';
import { complete, failure } from '../answers/answer.ts';
import { readArguments } from './arguments.ts';
import { argumentsSchema, type ObjectSchema } from '../documents/json-schema.ts';
import { lengthOf } from '../answers/text.ts';
import type { ToolAnswer, ToolContent, ToolFailure } from '../answers/tool-answer.ts';
import type { Tool } from './tool.ts';

export interface ExportToolOptions {
  /** Files by list. */
  readonly lists: Readonly<Record<string, ExportFiles>>;
  /** Formats of comparisons with an earlier file. */
  readonly changesFormats: readonly string[];
}

interface ExportFiles {
  readonly formats: readonly string[];
  /** Schema of the parameters; null if callers may not read the schema. */
  readonly schema: ObjectSchema | null;
  /** Returns why these parameters can't request a file; null if they can. */
  readonly faultOf: (given: JsonObject) => string | null;
}

const text = { type: 'string' };

const outputSchema: ObjectSchema = {
  type: 'object',
  properties: { commands: { type: 'array', items: text }, notes: { type: 'array', items: text } },
  required: ['commands', 'notes'],
};

const credential = 'With a credential, add: -H "X-API-Key: $GRAPH_KEY"';
const endOfFile = 'What could not be read is named at the end of the file.';
/** Remarks about incomplete files, by format. */
const ends: Readonly<Record<string, string>> = {
  xlsx: 'What could not be read is named in the sheet "Not read".',
  json: 'Tenants that could not be compared are in notCompared.',
};

/** Longer encoded parameters are sent as a body: the gateway or a proxy refuses long URLs. */
const maxUrlCharacters = 4000;
/** Operating systems refuse longer arguments. */
const maxCommandCharacters = 100_000;

const notWithChanges = 'Not with changes.';
const parameterNames = ['customers', 'filter', 'columns'];

export function createExportTool({ lists, changesFormats }: ExportToolOptions): Tool {
  const formatsByList = new Map([
    ...Object.entries(lists).map(([name, { formats }]) => [name, formats] as const),
    ['changes', changesFormats],
  ]);
  const formats = new Set([...formatsByList.values()].flat());
  return {
    name: 'export_command',
    description:
      'How a person gets every row as a file, to open in a spreadsheet or to send to a customer: the command for all users, or protection rows, of a filter. With changes, the commands that compare an earlier file with now: who appeared, went, lost protection, or is blocked but protected. Nothing is exported by the call.',
    inputSchema: argumentsSchema(
      {
        list: { ...text, enum: [...formatsByList.keys()], description: 'What the file is of.' },
        format: {
          ...text,
          enum: [...formats],
          default: 'csv',
          description: `Of ${[...formatsByList]
            .map(([list, known]) => `${list}: ${known.join(', ')}`)
            .join('; ')}.`,
        },
        customers: {
          type: 'object',
          description: `A CustomerFilter, such as {"search": "Polar Pharma"}. ${notWithChanges}`,
        },
        filter: {
          type: 'object',
          description: `A UserFilter or ProtectionStatusFilter, such as {"protection": {"isProtected": false}}. ${notWithChanges}`,
        },
        columns: {
          type: 'array',
          items: text,
          description: `Only these columns, in this order. ${notWithChanges}`,
        },
      },
      ['list'],
    ),
    outputSchema,
    call: ({ list, format = 'csv', ...given }, { operations: { baseUrl }, maxCharacters }) => {
      const name = String(list);
      const found = lists[name];
      const known = formatsByList.get(name) ?? [];
      if (!known.includes(String(format)))
        return invalid(`Argument "format": files of ${name} are ${known.join(', ')}.`);
      if (found === undefined) {
        const [unused] = Object.keys(given);
        return unused === undefined
          ? Promise.resolve(changesOf(baseUrl, String(format)))
          : invalid(
              `Argument "${unused}": changes take none of ${parameterNames.join(', ')}, since the earlier file says what it is of. Give them for the earlier file (list: users).`,
            );
      }
      const { customers, filter } = given;
      const read =
        found.schema === null
          ? { values: {} }
          : readArguments(found.schema, {
              ...(customers === undefined ? {} : { customers }),
              ...(filter === undefined ? {} : { filter }),
            });
      if ('fault' in read) return invalid(read.fault);
      const fault = found.faultOf(given);
      if (fault !== null) return invalid(fault.replaceAll('Variable "$', 'Argument "'));
      return Promise.resolve(fileOf(baseUrl, `${name}.${String(format)}`, given, maxCharacters));
    },
  };
}

function invalid(text: string): Promise<ToolFailure> {
  return Promise.resolve(failure('BAD_USER_INPUT', text));
}

function endOf(file: string): string {
  return ends[file.slice(file.lastIndexOf('.') + 1)] ?? endOfFile;
}

function fileOf(baseUrl: string, file: string, given: JsonObject, maxCharacters: number): ToolAnswer {
  const values = Object.entries(given).map(([name, value]): [string, string] => [
    name,
    Array.isArray(value) ? value.join(',') : JSON.stringify(value),
  ]);
  const parameters = values.map((pair) => `--data-urlencode ${shellQuoted(pair.join('='))}`);
  const url = shellQuoted(`${baseUrl}/export/${file}`);
  const query = new URLSearchParams(values);
  const isLong = String(query).length > maxUrlCharacters;
  const command = isLong
    ? [
        `curl --fail-with-body ${url} -H 'content-type: application/json'`,
        `-d ${shellQuoted(JSON.stringify(given))}`,
        `-o ${file}`,
      ]
    : [`curl --fail-with-body --get ${url}`, ...parameters, `-o ${file}`];
  const content = { commands: [command.join(' ')], notes: [endOf(file), credential] };
  const length = lengthOf(content);
  const max = Math.min(maxCharacters, maxCommandCharacters);
  return length > max
    ? failure(
        'ANSWER_TOO_LONG',
        `The command has ${length} characters, and ${max} are allowed. Give a shorter filter.`,
      )
    : complete(content);
}

function changesOf(baseUrl: string, format: string): ToolContent {
  const users = shellQuoted(`${baseUrl}/export/users.ndjson`);
  const file = `changes.${format}`;
  return complete({
    commands: [
      `curl --fail-with-body ${users} -o earlier.ndjson`,
      `curl --fail-with-body ${shellQuoted(`${baseUrl}/export/${file}`)} -H 'content-type: application/x-ndjson' -X POST -T earlier.ndjson -o ${file}`,
    ],
    notes: [
      'The gateway keeps no history: the first command is for the day to compare with, the second for any later day.',
      endOf(file),
      credential,
    ],
  });
}

/** Quotes a text as one shell argument. */
function shellQuoted(argument: string): string {
  return `'${argument.replaceAll("'", `'\\''`)}'`;
}
