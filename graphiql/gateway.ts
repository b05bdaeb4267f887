/** The gateway that served the page: its endpoint has the page's path, with any prefix of a proxy. */
import { readCredential } from './credential.ts';

export const endpoint = location.pathname;

/** Sends a query that the page itself needs. Rejects without an answer in JSON. */
export async function ask(query: string, variables: object = {}): Promise<{ status: number; data: unknown }> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...credentialHeaders() },
    body: JSON.stringify({ query, variables }),
  });
  const { data = null } = (await response.json()) as { readonly data?: unknown };
  return { status: response.status, data };
}

/** Headers with the tab's credential, if any. */
export function credentialHeaders(): Record<string, string> {
  const credential = readCredential();
  return credential === null ? {} : { authorization: `Bearer ${credential}` };
}
