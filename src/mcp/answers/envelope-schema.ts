/** Schema of structured content: the data with facts about it, which the server's instructions explain once. */
import type { JsonSchema, ObjectSchema } from '../documents/json-schema.ts';

const text = { type: 'string' };
const nullableText = { type: ['string', 'null'] };
/** A cursor, an argument to leave out, or a switch of what is beside the list. */
const argument = { type: ['string', 'null', 'boolean'] };

const missing = {
  type: 'array',
  items: {
    type: 'object',
    properties: {
      customerId: text,
      organization: nullableText,
      tenantId: text,
      tenant: nullableText,
      path: text,
      reason: text,
      message: text,
      retryable: { type: 'boolean' },
    },
    required: ['reason', 'message', 'retryable'],
  },
};

const matchedCustomers = {
  type: 'object',
  properties: {
    totalCount: { type: 'integer' },
    nodes: {
      type: 'array',
      items: {
        type: 'object',
        properties: { customerId: text, organization: nullableText },
        required: ['customerId', 'organization'],
      },
    },
  },
  required: ['totalCount', 'nodes'],
};

const queryCursors = {
  after: { ...text, description: 'The cursor to continue from, in a query.' },
  before: { ...text, description: 'The cursor to continue backward from, for a list read from its end.' },
};

export interface EnvelopeParts {
  /** Whether the caller wrote the document, which cursors then continue. */
  readonly hasCursors: boolean;
  /** Whether arguments choose customers whose rows are shown. */
  readonly hasMatchedCustomers: boolean;
}

export function envelopeSchema(
  data: JsonSchema,
  { hasCursors, hasMatchedCustomers }: EnvelopeParts,
): ObjectSchema {
  return {
    type: 'object',
    properties: {
      isComplete: { type: 'boolean' },
      missing,
      leftOut: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            list: text,
            shown: { type: 'integer' },
            next: { type: ['object', 'null'], additionalProperties: argument },
            ...(hasCursors ? queryCursors : {}),
            advice: text,
          },
          required: ['list', 'next'],
        },
      },
      notes: { type: 'array', items: text },
      ...(hasMatchedCustomers ? { matchedCustomers } : {}),
      data,
    },
    required: ['isComplete', 'missing', 'leftOut', 'data'],
  };
}
