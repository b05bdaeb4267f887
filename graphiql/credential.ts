/** The caller's credential, and what the gateway says to it. The browser's tab keeps it until it is closed. */
import { Store } from './store.ts';

/**
 * `none` is needed as far as is known, `missing` is one that is needed, `wrong` is one that the gateway has refused, and
 * `unchecked` one that it could not check.
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

/** Takes note that the gateway has refused a request, and says why in a sentence. */
export function noteRefusal(): string {
  const state = readCredential() === null ? 'missing' : 'wrong';
  if (credentialState.get() !== 'wrong') credentialState.set(state);
  return state === 'missing'
    ? 'This gateway needs an API key or token. Enter yours at the top of the page, then run the operation again.'
    : 'This gateway does not accept the API key or token that you entered. Enter another one at the top of the page.';
}
