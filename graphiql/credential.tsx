/** The place to enter a credential, where the gateway asks for one. The tab keeps it, and forgets it when it is closed. */
import { useState, type SubmitEvent } from 'react';

const storageName = 'elements-graph.credential';

export function readCredential(): string | null {
  return sessionStorage.getItem(storageName);
}

/** The headers that carry the tab's credential, if it has one. */
export function credentialHeaders(): Record<string, string> {
  const credential = readCredential();
  return credential === null ? {} : { authorization: `Bearer ${credential}` };
}

/** Whether the gateway refuses whoever has none. */
export async function asksForCredential(endpoint: string): Promise<boolean> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ __typename }' }),
  });
  return response.status === 401;
}

export function CredentialForm() {
  const known = readCredential();
  const [text, setText] = useState('');
  const keep = (event: SubmitEvent) => {
    event.preventDefault();
    if (text.trim() === '') sessionStorage.removeItem(storageName);
    else sessionStorage.setItem(storageName, text.trim());
    // The schema and the examples are read anew, with it.
    location.reload();
  };
  return (
    <form className="credential" onSubmit={keep}>
      <input
        type="password"
        autoComplete="off"
        aria-label="Credential"
        placeholder={known === null ? 'API key or token' : 'Credential entered'}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
        }}
      />
      <button type="submit">{known !== null && text === '' ? 'Forget' : 'Use'}</button>
    </form>
  );
}
