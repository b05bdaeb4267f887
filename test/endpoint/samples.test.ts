/** The response samples of the reference pages, comments stripped and nothing else changed, through decoders and graph. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { DashboardDocument, CustomerDirectoryDocument, OneUserDocument } from '../generated/operations.ts';
import { useGateway } from '../use-gateway.ts';

const sample = (name: string) => readFileSync(new URL(`samples/${name}.json`, import.meta.url), 'utf8');

/** Every call of a route is answered with its sample. */
const samples = [
  { route: '/customers/batch', body: sample('customers-batch') },
  { route: '/cloud-backup-m365/users/batch', body: sample('cloud-backup-users-batch') },
  { route: '/users/batch', body: sample('users-batch') },
  { route: '/partner/customers', body: sample('partner-customers') },
];

describe('the samples of the reference pages', () => {
  const gateway = useGateway({
    world: { customers: [], directory: [], tenants: {} },
    intercept: ({ path }) => {
      const found = samples.find(({ route }) => path.endsWith(route));
      return found === undefined ? undefined : { status: 200, body: found.body };
    },
  });

  test('appear in the dashboard', async () => {
    const { data, errors } = await gateway.query(DashboardDocument, {});
    expect(errors).toBeUndefined();
    expect(data?.customers?.totalCount).toBe(2);
    expect(data?.customers?.nodes).toEqual([
      expect.objectContaining({
        customerId: '03f7382e-****-****-****-dd9af05974f0',
        organization: 'OrganizationABC',
        ownerEmail: 'user@domain.com',
        jobStatus: 'NOT_AVAILABLE',
        jobStatusCode: 0,
        countryOrRegion: 'Afghanistan',
        managementMode: 'PARTNER',
        managementModeCode: 1,
      }),
      expect.objectContaining({
        customerId: '03f7382e-****-****-****-dd9adcs974f0',
        managementMode: 'TO_BE_CONFIGURED',
        managementModeCode: 2,
        tenants: [],
      }),
    ]);
    const tenant = data?.customers?.nodes[0]?.tenants[0];
    expect(tenant).toMatchObject({ tenantId: '03f7382e-xxxx-xxxx-xxxx-dd9af05974f0', name: 'Tenant ABC' });
    expect(tenant?.users?.totalCount).toBe(1);
    expect(tenant?.users?.nodes).toEqual([
      expect.objectContaining({
        userId: 'c2aa00d3-****-****-****-9e9c79232bff',
        userPrincipalName: 'tony@element.onmicrosoft.com',
        mail: 'tony@element.onmicrosoft.com',
        displayName: 'Kevin Mark',
        firstName: 'Kevin',
        lastName: 'Mark',
        employeeId: '643477',
        location: 'location',
        company: 'Organization ABC',
        department: 'DEV',
        mobile: '11122',
        jobTitle: 'Software developer',
        isTestUser: false,
        passwordAge: 12,
        startDate: null,
        endDate: null,
        countryOrRegion: 'Slovenia',
        status: ['MFA_DISABLED', 'SIGN_IN_BLOCKED'],
        statusCodes: [0, 1],
        protection: null,
      }),
    ]);
  });

  test('have a protection row, and count existing rows, not stated ones', async () => {
    const { data, errors } = await gateway.query(OneUserDocument, {
      c: '03f7382e-****-****-****-dd9af05974f0',
      t: '03f7382e-xxxx-xxxx-xxxx-dd9af05974f0',
      u: 'c2aa00d3-****-****-****-9e9c79232bff',
      email: 'TONY@element.onmicrosoft.com',
    });
    expect(errors).toBeUndefined();
    expect(data?.customer).toEqual({
      organization: 'OrganizationABC',
      tenant: { name: 'Tenant ABC' },
      directoryEntry: null,
    });
    expect(data?.tenant).toEqual({
      name: 'Tenant ABC',
      customer: { organization: 'OrganizationABC' },
      user: { userId: 'c2aa00d3-****-****-****-9e9c79232bff' },
      protectionStatuses: { totalCount: 1, nodes: [{ email: 'admin@M365****.onmicrosoft.com', user: null }] },
    });
    expect(data?.user).toEqual({
      displayName: 'Kevin Mark',
      tenant: { name: 'Tenant ABC', customer: { organization: 'OrganizationABC' } },
      protection: null,
    });
  });

  test('have a protection row’s modules', async () => {
    const { data } = await gateway.queryText(`{
      tenant(customerId: "03f7382e-****-****-****-dd9af05974f0", tenantId: "03f7382e-xxxx-xxxx-xxxx-dd9af05974f0") {
        protectionStatuses {
          nodes {
            displayName isProtected mailbox: isProtected(module: MAILBOX) oneDrive: isProtected(module: ONEDRIVE)
            teams: isProtected(module: TEAMS) modules { module moduleCode isProtected }
          }
        }
      }
    }`);
    expect(data).toEqual({
      tenant: {
        protectionStatuses: {
          nodes: [
            {
              displayName: 'M365****',
              isProtected: false,
              mailbox: false,
              oneDrive: true,
              teams: false,
              modules: [
                { module: 'MAILBOX', moduleCode: 0, isProtected: false },
                { module: 'ONEDRIVE', moduleCode: 2, isProtected: true },
              ],
            },
          ],
        },
      },
    });
  });

  test('appear in the directory', async () => {
    const { data, errors } = await gateway.query(CustomerDirectoryDocument, {});
    expect(errors).toBeUndefined();
    expect(data?.directory).toEqual([
      {
        customerId: '00427fbc-8832-****-***-582fa46ec638',
        organization: 'AvePoint test',
        ownerEmail: 'aptest***opus8@avepoint.com',
        jobStatus: 'WORKING',
        countryOrRegion: 'Vietnam',
        customer: null,
      },
      {
        customerId: '0088e14d-5275-****-***-bcb9fc33ebdb',
        organization: 'AvePoint test',
        ownerEmail: 'aptest***opus9@avepoint.com',
        jobStatus: 'WORKING',
        countryOrRegion: 'Vietnam',
        customer: null,
      },
      {
        customerId: '00e4dde9-9b3f-****-***-25705db15101',
        organization: 'AvePoint HN test',
        ownerEmail: 'aptest***pg@avepoint.com',
        jobStatus: 'WORKING',
        countryOrRegion: 'United States',
        customer: null,
      },
    ]);
  });
});
