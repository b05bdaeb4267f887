/** Records of rows as the upstream sends them, all of customer `c` and tenant `t`. */
import type { JsonObject } from '../src/json.ts';
import { protectionStatuses } from '../src/endpoint/protection-statuses.ts';
import { users } from '../src/endpoint/users.ts';
import type { ProtectionStatusRecord, UserRecord } from '../src/model.ts';

const tenant = { customerId: 'c', tenantId: 't' };

/** A user of whom the upstream sends these properties. */
export function userRecord(row: JsonObject): UserRecord {
  return users.decodeRow(row, tenant);
}

/** A protection row of which the upstream sends these properties. */
export function protectionStatusRecord(row: JsonObject): ProtectionStatusRecord {
  return protectionStatuses.decodeRow(row, tenant);
}
