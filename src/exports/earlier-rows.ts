/** Compact store of an earlier export's users, for up to a million of them. */
import { foldName } from '../fold.ts';
import type { ProtectionState, TenantKey } from '../model.ts';
import { tenantName } from '../planner/upstream-cache.ts';
import type { UserBefore, UsersBefore } from './changes.ts';

export interface EarlierTenant extends TenantKey {
  readonly organization: string | null;
  readonly name: string | null;
}

export interface EarlierRow extends EarlierTenant, UserBefore {}

/** Memory limit of all comparisons, in bytes. */
export class ComparisonMemory {
  readonly max: number;
  used = 0;

  constructor(max: number) {
    this.max = max;
  }
}

export const protectionStates = [
  'NOT_IN_BACKUP',
  'UNPROTECTED',
  'PARTIALLY_PROTECTED',
  'PROTECTED',
] as const satisfies readonly ProtectionState[];

/** Measured overhead of a row and of a tenant, without texts, names and ids. */
const rowBytes = 90;
const tenantBytes = 1500;

/** Bytes of strings in memory, at most: two a character. */
function stringBytes(...texts: readonly (string | null)[]): number {
  return texts.reduce((sum, text) => sum + 2 * (text?.length ?? 0), 0);
}

type ShownTexts = [string | 0, string | null, string | null, string | null];

/** Displayed texts of users, as consecutive UTF-8 JSON. */
class TextStore {
  readonly #chunkBytes = 1 << 20;
  readonly #chunks: Buffer[] = [];
  #free = 0;

  /** Bytes allocated. */
  get bytes(): number {
    return this.#chunks.length * this.#chunkBytes;
  }

  /** Returns the place of the text. */
  add(text: string): number {
    const length = Buffer.byteLength(text);
    if (length + 4 > this.#free) {
      this.#chunks.push(Buffer.allocUnsafeSlow(this.#chunkBytes));
      this.#free = this.#chunkBytes;
    }
    const chunk = this.#chunks.length - 1;
    const at = this.#chunkBytes - this.#free;
    const buffer = this.#chunks[chunk];
    buffer?.writeUInt32LE(length, at);
    buffer?.write(text, at + 4);
    this.#free -= length + 4;
    return chunk * this.#chunkBytes + at;
  }

  at(place: number): string {
    const buffer = this.#chunks[Math.floor(place / this.#chunkBytes)];
    const at = place % this.#chunkBytes;
    const length = buffer?.readUInt32LE(at) ?? 0;
    return buffer?.toString('utf8', at + 4, at + 4 + length) ?? '';
  }
}

class Users implements UsersBefore {
  readonly #texts: TextStore;
  readonly #positions = new Map<string, number>();
  /** Folded ids by position. */
  readonly #names: string[] = [];
  /** By position: 8 times the texts' offset, plus a code of the state and blocking. */
  readonly #places: number[] = [];

  constructor(texts: TextStore) {
    this.#texts = texts;
  }

  get size(): number {
    return this.#names.length;
  }

  /** Returns the bytes used besides the texts; 0 for a repeated row, which is skipped. */
  add({ userId, displayName, userPrincipalName, mail, state, isBlocked }: UserBefore): number {
    const name = foldName(userId);
    if (this.#positions.has(name)) return 0;
    const shown: ShownTexts = [name === userId ? 0 : userId, displayName, userPrincipalName, mail];
    const code = protectionStates.indexOf(state) + (isBlocked ? 4 : 0);
    this.#positions.set(name, this.#names.length);
    this.#names.push(name);
    this.#places.push(this.#texts.add(JSON.stringify(shown)) * 8 + code);
    return rowBytes + stringBytes(name);
  }

  readonly positionOf = (name: string): number | null => this.#positions.get(name) ?? null;

  readonly at = (position: number): UserBefore | null => {
    const name = this.#names[position];
    const place = this.#places[position];
    if (name === undefined || place === undefined) return null;
    const code = place % 8;
    const [userId, displayName, userPrincipalName, mail] = JSON.parse(
      this.#texts.at((place - code) / 8),
    ) as ShownTexts;
    return {
      userId: userId === 0 ? name : userId,
      displayName,
      userPrincipalName,
      mail,
      state: protectionStates[code % 4] ?? 'NOT_IN_BACKUP',
      isBlocked: code >= 4,
    };
  };
}

export class EarlierRows {
  readonly #memory: ComparisonMemory;
  readonly #texts = new TextStore();
  readonly #tenants = new Map<string, EarlierTenant & { readonly users: Users }>();
  #used = 0;

  constructor(memory: ComparisonMemory) {
    this.#memory = memory;
  }

  /** By `tenantName`. */
  get tenants(): ReadonlyMap<string, EarlierTenant & { readonly users: UsersBefore }> {
    return this.#tenants;
  }

  get used(): number {
    return this.#used;
  }

  add(row: EarlierRow): void {
    const key = tenantName(row);
    let tenant = this.#tenants.get(key);
    if (tenant === undefined) {
      const { customerId, tenantId, organization, name } = row;
      tenant = { customerId, tenantId, organization, name, users: new Users(this.#texts) };
      this.#tenants.set(key, tenant);
      this.#take(tenantBytes + stringBytes(key, customerId, tenantId, organization, name));
    }
    const textBytes = this.#texts.bytes;
    const bytes = tenant.users.add(row);
    this.#take(bytes + this.#texts.bytes - textBytes);
  }

  /** Counts memory of data stored with the rows. */
  addBytes(bytes: number): void {
    this.#take(bytes);
  }

  /** Frees the memory; the rows can't be used afterwards. */
  release(): void {
    this.#memory.used -= this.#used;
    this.#used = 0;
    this.#tenants.clear();
  }

  #take(bytes: number): void {
    this.#used += bytes;
    this.#memory.used += bytes;
  }
}
