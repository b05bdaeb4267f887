/** The schema as a page to read; a plugin of graphql-codegen, which also checks that the page is up to date. */
import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  isUnionType,
} from 'graphql';

/** Only for federation gateways. */
const isFederated = ({ name }) => name.startsWith('_') || name.includes('__');

const sections = [
  ['Operations', (type, schema) => type === schema.getQueryType() || type === schema.getSubscriptionType()],
  ['Objects', (type, schema) => isObjectType(type) && !schema.getRootType('query')?.name.includes(type.name)],
  ['Interfaces and unions', (type) => isInterfaceType(type) || isUnionType(type)],
  ['Inputs', isInputObjectType],
  ['Enums', isEnumType],
  ['Scalars', isScalarType],
];

export function plugin(schema) {
  const types = Object.values(schema.getTypeMap()).filter(
    (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type) && !isFederated(type),
  );
  const shown = new Set();
  const parts = sections.flatMap(([title, belongs]) => {
    const members = types.filter((type) => !shown.has(type) && belongs(type, schema));
    members.forEach((type) => shown.add(type));
    return [`## ${title}`, ...members.map(typeSection)];
  });
  return `${intro}\n\n${parts.join('\n\n')}\n`;
}

const intro = `# Schema

What can be asked for. Made from [schema/](../schema/) by \`npm run generate\`; the same in GraphQL is [schema.graphql](../schema.graphql). Fields that need a call of the upstream are nullable: if it fails, the field is null and \`errors\` says why ([errors.md](errors.md)). A name that is to go is deprecated first, with the name that replaces it, and stays for one release; a change that breaks operations without that is marked \`Breaking:\` in the [changelog](../CHANGELOG.md), and a test compares the schema with the last release. What federation gateways ask for besides stands in [schema/federation.graphql](../schema/federation.graphql).`;

function typeSection(type) {
  const implemented = isObjectType(type) && type.getInterfaces().length > 0;
  const heading = `### ${type.name}`;
  const interfaces = implemented ? `Implements ${type.getInterfaces().map(link).join(', ')}.` : null;
  const members = isUnionType(type) ? `One of ${type.getTypes().map(link).join(', ')}.` : null;
  return [heading, oneLine(type.description), interfaces, members, table(type)].filter(Boolean).join('\n\n');
}

function table(type) {
  if (isEnumType(type)) {
    return rows(
      ['Value', 'Meaning'],
      type.getValues().map((value) => [code(value.name), meaning(value)]),
    );
  }
  if (isInputObjectType(type) || isObjectType(type) || isInterfaceType(type)) {
    const fields = Object.values(type.getFields()).filter((field) => !isFederated(field));
    return rows(
      ['Field', 'Type', 'Meaning'],
      fields.map((field) => [code(field.name), typeText(field.type), meaning(field) + args(field)]),
    );
  }
  return null;
}

function meaning({ description, deprecationReason }) {
  return oneLine(description) + (deprecationReason ? ` **Deprecated:** ${oneLine(deprecationReason)}` : '');
}

function args({ args: all = [] }) {
  return all
    .map((arg) => `<br>**${code(arg.name)}** ${typeText(arg.type)}: ${oneLine(arg.description)}`)
    .join('');
}

function rows(head, body) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n');
}

function typeText(type) {
  const named = getNamedType(type);
  const text = String(type);
  return isSpecifiedScalarType(named) ? code(text) : `[${code(text)}](#${named.name.toLowerCase()})`;
}

function link(type) {
  return `[${code(type.name)}](#${type.name.toLowerCase()})`;
}

function code(text) {
  return `\`${text}\``;
}

function oneLine(description) {
  return (description ?? '').replace(/\s+/g, ' ').replace(/\|/g, '\\|').trim();
}
