/** A browser's own EventSource, which sends GET and no header of the page's. */
import { expect, test } from '@jest/globals';
import { describeWithBrowser, startBrowser } from '../browser.ts';
import { useGateway } from '../use-gateway.ts';
import { customerRow, userRow } from '../world-of.ts';

const gateway = useGateway({
  world: {
    customers: [customerRow({ id: 'c', tenants: [{ id: 't', name: 'T' }] })],
    directory: [],
    tenants: { 'c/t': { users: [userRow({ id: 'u' })], protection: [] } },
  },
  endpoint: { hasExplorer: true },
});

describeWithBrowser('an EventSource', () => {
  test('reads a report on a page of the same origin', async () => {
    const browser = await startBrowser();
    try {
      const page = await browser.newPage();
      await page.goto(`${gateway.url}/graphql`);
      const totals = await page.evaluate(
        (query) =>
          new Promise<unknown>((resolve, reject) => {
            const source = new EventSource(`/graphql?query=${encodeURIComponent(query)}`);
            let last: unknown = null;
            source.addEventListener('next', (event) => {
              if ('data' in event) last = JSON.parse(String(event.data));
            });
            source.addEventListener('complete', () => {
              source.close();
              resolve(last);
            });
            source.addEventListener('error', () => {
              reject(new Error('The stream failed.'));
            });
          }),
        'subscription { protectionReport { totals { userCount } } }',
      );
      expect(totals).toEqual({ data: { protectionReport: { totals: { userCount: 1 } } } });
    } finally {
      await browser.close();
    }
  });
});
