/** Texts of records are cached, and shown to every caller: this is the list of what they can be made of. */
import { expect, test } from '@jest/globals';
import { isObjectType } from 'graphql';
import { resolverOf } from '../../src/execution/resolver-kinds.ts';
import { createGraphSchema, recordTypes } from '../../src/graph/graph-schema.ts';

test('every field of a record type is known to be pure or not', () => {
  const schema = createGraphSchema();
  const kinds = [...recordTypes].map(([name, record]) => {
    const type = schema.getType(name);
    if (!isObjectType(type)) throw new Error(`${name} is no object type.`);
    const fields = Object.values(type.getFields());
    const withKind = (kind: string) =>
      fields.flatMap((field) => (resolverOf(field).kind === kind ? [field.name] : [])).join(' ');
    return [
      `${name} (${record})`,
      {
        property: withKind('property'),
        pure: withKind('pure'),
        batched: withKind('batched'),
        full: withKind('full'),
      },
    ];
  });
  expect(Object.fromEntries(kinds)).toMatchInlineSnapshot(`
   {
     "Customer (row)": {
       "batched": "",
       "full": "users protectionStatuses protectionSummary directoryEntry",
       "property": "customerId organization ownerEmail jobStatus jobStatusCode jobStatusText countryOrRegion managementMode managementModeCode tenants",
       "pure": "id tenant",
     },
     "DirectoryEntry (row)": {
       "batched": "",
       "full": "customer",
       "property": "customerId organization ownerEmail jobStatus jobStatusCode jobStatusText countryOrRegion",
       "pure": "id",
     },
     "ProtectionModuleStatus (part)": {
       "batched": "",
       "full": "",
       "property": "module moduleCode isProtected",
       "pure": "",
     },
     "ProtectionStatus (row)": {
       "batched": "user tenant",
       "full": "",
       "property": "email displayName userId modules",
       "pure": "id isProtected state",
     },
     "Tenant (part)": {
       "batched": "",
       "full": "name customer users user protectionStatuses protectionSummary",
       "property": "customerId tenantId",
       "pure": "id",
     },
     "User (row)": {
       "batched": "customerId tenantId protection protectionState tenant",
       "full": "",
       "property": "userId userPrincipalName mail displayName firstName lastName employeeId location company department mobile jobTitle isTestUser passwordAge startDate endDate countryOrRegion status statusCodes",
       "pure": "id",
     },
   }
  `);
});
