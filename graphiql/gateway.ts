/** The gateway that served the page: its endpoint has the page's own path, whatever prefix a proxy put before it. */
import { readCredential } from './credential.ts';

export const endpoint = location.pathname;

/** Asks the gateway for something that the page itself needs. Rejects if there is no answer, or none in JSON. */
export async function ask(query: string, variables: object = {}): Promise<{ status: number; data: unknown }> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...credentialHeaders() },
    body: JSON.stringify({ query, variables }),
  });
  const { data = null } = (await response.json()) as { readonly data?: unknown };
  return { status: response.status, data };
}

/** The headers that carry the tab's credential, if it has one. */
export function credentialHeaders(): Record<string, string> {
  const credential = readCredential();
  return credential === null ? {} : { authorization: `Bearer ${credential}` };
}
