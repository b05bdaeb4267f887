/** The caller's credential, and the gateway's verdict. The browser keeps it until the tab is closed. */
import { Store } from './store.ts';

/**
 * `none`: not known to be needed; `missing`: needed; `wrong`: refused by the gateway; `unchecked`: the gateway could
 * not check it.
 */
export type CredentialState = 'none' | 'missing' | 'checking' | 'accepted' | 'wrong' | 'unchecked';

export const credentialState = new Store<CredentialState>('none');

const storageName = 'elements-graph.credential';

export function readCredential(): string | null {
  return sessionStorage.getItem(storageName);
}

export function writeCredential(credential: string | null): void {
  if (credential === null) sessionStorage.removeItem(storageName);
  else sessionStorage.setItem(storageName, credential);
}

/** Records that the gateway has refused a request, and returns the reason as a sentence. */
export function noteRefusal(): string {
  const state = readCredential() === null ? 'missing' : 'wrong';
  if (credentialState.get() !== 'wrong') credentialState.set(state);
  return state === 'missing'
    ? 'This gateway needs an API key or token. Enter yours at the top of the page, then run the operation again.'
    : 'This gateway does not accept the API key or token that you entered. Enter another one at the top of the page.';
}
