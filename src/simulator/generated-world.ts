/**
 * A world of any size, equal for equal seeds, computed row by row without state. Look-ups are arithmetic: an id is its
 * enciphered indexes, an address spells its user's index in names, and every thirteenth user has no protection row.
 */
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import {
  cities,
  countries,
  departments,
  firstNames,
  jobStatusTexts,
  jobTitles,
  lastNames,
  organizationFirstWords,
  organizationSecondWords,
  sharedMailboxes,
  toPlain,
} from './vocabulary.ts';
import type {
  CustomerRow,
  DirectoryRow,
  ProtectionRow,
  RowSource,
  TenantWorld,
  UserRow,
  World,
} from './world.ts';

export interface WorldOptions {
  readonly seed: number;
  readonly customers: number;
  /** Average; every eleventh customer has none. */
  readonly tenantsPerCustomer: number;
  /** Average; a tenant has between 1/5 and 9/5 of it. */
  readonly usersPerTenant: number;
}

const epoch = '1970-01-01T00:00:00Z';
/** Every n-th user has no protection row. */
const rowlessStride = 13;

export function createGeneratedWorld(options: WorldOptions): World {
  const ids = createIdCipher(options.seed);
  const roll = (...numbers: number[]) => hash(options.seed, ...numbers);

  const tenantCount = (customer: number) =>
    options.tenantsPerCustomer === 0 || customer % 11 === 10
      ? 0
      : 1 + (roll(1, customer) % (2 * options.tenantsPerCustomer - 1));

  function customerAt(customer: number): CustomerRow {
    const organization = organizationName(customer);
    return {
      id: ids.encipher('customer', customer, 0, 0),
      organization,
      ownerEmail: `it@${domainOf(customer, 0)}`,
      jobStatus: roll(2, customer) % 4 === 0 ? roll(3, customer) % 7 : 1,
      countryOrRegion: pick(countries, roll(4, customer)),
      managementMode: roll(5, customer) % 3,
      tenants: Array.from({ length: tenantCount(customer) }, (_, tenant) => ({
        id: ids.encipher('tenant', customer, tenant, 0),
        name: tenant === 0 ? organization : `${organization} ${pick(cities, roll(6, customer) + tenant)}`,
      })),
    };
  }

  function directoryAt(customer: number): DirectoryRow {
    const { id, organization, ownerEmail, jobStatus, countryOrRegion } = customerAt(customer);
    return {
      id,
      organization,
      ownerEmail,
      jobStatus: jobStatusTexts[Number(jobStatus)] ?? null,
      countryOrRegion,
    };
  }

  const findCustomer = (id: string) => {
    const place = ids.decipher('customer', id);
    return place !== null && place.customer < options.customers ? [place.customer] : [];
  };

  return {
    customers: { count: options.customers, at: customerAt, find: findCustomer },
    directory: { count: options.customers, at: directoryAt, find: findCustomer },
    tenant: (customerId, tenantId) => {
      const customer = ids.decipher('customer', customerId);
      const place = ids.decipher('tenant', tenantId);
      if (
        customer === null ||
        place?.customer !== customer.customer ||
        customer.customer >= options.customers
      ) {
        return null;
      }
      if (place.tenant >= tenantCount(place.customer)) return null;
      const scale = 0.2 + (1.6 * (roll(7, place.customer, place.tenant) % 1001)) / 1000;
      const userCount = Math.round(options.usersPerTenant * scale);
      return createTenant({
        ...place,
        userCount,
        ids,
        roll: (...numbers) => roll(place.customer, place.tenant, ...numbers),
      });
    },
  };
}

interface TenantOptions {
  readonly customer: number;
  readonly tenant: number;
  readonly userCount: number;
  readonly ids: IdCipher;
  readonly roll: (...numbers: number[]) => number;
}

function createTenant({ customer, tenant, userCount, ids, roll }: TenantOptions): TenantWorld {
  const domain = domainOf(customer, tenant);
  const shift = roll(10) % names.length;

  const localPart = (user: number) => {
    const round = Math.floor(user / names.length);
    const { plain } = pick(names, user + shift);
    return round === 0 ? plain : `${plain}${round + 1}`;
  };
  const principalName = (user: number) =>
    `${localPart(user)}@${roll(11, user) % 4 === 0 ? `${domain.split('.')[0] ?? ''}.onmicrosoft.com` : domain}`;
  const mail = (user: number) => (roll(12, user) % 20 === 0 ? '' : `${localPart(user)}@${domain}`);

  /** The caller checks that the user exists. */
  const userOfLocalPart = (local: string): number | null => {
    const [, plain = '', round = '1'] = /^([a-z.]+)(\d*)$/.exec(local) ?? [];
    const place = namePlaces.get(plain);
    if (place === undefined) return null;
    return ((place - shift + names.length) % names.length) + (Number(round || '1') - 1) * names.length;
  };

  function userAt(user: number): UserRow {
    const { first, last } = pick(names, user + shift);
    const place = roll(13, user) % countries.length;
    const isTestUser = roll(14, user) % 40 === 0;
    const codes = [0, 1, 2, 3, 4, 5, 6, 7].filter((code) => roll(15, user, code) % 9 === 0);
    return {
      id: ids.encipher('user', customer, tenant, user),
      userPrincipalName: principalName(user),
      mail: mail(user),
      displayName: `${first} ${last}`,
      firstName: first,
      lastName: last,
      employeeId: roll(16, user) % 10 === 0 ? 'N/A' : String(100_000 + (roll(17, user) % 900_000)),
      location: pick(cities, place),
      company: organizationName(customer),
      department: pick(departments, roll(18, user)),
      mobile:
        roll(19, user) % 5 === 0 ? null : `+${31 + place} ${100_000_000 + (roll(20, user) % 900_000_000)}`,
      jobTitle: pick(jobTitles, roll(21, user)),
      isTestUser,
      age: roll(22, user) % 400,
      startDate: roll(23, user) % 3 === 0 ? dayFrom(2016, roll(24, user) % 3500) : epoch,
      endDate: roll(25, user) % 15 === 0 ? dayFrom(2027, roll(26, user) % 900) : epoch,
      countryOrRegion: pick(countries, place),
      status: isTestUser ? [...codes, 8] : codes.length === 0 ? null : codes,
    };
  }

  const rowless = roll(30) % rowlessStride;
  const userRows = userCount - Math.max(0, Math.ceil((userCount - rowless) / rowlessStride));
  const rowCount = userRows + (userCount === 0 ? 0 : 1 + (roll(31) % sharedMailboxes.length));
  const order = createOrder(rowCount, roll(32));

  const userOfRow = (row: number) => {
    const place = row % (rowlessStride - 1);
    return Math.floor(row / (rowlessStride - 1)) * rowlessStride + (place < rowless ? place : place + 1);
  };
  const rowOfUser = (user: number) => {
    const place = user % rowlessStride;
    if (user >= userCount || place === rowless) return null;
    return Math.floor(user / rowlessStride) * (rowlessStride - 1) + (place < rowless ? place : place - 1);
  };

  /** Letter case varies, as in the backup product. */
  const rowEmail = (user: number) => {
    const address = mail(user) === '' || roll(33, user) % 3 === 0 ? principalName(user) : mail(user);
    const style = roll(34, user) % 4;
    if (style === 0) return address.toUpperCase();
    return style === 1
      ? address.replace(/(^|\.)[a-z](?=[^@]*@)/g, (letter) => letter.toUpperCase())
      : address;
  };

  function protectionAt(index: number): ProtectionRow {
    const row = order.at(index);
    if (row >= userRows) {
      const name = pick(sharedMailboxes, row - userRows);
      return {
        id: null,
        email: `${name}@${domain}`,
        displayName: name.charAt(0).toUpperCase() + name.slice(1),
        moduleStatus: [{ module: 0, isProtected: roll(35, row) % 4 !== 0 }],
      };
    }
    const user = userOfRow(row);
    const { first, last } = pick(names, user + shift);
    const modules = [0, 2, ...(roll(36, user) % 12 === 0 ? [6] : [])];
    return {
      id: ids.encipher('user', customer, tenant, user),
      email: rowEmail(user),
      displayName: `${first} ${last}`,
      moduleStatus:
        roll(37, user) % 50 === 0
          ? []
          : modules.map((module) => ({ module, isProtected: roll(38, user, module) % 7 !== 0 })),
    };
  }

  function findProtection(email: string): number[] {
    const address = email.toLowerCase();
    const local = address.split('@')[0] ?? '';
    const user = userOfLocalPart(local);
    const shared = sharedMailboxes.indexOf(local);
    const row = user === null ? (shared < 0 ? null : userRows + shared) : rowOfUser(user);
    if (row === null || row >= rowCount) return [];
    const index = order.indexOf(row);
    return protectionAt(index).email?.toLowerCase() === address ? [index] : [];
  }

  const users: RowSource<UserRow> = {
    count: userCount,
    at: userAt,
    find: (id) => {
      const place = ids.decipher('user', id);
      const isHere = place?.customer === customer && place.tenant === tenant && place.user < userCount;
      return isHere ? [place.user] : [];
    },
  };
  return { users, protection: { count: rowCount, at: protectionAt, find: findProtection } };
}

interface Name {
  readonly first: string;
  readonly last: string;
  readonly plain: string;
}

/** Every first name with every last name, in an order in which neighbours differ in both. */
const names: readonly Name[] = Array.from({ length: firstNames.length * lastNames.length }, (_, index) => {
  const spread = (index * 1009) % (firstNames.length * lastNames.length);
  const first = pick(firstNames, Math.floor(spread / lastNames.length));
  const last = pick(lastNames, spread);
  return { first, last, plain: `${toPlain(first)}.${toPlain(last)}` };
});
const namePlaces = new Map(names.map(({ plain }, place) => [plain, place]));

function organizationName(customer: number): string {
  const count = organizationFirstWords.length * organizationSecondWords.length;
  const spread = (customer * 367) % count;
  const round = Math.floor(customer / count);
  const name = `${pick(organizationFirstWords, Math.floor(spread / organizationSecondWords.length))} ${pick(organizationSecondWords, spread)}`;
  return round === 0 ? name : `${name} ${round + 1}`;
}

function domainOf(customer: number, tenant: number): string {
  const name = organizationName(customer);
  const number = /\d+$/.exec(name)?.[0] ?? '';
  return `${toPlain(name)}${number}${tenant === 0 ? '' : `-${tenant + 1}`}.com`;
}

function dayFrom(year: number, days: number): string {
  return new Date(Date.UTC(year, 0, 1 + days)).toISOString().replace('.000Z', 'Z');
}

function pick<Item>(items: readonly Item[], number: number): Item {
  const item = items[number % items.length];
  if (item === undefined) throw new RangeError('There is nothing to pick from.');
  return item;
}

/** Permutation of `count` rows without a list: multiplies by a coprime number. */
function createOrder(
  count: number,
  seed: number,
): { at: (index: number) => number; indexOf: (row: number) => number } {
  const factor = [7919, 7927, 7933].find((prime) => count % prime !== 0) ?? 1;
  const offset = count === 0 ? 0 : seed % count;
  const inverse = count < 2 ? 0 : modularInverse(factor % count, count);
  return {
    at: (index) => (factor * index + offset) % count,
    indexOf: (row) => Number((BigInt(inverse) * BigInt((row - offset + count) % count)) % BigInt(count)),
  };
}

function modularInverse(number: number, modulus: number): number {
  let [previous, current, previousFactor, factor] = [modulus, number, 0, 1];
  while (current > 1) {
    const quotient = Math.floor(previous / current);
    [previous, current] = [current, previous - quotient * current];
    [previousFactor, factor] = [factor, previousFactor - quotient * factor];
  }
  return ((factor % modulus) + modulus) % modulus;
}

const kinds = { customer: 1, tenant: 2, user: 3 };

interface Place {
  readonly customer: number;
  readonly tenant: number;
  readonly user: number;
}

interface IdCipher {
  readonly encipher: (kind: keyof typeof kinds, customer: number, tenant: number, user: number) => string;
  /** Null if the id does not belong to this world and kind. */
  readonly decipher: (kind: keyof typeof kinds, id: string) => Place | null;
}

/** A cipher block has the length of a GUID, so a GUID can hide its row's indexes. */
function createIdCipher(seed: number): IdCipher {
  const key = createHash('sha256').update(`elements-graph ${seed}`).digest().subarray(0, 16);
  const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
  const decipher = createDecipheriv('aes-128-ecb', key, null).setAutoPadding(false);
  return {
    encipher: (kind, customer, tenant, user) => {
      const block = Buffer.alloc(16);
      block.writeUInt32BE(kinds[kind], 0);
      block.writeUInt32BE(customer, 4);
      block.writeUInt32BE(tenant, 8);
      block.writeUInt32BE(user, 12);
      return cipher
        .update(block)
        .toString('hex')
        .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    },
    decipher: (kind, id) => {
      if (!/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(id)) return null;
      const block = decipher.update(Buffer.from(id.replaceAll('-', ''), 'hex'));
      if (block.readUInt32BE(0) !== kinds[kind]) return null;
      return { customer: block.readUInt32BE(4), tenant: block.readUInt32BE(8), user: block.readUInt32BE(12) };
    },
  };
}

/** 32-bit hash of numbers (murmur3's finalizer, chained). */
function hash(...numbers: readonly number[]): number {
  let state = 0x9e37_79b9;
  for (const number of numbers) {
    state = Math.imul(state ^ number, 0x85eb_ca6b);
    state = Math.imul(state ^ (state >>> 13), 0xc2b2_ae35);
    state ^= state >>> 16;
  }
  return state >>> 0;
}
