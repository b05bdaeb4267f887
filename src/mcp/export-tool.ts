/** The tool that says how a person gets all rows as a file: files are not for an assistant's context. */
import { structured, toolError } from './answer.ts';
import type { ObjectSchema } from './json-schema.ts';
import type { Tool } from './tool.ts';

export interface ExportToolOptions {
  /** Formats of the files, by the lists that there are files of. */
  readonly lists: Readonly<Record<string, readonly string[]>>;
  /** Why a file can't be asked for by these parameters; null if it can. */
  readonly faultOf: (list: string, given: Readonly<Record<string, unknown>>) => string | null;
}

const text = { type: 'string' };

const outputSchema: ObjectSchema = {
  type: 'object',
  properties: { commands: { type: 'array', items: text }, notes: { type: 'array', items: text } },
  required: ['commands', 'notes'],
};

const credential = 'With a credential, add: -H "X-API-Key: $GRAPH_KEY"';

export function createExportTool({ lists, faultOf }: ExportToolOptions): Tool {
  const names = [...Object.keys(lists), 'changes'];
  return {
    name: 'export_command',
    description:
      'How a person gets every row as a file, to open in a spreadsheet or to send to a customer: the command for all users, or protection rows, of a filter. With changes, the commands that compare an earlier file with now: who appeared, went, lost protection, or is blocked but protected. Nothing is exported by the call.',
    inputSchema: {
      type: 'object',
      properties: {
        list: { ...text, enum: names, description: 'What the file is of.' },
        format: { ...text, enum: [...new Set(Object.values(lists).flat())], default: 'csv' },
        customers: { type: 'object', description: 'A CustomerFilter, such as {"search": "Polar Pharma"}.' },
        filter: {
          type: 'object',
          description:
            'A UserFilter or ProtectionStatusFilter, such as {"protection": {"isProtected": false}}.',
        },
        columns: { type: 'array', items: text, description: 'Only these columns, in this order.' },
      },
      required: ['list'],
      additionalProperties: false,
    },
    outputSchema,
    call: ({ list, format = 'csv', ...given }, { operations: { baseUrl } }) => {
      if (list === 'changes') {
        const [unused] = Object.keys(given);
        if (unused !== undefined)
          return Promise.resolve(
            toolError(
              `BAD_USER_INPUT: ${unused}: changes take no parameters: the earlier file says what it is of.`,
            ),
          );
        return Promise.resolve(structured(changesOf(baseUrl)));
      }
      const formats = typeof list === 'string' && Object.hasOwn(lists, list) ? (lists[list] ?? []) : null;
      if (typeof list !== 'string' || formats === null)
        return Promise.resolve(toolError(`BAD_USER_INPUT: list: expected one of ${names.join(', ')}.`));
      if (typeof format !== 'string' || !formats.includes(format))
        return Promise.resolve(toolError(`BAD_USER_INPUT: format: expected one of ${formats.join(', ')}.`));
      const fault = faultOf(list, given);
      if (fault !== null) return Promise.resolve(toolError(`BAD_USER_INPUT: ${fault}`));
      const file = `${list}.${format}`;
      const parameters = Object.entries(given).map(
        ([name, value]) =>
          `--data-urlencode ${quoted(`${name}=${Array.isArray(value) ? value.join(',') : JSON.stringify(value)}`)}`,
      );
      const command = [
        'curl --fail-with-body --get',
        quoted(`${baseUrl}/export/${file}`),
        ...parameters,
        '-o',
        file,
      ];
      return Promise.resolve(
        structured({
          commands: [command.join(' ')],
          notes: ['What could not be read is named at the end of the file.', credential],
        }),
      );
    },
  };
}

function changesOf(baseUrl: string) {
  const users = quoted(`${baseUrl}/export/users.ndjson`);
  const changes = quoted(`${baseUrl}/export/changes.csv`);
  return {
    commands: [
      `curl --fail-with-body ${users} -o earlier.ndjson`,
      `curl --fail-with-body ${changes} -H 'content-type: application/x-ndjson' -X POST -T earlier.ndjson -o changes.csv`,
    ],
    notes: [
      'The gateway keeps no history: the first command is for the day to compare with, the second for any later day.',
      credential,
    ],
  };
}

/** A text as one argument of a shell. */
function quoted(argument: string): string {
  return `'${argument.replaceAll("'", `'\\''`)}'`;
}
